"""The actor of the present request, for views of every domain.

Accounts live above this layer, so the factory hands in the function that resolves them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import Flask, current_app, g

from servicedesk.core.actor import Actor

_KEY = "servicedesk_actor_loader"


def init_current(app: Flask, load_actor: Callable[[], Actor]) -> None:
    """Tell the application how a request's actor is found."""
    app.extensions[_KEY] = load_actor


def current_actor() -> Actor:
    """Who makes this request, resolved once; an actor without any permission when nobody is signed in."""
    if "actor" not in g:
        g.actor = current_app.extensions[_KEY]()
    return cast(Actor, g.actor)
