"""The blueprint of all pages of tickets; the modules that serve them are imported by ``tickets.pages``."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("tickets", __name__, url_prefix="/tickets")
