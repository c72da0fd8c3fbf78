"""What Windows hosts say."""

from collectors.facts.windows.assembly import facts_from_windows

__all__ = ["facts_from_windows"]
