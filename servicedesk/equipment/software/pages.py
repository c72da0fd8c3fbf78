"""The blueprint of software and licences, with the views of all its modules."""

from __future__ import annotations

from servicedesk.equipment.software import licence_form_views, licence_views, seat_views, views
from servicedesk.equipment.software.blueprint import bp

__all__ = ["bp", "licence_form_views", "licence_views", "seat_views", "views"]
