"""Warning and critical levels people set, where they hold, and what they would have done."""
