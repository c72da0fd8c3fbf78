"""Sweeps of allowed ranges: who may, what is found and taken over, and what a killed worker costs."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.discovery.sweep import Host, Plan
from collectors.simulator import mibs
from collectors.simulator.snmp_agent import AgentServer, Quirks, SnmpAgent
from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.runtime import runtime
from servicedesk.discovery import jobs, service, sweeping
from servicedesk.discovery.models import DiscoveryRange, FoundHost, Sweep, SweepChunk
from servicedesk.discovery.service import SweepData
from servicedesk.equipment.credentials import remove_credential, save_credential
from servicedesk.equipment.models import Credential, Device
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

HOSTILE = "<script>alert(1)</script>"


def allowed(
    world: World, prefix: str = "192.0.2.0/25", site: str = "north-1", *, special: bool = False
) -> DiscoveryRange:
    with unit_of_work():
        return service.allow_range(
            world.sites[site], prefix, special=special, actor=world.actor("admin"), now=world.now
        )


def started(world: World, found: DiscoveryRange, who: str = "emma", **values: object) -> Sweep:
    with unit_of_work():
        data = SweepData(**values)  # type: ignore[arg-type]  # as named
        return service.start_sweep(found, data, actor=world.actor(who), now=world.now)


def answering(*hosts: Host, asked: list[str] | None = None) -> Callable[..., Iterator[Host]]:
    """A sweep that nobody makes: these answer where they are asked."""

    def sweep(addresses: Sequence[str], _plan: Plan, **_rest: object) -> Iterator[Host]:
        if asked is not None:
            asked.extend(addresses)
        return iter([host for host in hosts if host.address in addresses])

    return sweep


def carry_on(found: Sweep, *hosts: Host, asked: list[str] | None = None, turn_s: float = 60.0) -> bool:
    more = sweeping.carry_on(
        found.id, runtime().keyring, sweeper=answering(*hosts, asked=asked), turn_s=turn_s
    )
    fresh()
    return more


def verdicts(found: Sweep) -> dict[str, str]:
    rows = db.session.execute(
        sa.select(FoundHost.address, FoundHost.verdict).where(FoundHost.sweep_id == found.id)
    )
    return {row[0]: row[1] for row in rows}


def community(world: World, name: str = "public") -> Credential:
    with unit_of_work():
        return save_credential(
            None,
            client_id=world.organisations["north"].id,
            name="SNMP of the site",
            kind="snmp_community",
            username="",
            secret={"community": name},
            keyring=runtime().keyring,
            actor=SYSTEM,
            now=world.now,
        )


def test_who_answered_is_set_against_who_is_recorded(any_world: World) -> None:
    world = any_world
    devices = {}
    for name, address, serial in (
        ("same", "192.0.2.1", "S1"),
        ("swapped", "192.0.2.2", "S2"),
        ("moved", "192.0.2.3", "S3"),
        ("silent", "192.0.2.4", ""),
        ("elsewhere", "198.51.100.1", ""),
    ):
        devices[name] = world.device(name, serial=serial)
        with unit_of_work() as session:
            session.get_one(Device, devices[name].id).address = address
    found = started(world, allowed(world))
    hosts = (
        Host("192.0.2.1", ("icmp",), serial="S1"),
        Host("192.0.2.2", ("snmp",), serial="S9"),
        Host("192.0.2.33", ("snmp",), serial="S3"),
        Host("192.0.2.90", ("ssh",), banner="SSH-2.0-OpenSSH_9.2"),
    )
    asked: list[str] = []
    assert not carry_on(found, *hosts, asked=asked)
    assert len(asked) == len(set(asked)) == 126
    assert verdicts(found) == {
        "192.0.2.1": "known",
        "192.0.2.2": "changed",
        "192.0.2.33": "changed",
        "192.0.2.90": "new",
        "192.0.2.4": "silent",
    }
    assert (found.state, found.asked, found.found) == ("done", 126, 4)


def test_a_killed_worker_loses_nothing_and_doubles_nothing(any_world: World) -> None:
    world, host = any_world, Host("192.0.2.1", ("icmp",))
    found = started(world, allowed(world))
    claimed = sweeping._claim(found.id, runtime().keyring, now=utcnow())
    assert claimed is not None
    asked: list[str] = []
    assert not carry_on(found, host, asked=asked)  # another worker is at it: its rate is for all
    assert asked == []
    assert sweeping._claim(found.id, runtime().keyring, now=utcnow() + timedelta(seconds=30)) is None
    with unit_of_work() as session:
        session.execute(sa.update(SweepChunk).values(lease_until=utcnow() - timedelta(seconds=1)))
    assert not carry_on(found, host, asked=asked)
    assert len(asked) == 126
    assert not sweeping._record(claimed, [host], now=utcnow())
    fresh()
    assert verdicts(found) == {"192.0.2.1": "new"}
    assert (found.asked, found.found, found.state) == (126, 1, "done")


def test_a_slow_piece_keeps_its_lease_while_its_worker_lives(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "LEASE", timedelta(seconds=0.4))
    found, leases = started(world, allowed(world, "192.0.2.0/29")), []

    def slow(addresses: Sequence[str], _plan: Plan, *, stopped: Callable[[], bool]) -> Iterator[Host]:
        for _address in addresses:
            time.sleep(0.15)
            assert not stopped()
            leases.append(db.session.scalars(sa.select(SweepChunk.lease_until)).one())
            db.session.rollback()
        return iter(())

    assert not sweeping.carry_on(found.id, runtime().keyring, sweeper=slow)
    fresh()
    assert len(set(leases)) > 3
    assert found.state == "done"


def test_a_turn_ends_so_that_visits_have_theirs(world: World) -> None:
    found = started(world, allowed(world))
    turns = 0
    while carry_on(found, turn_s=0):
        turns += 1
    assert (turns, found.state) == (3, "done")


def test_stopping_and_forbidding_end_it_before_the_next_addresses(world: World) -> None:
    spot = allowed(world)
    found = started(world, spot)
    assert carry_on(found, turn_s=0)
    with unit_of_work():
        service.stop_sweep(found, actor=world.actor("emma"), now=world.now)
    asked: list[str] = []
    assert not carry_on(found, asked=asked)
    with pytest.raises(ConflictError), unit_of_work():
        service.stop_sweep(found, actor=world.actor("emma"), now=world.now)
    second = started(world, spot)
    with unit_of_work():
        service.forbid_range(
            db.session.get_one(DiscoveryRange, spot.id), actor=world.actor("admin"), now=world.now
        )
    assert not carry_on(second, asked=asked)
    assert (second.state, asked) == ("refused", [])
    assert "not allowed" in second.error


def test_the_collector_itself_refuses_what_is_outside(world: World) -> None:
    """Even a plan that somebody bent in between sends nothing."""
    found = started(world, allowed(world))

    def bent(addresses: Sequence[str], plan: Plan, **rest: object) -> Iterator[Host]:
        from collectors.discovery.sweep import sweep

        return sweep([*addresses, "198.51.100.1"], plan)

    assert not sweeping.carry_on(found.id, runtime().keyring, sweeper=bent)
    fresh()
    assert found.state == "refused"
    assert "198.51.100.1" in found.error


@pytest.mark.parametrize("prefix", ["127.0.0.0/24", "10.0.0.0/8", "224.0.0.0/24", "nonsense", "192.0.2.1/24"])
def test_ranges_are_allowed_by_administrators_and_within_bounds(world: World, prefix: str) -> None:
    with pytest.raises(InvalidError):
        allowed(world, prefix)
    for who in ("emma", "sam", "rita", "stan"):
        with pytest.raises(NotAllowedError), unit_of_work():
            service.allow_range(world.sites["north-1"], "192.0.2.0/24", actor=world.actor(who), now=world.now)


@pytest.mark.parametrize(
    "values",
    [
        {"methods": ()},
        {"methods": ("telnet",)},
        {"methods": ("tcp",), "tcp_ports": ()},
        {"tcp_ports": (0,)},
        {"tcp_ports": tuple(range(1, 99))},
        {"packets_per_s": 4},
        {"packets_per_s": 9999},
        {"methods": ("snmp",)},
        {"methods": ("snmp",), "credential_id": 999},
    ],
)
def test_a_sweep_that_cannot_be_made_is_refused(world: World, values: dict[str, object]) -> None:
    spot = allowed(world)
    with pytest.raises(InvalidError):
        started(world, spot, **values)
    with pytest.raises(InvalidError, match="SNMP needs a credential"):
        started(world, spot, methods=("snmp",))
    with pytest.raises(InvalidError, match="Tick SNMP"):
        started(world, spot, methods=("icmp",), credential_id=1)
    started(world, spot)
    with pytest.raises(ConflictError):
        started(world, spot)


def test_hosts_become_devices_once_with_their_access(any_world: World) -> None:
    world = any_world
    credential = community(world)
    found = started(world, allowed(world), methods=("snmp",), credential_id=credential.id)
    world.device("core")
    hosts = (
        Host(
            "192.0.2.1", ("snmp",), name="core", platform="vrp", vendor="Huawei", model="S5735", serial="X1"
        ),
        Host("192.0.2.2", ("ssh",), banner="SSH-2.0-OpenSSH_9"),
    )
    carry_on(found, *hosts)
    ids = list(db.session.scalars(sa.select(FoundHost.id).where(FoundHost.verdict == "new")))
    emma = world.actor("emma")
    for expected in (2, 0):
        with unit_of_work():
            assert service.take_over(found, ids, actor=emma, now=world.now) == (expected, [])
    fresh()
    rows = db.session.scalars(
        sa.select(Device).where(Device.address.like("192.0.2.%")).order_by(Device.address)
    ).all()
    assert [(one.name, one.device_class, one.serial) for one in rows] == [
        ("core (192.0.2.1)", "switch", "X1"),
        ("192.0.2.2", "server", ""),
    ]
    assert [(a.protocol, a.credential_id) for a in rows[0].accesses] == [("snmp", credential.id)]
    again = started(world, db.session.scalars(sa.select(DiscoveryRange)).one())
    carry_on(again, *hosts)
    assert set(verdicts(again).values()) == {"known"}
    with pytest.raises(NotFoundError), unit_of_work():
        service.take_over(again, ids, actor=emma, now=world.now)


def test_a_credential_that_is_deleted_ends_the_sweep_that_needs_it(any_world: World) -> None:
    world = any_world
    credential = community(world)
    found = started(world, allowed(world), methods=("snmp",), credential_id=credential.id)
    with unit_of_work():
        remove_credential(db.session.get_one(Credential, credential.id), actor=SYSTEM, now=world.now)
    asked: list[str] = []
    assert not carry_on(found, asked=asked)
    assert (found.state, found.credential_id, asked) == ("refused", None, [])


@contextmanager
def agents(*quirks: Quirks) -> Iterator[int]:
    """Simulated switches on 127.77.1.1 and up, on one free port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.77.1.1", 0))
        port = probe.getsockname()[1]
    every = [
        SnmpAgent(
            mibs.build("switch-huawei", f"sw{number}", number, 1e6),
            "public",
            quirks=quirk,
            address=f"127.77.1.{number}",
            port=port,
        )
        for number, quirk in enumerate(quirks, start=1)
    ]
    with AgentServer(every):
        yield port


