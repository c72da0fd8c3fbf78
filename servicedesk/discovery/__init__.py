"""Sweeps of allowed ranges: who answers there, against who is recorded."""
