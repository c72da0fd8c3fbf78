"""Compares what is read from recordings of real devices with what another monitoring system reads.

``python -m collectors.score [--data DIR] [--json] [--missing] [NAME …]``. ``DIR/NAME.snmprec`` is the
recording, ``DIR/NAME.expected.json`` the other system's reading; ``cli/PLATFORM/COMMAND/*.raw``
beside ``snmp`` are command lines (see ``score_cli``). What is missing is listed with
``--missing``; it is either to be mended or a filler that we know not to be a reading.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from collectors.facts.snmp import facts_from_recording
from collectors.model import DeviceFacts, Evidence, Interface
from collectors.score_cli import cli_document, print_cli, score_cli

GROUPS = ("identity", "processors", "memory", "storage", "ports", "sensors", "supplies")
# What the other system calls a kind, and what it is here: a fan's percentage is no speed, seconds on
# battery are not the minutes that are left, a utilisation is no count.
_KINDS = {
    "fanspeed": ("fan", "percent"),
    "runtime": ("runtime", "duration"),
    "count": ("count", "percent"),
    "power": ("power", "apparent_power"),
    "cooling": ("power",),
    "power_consumed": ("energy",),
    "waterflow": ("flow",),
    "signal": ("signal", "dbm"),
}
_THOUSANDS = frozenset({"power", "energy"})  # kilowatts and kilowatt-hours there, watts and watt-hours here
_PRIVATE = "<private>"
_Json = Mapping[str, Any]


@dataclass(slots=True)
class Group:
    """``found`` of ``expected``; ``beyond``: readings of ours that were not expected."""

    expected: int = 0
    found: int = 0
    beyond: int = 0
    missing: list[str] = field(default_factory=list)

    def add(self, other: Group) -> None:
        self.expected += other.expected
        self.found += other.found
        self.beyond += other.beyond

    @property
    def share_percent(self) -> float | None:
        return round(100 * self.found / self.expected, 1) if self.expected else None


def default_data() -> Path:
    """``shared/data/snmp`` beside the checkout."""
    return Path(__file__).resolve().parents[2] / "shared" / "data" / "snmp"


def score(recording: bytes, expected: _Json) -> dict[str, Group]:
    """Compare one recording's facts, group by group."""
    facts = facts_from_recording(recording)
    return {
        "identity": _identity(facts, expected.get("os", [])),
        "processors": _match(
            expected.get("processors", []),
            facts.processors,
            lambda want, have: (
                _same_oid(want["processor_oid"], have.evidence)
                and _near(want["processor_usage"], have.usage_percent, 1.0)
            ),
            lambda want: f"{want['processor_descr']} {want['processor_usage']} % {want['processor_oid']}",
        ),
        "memory": _match(expected.get("mempools", []), facts.memory, _same_pool, _pool_words),
        "storage": _match(expected.get("storage", []), facts.storage, _same_volume, _volume_words),
        "ports": _match(expected.get("ports", []), facts.interfaces, _same_port, _port_words),
        "sensors": _match(
            expected.get("sensors", []), facts.sensors, _same_sensor, _sensor_words, _same_name
        ),
        "supplies": _match(
            expected.get("printer-supplies", []),
            facts.supplies,
            lambda want, have: (
                have.used_percent is not None
                and _near(want["supply_current"], 100 - have.used_percent, 1.0)
                and _alike(want["supply_descr"], have.name)
            ),
            lambda want: f"{want['supply_descr']} {want['supply_current']} %",
        ),
    }


def _identity(facts: DeviceFacts, rows: Sequence[_Json]) -> Group:
    """Model, version and serial where the expectation has them; and the platform."""
    group = Group()
    wanted = rows[0] if rows else {}
    pairs = {
        "hardware": facts.identity.model,
        "version": facts.identity.version,
        "serial": facts.identity.serial,
        "sysObjectID": "." + facts.identity.object_id,
        "os": facts.identity.platform,
    }
    for name, have in pairs.items():
        want = str(wanted.get(name, ""))
        if not want or want == _PRIVATE:
            group.beyond += bool(have)
            continue
        group.expected += 1
        if _alike(want, have):
            group.found += 1
        else:
            group.missing.append(f"{name}: wanted {want!r}, have {have!r}")
    return group


