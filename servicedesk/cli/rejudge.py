"""``servicedesk rejudge``: which verdicts of a period would be others today."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import track

from servicedesk.cli.context import data_option, installation, json_option, show

if TYPE_CHECKING:
    from servicedesk.inspections.rejudging import Change, Period

EXIT_CHANGES = 3
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_COLUMNS = ("record", "at", "device", "check", "item", "change", "was", "would be")


@click.command()
@click.option("--from", "since", type=_DAY, help="First day (UTC); without it 30 days back.")
@click.option("--to", "until", type=_DAY, help="Last day (UTC); without it today.")
@click.option("--device", help="Of this device alone.")
@click.option("--site", help="Of this site alone.")
@click.option("--values", is_flag=True, help="Show, too, numbers that change without another verdict.")
@click.option(
    "--limit", default=200, show_default=True, help="Show at most so many changes; all are counted."
)
@data_option
@json_option
def rejudge(
    since: datetime | None,
    until: datetime | None,
    device: str | None,
    site: str | None,
    values: bool,
    limit: int,
    data: Path,
    as_json: bool,
) -> None:
    """Judge the kept transcripts of a period with today's parsers, rules and levels.

    Nothing is changed: records stay as they were signed. Exit status: 0 every verdict would be the same,
    3 some would be others, 1 a transcript could not be judged.
    """
    shown: list[Change] = []
    counts: Counter[str] = Counter()
    with installation(data) as actor:
        from servicedesk.core.runtime import runtime
        from servicedesk.inspections import rejudging

        numbers = rejudging.record_numbers(_period(since, until, device, site), actor)
        progress = track(
            rejudging.rejudge(numbers, runtime().blobs),
            "Judging",
            total=len(numbers),
            console=Console(stderr=True),
            transient=True,
        )
        for result in progress:
            counts["records"] += 1
            if result.problem:
                counts["not judged"] += 1
                click.echo(f"record {result.record_id}: {result.problem}", err=True)
            for change in result.changes:
                counts[change.kind] += 1
                if (values or change.kind != rejudging.VALUE) and len(shown) < limit:
                    shown.append(change)
    show([_row(change) for change in shown], _COLUMNS, as_json=as_json)
    click.echo(
        f"{counts['records']} records judged again: {counts['changed']} verdicts would change, "
        f"{counts['appeared']} items would appear, {counts['gone']} would be gone, "
        f"{counts['value']} numbers would differ; {counts['not judged']} could not be judged. "
        "Nothing was changed.",
        err=True,
    )
    if counts["not judged"]:
        sys.exit(1)
    sys.exit(EXIT_CHANGES if counts["changed"] or counts["appeared"] or counts["gone"] else 0)


def _period(since: datetime | None, until: datetime | None, device: str | None, site: str | None) -> Period:
    from servicedesk.core.clock import utcnow
    from servicedesk.inspections.rejudging import Period

    now = utcnow()
    first = since.replace(tzinfo=UTC) if since else now - timedelta(days=30)
    last = until.replace(tzinfo=UTC) + timedelta(days=1) if until else now + timedelta(seconds=1)
    if last <= first:
        raise click.UsageError("The period ends before it begins.")
    return Period(first, last, _number("device", device), _number("site", site))


def _number(kind: str, name: str | None) -> int | None:
    import sqlalchemy as sa

    from servicedesk.core.db import db
    from servicedesk.equipment.models import Device
    from servicedesk.organisations.models import Site

    if name is None:
        return None
    model = Device if kind == "device" else Site
    found = db.session.scalars(sa.select(model.id).where(model.name == name)).all()
    if len(found) != 1:
        word = "There is no" if not found else f"There are {len(found)} of several clients:"
        raise click.ClickException(f"{word} {kind} {name}.")
    return found[0]


def _row(change: Change) -> dict[str, object]:
    def told(outcome: object, value: float | None) -> str:
        return "—" if outcome is None else f"{outcome}" + ("" if value is None else f" ({value:g})")

    return {
        "record": change.record_id,
        "at": change.at.isoformat(timespec="minutes") if change.at else "",
        "device": change.device_name,
        "check": change.check,
        "item": change.item,
        "change": change.kind,
        "was": told(change.old, change.old_value),
        "would be": told(change.new, change.new_value),
    }
