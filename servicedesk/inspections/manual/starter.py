"""A first set of items by hand, as contracts for machine rooms ask for them; a client changes it at will.

The Chinese words stand in a data file beside this one, since a client's list is content in both languages
and not the interface's.
"""

from __future__ import annotations

import json
from importlib.resources import files

from servicedesk.inspections.manual.service import ItemData


def starter_set() -> tuple[ItemData, ...]:
    """The items, in the order of a round."""
    text = files("servicedesk.inspections.manual").joinpath("starter.json").read_text(encoding="utf-8")
    return tuple(ItemData(**row) for row in json.loads(text))
