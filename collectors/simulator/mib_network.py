"""Switches, routers and firewalls in the flavours of several makers."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.simulator import mib_vendors
from collectors.simulator.mib_device import DOWN, ENTERPRISES, UP, VLAN, Device, Port, addresses, interfaces
from collectors.simulator.mib_device import system as system_group
from collectors.simulator.mib_entity import (
    CELSIUS,
    CHASSIS,
    FAN,
    MODULE,
    PORT,
    POWER_SUPPLY,
    RPM,
    SENSOR,
    Neighbour,
    Part,
    lldp,
    parts,
    sensor,
)
from collectors.transports.ber import Oid


@dataclass(frozen=True, slots=True)
class Flavour:
    """How a maker names things. ``access``/``uplink``: port names with the number left open."""

    vendor: str
    maker: str
    description: str
    object_id: Oid
    model: str
    serial: str
    access: str
    uplink: str
    vlan: str
    software: str


FLAVOURS = (
    Flavour(
        "huawei",
        "Huawei Technologies Co., Ltd.",
        "S5735-L48T4X-A1\r\nHuawei Versatile Routing Platform Software\r\nVRP (R) software,Version 5.170"
        " (S5735 V200R021C00SPC600)\r\nCopyright (C) 2007 Huawei Technologies Co., Ltd.",
        (*ENTERPRISES, 2011, 2, 23, 772),
        "S5735-L48T4X-A1",
        "2102352",
        "GigabitEthernet0/0/{}",
        "XGigabitEthernet0/0/{}",
        "Vlanif{}",
        "V200R021C00SPC600",
    ),
    Flavour(
        "h3c",
        "H3C",
        "H3C Comware Platform Software, Software Version 7.1.070, Release 6628P22\r\nH3C S5560X-54C-EI\r\n"
        "Copyright (c) 2004-2021 New H3C Technologies Co., Ltd. All rights reserved.",
        (*ENTERPRISES, 25506, 1, 2184),
        "S5560X-54C-EI",
        "210235A",
        "GigabitEthernet1/0/{}",
        "Ten-GigabitEthernet1/0/{}",
        "Vlan-interface{}",
        "Release 6628P22",
    ),
    Flavour(
        "cisco",
        "Cisco Systems, Inc.",
        "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E7, RELEASE SOFTWARE"
        " (fc2)\r\nTechnical Support: http://www.cisco.com/techsupport",
        (*ENTERPRISES, 9, 1, 1208),
        "WS-C2960X-48TS-L",
        "FOC2134",
        "GigabitEthernet1/0/{}",
        "TenGigabitEthernet1/0/{}",
        "Vlan{}",
        "15.2(7)E7",
    ),
    Flavour(
        "ruijie",
        "Ruijie Networks",
        "Ruijie Full Gigabit Routing Switch(S5750C-48GT4XS-H) By Ruijie Networks",
        (*ENTERPRISES, 4881, 1, 1, 10, 1, 186),
        "S5750C-48GT4XS-H",
        "G1NW",
        "GigabitEthernet 0/{}",
        "TenGigabitEthernet 0/{}",
        "VLAN {}",
        "RGOS 12.5(4)B0702",
    ),
)
_BY_VENDOR = {flavour.vendor: flavour for flavour in FLAVOURS}
_UPLINKS = 4
# entPhysicalIndex: far from the ports' own
_BOX, _BOARD, _PSU, _FANS, _PROBE = 1, 2, 11, 21, 31
_PORT_PARTS = 1000


def switch(device: Device, vendor: str = "") -> None:
    """An access switch: 24 or 48 ports, four uplinks, a VLAN interface."""
    flavour = _BY_VENDOR[vendor] if vendor else FLAVOURS[device.seed % len(FLAVOURS)]
    system_group(device, flavour.description, flavour.object_id, services=6)
    count = device.rng.choice((24, 48))
    ports = _switch_ports(device, flavour, count)
    interfaces(device, ports)
    addresses(device, (f"10.10.{device.octet}.{device.seed % 250 + 1}", ports[-1].index, "255.255.255.0"))
    _hardware(device, flavour, ports)
    _neighbours(device, flavour, ports, count)
    mib_vendors.add(device, flavour.vendor, _BOARD)


def router(device: Device) -> None:
    """A branch router: six routed ports, one of them to the provider."""
    flavour = FLAVOURS[device.seed % 3]
    system_group(device, flavour.description, flavour.object_id, services=78)
    ports = tuple(
        Port(
            number,
            flavour.access.format(number),
            "to provider" if number == 1 else f"LAN {number}" if number < 5 else "",
            admin=UP if number < 5 else DOWN,
            oper=UP if number < 4 or (number == 4 and not device.has("port_down")) else DOWN,
            rate=2_500_000.0 / number,
            error_rate=3.0 if number == 1 else 0.0,
        )
        for number in range(1, 7)
    )
    interfaces(device, ports)
    addresses(
        device,
        *((f"10.{50 + port.index}.{device.octet}.1", port.index, "255.255.255.0") for port in ports[:4]),
    )
    _hardware(device, flavour, ports)
    _neighbours(device, flavour, ports, 3)
    mib_vendors.add(device, flavour.vendor, _BOARD)


def firewall(device: Device) -> None:
    """A FortiGate: FORTINET-FORTIGATE-MIB fgSystem and fgHwSensors."""
    system_group(device, "Edge firewall", (*ENTERPRISES, 12356, 101, 1, 1041), services=78)
    ports = tuple(
        Port(
            number,
            name,
            alias,
            oper=DOWN if name == "dmz" and device.has("port_down") else UP,
            rate=3_000_000.0 / number,
            error_rate=3.0 if name == "wan1" else 0.0,
        )
        for number, (name, alias) in enumerate(
            (("wan1", "provider A"), ("wan2", "provider B"), ("dmz", "servers"), ("lan", "core switch")), 1
        )
    )
    interfaces(device, ports)
    addresses(device, (f"10.60.{device.octet}.1", 4, "255.255.255.0"))
    mib_vendors.fortigate(device)
    _neighbours(device, FLAVOURS[0], ports, 1)


def _switch_ports(device: Device, flavour: Flavour, count: int) -> tuple[Port, ...]:
    ports: list[Port] = []
    broken = 1 + device.rng.randrange(count // 2)
    for number in range(1, count + 1):
        used = number <= count // 2 or device.rng.random() < 0.4
        failed = number == broken and device.has("port_down")
        ports.append(
            Port(
                number,
                flavour.access.format(number),
                f"desk {number:02d}" if used else "",
                admin=UP if used else DOWN,
                oper=UP if used and not failed else DOWN,
                rate=device.rng.uniform(500, 60_000) if used else 0.0,
                error_rate=4.0 if number == 1 else 0.0,
            )
        )
    for number in range(1, _UPLINKS + 1):
        connected = number <= 2
        ports.append(
            Port(
                count + number,
                flavour.uplink.format(count + number if flavour.vendor in ("h3c", "ruijie") else number),
                f"uplink {number}" if connected else "",
                speed_bps=10_000_000_000,
                admin=UP if connected else DOWN,
                oper=UP if connected else DOWN,
                rate=device.rng.uniform(200_000, 4_000_000) if connected else 0.0,
            )
        )
    ports.append(Port(count + 20, flavour.vlan.format(100), "management", type=VLAN, rate=300.0))
    return tuple(ports)


def _hardware(device: Device, flavour: Flavour, ports: tuple[Port, ...]) -> None:
    """ENTITY-MIB rows and their sensors. A failed fan stands still; a failed supply gives no sensor."""
    rows = [
        Part(
            _BOX,
            flavour.model,
            CHASSIS,
            0,
            flavour.model,
            device.serial(flavour.serial),
            f"{flavour.model} chassis",
            flavour.maker,
            flavour.software,
        ),
        Part(_BOARD, f"{flavour.model} main board", MODULE, _BOX, flavour.model, software=flavour.software),
    ]
    for number in range(2):
        psu_serial = device.serial("PSU", number)
        rows.append(
            Part(_PSU + number, f"Power supply {number + 1}", POWER_SUPPLY, _BOX, "PAC150", psu_serial)
        )
        rows.append(Part(_FANS + number, f"Fan {number + 1}", FAN, _BOX))
        rows.append(Part(_PROBE + 1 + number, f"Fan {number + 1} speed", SENSOR, _FANS + number))
        stopped = number == 0 and device.has("fan_failed")
        speed = 0 if stopped else device.wave(5200, 200, number)
        sensor(device, _PROBE + 1 + number, RPM, speed, working=not stopped)
    rows.append(Part(_PROBE, "Board temperature", SENSOR, _BOARD))
    sensor(device, _PROBE, CELSIUS, mib_vendors.temperature(device))
    rows += [Part(_PORT_PARTS + port.index, port.name, PORT, _BOARD) for port in ports if port.type != VLAN]
    parts(device, *rows)


def _neighbours(device: Device, flavour: Flavour, ports: tuple[Port, ...], first: int) -> None:
    """The core switch, behind the uplinks that are up."""
    near = [
        Neighbour(
            port.index,
            port.name,
            f"core-{number}",
            f"XGigabitEthernet1/0/{device.seed % 40 + 1}",
            "Core switch",
        )
        for number, port in enumerate((port for port in ports[first : first + 2] if port.oper == UP), 1)
    ]
    lldp(device, *near)
