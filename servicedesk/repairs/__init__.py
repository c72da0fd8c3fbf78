"""Repair orders: what is broken, who mends it, with which parts, at what cost."""
