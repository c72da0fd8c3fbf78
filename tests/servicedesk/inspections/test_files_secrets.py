"""A secret planted in a chosen file is in no table and no kept transcript, and a change of it is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from collectors import runner, transcripts
from collectors.model import SshAccess
from collectors.simulator.linux_host import Answer, SimulatedHost
from collectors.simulator.ssh_server import SshServer
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.inspections.files.service import FilesData, save_list
from servicedesk.inspections.models import InspectionRecord
from servicedesk.inspections.runs import start_device
from servicedesk.inspections.targets import target_for
from tests.servicedesk.inspections.play import finish, take
from tests.servicedesk.inspections.test_chosen_files import findings, versions
from tests.servicedesk.world import SYSTEM, World, fresh

PATH = "/etc/app.conf"
FIRST, SECOND = "Tr0ub4dor-one", "Tr0ub4dor-two"


def inspect(device: Device, secret: str, at: datetime) -> None:
    """A visit of a host whose file holds the secret in several forms, recorded as any visit."""
    text = f" listen 80\n password = {secret}\n url=redis://app:{secret}@db/0\n api_key:\n   {secret}\n"
    printed = Answer(f"=file {PATH}\n=at {PATH}\n{text}=end {PATH}\n")
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=at)
    claimed = take(run, at + timedelta(seconds=1))
    with SshServer(host=SimulatedHost(overrides={"files": printed})) as server:
        access = SshAccess(
            port=server.port, user="inspector", password="inspect-me", host_keys=(server.host_key_line,)
        )
        target = target_for(device, keyring=runtime().keyring, deadline_s=20, now=at)
        visit = runner.visit(replace(target, key=claimed[1].key, accesses=(access,)))
    assert finish(claimed, visit, at + timedelta(seconds=3))
    fresh()


def everything() -> str:
    """All rows of all tables, the texts of versions and the kept transcripts."""
    told = []
    with db.engine.connect() as connection:
        for name in sa.inspect(db.engine).get_table_names():
            if not name.startswith("search_index"):
                rows = connection.execute(sa.text(f'SELECT * FROM "{name}"'))
                told += [repr(tuple(row)) for row in rows]
    for sha256 in db.session.scalars(sa.select(InspectionRecord.transcript_sha256)):
        told.append(repr(transcripts.unpack(runtime().blobs.get(sha256))))
    return "\n".join(told)


def test_a_planted_secret_reaches_nothing_and_its_change_is_seen(any_world: World) -> None:
    world = any_world
    device = world.device("app1", device_class="server", protocol="ssh")
    with unit_of_work():
        client_id = world.organisations["north"].id
        save_list(None, client_id, FilesData("client", PATH, "x"), actor=world.actor("sam"), now=world.now)
    inspect(device, FIRST, world.now)
    inspect(device, FIRST, world.now + timedelta(hours=1))
    (kept,) = versions(device, PATH)
    assert kept.text.startswith("listen 80\npassword = <hidden ")
    inspect(device, SECOND, world.now + timedelta(hours=2))
    assert [one.number for one in versions(device, PATH)] == [1, 2]
    assert findings(device)["configuration_change", PATH] == "open"
    told = everything() + "".join(one.text for one in versions(device, PATH))
    assert "listen 80" in told
    for secret in (FIRST, SECOND):
        assert secret not in told
