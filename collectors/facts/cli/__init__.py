"""Parsers for what command lines of network devices print, and their assembly into ``DeviceFacts``."""
