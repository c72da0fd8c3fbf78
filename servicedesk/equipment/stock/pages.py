"""The blueprint of stock, with the views of all its modules."""

from __future__ import annotations

from servicedesk.equipment.stock import booking_views, views
from servicedesk.equipment.stock.blueprint import bp

__all__ = ["booking_views", "bp", "views"]
