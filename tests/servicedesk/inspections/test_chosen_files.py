"""Chosen files: who chooses what for where, versions of each file, differences from what was accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.files import ChosenFile, ChosenFiles
from collectors.model import Visit
from collectors.outcome import Outcome
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift.models import ConfigurationVersion
from servicedesk.inspections.drift.service import accept_configuration
from servicedesk.inspections.files.choosing import OFFERED, chosen_for, paths_for
from servicedesk.inspections.files.models import ChosenFileList
from servicedesk.inspections.files.service import FilesData, remove_list, save_list
from servicedesk.inspections.models import Finding
from servicedesk.inspections.runs import start_device
from servicedesk.inspections.targets import judging_target, target_for
from servicedesk.tickets.models import TimelineEntry
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import finish, take, visit_of
from tests.servicedesk.inspections.test_drift import approved_change
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

HOSTS, SSHD = "/etc/hosts", "/etc/ssh/sshd_config"
HOSTILE = "</pre><script>alert(1)</script>\n"


def server(world: World, name: str = "app1", site: str = "north-1") -> Device:
    return world.device(name, site=site, device_class="server", protocol="ssh")


def choose(world: World, who: str = "sam", **values: object) -> ChosenFileList:
    data = FilesData(**({"rung": "client", "paths": HOSTS, "reason": "audit"} | values))  # type: ignore[arg-type]  # by name
    client = world.organisations["south" if who == "stan" else "north"]
    with unit_of_work():
        return save_list(None, client.id, data, actor=world.actor(who), now=world.now)


def good(path: str, text: str) -> ChosenFile:
    return ChosenFile(path, Outcome.OK, "", text, text.count("\n"))


def looked(device: Device, at: datetime, *files: ChosenFile, listed: tuple[str, ...] = ()) -> None:
    """One inspection that read these files."""
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=at)
    claimed = take(run, at + timedelta(seconds=1))
    plain = visit_of(claimed[1], (), at=at)
    facts = replace(plain.facts, extra={"chosen_files": ChosenFiles(files, listed)})
    assert finish(claimed, Visit(plain.transcript, facts, ()), at + timedelta(seconds=3))
    fresh()


def versions(device: Device, path: str) -> list[ConfigurationVersion]:
    one = ConfigurationVersion
    statement = sa.select(one).where(one.device_id == device.id, one.path == path).order_by(one.id)
    return list(db.session.scalars(statement))


def findings(device: Device) -> dict[tuple[str, str], str]:
    rows = db.session.scalars(sa.select(Finding).where(Finding.device_id == device.id))
    return {(row.check, row.item): row.state for row in rows}


def test_lists_of_all_places_are_read_together_and_say_where_from(any_world: World) -> None:
    world = any_world
    device, other = server(world), server(world, "app2", "north-2")
    assert paths_for(device) == ()
    choose(world, paths=f"{HOSTS}\n/etc/fstab")
    choose(world, rung="site", site_id=world.sites["north-1"].id, paths=f"{SSHD}\n{HOSTS}")
    choose(world, rung="class", device_class="server", paths="/etc/crontab")
    choose(world, rung="device", device_id=device.id, paths="/etc/cron.d/*")
    choose(world, rung="class", device_class="database", paths="/etc/my.cnf")
    fresh()
    assert [(one.path, one.source.rung) for one in chosen_for(db.session.get_one(Device, device.id))] == [
        ("/etc/cron.d/*", "device"), ("/etc/crontab", "class"), (SSHD, "site"), (HOSTS, "site"),
        ("/etc/fstab", "client"),
    ]  # fmt: skip
    assert paths_for(db.session.get_one(Device, other.id)) == ("/etc/crontab", HOSTS, "/etc/fstab")
    switch = world.device("sw1", device_class="switch", protocol="ssh")
    assert paths_for(switch) == ()
    target = target_for(device, keyring=runtime().keyring, deadline_s=60, now=world.now)
    assert target.files[0] == "/etc/cron.d/*"
    assert judging_target(device, now=world.now).files == ()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"paths": "/etc/shadow"}, "paths"),
        ({"paths": "/etc/hosts; reboot"}, "paths"),
        ({"paths": "/etc/hosts\n../x"}, "paths"),
        ({"paths": " \n"}, "paths"),
        ({"paths": "\n".join(f"/etc/{n}" for n in range(61))}, "paths"),
        ({"reason": " "}, "reason"),
        ({"rung": "universe"}, "rung"),
        ({"rung": "device", "device_id": 9999}, "device_id"),
        ({"rung": "site", "site_id": None}, "site_id"),
        ({"rung": "class", "device_class": "switch"}, "device_class"),
    ],
)
def test_what_cannot_be_read_is_refused_beside_its_field(
    world: World, values: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        choose(world, **values)
    assert refused.value.field == field
    assert db.session.scalar(sa.select(sa.func.count(ChosenFileList.id))) == 0


def test_everything_that_is_wrong_is_said_at_once(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    values = {"rung": "class", "device_class": "switch", "paths": "/etc/shadow\n/etc/hosts\n../x"}
    answer = browser.post("/inspections/files/new", reason="", **values)
    assert answer.status_code == 422
    for told in ("/etc/shadow: ", "../x: ", "Files are read of servers alone."):
        assert told in answer.text
    assert "/etc/hosts: " not in answer.text
    told = answer.text.partition('id="reason-error"')[2].partition("</div>")[0]
    assert told.count("<span>") == 1, "the missing reason is said once"
    again = browser.post("/inspections/files/new", reason="audit", **values).text
    assert again.count("../x: ") == 1
    assert "/etc/shadow: " in again, "a reason alone does not end the list"
    fresh()
    assert db.session.scalar(sa.select(sa.func.count(ChosenFileList.id))) == 0


def test_other_clients_places_and_other_peoples_words_count_for_nothing(world: World) -> None:
    south = server(world, "s1", "south-1")
    with pytest.raises(InvalidError):
        choose(world, rung="device", device_id=south.id)
    switch = world.device("sw1", device_class="switch", protocol="ssh")
    with pytest.raises(InvalidError):
        choose(world, rung="device", device_id=switch.id)
    client_id = world.organisations["north"].id
    for who in ("emma", "stan", "rita"):
        data = FilesData("client", HOSTS, "x")
        with pytest.raises(NotAllowedError), unit_of_work():
            save_list(None, client_id, data, actor=world.actor(who), now=world.now)
    choose(world)
    with pytest.raises(InvalidError):
        choose(world)
    assert paths_for(south) == ()


def test_each_change_stands_in_the_audit_trail(world: World) -> None:
    found = choose(world)
    with unit_of_work():
        data = FilesData("client", f"{HOSTS}\n{SSHD}", "more")
        save_list(found, found.client_id, data, actor=world.actor("sam"), now=world.now)
    with pytest.raises(InvalidError), unit_of_work():
        remove_list(found, reason=" ", actor=world.actor("sam"), now=world.now)
    with unit_of_work():
        remove_list(
            db.session.get_one(ChosenFileList, found.id),
            reason="done",
            actor=world.actor("sam"),
            now=world.now,
        )
    said = db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.action.like("chosen%")).order_by(AuditEntry.id)
    ).all()
    assert said == ["chosen_files.set", "chosen_files.changed", "chosen_files.removed"]


def test_everything_that_is_offered_may_be_chosen(world: World) -> None:
    assert choose(world, paths="\n".join(OFFERED)).lines == list(OFFERED)


def test_each_file_has_its_own_versions_and_a_change_is_a_finding(any_world: World) -> None:
    world = any_world
    device = server(world)
    at = [world.now + timedelta(hours=hour) for hour in range(5)]
    looked(device, at[0], good(HOSTS, "a\n"), good(SSHD, "Port 22\n"))
    looked(device, at[1], good(HOSTS, "a\n"), good(SSHD, "Port 22\nUsePAM no\n"))
    assert [(one.number, one.state) for one in versions(device, HOSTS)] == [(1, "accepted")]
    first, second = versions(device, SSHD)
    assert (second.number, second.state, second.added, second.removed) == (2, "unregistered", 1, 0)
    assert findings(device) == {("configuration_change", SSHD): "open"}
    emma = world.actor("emma")
    with pytest.raises(ConflictError), unit_of_work():
        accept_configuration(device, first.id, "x", actor=emma, now=at[2])
    with unit_of_work():
        accept_configuration(device, second.id, "hardening", actor=emma, now=at[2])
    looked(device, at[3], good(HOSTS, "a\n"), good(SSHD, "Port 22\nUsePAM no\n"))
    assert findings(device) == {("configuration_change", SSHD): "recovered"}


def test_a_file_that_is_gone_is_a_difference_until_it_is_back(world: World) -> None:
    device = server(world)
    at = [world.now + timedelta(hours=hour) for hour in range(6)]
    pattern, one = "/etc/cron.d/*", "/etc/cron.d/backup"
    absent = ChosenFile(HOSTS, Outcome.NOT_APPLICABLE, "The host has no such file.")
    looked(device, at[0], good(HOSTS, "a\n"), good(one, "x\n"), listed=(pattern,))
    looked(device, at[1], absent, listed=(pattern,))
    looked(device, at[2], absent, listed=(pattern,))
    assert findings(device) == {
        ("configuration_change", HOSTS): "open", ("configuration_change", one): "open",
    }  # fmt: skip
    assert [(v.number, v.absent, v.removed) for v in versions(device, one)] == [(1, False, 0), (2, True, 1)]
    # A folder that cannot be listed says nothing of its files.
    looked(device, at[3], good(HOSTS, "a\n"), ChosenFile(pattern, Outcome.UNSUPPORTED, "denied"))
    assert findings(device)["configuration_change", HOSTS] == "recovered"
    assert findings(device)["configuration_change", one] == "open"
    looked(device, at[4], good(HOSTS, "a\n"), good(one, "x\n"), listed=(pattern,))
    assert [v.state for v in versions(device, one)] == ["accepted", "unregistered", "accepted"]


def test_a_file_that_never_was_or_cannot_be_read_is_no_difference(world: World) -> None:
    device = server(world)
    absent = ChosenFile(HOSTS, Outcome.NOT_APPLICABLE, "The host has no such file.")
    denied = ChosenFile(SSHD, Outcome.UNSUPPORTED, "The account may not read this file.")
    looked(device, world.now, absent, good(SSHD, "x\n"))
    looked(device, world.now + timedelta(hours=1), absent, denied)
    assert findings(device) == {}
    assert (len(versions(device, HOSTS)), len(versions(device, SSHD))) == (0, 1)


def test_what_nobody_chooses_any_more_is_no_open_difference(world: World) -> None:
    device = server(world)
    looked(device, world.now, good(HOSTS, "a\n"), good(SSHD, "x\n"))
    looked(device, world.now + timedelta(hours=1), good(HOSTS, "b\n"), good(SSHD, "x\n"))
    looked(device, world.now + timedelta(hours=2), good(SSHD, "x\n"))
    assert findings(device) == {("configuration_change", HOSTS): "recovered"}


def test_within_an_approved_change_it_is_the_changes_evidence(world: World) -> None:
    device = server(world)
    change = approved_change(world, device, 1, 3)
    looked(device, world.now, good(HOSTS, "a\n"))
    looked(device, world.now + timedelta(hours=2), good(HOSTS, "b\n"))
    assert [(one.state, one.change_id) for one in versions(device, HOSTS)] == [
        ("accepted", None), ("accepted", change.id),
    ]  # fmt: skip
    told = db.session.scalars(sa.select(TimelineEntry.data).where(TimelineEntry.kind == "drift")).one()
    assert (told["path"], told["device"]) == (HOSTS, f"app1 {HOSTS}")


def test_pages_show_versions_search_and_download_of_a_file(app: Flask, world: World) -> None:
    device = server(world)
    choose(world, paths=f"{HOSTS}\n{SSHD}\n/etc/fstab")
    looked(device, world.now, good(HOSTS, "10.0.0.1 db\n"), good(SSHD, "Port 22\n"))
    looked(device, world.now + timedelta(hours=1), good(HOSTS, HOSTILE), good(SSHD, "Port 22\n"))
    emma, path = Browser(app, "emma"), f"/inspections/configurations/{device.id}"
    page = emma.get(f"{path}?path={HOSTS}").text
    assert "<script>alert" not in page
    assert "config-added" in page
    assert SSHD in page
    assert emma.get(path).status_code == 200  # without a path the first file
    assert emma.get(f"{path}/2/download?path={HOSTS}").text == HOSTILE
    assert emma.get(f"{path}/2/download?path={SSHD}").status_code == 404
    for odd in ("?path=/etc/none", f"?path={HOSTS}&version=9", "?path=%00"):
        assert emma.get(path + odd).status_code == 404
    found = emma.get("/inspections/configurations/?q=port+22").text
    assert SSHD in found
    accepted = emma.post(
        f"{path}/accept?path={HOSTS}", version=versions(device, HOSTS)[-1].id, reason="<b>new</b>"
    )
    assert accepted.status_code == 302
    assert "path=" in accepted.location
    whole = emma.get(f"/equipment/devices/{device.id}?whole=1").text
    assert "2 files are kept" in whole
    listed = emma.get(f"/inspections/files/device/{device.id}").text
    assert "All servers of the client" in listed
    assert "/etc/fstab" in listed


def test_the_page_of_a_file_that_is_gone_says_so_and_takes_a_reason(app: Flask, world: World) -> None:
    device = server(world)
    looked(device, world.now, good(HOSTS, "a\nb\n"), good(SSHD, "x\n"))
    absent = ChosenFile(HOSTS, Outcome.NOT_APPLICABLE, "The host has no such file.")
    looked(device, world.now + timedelta(hours=1), absent, good(SSHD, "x\n"))
    emma, path = Browser(app, "emma"), f"/inspections/configurations/{device.id}?path={HOSTS}"
    page = emma.get(path).text
    assert "file gone" in page
    assert "no approved change says so" in page
    assert "config-removed" in page
    assert "file gone" in emma.get(f"/inspections/files/device/{device.id}").text
    number = versions(device, HOSTS)[-1].id
    accepted = emma.post(
        f"/inspections/configurations/{device.id}/accept?path={HOSTS}", version=number, reason="moved to DNS"
    )
    assert accepted.status_code == 302
    assert "moved to DNS" in emma.get(path).text
    looked(device, world.now + timedelta(hours=2), absent, good(SSHD, "x\n"))
    assert findings(device) == {("configuration_change", HOSTS): "recovered"}


def test_lists_are_made_changed_and_removed_by_hand(app: Flask, world: World) -> None:
    device = server(world)
    sam = Browser(app, "sam")
    assert "/etc/fstab" in sam.get(f"/inspections/files/new?device={device.id}").text
    refused = sam.post("/inspections/files/new", rung="client", paths="/root/.ssh/id_rsa", reason="x")
    assert refused.status_code == 422
    assert "never read" in refused.text
    assert "/root/.ssh/id_rsa" in refused.text
    made = sam.post(
        "/inspections/files/new", rung="device", device_id=device.id, paths=HOSTS, reason="<i>why</i>"
    )
    assert made.status_code == 302
    fresh()
    found = db.session.scalars(sa.select(ChosenFileList)).one()
    page = sam.get("/inspections/files/").text
    assert "<i>why</i>" not in page
    assert HOSTS in page
    assert sam.get(f"/inspections/files/{found.id}").status_code == 200
    changed = sam.post(f"/inspections/files/{found.id}", rung="client", paths=SSHD, reason="more")
    assert changed.status_code == 302
    assert sam.post(f"/inspections/files/{found.id}/remove", **{"remove-reason": ""}).status_code == 302
    assert sam.post(f"/inspections/files/{found.id}/remove", **{"remove-reason": "x"}).status_code == 302
    fresh()
    assert db.session.scalar(sa.select(sa.func.count(ChosenFileList.id))) == 0


@pytest.mark.parametrize("who", ["rita", "emma", "stan", "rolf", "erik"])
def test_nobody_else_sees_or_changes_a_list(app: Flask, world: World, who: str) -> None:
    found = choose(world)
    browser = Browser(app, who)
    assert browser.get(f"/inspections/files/{found.id}").status_code == 404
    assert browser.post(f"/inspections/files/{found.id}/remove", **{"remove-reason": "x"}).status_code == 404
    index = browser.get("/inspections/files/")
    assert index.status_code == 404 or HOSTS not in index.text
    device = server(world, "app9", "north-2")
    looked(device, world.now, good(HOSTS, "x\n"))
    if who != "emma":
        for address in (
            f"/inspections/files/device/{device.id}",
            f"/inspections/configurations/{device.id}?path={HOSTS}",
        ):
            assert browser.get(address).status_code == 404


def test_the_list_costs_the_same_for_many_rows(app: Flask, world: World) -> None:
    sam, counts = Browser(app, "sam"), []
    choose(world)
    sam.get("/inspections/files/")
    for rows in (0, 12):
        for number in range(rows):
            choose(world, rung="device", device_id=server(world, f"m{number}").id)
        with Queries() as counted:
            assert sam.get("/inspections/files/").status_code == 200
        counts.append(counted.count)
    assert counts[0] == counts[1]
