"""``servicedesk replay``: the collectors' own command."""

from collectors.cli_replay import replay

__all__ = ["replay"]
