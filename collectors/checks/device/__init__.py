"""Checks of what every device has."""
