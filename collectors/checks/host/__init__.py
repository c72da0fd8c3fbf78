"""Checks of operating systems."""
