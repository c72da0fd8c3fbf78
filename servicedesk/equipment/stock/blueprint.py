"""One blueprint for the pages of stock."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("stock", __name__, url_prefix="/equipment/stock")
