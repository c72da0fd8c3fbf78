"""All pages of runbooks behind one blueprint: importing the modules hangs their addresses on it."""

from __future__ import annotations

from servicedesk.runbooks import round_views, run_views, text_views
from servicedesk.runbooks.library_views import bp

__all__ = ["bp", "round_views", "run_views", "text_views"]
