"""One blueprint for the pages of repairs."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("repairs", __name__, url_prefix="/repairs")
