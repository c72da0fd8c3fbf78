"""Every module that serves pages of tickets, so that the factory imports one name."""

from __future__ import annotations

from servicedesk.tickets import (
    acting_views,
    assigning_views,
    belonging_views,
    calendar_views,
    catalogue_views,
    delivery_views,
    draft_views,
    fact_views,
    handover_views,
    link_views,
    list_views,
    reporting_views,
    views,
)
from servicedesk.tickets.blueprint import bp

__all__ = [
    "acting_views",
    "assigning_views",
    "belonging_views",
    "bp",
    "calendar_views",
    "catalogue_views",
    "delivery_views",
    "draft_views",
    "fact_views",
    "handover_views",
    "link_views",
    "list_views",
    "reporting_views",
    "views",
]
