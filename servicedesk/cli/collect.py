"""``servicedesk collect``: the collectors' own command."""

from collectors.cli import collect

__all__ = ["collect"]
