"""The device page shows what other domains know of a device; they register here, from above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from servicedesk.core.actor import Actor
from servicedesk.equipment.models import Device


@dataclass(frozen=True, slots=True)
class Panel:
    """A template and what it is given (as ``panel``)."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


LATER = 22  # panels from this position on come when the page is there and asks for them
PanelMaker = Callable[[Device, Actor], "Panel | None"]
_makers: dict[str, tuple[int, PanelMaker]] = {}


def register_panel(name: str, position: int, maker: PanelMaker) -> None:
    """Add a panel; registering a name again replaces it."""
    _makers[name] = (position, maker)


def device_panels(device: Device, actor: Actor, *, later: bool) -> list[Panel]:
    """The panels that have something to say to this actor, in order: the first, or those that come later."""
    chosen = [entry for entry in _makers.values() if (entry[0] >= LATER) == later]
    made = [maker(device, actor) for _position, maker in sorted(chosen, key=lambda entry: entry[0])]
    return [panel for panel in made if panel is not None]
