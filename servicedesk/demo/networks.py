"""The demonstration's networks: a few prefixes, and addresses of its devices in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network

from servicedesk.core.actor import Actor
from servicedesk.demo.equipment_content import EAST_SERVERS, FLOOR_SWITCHES, SERVERS
from servicedesk.demo.texts import T
from servicedesk.discovery.service import allow_range
from servicedesk.equipment.addressing.prefixes import PrefixData, save_prefix
from servicedesk.equipment.addressing.service import AddressData, save_address
from servicedesk.equipment.models import Device

ACTOR = Actor.system("demo")


@dataclass(frozen=True, slots=True)
class DemoPrefix:
    """``at``: a device of the site it belongs to; ``devices``: with an address in it from the tenth."""

    prefix: str
    description: T
    role: str = "container"
    vlan: int | None = None
    vlan_name: str = ""
    gateway: str = ""
    at: str = "SW-CORE-1"
    devices: tuple[str, ...] = ()


PREFIXES = (
    DemoPrefix("10.20.0.0/16", T("总部", "Headquarters")),
    DemoPrefix(
        "10.20.1.0/24",
        T("网络设备管理", "Management of network gear"),
        "management",
        101,
        "MGMT",
        "10.20.1.1",
        devices=("SW-CORE-1", "SW-CORE-2", *FLOOR_SWITCHES, "RT-1", "FW-1"),
    ),
    DemoPrefix(
        "10.20.8.0/23", T("业务服务器", "Servers"), "servers", 108, "SRV", "10.20.8.1", devices=SERVERS
    ),
    DemoPrefix("10.20.16.0/20", T("办公终端", "Desks"), "users", 116, "OFFICE", "10.20.16.1"),
    DemoPrefix("10.21.0.0/16", T("东区", "East site"), at="SW-E-CORE"),
    DemoPrefix(
        "10.21.8.0/24",
        T("东区服务器", "Servers"),
        "servers",
        208,
        "SRV-E",
        "10.21.8.1",
        "SW-E-CORE",
        EAST_SERVERS,
    ),
    DemoPrefix("2001:db8:20::/48", T("总部 IPv6", "Headquarters, IPv6")),
)


def lay_out(devices: Mapping[str, Device], *, client_id: int, chinese: bool, then: datetime) -> None:
    """Record prefixes and addresses, and allow the headquarters' simulated devices to be discovered."""
    note = T(
        "模拟设备：SNMP 端口 10161，SSH 端口 10022", "Simulated devices: SNMP port 10161, SSH port 10022"
    )
    site = devices["SW-CORE-1"].site
    simulated = str(ip_network(f"{devices['SW-CORE-1'].address}/24", strict=False))
    allow_range(site, simulated, special=True, note=note.say(chinese), actor=ACTOR, now=then)
    for one in PREFIXES:
        data = PrefixData(
            one.prefix,
            site_id=devices[one.at].site_id,
            role=one.role,
            vlan_id=one.vlan,
            vlan_name=one.vlan_name,
            gateway=one.gateway,
            description=one.description.say(chinese),
        )
        save_prefix(None, client_id, data, actor=ACTOR, now=then)
        base = one.prefix.partition("/")[0].rpartition(".")[0]
        for number, name in enumerate(one.devices, start=10):
            address = AddressData(
                f"{base}.{number}",
                dns_name=f"{name.lower()}.example.net",
                device_id=devices[name].id,
            )
            save_address(None, client_id, address, actor=ACTOR, now=then)
