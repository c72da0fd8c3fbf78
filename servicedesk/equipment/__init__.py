"""Devices: where they stand, who answers for them, how they are reached."""
