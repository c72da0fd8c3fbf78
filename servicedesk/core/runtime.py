"""What a process of ours holds besides the database: settings, keys, blobs. Boundaries ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from servicedesk.config import Settings
from servicedesk.core.blobs import BlobStore
from servicedesk.core.crypto import Keyring


@dataclass(frozen=True, slots=True)
class Runtime:
    settings: Settings
    keyring: Keyring
    blobs: BlobStore


def runtime() -> Runtime:
    """Of the current application; services never call this, they are given what they need."""
    found = current_app.extensions["servicedesk"]
    if not isinstance(found, Runtime):
        raise TypeError("the application was not made by create_app()")
    return found