def test_simulated_switches_are_found_and_fingerprinted(world: World) -> None:
    credential = community(world)
    spot = allowed(world, "127.77.1.0/29", special=True)
    with agents(Quirks(), Quirks(garbage=True), Quirks(silent=True)) as port:
        found = started(
            world, spot, methods=("snmp",), credential_id=credential.id, snmp_port=port, packets_per_s=200
        )
        assert not sweeping.carry_on(found.id, runtime().keyring)
    fresh()
    assert (found.state, found.error, found.asked) == ("done", "", 6)
    host = db.session.scalars(sa.select(FoundHost)).one()
    assert (host.address, host.answered, host.name) == ("127.77.1.1", ["snmp"], "sw1")
    assert "huawei" in (host.vendor + host.platform).casefold()
    assert host.model
    assert host.serial
    assert host.interfaces > 10
    assert host.neighbours
    assert "public" not in str(found.error) + str(host.description)


def test_the_pages_allow_sweep_show_stop_and_take_over(app: Flask, world: World) -> None:
    admin, emma = Browser(app, "admin"), Browser(app, "emma")
    site = world.sites["north-1"].id
    assert admin.post("/equipment/discovery/", site_id=site, prefix="127.0.0.0/24").status_code == 422
    assert (
        admin.post("/equipment/discovery/", site_id=site, prefix="192.0.2.0/28", note=HOSTILE).status_code
        == 302
    )
    assert emma.post("/equipment/discovery/", site_id=site, prefix="198.51.100.0/28").status_code == 404
    fresh()
    spot = db.session.scalars(sa.select(DiscoveryRange)).one()
    form = {"methods": "icmp", "tcp_ports": "22, 80", "ssh_port": 22, "snmp_port": 161, "packets_per_s": 50}
    path = f"/equipment/discovery/ranges/{spot.id}/sweep"
    assert emma.get(path).status_code == 200
    assert emma.post(path, **form | {"tcp_ports": "80, x"}).status_code == 422
    answer = emma.post(path, **form)
    assert answer.status_code == 302, answer.text
    fresh()
    found = db.session.scalars(sa.select(Sweep)).one()
    page = emma.get(answer.location)
    assert "0 of 14 addresses asked" in page.text
    assert "hx-get" in emma.get(f"{answer.location}?poll=1").text
    carry_on(
        found,
        Host("192.0.2.1", ("icmp",), banner=HOSTILE, name=HOSTILE, description=HOSTILE),
        Host("192.0.2.2", ("icmp",)),
    )
    page = emma.get(answer.location)
    assert "<script>alert" not in page.text
    assert emma.get(f"{answer.location}?poll=1").headers["HX-Refresh"] == "true"
    number = db.session.scalars(sa.select(FoundHost.id).where(FoundHost.address == "192.0.2.2")).one()
    assert emma.post(f"{answer.location}/take-over", host=number).status_code == 302
    fresh()
    assert (
        db.session.scalars(sa.select(Device.name).where(Device.address == "192.0.2.2")).one() == "192.0.2.2"
    )
    assert emma.post(f"{answer.location}/stop").status_code == 302
    assert "over already" in emma.get(answer.location).text
    assert admin.post(f"/equipment/discovery/ranges/{spot.id}/forbid").status_code == 302
    fresh()
    told = set(db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action.like("discovery%"))))
    assert told == {"discovery_range.allowed", "discovery_range.forbidden", "discovery_sweep.started"}


