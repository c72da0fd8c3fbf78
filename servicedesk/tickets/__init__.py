"""Tickets in four categories on one transition engine."""
