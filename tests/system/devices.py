"""Simulated devices recorded in an installation's database, and what must be there after the visits."""

from __future__ import annotations

import base64
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from collectors.simulator.schedule import FaultTimes
from collectors.simulator.site import DeviceSpec, Site, host_key_of
from collectors.transports.ssh_keys import fingerprint, key_line
from servicedesk import create_app
from servicedesk.bootstrap import first_start
from servicedesk.config import Settings
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.credentials import save_credential
from servicedesk.equipment.models import Credential, Device
from servicedesk.equipment.service import DeviceData, decide_host_key, note_host_key, save_access, save_device
from servicedesk.inspections.runs import start_site
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.organisations.models import Site as Place
from servicedesk.organisations.service import save_site
from tests.support.sshd import Sshd
from tests.system.installation import Installation, until

SYSTEM = Actor.system("system test")
PASSWORD = "inspect-me"


def twelve(delay_s: float) -> tuple[DeviceSpec, ...]:
    """Nine servers by SSH whose visits take ``delay_s``, three switches by SNMP; a third is not well."""
    servers = [
        DeviceSpec(
            f"server{number}",
            transport="ssh",
            kind="linux",
            seed=number,
            users={"inspector": PASSWORD},
            quirks={"delay_s": delay_s},
            faults=(FaultTimes("disk_full"),) if number % 3 == 0 else (),
        )
        for number in range(1, 10)
    ]
    switches = [
        DeviceSpec(f"switch{number}", seed=number, faults=(FaultTimes("fan_failed"),) if number == 1 else ())
        for number in range(1, 4)
    ]
    return (*servers, *switches)


@contextmanager
def application(data: Path, database_url: str = "") -> Iterator[Flask]:
    """The application in this process, beside whatever runs on the folder."""
    app = create_app(Settings(data=data, database_url=database_url, locale="en"))
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def prepare(data: Path, database_url: str = "") -> None:
    """A folder as a first start leaves it, except that this machine need not be inspected."""
    with application(data, database_url):
        upgrade()
        with unit_of_work() as session:
            first_start(utcnow())
            session.execute(sa.text("UPDATE inspection_records SET state = 'done'"))
            session.execute(sa.text("UPDATE inspection_runs SET state = 'complete'"))
            session.execute(sa.text("UPDATE inspection_plans SET active = false"))


def record(data: Path, site: Site, database_url: str = "") -> None:
    """Record the site's devices at a place of their own."""
    now = utcnow()
    with application(data, database_url), unit_of_work() as session:
        client = session.scalars(sa.select(Organisation).where(Organisation.kind == CLIENT)).one()
        place = _place(client, "Simulated", now)
        credentials = {kind: _credential(client.id, kind, now) for kind in ("snmp", "ssh")}
        session.flush()
        for spec in site.specs:
            _device(spec, site.port_of(spec), place, credentials[spec.transport], now)


def record_sshd(data: Path, sshd: Sshd, site: str) -> None:
    """Record a real SSH server at a site of its own."""
    now = utcnow()
    with application(data), unit_of_work() as session:
        client = session.scalars(sa.select(Organisation).where(Organisation.kind == CLIENT)).one()
        place = _place(client, site, now)
        credential = save_credential(
            None,
            client_id=client.id,
            name="key of the real one",
            kind="ssh_key",
            username=getpass.getuser(),
            secret={"private_key": sshd.key("ed25519")},
            keyring=runtime().keyring,
            actor=SYSTEM,
            now=now,
        )
        session.flush()
        data_of_it = DeviceData(name="real", site_id=place.id, address="127.0.0.1", device_class="server")
        device = save_device(None, data_of_it, actor=SYSTEM, now=now)
        session.flush()
        access = save_access(
            device, protocol="ssh", port=sshd.port, credential=credential, actor=SYSTEM, now=now
        )
        session.flush()
        kind, encoded = sshd.host_key.split()[:2]
        shown = fingerprint(base64.b64decode(encoded))
        key = note_host_key(access, f"{kind} {encoded}", shown, now=now)
        decide_host_key(key, approve=True, actor=SYSTEM, now=now)


def begin_run(data: Path, database_url: str = "", *, site: str = "Simulated") -> int:
    """Begin an inspection of the recorded devices; the run's number."""
    now = utcnow()
    with application(data, database_url), unit_of_work() as session:
        place = session.scalars(sa.select(Place).where(Place.name == site)).one()
        run = start_site(place, actor=SYSTEM, now=now)
        session.flush()
        return run.id


