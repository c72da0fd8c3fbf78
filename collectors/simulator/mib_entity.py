"""Hardware, sensors and neighbours: ENTITY-MIB, ENTITY-SENSOR-MIB, LLDP-MIB."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.simulator.mib_device import MIB_2, Device
from collectors.transports.ber import Oid

# ENTITY-MIB PhysicalClass (RFC 6933)
CHASSIS, POWER_SUPPLY, FAN, SENSOR, MODULE, PORT = 3, 6, 7, 8, 9, 10

# ENTITY-SENSOR-MIB EntitySensorDataType (RFC 3433)
VOLTS_AC, AMPERES, WATTS, CELSIUS, PERCENT_RH, RPM = 3, 5, 6, 8, 9, 10
_UNITS, _MILLI = 9, 8  # EntitySensorDataScale
_OK, _NONOPERATIONAL = 1, 3  # EntitySensorStatus


@dataclass(frozen=True, slots=True)
class Part:
    """A row of entPhysicalTable."""

    index: int
    name: str
    kind: int
    parent: int = 0
    model: str = ""
    serial: str = ""
    description: str = ""
    vendor: str = ""
    software: str = ""


def parts(device: Device, *rows: Part) -> None:
    """ENTITY-MIB entPhysicalTable."""
    for position, part in enumerate(rows, 1):

        def column(number: int, part: Part = part) -> Oid:
            return (*MIB_2, 47, 1, 1, 1, 1, number, part.index)

        device.text(column(2), part.description or part.name)  # entPhysicalDescr
        device.oid(column(3), (0, 0))  # entPhysicalVendorType
        device.number(column(4), part.parent)  # entPhysicalContainedIn
        device.number(column(5), part.kind)  # entPhysicalClass
        device.number(column(6), position)  # entPhysicalParentRelPos
        device.text(column(7), part.name)  # entPhysicalName
        device.text(column(8), "VER.A" if part.model else "")  # entPhysicalHardwareRev
        device.text(column(9), "")  # entPhysicalFirmwareRev
        device.text(column(10), part.software)  # entPhysicalSoftwareRev
        device.text(column(11), part.serial)  # entPhysicalSerialNum
        device.text(column(12), part.vendor)  # entPhysicalMfgName
        device.text(column(13), part.model)  # entPhysicalModelName
        device.number(column(16), 1 if part.serial else 2)  # entPhysicalIsFRU


def sensor(
    device: Device, index: int, kind: int, value: float, *, milli: bool = False, working: bool = True
) -> None:
    """ENTITY-SENSOR-MIB entPhySensorTable: one row for a part that is a sensor."""
    base = (*MIB_2, 99, 1, 1, 1)
    device.number((*base, 1, index), kind)  # entPhySensorType
    device.number((*base, 2, index), _MILLI if milli else _UNITS)  # entPhySensorScale
    device.number((*base, 3, index), 0)  # entPhySensorPrecision
    device.number((*base, 4, index), round(value * 1000 if milli else value))  # entPhySensorValue
    device.number((*base, 5, index), _OK if working else _NONOPERATIONAL)  # entPhySensorOperStatus
    device.text((*base, 6, index), "")  # entPhySensorUnitsDisplay
    device.time_ticks((*base, 7, index), device.ticks)  # entPhySensorValueTimeStamp
    device.gauge((*base, 8, index), 10)  # entPhySensorValueUpdateRate, seconds


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What another device says of itself on a port."""

    port: int
    port_name: str
    name: str
    remote_port: str
    description: str = ""


def lldp(device: Device, *neighbours: Neighbour) -> None:
    """LLDP-MIB lldpLocalSystemData, lldpLocPortTable and lldpRemTable (IEEE 802.1AB)."""
    base: Oid = (1, 0, 8802, 1, 1, 2, 1)
    device.number((*base, 3, 1, 0), 4)  # lldpLocChassisIdSubtype: macAddress
    device.text((*base, 3, 2, 0), device.mac(0))  # lldpLocChassisId
    device.text((*base, 3, 3, 0), device.name)  # lldpLocSysName
    for number, near in enumerate(neighbours, 1):
        local = (*base, 3, 7, 1)
        device.number((*local, 2, near.port), 5)  # lldpLocPortIdSubtype: interfaceName
        device.text((*local, 3, near.port), near.port_name)  # lldpLocPortId
        device.text((*local, 4, near.port), near.port_name)  # lldpLocPortDesc
        remote, at = (*base, 4, 1, 1), (0, near.port, number)
        device.number((*remote, 4, *at), 4)  # lldpRemChassisIdSubtype
        device.text((*remote, 5, *at), bytes((2, 0x2A, device.seed % 256, 0, 0, number)))  # lldpRemChassisId
        device.number((*remote, 6, *at), 5)  # lldpRemPortIdSubtype
        device.text((*remote, 7, *at), near.remote_port)  # lldpRemPortId
        device.text((*remote, 8, *at), near.remote_port)  # lldpRemPortDesc
        device.text((*remote, 9, *at), near.name)  # lldpRemSysName
        device.text((*remote, 10, *at), near.description)  # lldpRemSysDesc
        device.text((*remote, 11, *at), b"\x28\x00")  # lldpRemSysCapSupported: bridge, router
        device.text((*remote, 12, *at), b"\x20\x00")  # lldpRemSysCapEnabled: bridge
