"""Checks of the security baseline."""
