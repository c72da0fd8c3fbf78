"""Compares what our parsers read from recorded command lines with the rows another project reads.

``DIR/PLATFORM/COMMAND/NAME.raw`` is the answer, ``NAME.yml`` the other project's rows. Every field of
theirs that holds something is expected; it is found when the row of ours that agrees most has the same
value under that name.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from collectors.errors import ParseError
from collectors.facts.cli.registry import PARSERS, parser_for
from collectors.facts.cli.rows import Row
from collectors.facts.cli.screen import render

# (platform, command, field) → why our value differs and stays so.
REASONS: Mapping[tuple[str, str, str], str] = {
    ("huawei_vrp", "display lldp neighbor", "management_ip"): "of several addresses the first is kept",
    ("huawei_vrp", "display transceiver verbose", "connector_type"): "theirs is the label's description",
    ("huawei_vrp", "display version", "model"): "Router is no part of the model",
    ("hp_comware", "display interface", "input_drops"): "theirs is 0 where the device prints nothing",
    ("hp_comware", "display interface brief", "description"): "two dashes stand for no description",
    ("hp_comware", "display lldp neighbor-information list", "neighbor_name"): "theirs loses the wrapped end",
    ("juniper_junos", "show version", "*"): "packages are named as the device prints them",
    ("cisco_nxos", "show interface brief", "type"): "the encapsulation column is not the port's type",
}
# Words for nothing, and their lists of whatever was left over.
_NOTHING = frozenset({"no ipv6 address", "no ip address"})
_LEFT_OVER = frozenset({"other_device_properties", "other_properties_versions"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(slots=True)
class CliScore:
    """``found`` of ``expected`` fields; ``rows`` of ours that were not expected are ``beyond``."""

    expected: int = 0
    found: int = 0
    beyond: int = 0
    recordings: int = 0
    missing: list[str] = field(default_factory=list)

    def add(self, other: CliScore) -> None:
        self.expected += other.expected
        self.found += other.found
        self.beyond += other.beyond
        self.recordings += other.recordings

    @property
    def share_percent(self) -> float | None:
        return round(100 * self.found / self.expected, 1) if self.expected else None


def reason_for(platform: str, command: str, name: str) -> str:
    """The written reason for a difference, "" where there is none."""
    return REASONS.get((platform, command, name), REASONS.get((platform, command, "*"), ""))


def score_cli(folder: Path, names: Sequence[str] = ()) -> dict[str, dict[str, CliScore]]:
    """Platform → command → score, for the folders that have a parser's platform as name."""
    scores: dict[str, dict[str, CliScore]] = {}
    for platform in sorted(PARSERS):
        if names and platform not in names:
            continue
        for command_folder in sorted((folder / platform).glob("*")):
            command = command_folder.name.replace("_", " ")
            total = CliScore()
            for raw in sorted(command_folder.glob("*.raw")):
                wanted = _rows(raw.with_suffix(".yml"))
                total.add(one := _score(platform, command, raw, wanted))
                total.missing += one.missing
            if total.recordings:
                scores.setdefault(platform, {})[command] = total
    return scores


def _rows(path: Path) -> list[Mapping[str, Any]]:
    yaml: Any = importlib.import_module("yaml")  # of the development tools
    return list(yaml.safe_load(path.read_text("utf-8"))["parsed_sample"])


def _score(platform: str, command: str, raw: Path, wanted: Sequence[Mapping[str, Any]]) -> CliScore:
    parse = parser_for(platform, command)
    have: list[Row] = []
    note = "no parser"
    if parse is not None:
        try:
            have = [row for row in parse(render(raw.read_bytes(), command)) if row.details]
            note = ""
        except ParseError as error:
            note = str(error)
    return compare(
        f"{platform} {raw.stem}", wanted, have, note, lambda name: reason_for(platform, command, name)
    )


def compare(
    label: str, wanted: Sequence[Mapping[str, Any]], have: Sequence[Row], note: str, why: Any
) -> CliScore:
    """Give each row of theirs the row of ours that agrees most, and count the fields that are the same."""
    left = list(have)
    total = CliScore(recordings=1)
    for want in wanted:
        expected = dict(_meant(want))
        total.expected += len(expected)
        best = max(left, key=lambda row: _agreeing(expected, row), default=None)
        if best is None or _agreeing(expected, best) == 0:
            total.missing.append(f"{label}: {note or 'no such row'}: {expected}")
            continue
        left.remove(best)
        for name, value in expected.items():
            if same(value, best.details.get(name, "")):
                total.found += 1
            else:
                reason = why(name)
                words = f"{label}: {name}: wanted {value!r}, have {best.details.get(name, '')!r}"
                total.missing.append(words + f" ({reason})" * bool(reason))
    total.beyond = len(left)
    return total


def _meant(want: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in want.items():
        text = "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")
        if text.strip() and text.strip().lower() not in _NOTHING and name not in _LEFT_OVER:
            yield name, text


def _agreeing(expected: Mapping[str, str], row: Row) -> int:
    return sum(same(value, row.details.get(name, "")) for name, value in expected.items())


def same(want: str, have: str) -> bool:
    """Without case, punctuation and repeated lines; numbers by value; ours may go on where theirs ends."""
    if _NUMBER.fullmatch(want.strip()) and _NUMBER.fullmatch(have.strip()):
        return float(want) == float(have)
    left, right = _plain(want), _plain(have)
    if left == right:
        return bool(left) or want.strip() == have.strip()
    return (
        bool(left)
        and right.startswith(left)
        and have.lower().strip()[len(want.strip()) :][:1] in (" ", "/", "(", "\n", "-", "")
    )


def _plain(text: str) -> str:
    lines = dict.fromkeys(re.sub(r"[^\w*+.-]", "", line.lower()).strip("-") for line in text.splitlines())
    return "\n".join(lines)


def totals(scores: Mapping[str, Mapping[str, CliScore]]) -> dict[str, CliScore]:
    """One score a platform."""
    result = {}
    for platform, commands in scores.items():
        result[platform] = CliScore()
        for one in commands.values():
            result[platform].add(one)
    return result


def print_cli(scores: Mapping[str, Mapping[str, CliScore]], *, missing: bool) -> None:
    """A table of commands with a sum for each platform; with ``missing`` every difference and its reason."""
    console = Console()
    table = Table(
        "platform", "command", "recordings", "fields", "share", "rows beyond", title="Command lines"
    )
    for platform, total in totals(scores).items():
        for command, one in scores[platform].items():
            table.add_row(platform, command, *_cells(one))
        table.add_row(platform, "all", *_cells(total), style="bold")
        table.add_section()
    console.print(table)
    for commands in scores.values() if missing else ():
        for one in commands.values():
            for words in one.missing:
                console.print(words, markup=False, highlight=False, soft_wrap=True)


def _cells(one: CliScore) -> tuple[str, str, str, str]:
    return str(one.recordings), f"{one.found}/{one.expected}", f"{one.share_percent} %", str(one.beyond or "")


def cli_document(scores: Mapping[str, Mapping[str, CliScore]]) -> dict[str, Any]:
    """The same as plain objects."""

    def row(one: CliScore) -> dict[str, Any]:
        counted = {
            "recordings": one.recordings,
            "expected": one.expected,
            "found": one.found,
            "beyond": one.beyond,
        }
        return {**counted, "share_percent": one.share_percent}

    return {
        platform: {
            "commands": {
                command: row(one) | {"missing": one.missing} for command, one in scores[platform].items()
            },
            "all": row(total),
        }
        for platform, total in totals(scores).items()
    }
