"""All pages of runbooks behind one blueprint: importing the modules hangs their addresses on it."""

from __future__ import annotations

from servicedesk.runbooks import run_views, text_views
from servicedesk.runbooks.library_views import bp

__all__ = ["bp", "run_views", "text_views"]
