"""Sweeps of address ranges: who is there, and what kind of device it is. Nothing is logged into."""
