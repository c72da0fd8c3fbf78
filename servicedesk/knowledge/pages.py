"""All pages of the knowledge base behind one blueprint: importing the modules hangs their addresses on it."""

from __future__ import annotations

from servicedesk.knowledge import handbook_views, helping_views, writing_views
from servicedesk.knowledge.views import bp

__all__ = ["bp", "handbook_views", "helping_views", "writing_views"]
