"""All pages of the improvement plan behind one blueprint."""

from __future__ import annotations

from servicedesk.reports.improvement import editing_views
from servicedesk.reports.improvement.views import bp, ticket_panel

__all__ = ["bp", "editing_views", "ticket_panel"]
