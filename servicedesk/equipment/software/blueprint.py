"""One blueprint for the pages of software and licences."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("software", __name__, url_prefix="/equipment")
