"""The definitions the product brings along (``data/defaults.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from servicedesk.approvals.definition import Chain, from_json

_FILE = Path(__file__).resolve().parent / "data" / "defaults.toml"


@dataclass(frozen=True, slots=True)
class Shipped:
    """One definition of the product; ``facts`` is what its subjects state."""

    key: str
    title_en: str
    title_zh: str
    facts: tuple[str, ...]
    chain: Chain


@cache
def shipped() -> Mapping[str, Shipped]:
    """All of them, by key."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        item["key"]: Shipped(
            item["key"], item["title_en"], item["title_zh"], tuple(item["facts"]), from_json(item["nodes"])
        )
        for item in data["definition"]
    }


def known_facts(key: str) -> tuple[str, ...]:
    """What subjects of this approval state; empty when it is an administrator's own."""
    found = shipped().get(key)
    return found.facts if found is not None else ()
