"""Zones: networks the server does not reach, visited by collectors of their own."""