def _match(
    wanted: Sequence[_Json],
    have: Iterable[Any],
    same: Callable[[_Json, Any], bool],
    words: Callable[[_Json], str],
    second: Callable[[_Json, Any], bool] | None = None,
) -> Group:
    """Each reading stands for one expectation; ``second`` is tried for what ``same`` leaves."""
    left, group, waiting = list(have), Group(expected=len(wanted)), list(wanted)
    for test in (same, second):
        rest: list[_Json] = []
        for want in waiting if test is not None else ():
            at = next((number for number, one in enumerate(left) if test and test(want, one)), None)
            if at is None:
                rest.append(want)
            else:
                del left[at]
        waiting = rest if test is not None else waiting
    group.found, group.beyond = len(wanted) - len(waiting), len(left)
    group.missing = [words(want) for want in waiting]
    return group


def _same_oid(oid: str, evidence: Evidence | None) -> bool:
    return evidence is not None and oid.lstrip(".") == evidence.oid


def _near(want: Any, have: float, slack: float = 0.05) -> bool:
    try:
        number = float(want)
    except (TypeError, ValueError):
        return False
    return abs(number - have) <= max(slack, abs(number) * 0.01)


def _alike(want: Any, have: str) -> bool:
    """Names are compared without case and punctuation; one may be a part of the other."""
    left, right = (re.sub(r"[^a-z0-9]", "", str(text).lower()) for text in (want or "", have))
    if not left or not right:
        return not left
    return left in right or right in left or bool(_tokens(want) & _tokens(have))


def _tokens(text: Any) -> set[str]:
    return {token for token in re.split(r"[^a-z0-9]+", str(text).lower()) if len(token) > 3}


def _same_pool(want: _Json, have: Any) -> bool:
    if not _near(want["mempool_perc"], have.used_percent, 1.0):
        return False
    total = want.get("mempool_total")
    if total in (None, 100) or have.total_bytes is None:
        return True
    return _near(total, have.total_bytes)


def _pool_words(want: _Json) -> str:
    return f"{want['mempool_descr']} {want['mempool_perc']} % of {want.get('mempool_total')}"


def _same_volume(want: _Json, have: Any) -> bool:
    return (
        _alike(want["storage_descr"], have.name)
        and _near(want["storage_size"], have.total_bytes)
        and _near(want["storage_used"], have.used_bytes, 1024)
    )


def _volume_words(want: _Json) -> str:
    return f"{want['storage_descr']} {want['storage_used']} of {want['storage_size']}"


def _port_differences(want: _Json, have: Interface) -> list[str]:
    pairs = {
        "ifName": have.name,
        "ifDescr": have.description,
        "ifType": have.type,
        "ifAdminStatus": have.admin_status,
        "ifOperStatus": have.oper_status,
        "ifMtu": have.mtu,
        "ifPhysAddress": have.mac.replace(":", ""),
        "ifSpeed": have.speed_bps,
    }
    wrong = [
        name
        for name, value in pairs.items()
        # A device that says neither is not asked for more; a MAC of zeros is none.
        if want.get(name) not in (None, "", value, "000000000000", 0, 2**32 - 1)
        and not (isinstance(value, str) and _loose(want[name]) == _loose(value))
    ]
    alias = want.get("ifAlias")  # falls back to the other names
    if (
        alias
        and alias not in (have.alias, want.get("ifDescr"), want.get("ifName"))
        and _loose(alias) != _loose(have.alias)
    ):
        wrong.append("ifAlias")
    return wrong


def _loose(text: object) -> str:
    return re.sub(r"[^a-z0-9]", "", str(text).lower())


def _same_port(want: _Json, have: Interface) -> bool:
    return want["ifIndex"] == have.index and not _port_differences(want, have)


def _port_words(want: _Json) -> str:
    return " ".join(f"{name}={value}" for name, value in want.items())


def _same_sensor(want: _Json, have: Any) -> bool:
    return _same_reading(want, have) and _same_oid(want["sensor_oid"], have.evidence)


def _same_name(want: _Json, have: Any) -> bool:
    """The same reading under another OID: kind, value and name."""
    return _same_reading(want, have) and _alike(want.get("sensor_descr"), have.name)


