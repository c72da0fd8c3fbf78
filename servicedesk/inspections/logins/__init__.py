"""Trying whether a device lets us in, before the next inspection does."""
