"""Who is told what, over which channel, and what became of it. Other domains tell it events."""