def _place(client: Organisation, name: str, now: datetime) -> Place:
    place = save_site(
        None,
        client=client,
        name=name,
        address="",
        timezone="Asia/Shanghai",
        active=True,
        actor=SYSTEM,
        now=now,
    )
    db.session.flush()
    return place


def _credential(client_id: int, kind: str, now: datetime) -> Credential:
    return save_credential(
        None,
        client_id=client_id,
        name=f"simulated {kind}",
        kind="snmp_community" if kind == "snmp" else "ssh_password",
        username="" if kind == "snmp" else "inspector",
        secret={"community": "public"} if kind == "snmp" else {"password": PASSWORD},
        keyring=runtime().keyring,
        actor=SYSTEM,
        now=now,
    )


def _device(spec: DeviceSpec, port: int, place: Place, credential: Credential, now: datetime) -> Device:
    device_class = "server" if spec.transport == "ssh" else "switch"
    data = DeviceData(name=spec.name, site_id=place.id, address=spec.address, device_class=device_class)
    device = save_device(None, data, actor=SYSTEM, now=now)
    db.session.flush()
    access = save_access(
        device, protocol=spec.transport, port=port, credential=credential, actor=SYSTEM, now=now
    )
    db.session.flush()
    if spec.transport == "ssh":
        shown = host_key_of(spec.name, spec.seed)
        key = note_host_key(access, key_line(shown), fingerprint(shown.asbytes()), now=now)
        decide_host_key(key, approve=True, actor=SYSTEM, now=now)
    return device


# what must be there ------------------------------------------------------------------------------


def states(installation: Installation, run_id: int) -> dict[str, int]:
    """How many records are queued, running, done."""
    statement = f"SELECT state, count(*) FROM inspection_records WHERE run_id = {run_id} GROUP BY state"
    return {str(row[0]): int(row[1]) for row in installation.rows(statement)}


def visits_under_way(installation: Installation, run_id: int, at_least: int = 4) -> None:
    """Wait until devices are being visited."""
    until("visits under way", lambda: states(installation, run_id).get("running", 0) >= at_least)


def completed(installation: Installation, run_id: int, *, runs: int = 1, within_s: float = 40.0) -> None:
    """Wait for the run; every device was inspected once, and everything it gave is there once.

    ``runs``: how many there have been with this one.
    """
    statement = f"SELECT state, inspected_count, device_count FROM inspection_runs WHERE id = {run_id}"
    until(
        f"run {run_id} is complete",
        lambda: installation.rows(statement)[0][0] == "complete",
        within_s=within_s,
    )
    assert installation.rows(statement) == [("complete", 12, 12)]
    records = installation.rows(
        "SELECT d.name, r.state, r.outcome, r.error, "
        "(SELECT count(*) FROM readings x WHERE x.record_id = r.id) "
        "FROM inspection_records r JOIN devices d ON d.id = r.device_id "
        f"WHERE r.run_id = {run_id} ORDER BY d.name"
    )
    assert len(records) == len({row[0] for row in records}) == 12
    assert all(row[1:4] == ("done", "ok", "") and row[4] > 3 for row in records), records
    _nothing_twice(installation, runs)


def _nothing_twice(installation: Installation, runs: int) -> None:
    twice = installation.rows(
        'SELECT device_id, "check", item FROM findings GROUP BY device_id, "check", item HAVING count(*) > 1'
    )
    assert twice == []
    seen = installation.rows("SELECT occurrences, ticket_id FROM findings WHERE last_record_id > 1")
    assert len(seen) >= 4, "the devices that are not well"
    assert {row[0] for row in seen} == {runs}
    ticket_ids = [row[1] for row in installation.rows("SELECT id, ticket_id FROM findings")]
    assert None not in ticket_ids
    assert len(ticket_ids) == len(set(ticket_ids))
    assert installation.rows("SELECT count(*) FROM tickets") == [(len(ticket_ids),)]
    lost = installation.rows("SELECT count(*) FROM inspection_records WHERE state <> 'done'")
    assert lost == [(0,)]


def is_sound(installation: Installation) -> None:
    """SQLite's own opinion of the file."""
    assert installation.rows("PRAGMA integrity_check") == [("ok",)]
    assert installation.rows("PRAGMA foreign_key_check") == []
