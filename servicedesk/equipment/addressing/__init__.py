"""Prefixes and addresses of clients' networks."""
