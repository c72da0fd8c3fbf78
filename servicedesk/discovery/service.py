"""What people decide: which ranges may be swept, a sweep, its end, and who is taken over into the record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from collectors.discovery.ranges import RangeError, hosts_of, network_of
from collectors.discovery.sweep import METHODS
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import translate
from servicedesk.discovery.models import DiscoveryRange, FoundHost, Sweep, SweepChunk
from servicedesk.equipment.models import Credential, Device
from servicedesk.equipment.service import DeviceData, save_access, save_device
from servicedesk.organisations.models import Site

CHUNK = 32  # addresses asked and recorded together
UNDER_WAY = ("queued", "running")
SNMP_KINDS = ("snmp_community", "snmp_v3")
_FIELDS = ("prefix", "special", "note")
MAX_PORTS = 20


@dataclass(frozen=True, slots=True)
class SweepData:
    """How a range is to be asked."""

    methods: tuple[str, ...] = ("icmp",)
    tcp_ports: tuple[int, ...] = (22, 80, 443)
    ssh_port: int = 22
    snmp_port: int = 161
    credential_id: int | None = None
    packets_per_s: int = 50


def allow_range(
    site: Site, prefix: str, *, special: bool = False, note: str = "", actor: Actor, now: datetime
) -> DiscoveryRange:
    """Allow a range of a site to be swept.

    Raises:
        NotAllowedError: only who manages organisations allows ranges.
        InvalidError: not a range that can be swept, or allowed already.
    """
    if not actor.allows(Permission.ORGANISATION_MANAGE, site.client_id, site.id):
        raise NotAllowedError
    try:
        network = str(network_of(prefix, special=special))
    except RangeError as error:
        raise InvalidError(translate(str(error)), "prefix") from None
    known = sa.select(DiscoveryRange.id).where(
        DiscoveryRange.site_id == site.id, DiscoveryRange.prefix == network
    )
    if db.session.scalar(known) is not None:
        raise InvalidError(_("%(prefix)s is allowed already.", prefix=network), "prefix")
    discovery_range = DiscoveryRange(
        client_id=site.client_id,
        site_id=site.id,
        prefix=network,
        special=special,
        note=note.strip()[:200],
        allowed_by=actor.name,
        created_at=now,
    )
    db.session.add(discovery_range)
    db.session.flush()
    after = audit.snapshot(discovery_range, _FIELDS)
    audit.record(actor, "discovery_range.allowed", discovery_range, now=now, label=network, after=after)
    return discovery_range


def forbid_range(discovery_range: DiscoveryRange, *, actor: Actor, now: datetime) -> None:
    """Take a permission back; sweeps under way there end before their next addresses."""
    if not actor.allows(Permission.ORGANISATION_MANAGE, discovery_range.client_id, discovery_range.site_id):
        raise NotAllowedError
    before = audit.snapshot(discovery_range, _FIELDS)
    label = discovery_range.prefix
    audit.record(actor, "discovery_range.forbidden", discovery_range, now=now, label=label, before=before)
    db.session.delete(discovery_range)
    db.session.flush()


def start_sweep(discovery_range: DiscoveryRange, data: SweepData, *, actor: Actor, now: datetime) -> Sweep:
    """Queue a sweep of an allowed range; a worker carries it out.

    Raises:
        NotAllowedError: not the actor's site to keep.
        InvalidError: no method, a port or rate out of bounds, or no credential for SNMP.
        ConflictError: one is under way there.
    """
    if not actor.allows(Permission.DEVICE_EDIT, discovery_range.client_id, discovery_range.site_id):
        raise NotAllowedError
    _check(discovery_range, data)
    busy = sa.select(Sweep.id).where(
        Sweep.site_id == discovery_range.site_id,
        Sweep.prefix == discovery_range.prefix,
        Sweep.state.in_(UNDER_WAY),
    )
    if db.session.scalar(busy.limit(1)) is not None:
        raise ConflictError(_("A sweep of %(prefix)s is under way.", prefix=discovery_range.prefix))
    total = sum(1 for _host in hosts_of(network_of(discovery_range.prefix, special=discovery_range.special)))
    sweep = Sweep(
        client_id=discovery_range.client_id,
        site_id=discovery_range.site_id,
        prefix=discovery_range.prefix,
        methods=[one for one in METHODS if one in data.methods],
        tcp_ports=list(data.tcp_ports),
        ssh_port=data.ssh_port,
        snmp_port=data.snmp_port,
        credential_id=data.credential_id if "snmp" in data.methods else None,
        packets_per_s=data.packets_per_s,
        total=total,
        started_by=actor.name,
        created_at=now,
    )
    db.session.add(sweep)
    db.session.flush()
    numbers = range(-(-total // CHUNK))
    db.session.execute(
        sa.insert(SweepChunk),
        [{"sweep_id": sweep.id, "number": number, "state": "queued", "attempt": 0} for number in numbers],
    )
    after = {"prefix": sweep.prefix, "methods": sweep.methods, "packets_per_s": sweep.packets_per_s}
    audit.record(actor, "discovery_sweep.started", sweep, now=now, label=sweep.prefix, after=after)
    return sweep


def _check(discovery_range: DiscoveryRange, data: SweepData) -> None:
    if not data.methods or not set(data.methods) <= set(METHODS):
        raise InvalidError(_("Choose at least one way to ask."), "methods")
    ports = (*data.tcp_ports, data.ssh_port, data.snmp_port)
    if len(data.tcp_ports) > MAX_PORTS or not all(1 <= port <= 65535 for port in ports):
        raise InvalidError(_("Give at most %(count)s ports from 1 to 65535.", count=MAX_PORTS), "tcp_ports")
    if "tcp" in data.methods and not data.tcp_ports:
        raise InvalidError(_("Give at least one port."), "tcp_ports")
    if not 5 <= data.packets_per_s <= 1000:
        raise InvalidError(_("Give 5 to 1,000 questions a second."), "packets_per_s")
    if "snmp" not in data.methods:
        if data.credential_id:  # else somebody waits for names and models that nobody asks for
            raise InvalidError(_("Tick SNMP, or choose no credential for it."), "methods")
        return
    if not data.credential_id:
        raise InvalidError(_("SNMP needs a credential: choose one."), "credential_id")
    credential = db.session.get(Credential, data.credential_id)
    if credential is None or credential.client_id != discovery_range.client_id:
        raise InvalidError(_("Choose a credential of the same client."), "credential_id")
    if credential.kind not in SNMP_KINDS:
        raise InvalidError(_("Choose a credential for SNMP."), "credential_id")


def stop_sweep(sweep: Sweep, *, actor: Actor, now: datetime) -> None:
    """End a sweep; what was found stays.

    Raises:
        NotAllowedError, ConflictError: it is over already.
    """
    if not actor.allows(Permission.DEVICE_EDIT, sweep.client_id, sweep.site_id):
        raise NotAllowedError
    sweep = db.session.scalars(for_update(sa.select(Sweep).where(Sweep.id == sweep.id))).one()
    if sweep.state not in UNDER_WAY:
        raise ConflictError(_("This sweep is over already."))
    sweep.state, sweep.finished_at = "stopped", now
    audit.record(actor, "discovery_sweep.stopped", sweep, now=now, label=sweep.prefix)


def take_over(
    sweep: Sweep, host_ids: Collection[int], *, actor: Actor, now: datetime
) -> tuple[int, list[str]]:
    """Register the chosen new hosts as devices; how many, and sentences about those that were not.

    A host that became a device before, or whose address or serial number has one by now, stays as it is.

    Raises:
        NotAllowedError: not the actor's site to keep.
        NotFoundError: a host of another sweep.
    """
    if not actor.allows(Permission.DEVICE_EDIT, sweep.client_id, sweep.site_id):
        raise NotAllowedError
    wanted = sorted(set(host_ids))
    hosts = db.session.scalars(
        for_update(sa.select(FoundHost).where(FoundHost.sweep_id == sweep.id, FoundHost.id.in_(wanted)))
    ).all()
    if len(hosts) != len(wanted):
        raise NotFoundError
    made, refused = 0, []
    for host in hosts:
        if host.device_id is not None:
            continue
        known = _known(sweep.client_id, host)
        if known is not None:
            host.device_id, host.verdict = known, "known"
            continue
        try:
            _register(sweep, host, actor=actor, now=now)
            made += 1
        except DomainError as error:
            refused.append(f"{host.address}: {error}")
    db.session.flush()
    return made, refused


def _known(client_id: int, host: FoundHost) -> int | None:
    same = [Device.address == host.address]
    if host.serial:
        same.append(Device.serial == host.serial)
    return db.session.scalar(
        sa.select(Device.id).where(Device.client_id == client_id, sa.or_(*same)).order_by(Device.id).limit(1)
    )


def _register(sweep: Sweep, host: FoundHost, *, actor: Actor, now: datetime) -> None:
    name = host.name or host.address
    taken = sa.select(Device.id).where(Device.client_id == sweep.client_id, Device.name == name)
    if db.session.scalar(taken) is not None:
        name = f"{name[:150]} ({host.address})"
    data = DeviceData(
        name,
        sweep.site_id,
        class_of(host),
        address=host.address,
        vendor=host.vendor,
        model=host.model,
        serial=host.serial,
        software_version=host.version,
    )
    with db.session.begin_nested():
        device = save_device(None, data, actor=actor, now=now)
        db.session.flush()
        if sweep.credential is not None and "snmp" in host.answered:
            save_access(
                device,
                protocol="snmp",
                port=sweep.snmp_port,
                credential=sweep.credential,
                actor=actor,
                now=now,
            )
    host.device_id, host.imported, host.verdict = device.id, True, "known"


_CLASSES = (
    ("printer", ("jetdirect", "printer", "laserjet")),
    ("ups", ("ups", "apc")),
    ("firewall", ("fortigate", "fortios", "panos", "asa", "firewall", "hillstone", "sangfor", "topsec")),
    ("router", ("router", "isr", "junos mx")),
    (
        "switch",
        ("ios", "nxos", "vrp", "comware", "ruijie", "rgos", "procurve", "junos", "switch", "huawei", "h3c"),
    ),
    ("storage", ("dsm", "qnap", "netapp", "nas")),
    ("server", ("linux", "windows", "esxi", "freebsd", "openssh")),
)


def class_of(host: FoundHost) -> str:
    """The class of device that its platform suggests; people correct it in the record."""
    words = " ".join((host.platform, host.description, host.banner)).casefold()
    return next((name for name, hints in _CLASSES if any(hint in words for hint in hints)), "other")
