"""Prints a visit for people: Rich tables, colour only beside the word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from collectors.checks import catalogue
from collectors.model import Visit
from collectors.outcome import Outcome

_STYLES = {Outcome.OK: "green", Outcome.WARNING: "yellow", Outcome.CRITICAL: "bold red"}


def show(visit: Visit, console: Console | None = None) -> None:
    """Print device, readings, findings and failures."""
    out = console or Console()
    facts, transcript = visit.facts, visit.transcript
    identity = facts.identity
    headline = " · ".join(
        filter(None, (identity.name, identity.vendor, identity.model, identity.version, identity.serial))
    )
    out.print(Text(headline or transcript.address, style="bold"))
    if identity.uptime_s is not None:
        out.print(Text(f"up {_duration(identity.uptime_s)}"))
    if transcript.error:
        out.print(Text(transcript.error, style="red"))
    if "host_key" in transcript.session and transcript.outcome is Outcome.HOST_KEY_CHANGED:
        out.print(Text(f"shown host key: {transcript.session['host_key']}"))
    _table(
        out,
        "Processors",
        ("Name", "Use"),
        ((item.name, f"{item.usage_percent:g} %") for item in facts.processors),
    )
    _table(
        out,
        "Memory",
        ("Name", "Size", "Used", "Use"),
        (
            (item.name, _size(item.total_bytes), _size(item.used_bytes), f"{item.used_percent:g} %")
            for item in facts.memory
        ),
    )
    _table(
        out,
        "Storage",
        ("Name", "Type", "Size", "Used", "Use"),
        (
            (
                item.name,
                item.kind,
                _size(item.total_bytes),
                _size(item.used_bytes),
                f"{item.used_percent:g} %",
            )
            for item in facts.storage
        ),
    )
    _table(
        out,
        "Interfaces",
        ("Name", "Alias", "Admin", "Oper", "Speed", "Received", "Sent"),
        (
            (
                item.name,
                item.alias,
                item.admin_status,
                item.oper_status,
                f"{item.speed_bps / 1e6:g} Mbit/s" if item.speed_bps else "",
                _size(item.in_octets),
                _size(item.out_octets),
            )
            for item in facts.interfaces
        ),
    )
    _table(
        out,
        "Sensors",
        ("Name", "Kind", "Value"),
        ((item.name, item.kind, item.state_text or f"{item.value:g} {item.unit}") for item in facts.sensors),
    )
    _findings(out, visit)
    out.print(
        Text(
            f"{len(transcript.exchanges)} answers in {transcript.duration_s:.1f} s, "
            f"{transcript.outcome.value}"
        )
    )


def _findings(out: Console, visit: Visit) -> None:
    titles = {name: spec.title for name, spec in catalogue().items()}
    table = Table(title="Findings", title_justify="left")
    for heading in ("Check", "Item", "Outcome", "Finding"):
        table.add_column(heading)
    for finding in visit.findings:
        outcome = Text(finding.outcome.value, style=_STYLES.get(finding.outcome, "dim"))
        table.add_row(
            Text(titles.get(finding.check, finding.check)),
            Text(finding.item),
            outcome,
            Text(str(finding.message)),
        )
    out.print(table)


def _table(out: Console, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # a device's text is no markup
    if table.row_count:
        out.print(table)


def _size(count: int | None) -> str:
    if count is None:
        return ""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.4g} {unit}"
        value /= 1024
    return f"{value:.4g} TiB"


def _duration(seconds: float) -> str:
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    return f"{days} d {hours} h {rest // 60} min"
