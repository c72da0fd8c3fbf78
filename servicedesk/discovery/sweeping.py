"""Carries sweeps out, a piece at a time: claims it, asks its addresses, records who answered.

A piece whose worker died is claimed again when its lease ran out; what is recorded
comes with the piece's end in one transaction, so nothing is recorded twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from collectors.discovery import probes
from collectors.discovery.ranges import Allowed, RangeError, hosts_of, network_of, require_allowed
from collectors.discovery.sweep import Host, Plan, sweep
from collectors.messages import N_
from collectors.model import SnmpAccess
from servicedesk.core.clock import utcnow
from servicedesk.core.crypto import DecryptionError, Keyring
from servicedesk.core.db import db, for_update, unit_of_work
from servicedesk.discovery.models import DiscoveryRange, FoundHost, Sweep, SweepChunk
from servicedesk.discovery.service import CHUNK, UNDER_WAY
from servicedesk.equipment.addressing.keys import read_address
from servicedesk.equipment.models import Credential, Device

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)  # extended while its worker lives
TURN_S = 45.0  # a job gives its place back after so long, for the visits that wait
_NO_PING = N_("This collector may send no echo requests, and has no ping: ICMP was not asked.")
_NO_CREDENTIAL = N_("The credential of this sweep was deleted.")
_FORBIDDEN = N_("The range is not allowed any more.")
Sweeper = Callable[..., Iterator[Host]]


@dataclass(frozen=True, slots=True)
class _Claim:
    sweep_id: int
    chunk_id: int
    attempt: int
    addresses: tuple[str, ...]
    plan: Plan


def carry_on(sweep_id: int, keyring: Keyring, *, sweeper: Sweeper = sweep, turn_s: float = TURN_S) -> bool:
    """Ask the next pieces of a sweep for a while; whether there is more to do."""
    until = time.monotonic() + turn_s
    while True:
        claimed = _claim(sweep_id, keyring, now=utcnow())
        if claimed is None:
            return False
        try:
            hosts = list(sweeper(claimed.addresses, claimed.plan, stopped=_Beat(claimed)))
        except RangeError as error:
            _refuse(sweep_id, str(error), now=utcnow())
            return False
        if not _record(claimed, hosts, now=utcnow()):
            return False
        if time.monotonic() >= until:
            return True


class _Beat:
    """Whether the sweep was stopped, asked once a second at most; and a word now and then that we live."""

    def __init__(self, claimed: _Claim) -> None:
        self._claimed, self._answer = claimed, False
        self._asked_at = self._told_at = time.monotonic()

    def __call__(self) -> bool:
        now = time.monotonic()
        if now - self._asked_at >= 1 and not self._answer:
            self._asked_at = now
            state = db.session.scalar(sa.select(Sweep.state).where(Sweep.id == self._claimed.sweep_id))
            db.session.rollback()  # no transaction stays open while devices answer
            self._answer = state not in UNDER_WAY
        if now - self._told_at >= LEASE.total_seconds() / 4:
            self._told_at = now
            self._extend()
        return self._answer

    def _extend(self) -> None:
        with unit_of_work() as session:
            session.execute(
                sa.update(SweepChunk)
                .where(SweepChunk.id == self._claimed.chunk_id, SweepChunk.attempt == self._claimed.attempt)
                .values(lease_until=utcnow() + LEASE)
            )


def _claim(sweep_id: int, keyring: Keyring, *, now: datetime) -> _Claim | None:
    """The next piece, unless another worker is at one of this sweep: its rate is for all of it."""
    with unit_of_work() as session:
        found = session.scalar(for_update(sa.select(Sweep).where(Sweep.id == sweep_id)))
        if found is None or found.state not in UNDER_WAY:
            return None
        chunk = session.scalar(
            sa.select(SweepChunk)
            .where(SweepChunk.sweep_id == sweep_id, SweepChunk.state != "done")
            .order_by(sa.case((SweepChunk.state == "running", 0), else_=1), SweepChunk.number)
            .limit(1)
        )
        if chunk is None or (chunk.lease_until is not None and chunk.lease_until > now):
            return None
        try:
            plan = _plan(found, keyring, now)
        except (DecryptionError, RangeError) as error:
            found.state, found.error, found.finished_at = "refused", str(error)[:300], now
            return None
        if "icmp" in plan.methods and not probes.can_ping():
            found.error = _NO_PING
        network = network_of(found.prefix, special=any(one.special for one in plan.allowed))
        first = chunk.number * CHUNK
        addresses = tuple(islice(hosts_of(network), first, first + CHUNK))
        found.state, chunk.state = "running", "running"
        chunk.attempt, chunk.lease_until = chunk.attempt + 1, now + LEASE
        return _Claim(found.id, chunk.id, chunk.attempt, addresses, plan)


def _plan(found: Sweep, keyring: Keyring, now: datetime) -> Plan:
    """With what is allowed at this moment, not when the sweep was begun.

    Raises:
        RangeError: the range is not allowed any more, or the credential is gone.
        DecryptionError.
    """
    rows = db.session.scalars(sa.select(DiscoveryRange).where(DiscoveryRange.site_id == found.site_id))
    allowed = tuple(Allowed(row.prefix, row.special) for row in rows)
    if not any(one.prefix == found.prefix for one in allowed):
        raise RangeError(_FORBIDDEN)
    if "snmp" in found.methods and found.credential is None:
        raise RangeError(_NO_CREDENTIAL)
    snmp = None
    if found.credential is not None:
        snmp = _access(found.credential, found.snmp_port, keyring)
        found.credential.last_used_at = now
    return Plan(
        allowed,
        tuple(found.methods),
        tuple(found.tcp_ports),
        found.ssh_port,
        snmp,
        packets_per_s=float(found.packets_per_s),
    )


def _access(credential: Credential, port: int, keyring: Keyring) -> SnmpAccess:
    secret = keyring.decrypt(credential.secret)
    return SnmpAccess(
        port=port,
        version="3" if credential.kind == "snmp_v3" else "2c",
        community=secret.get("community", ""),
        user=credential.username,
        auth_protocol=credential.auth_protocol,
        auth_key=secret.get("auth_key", ""),
        priv_protocol=credential.priv_protocol,
        priv_key=secret.get("priv_key", ""),
        timeout_s=1.0,
        retries=1,
    )


def _refuse(sweep_id: int, reason: str, *, now: datetime) -> None:
    with unit_of_work() as session:
        found = session.get_one(Sweep, sweep_id)
        found.state, found.error, found.finished_at = "refused", reason[:300], now


def _record(claimed: _Claim, hosts: Sequence[Host], *, now: datetime) -> bool:
    """Write a piece's result; False when somebody else has the piece by now, or the sweep is over."""
    with unit_of_work() as session:
        found = session.scalars(for_update(sa.select(Sweep).where(Sweep.id == claimed.sweep_id))).one()
        chunk = session.get_one(SweepChunk, claimed.chunk_id)
        if chunk.state != "running" or chunk.attempt != claimed.attempt:
            return False
        _add_hosts(found, hosts)
        chunk.state, chunk.lease_until = "done", None
        found.asked += len(claimed.addresses) if found.state in UNDER_WAY else 0
        found.found += len(hosts)
        session.flush()
        if found.state not in UNDER_WAY:
            return False
        rest = sa.select(SweepChunk.id).where(SweepChunk.sweep_id == found.id, SweepChunk.state != "done")
        if session.scalar(rest.limit(1)) is None:
            _add_silent(found)
            found.state, found.finished_at = "done", now
            return False
        return True


