"""What an AIX host says over SSH."""

from collectors.facts.aix.assembly import facts_from_aix

__all__ = ["facts_from_aix"]
