"""Service desk, equipment database and inspection records for on-site IT operations teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from servicedesk.config import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """The web application; workers and commands use its context too."""
    from servicedesk.factory import build_app  # `servicedesk collect` must not import Flask

    return build_app(settings)
