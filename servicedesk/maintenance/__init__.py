"""Maintenance that comes again and again: plans that open tickets when the day has come."""
