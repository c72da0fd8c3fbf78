"""Parsers for what command lines of network devices print, and their assembly into ``DeviceFacts``."""

from collectors.facts.cli.assembly import facts_from_cli

__all__ = ["facts_from_cli"]
