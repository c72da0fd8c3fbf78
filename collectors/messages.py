"""Marks sentences for translation without depending on any translation library.

Transcripts keep sentences in plain English, filled in. Whoever shows them finds the template again, so
templates have named placeholders; one named ``reason`` may hold a sentence of its own.
"""

from __future__ import annotations


def N_(template: str) -> str:  # noqa: N802 - gettext's customary name
    """Return ``template`` unchanged; the extraction tool finds the call."""
    return template


# What operating systems say of a network; it stands in sentences as their ``reason``.
NETWORK_ERRORS = (
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Connection timed out"),
    N_("Host is down"),
    N_("Network is down"),
    N_("Network is unreachable"),
    N_("No route to host"),
    N_("Operation not permitted"),
    N_("Permission denied"),
)

# States that services, arrays and neighbours have; the other words stand in the platforms' state maps.
STATE_WORDS = (
    "activating",
    "active",
    "attempt",
    "auto-restart",
    "bundled",
    "clean",
    "connect",
    "dead",
    "deactivating",
    "established",
    "exchange",
    "exited",
    "exstart",
    "failed",
    "full",
    "inactive",
    "loading",
    "openconfirm",
    "opensent",
    "read-auto",
    "readonly",
    "recover",
    "reloading",
    "resync",
    "running",
    "selected",
    "unselected",
)
