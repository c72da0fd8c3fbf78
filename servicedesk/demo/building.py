"""Makes the demonstration's organisations, people, places, devices, and the simulator's site file."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.orm import Session

from collectors.simulator.site import host_key_of
from collectors.transports.ssh_keys import fingerprint, key_line
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.permissions import Role
from servicedesk.core.runtime import runtime
from servicedesk.demo import texts
from servicedesk.demo.devices_content import DEVICES, DemoDevice
from servicedesk.demo.equipping import arrange, equip
from servicedesk.demo.licensing import license_software
from servicedesk.demo.stocking import maintain, repair, stock
from servicedesk.equipment.credentials import save_credential
from servicedesk.equipment.models import Credential, Device, Rack, Room
from servicedesk.equipment.service import DeviceData, decide_host_key, note_host_key, save_access, save_device
from servicedesk.inspections.files.service import FilesData, save_list
from servicedesk.inspections.half_years import DEEP
from servicedesk.inspections.models import InspectionPlan
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.required import DEEP_REQUIRED
from servicedesk.organisations.models import OPERATOR, Organisation, Site
from servicedesk.organisations.service import add_department, save_contract, save_organisation, save_site
from servicedesk.staff.models import User
from servicedesk.staff.service import create_user, grant_role

PASSWORD = "demo-pass-2026"  # noqa: S105 - of a demonstration whose devices do not exist
ACTOR = Actor.system("demo")
HISTORY = timedelta(days=92)
SSH_PORT, SNMP_PORT = 10022, 10161
COMMUNITY, SSH_USER, SSH_PASSWORD = "demo-read", "inspector", "inspect-me"
V3 = {
    "name": "demo-v3",
    "auth_protocol": "SHA",
    "auth_key": "demo-auth-key",
    "priv_protocol": "AES",
    "priv_key": "demo-priv-key",
}


@dataclass(slots=True)
class Cast:
    """Who and what the demonstration is made of, by key."""

    chinese: bool
    organisations: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    plans: dict[str, InspectionPlan] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)  # of the site file, by device name


def build(now: datetime) -> Cast:
    """Everything but the past."""
    cast = Cast(chinese=runtime().settings.locale == "zh_CN")
    then = now - HISTORY - timedelta(days=30)
    _organisations(cast, then)
    _people(cast, then)
    _devices(cast, then)
    client_id = cast.organisations["client"].id
    equip(cast.devices, client_id=client_id, chinese=cast.chinese, then=then, today=now.date())
    stock(cast.devices, cast.sites["hq"], chinese=cast.chinese, then=then)
    license_software(
        cast.devices, cast.sites["hq"].client_id, chinese=cast.chinese, then=then, today=now.date()
    )
    repair(cast.devices, chinese=cast.chinese, now=now)
    maintain(cast.sites["hq"], chinese=cast.chinese, now=now)
    files = FilesData("client", "\n".join(texts.CHOSEN_FILES), texts.FILES_REASON.say(cast.chinese))
    save_list(None, client_id, files, actor=ACTOR, now=then)
    for key, site in cast.sites.items():
        data = PlanData(site_id=site.id, name=texts.PLAN.say(cast.chinese), by_calendar=True)
        cast.plans[key] = save_plan(None, data, actor=ACTOR, now=now - HISTORY)
        deep = PlanData(
            site_id=site.id,
            name=texts.DEEP_PLAN.say(cast.chinese),
            kind=DEEP,
            by_calendar=True,
            opens_on=140,
            open_days=20,
            required=DEEP_REQUIRED,
        )
        save_plan(None, deep, actor=ACTOR, now=now)
    path = runtime().settings.data / "demo-site.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(list(cast.entries.values()), indent=1), encoding="utf-8")
    return cast


def _organisations(cast: Cast, then: datetime) -> None:
    operator = Organisation(kind=OPERATOR, name=texts.OPERATOR.say(cast.chinese), created_at=then)
    db.session.add(operator)
    cast.organisations["operator"] = operator
    for kind, name in (("client", texts.CLIENT), ("service", texts.SERVICE)):
        cast.organisations[kind] = save_organisation(
            None, kind=kind, name=name.say(cast.chinese), active=True, actor=ACTOR, now=then
        )
    client = cast.organisations["client"]
    db.session.flush()
    for key, (name, address) in texts.SITES.items():
        cast.sites[key] = save_site(
            None,
            client=client,
            name=name.say(cast.chinese),
            address=address.say(cast.chinese),
            timezone=runtime().settings.timezone,
            active=True,
            actor=ACTOR,
            now=then,
        )
    save_contract(
        None,
        client=client,
        service=cast.organisations["service"],
        number="IT-2026-017",
        title=texts.CONTRACT.say(cast.chinese),
        starts_on=then.date().replace(month=1, day=1),
        ends_on=date(then.year + 1, 12, 31),
        actor=ACTOR,
        now=then,
    )
    db.session.flush()


def _people(cast: Cast, then: datetime) -> None:
    client = cast.organisations["client"]
    departments = {
        key: add_department(client, name=name.say(cast.chinese), actor=ACTOR, now=then)
        for key, name in texts.DEPARTMENTS.items()
    }
    db.session.flush()
    for username, name, organisation, department, roles in texts.PEOPLE:
        user, _password = create_user(
            ACTOR,
            organisation=cast.organisations[organisation],
            username=username,
            display_name=name.say(cast.chinese),
            email=f"{username}@example.org",
            department=departments.get(department),
            password=PASSWORD,
            now=then,
        )
        db.session.flush()
        for role, site in roles:
            grant_role(user, Role(role), actor=ACTOR, now=then, site=cast.sites.get(site))
        cast.users[username] = user


def _devices(cast: Cast, then: datetime) -> None:
    rooms, racks = _places(cast, then)
    arrange(rooms, racks, now=then)
    credentials = _credentials(cast, then)
    net = _free_network()
    counters = {"hq": 10, "east": 10}
    for spec in DEVICES:
        counters[spec.site] += 1
        address = f"127.{net}.{1 if spec.site == 'hq' else 2}.{counters[spec.site]}" if _asked(spec) else ""
        engineer = "zhangwei" if spec.site == "hq" else "liuyang"
        data = DeviceData(
            name=spec.name,
            site_id=cast.sites[spec.site].id,
            device_class=spec.device_class,
            address=address,
            room_id=rooms[spec.room].id if spec.room else None,
            rack_id=racks[spec.room, spec.rack].id if spec.rack else None,
            rack_unit=spec.unit or None,
            height_u=spec.height,
            responsible_id=cast.users[engineer].id,
            standby_id=cast.users["chenjing"].id,
            warranty_until=date(then.year + crc32(spec.name.encode()) % 4, 6, 30),
            asset_tag=f"BJ-{crc32(spec.name.encode()) % 90000 + 10000}",
        )
        device = save_device(None, data, actor=ACTOR, now=then)
        db.session.flush()
        cast.devices[spec.name] = device
        if _asked(spec):
            cast.entries[spec.name] = _reach(device, spec, credentials, then)
    db.session.flush()


def _asked(spec: DemoDevice) -> bool:
    return spec.trouble != "no_access"


def _places(cast: Cast, then: datetime) -> tuple[dict[str, Room], dict[tuple[str, int], Rack]]:
    client_id = cast.organisations["client"].id
    rooms: dict[str, Room] = {}
    racks: dict[tuple[str, int], Rack] = {}
    session: Session = db.session()
    for key, (site, name, count) in texts.ROOMS.items():
        room = Room(
            client_id=client_id, site_id=cast.sites[site].id, name=name.say(cast.chinese), created_at=then
        )
        session.add(room)
        session.flush()
        rooms[key] = room
        for number in range(1, count + 1):
            label = texts.RACK.say(cast.chinese).format(number=number)
            rack = Rack(client_id=client_id, room_id=room.id, name=label, created_at=then)
            session.add(rack)
            racks[key, number] = rack
    session.flush()
    return rooms, racks


def _credentials(cast: Cast, then: datetime) -> dict[str, Credential]:
    secrets: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
        "2c": ("snmp_community", {}, {"community": COMMUNITY}),
        "3": (
            "snmp_v3",
            {
                "username": V3["name"],
                "auth_protocol": V3["auth_protocol"],
                "priv_protocol": V3["priv_protocol"],
            },
            {"auth_key": V3["auth_key"], "priv_key": V3["priv_key"]},
        ),
        "ssh": ("ssh_password", {"username": SSH_USER}, {"password": SSH_PASSWORD}),
        "old": ("ssh_password", {"username": SSH_USER}, {"password": "no longer right"}),
        "other": ("snmp_community", {}, {"community": "somebody-else"}),
    }
    names = {
        "2c": "SNMP v2c",
        "3": "SNMP v3",
        "ssh": "SSH inspector",
        "old": "SSH (old)",
        "other": "SNMP v2c (old)",
    }
    return {
        key: save_credential(
            None,
            client_id=cast.organisations["client"].id,
            name=names[key],
            kind=kind,
            secret=secret,
            keyring=runtime().keyring,
            actor=ACTOR,
            now=then,
            **public,
        )
        for key, (kind, public, secret) in secrets.items()
    }


def _reach(
    device: Device, spec: DemoDevice, credentials: dict[str, Credential], then: datetime
) -> dict[str, Any]:
    """Record how the device is asked; returns its entry in the simulator's site file."""
    db.session.flush()
    entry: dict[str, Any] = {
        "name": spec.name,
        "address": device.address,
        "kind": spec.kind,
        "seed": crc32(spec.name.encode()),
        "faults": [asdict(fault) for fault in spec.faults],
    }
    if spec.ssh:
        entry |= {"transport": "ssh", "port": SSH_PORT, "users": {SSH_USER: SSH_PASSWORD}}
        credential = credentials["old" if spec.trouble == "wrong_secret" else "ssh"]
        access = save_access(
            device, protocol="ssh", port=SSH_PORT, credential=credential, actor=ACTOR, now=then
        )
        db.session.flush()
        if spec.trouble != "new_key":
            shown = host_key_of(spec.name, entry["seed"])
            key = note_host_key(access, key_line(shown), fingerprint(shown.asbytes()), now=then)
            decide_host_key(key, approve=True, actor=ACTOR, now=then)
        return entry
    entry |= {"transport": "snmp", "port": SNMP_PORT, "community": COMMUNITY}
    if spec.snmp == "3":
        entry["v3"] = [V3]
    credential = credentials["other" if spec.trouble == "silent" else spec.snmp]
    save_access(device, protocol="snmp", port=SNMP_PORT, credential=credential, actor=ACTOR, now=then)
    return entry


def _free_network() -> int:
    """The second octet of a loopback network nobody uses, so that two demonstrations can run at once."""
    for net in range(20, 100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((f"127.{net}.1.11", SNMP_PORT))  # the first device, asked over SNMP
            except OSError:
                continue
            return net
    raise OSError("no free loopback network between 127.20 and 127.99")


def named_user(username: str) -> User:
    """An account by its user name."""
    return db.session.scalars(sa.select(User).where(User.username == username)).one()
