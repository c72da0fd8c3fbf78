"""``servicedesk inspect``: begin an inspection and watch it."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from servicedesk.cli.context import data_option, installation, json_option, show

if TYPE_CHECKING:
    from servicedesk.core.actor import Actor
    from servicedesk.inspections.models import InspectionRun

EXIT_ABNORMAL = 3


@click.command()
@click.argument("device", required=False)
@click.option("--site", help="All active devices of this site.")
@click.option("--wait/--no-wait", default=True, help="Wait for the end, with progress.")
@click.option("--timeout", default=900, show_default=True, help="Seconds to wait at most.")
@data_option
@json_option
def inspect(
    device: str | None, site: str | None, wait: bool, timeout: int, data: Path, as_json: bool
) -> None:
    """Inspect DEVICE, or a whole site, now.

    The visits are made by the workers of the running installation. Exit status: 0 all normal, 3 something
    is abnormal or could not be inspected, 1 it did not end in time.
    """
    if (device is None) == (site is None):
        raise click.UsageError("Name a device, or a site with --site.")
    with installation(data) as actor:
        run_id = _start(device, site, actor)
        if not wait:
            click.echo(f"Inspection {run_id} begun.")
            return
        ended = _watch(run_id, timeout)
        rows = _rows(run_id)
    show(rows, ("device", "state", "outcome", "abnormal", "reason"), as_json=as_json)
    if not ended:
        raise click.ClickException("The inspection did not end in time. Does the installation run?")
    sys.exit(0 if all(row["outcome"] == "ok" for row in rows) else EXIT_ABNORMAL)


def _start(device: str | None, site: str | None, actor: Actor) -> int:
    import sqlalchemy as sa
    from redis import RedisError

    from servicedesk.core.clock import utcnow
    from servicedesk.core.db import db, unit_of_work
    from servicedesk.equipment.models import Device
    from servicedesk.inspections.jobs import enqueue_waiting
    from servicedesk.inspections.runs import start_device, start_site
    from servicedesk.organisations.models import Site

    with unit_of_work():
        if device is not None:
            found = db.session.scalars(sa.select(Device).where(Device.name == device)).all()
            _require_one(len(found), f"device {device}")
            run: InspectionRun = start_device(found[0], actor=actor, now=utcnow())
        else:
            sites = db.session.scalars(sa.select(Site).where(Site.name == site)).all()
            _require_one(len(sites), f"site {site}")
            run = start_site(sites[0], actor=actor, now=utcnow())
        run_id = run.id
    with contextlib.suppress(RedisError):  # else the scheduler's sweep does it, once Redis is back
        enqueue_waiting(utcnow())
    return run_id


def _require_one(count: int, what: str) -> None:
    if count != 1:
        word = "There is no" if not count else f"There are {count} of several clients:"
        raise click.ClickException(f"{word} {what}.")


def _watch(run_id: int, timeout_s: float) -> bool:
    import sqlalchemy as sa

    from servicedesk.core.db import db
    from servicedesk.inspections.models import InspectionRecord, InspectionRun

    done = sa.select(sa.func.count()).where(
        InspectionRecord.run_id == run_id, InspectionRecord.state == "done"
    )
    deadline = time.monotonic() + timeout_s
    columns = (TextColumn("Inspecting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        while time.monotonic() < deadline:
            db.session.rollback()
            run = db.session.get_one(InspectionRun, run_id, populate_existing=True)
            progress.update(task, total=run.device_count, completed=db.session.scalar(done) or 0)
            if run.state != "running":
                return True
            db.session.rollback()
            time.sleep(0.5)
    return False


def _rows(run_id: int) -> list[dict[str, object]]:
    import sqlalchemy as sa

    from servicedesk.core.db import db
    from servicedesk.equipment.models import Device
    from servicedesk.inspections.models import InspectionRecord

    db.session.rollback()
    statement = (
        sa.select(InspectionRecord, Device.name)
        .join(Device, Device.id == InspectionRecord.device_id)
        .where(InspectionRecord.run_id == run_id)
        .order_by(Device.name)
    )
    return [
        {
            "device": name,
            "state": record.state,
            "outcome": record.worst,
            "abnormal": record.abnormal_count,
            "reason": record.error,
        }
        for record, name in db.session.execute(statement)
    ]
