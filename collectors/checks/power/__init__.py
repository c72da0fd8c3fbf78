"""Checks of uninterruptible power supplies."""
