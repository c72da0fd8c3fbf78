"""The blueprint of repairs, with the views of all its modules."""

from __future__ import annotations

from servicedesk.repairs import views, working_views
from servicedesk.repairs.blueprint import bp

__all__ = ["bp", "views", "working_views"]
