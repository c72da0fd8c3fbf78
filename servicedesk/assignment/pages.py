"""Every module that serves pages of assignment, so that the factory imports one name."""

from __future__ import annotations

from servicedesk.assignment import absence_views, duty_views, rule_views, views
from servicedesk.assignment.duty_views import bp as duty_bp
from servicedesk.assignment.views import bp

__all__ = ["absence_views", "bp", "duty_bp", "duty_views", "rule_views", "views"]
