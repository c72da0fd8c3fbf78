"""Every module that serves pages of service levels, so that the factory imports one name."""

from __future__ import annotations

from servicedesk.sla import calendar_views, views
from servicedesk.sla.views import bp

__all__ = ["bp", "calendar_views", "views"]