def _add_hosts(found: Sweep, hosts: Sequence[Host]) -> None:
    serials = [host.serial for host in hosts if host.serial]
    rows = db.session.scalars(
        sa.select(Device)
        .where(
            Device.client_id == found.client_id,
            sa.or_(Device.address.in_([host.address for host in hosts]), Device.serial.in_(serials)),
        )
        .order_by(Device.id)
    ).all()
    by_address = {device.address: device for device in rows if device.address}
    by_serial = {device.serial: device for device in rows if device.serial}
    for host in hosts:
        device = by_address.get(host.address) or by_serial.get(host.serial)
        differences = _differences(device, host) if device is not None else []
        verdict = "new" if device is None else "changed" if differences else "known"
        db.session.add(_row(found, host, verdict, device, differences))


def _row(
    found: Sweep, host: Host, verdict: str, device: Device | None, differences: list[list[str]]
) -> FoundHost:
    return FoundHost(
        sweep_id=found.id,
        key=read_address(host.address)[0],
        address=host.address,
        verdict=verdict,
        answered=list(host.answered),
        banner=host.banner[:200],
        name=host.name,
        platform=host.platform,
        vendor=host.vendor,
        model=host.model,
        serial=host.serial,
        version=host.version,
        description=host.description,
        interfaces=host.interfaces,
        neighbours=[
            [one.local_interface[:100], one.remote_name[:100], one.remote_interface[:100]]
            for one in host.neighbours
        ],
        differences=differences,
        device_id=device.id if device is not None else None,
    )


def _differences(device: Device, host: Host) -> list[list[str]]:
    """Fields that the record and the host tell otherwise; what people wrote is looked at loosely."""
    told: tuple[tuple[str, str, str], ...] = (
        ("address", device.address, host.address),
        ("serial", device.serial, host.serial),
        ("model", device.model, host.model),
        ("software_version", device.software_version, host.version),
    )
    return [
        [name, recorded, value]
        for name, recorded, value in told
        if recorded and value and not _alike(recorded, value, exact=name == "address")
    ]


def _alike(recorded: str, value: str, *, exact: bool) -> bool:
    a, b = ("".join(text.casefold().split()) for text in (recorded, value))
    return a == b if exact else a in b or b in a


def _add_silent(found: Sweep) -> None:
    """Active devices of the site that are recorded in the range and did not answer, there or elsewhere."""
    network = network_of(found.prefix, special=True)
    there = db.session.execute(
        sa.select(FoundHost.key, FoundHost.device_id).where(FoundHost.sweep_id == found.id)
    ).all()
    answered, elsewhere = {row.key for row in there}, {row.device_id for row in there}
    rows = db.session.execute(
        sa.select(Device.id, Device.name, Device.address, Device.serial, Device.model).where(
            Device.site_id == found.site_id, Device.state == "active", Device.address != ""
        )
    ).all()
    seen: dict[str, Any] = {}
    for row in rows:
        key = _key_within(row.address, network)
        if key is not None and key not in answered and row.id not in elsewhere:
            seen.setdefault(key, row)
    for key, row in seen.items():
        db.session.add(
            FoundHost(
                sweep_id=found.id,
                key=key,
                address=row.address,
                verdict="silent",
                answered=[],
                name=row.name,
                serial=row.serial,
                model=row.model,
                neighbours=[],
                differences=[],
                device_id=row.id,
            )
        )


def _key_within(address: str, network: Any) -> str | None:
    try:
        require_allowed([address], [Allowed(str(network), special=True)])
    except (RangeError, ValueError):
        return None
    return read_address(address)[0]