def _same_reading(want: _Json, have: Any) -> bool:
    """Kind and value; power and energy that are expected in thousands are in base units here."""
    kinds = _KINDS.get(want["sensor_class"], (want["sensor_class"],))
    if have.kind not in kinds:
        return False
    current = want["sensor_current"]
    return _near(current, have.value) or (
        have.kind in _THOUSANDS and _near(current, have.value / 1000, 0.001)
    )


def _sensor_words(want: _Json) -> str:
    oid = str(want["sensor_oid"]).replace(".1.3.6.1.4.1.", "E.").replace(".1.3.6.1.2.1.", "M.")
    name, value, kind = want.get("sensor_descr"), want["sensor_current"], want["sensor_class"]
    return f"{kind} {want.get('sensor_type')}: {name} = {value} ({oid})"


def score_folder(folder: Path, names: Sequence[str] = ()) -> dict[str, dict[str, Group]]:
    """Every recording that has an expectation beside it, by its name."""
    scores: dict[str, dict[str, Group]] = {}
    for path in sorted(folder.glob("*.snmprec")):
        expectation = path.with_suffix(".expected.json")
        if expectation.exists() and (not names or path.stem in names):
            expected = json.loads(expectation.read_text("utf-8"))
            scores[path.stem] = score(path.read_bytes(), expected)
    return scores


def _totals(scores: Mapping[str, Mapping[str, Group]]) -> dict[str, Group]:
    totals = {name: Group() for name in GROUPS}
    for groups in scores.values():
        for name, group in groups.items():
            totals[name].add(group)
    return totals


def _cell(group: Group) -> str:
    beyond = f" +{group.beyond}" if group.beyond else ""
    if not group.expected:
        return f"–{beyond}"
    colour = "green" if group.found == group.expected else "yellow" if group.found else "red"
    return f"[{colour}]{group.found}/{group.expected}[/]{beyond}"


def _print(scores: Mapping[str, Mapping[str, Group]], *, missing: bool) -> None:
    console = Console()
    table = Table("recording", *GROUPS, title="Readings found with the right value (+ found beyond)")
    for name, groups in scores.items():
        table.add_row(name, *(_cell(groups[group]) for group in GROUPS))
    totals = _totals(scores)
    table.add_section()
    table.add_row("all", *(_cell(totals[group]) for group in GROUPS))
    table.add_row("share", *(f"{totals[group].share_percent} %" for group in GROUPS))
    console.print(table)
    if missing:
        for name, groups in scores.items():
            for group_name, group in groups.items():
                for words in group.missing:
                    console.print(
                        f"{name} {group_name}: {words}", markup=False, highlight=False, soft_wrap=True
                    )


def _document(scores: Mapping[str, Mapping[str, Group]]) -> dict[str, Any]:
    def row(group: Group, *, missing: bool) -> dict[str, Any]:
        counted = {"expected": group.expected, "found": group.found, "beyond": group.beyond}
        return {**counted, "share_percent": group.share_percent} | (
            {"missing": group.missing} if missing else {}
        )

    return {
        "recordings": {
            name: {group: row(groups[group], missing=True) for group in GROUPS}
            for name, groups in scores.items()
        },
        "all": {name: row(group, missing=False) for name, group in _totals(scores).items()},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0; 2 where there are no recordings."""
    parser = argparse.ArgumentParser(prog="collectors.score", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", help="recordings to compare (all)")
    parser.add_argument("--data", type=Path, default=default_data(), help="folder of the recordings")
    parser.add_argument("--json", action="store_true", help="print a JSON document")
    parser.add_argument("--missing", action="store_true", help="list what was expected and is not found")
    options = parser.parse_args(arguments)
    folder = options.data / "snmp" if (options.data / "snmp").is_dir() else options.data
    scores = score_folder(folder, options.names)
    # Command lines lie beside the folder of SNMP recordings, or in a folder of that name.
    cli = next((one for one in (options.data / "cli", folder.parent / "cli") if one.is_dir()), None)
    lines = {} if cli is None else score_cli(cli, options.names)
    if not scores and not lines:
        Console(stderr=True).print(f"No recordings in {folder}: name their folder with --data.")
        return 2
    if options.json:
        document = _document(scores) | {"cli": cli_document(lines)}
        json.dump(document, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return 0
    if scores:
        _print(scores, missing=options.missing)
    if lines:
        print_cli(lines, missing=options.missing)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