@pytest.mark.parametrize("who", ["rita", "stan", "rolf", "erik"])
def test_nobody_else_sees_or_does_anything(app: Flask, world: World, who: str) -> None:
    spot = allowed(world, site="north-2")
    found = started(world, spot)
    carry_on(found, Host("192.0.2.1", ("icmp",)))
    browser = Browser(app, who)
    for path in (f"{found.id}", f"ranges/{spot.id}/sweep"):
        assert browser.get(f"/equipment/discovery/{path}").status_code == 404
    for path in (f"{found.id}/stop", f"{found.id}/take-over", f"ranges/{spot.id}/forbid"):
        assert browser.post(f"/equipment/discovery/{path}", host=1).status_code == 404
    overview = browser.get("/equipment/discovery/")
    assert overview.status_code == 404 or "192.0.2." not in overview.text


def test_lost_sweeps_are_found_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = started(world, allowed(world))
    queued: list[int] = []
    monkeypatch.setattr(jobs, "enqueue", queued.append)
    assert jobs.sweep_lost() == 1
    with unit_of_work() as session:
        session.execute(sa.update(Sweep).values(enqueued_at=utcnow()))
    assert jobs.sweep_lost() == 0
    with unit_of_work() as session:
        session.execute(sa.update(Sweep).values(enqueued_at=utcnow() - timedelta(minutes=5)))
        session.execute(sa.update(SweepChunk).values(lease_until=utcnow() + timedelta(minutes=1)))
    assert jobs.sweep_lost() == 0
    with unit_of_work() as session:
        session.execute(sa.update(SweepChunk).values(lease_until=None))
    assert jobs.sweep_lost() == 1
    assert queued == [found.id, found.id]


def test_lists_ask_as_often_for_many_as_for_few(app: Flask, world: World) -> None:
    found = started(world, allowed(world, "192.0.2.0/24"))
    emma = Browser(app, "emma")

    def counted() -> list[int]:
        numbers = []
        for path in ("", f"{found.id}", f"{found.id}?show=new"):
            with Queries() as asked:
                assert emma.get(f"/equipment/discovery/{path}").status_code == 200
            numbers.append(asked.count)
        return numbers

    carry_on(found, Host("192.0.2.1", ("icmp",)), turn_s=0)
    few = counted()
    for number in range(1, 30):
        allowed(world, f"198.51.100.{number}/32")
    carry_on(found, *(Host(f"192.0.2.{number}", ("icmp",)) for number in range(40, 200)))
    assert counted() == few
