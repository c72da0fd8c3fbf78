"""Marks sentences for translation without depending on any translation library."""

from __future__ import annotations


def N_(template: str) -> str:  # noqa: N802 - gettext's customary name
    """Return ``template`` unchanged; the extraction tool finds the call."""
    return template
