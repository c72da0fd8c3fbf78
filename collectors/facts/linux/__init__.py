"""Parsers for what Linux hosts print, and their assembly into ``DeviceFacts``."""

from collectors.facts.linux.assembly import facts_from_linux

__all__ = ["facts_from_linux"]
