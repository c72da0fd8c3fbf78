"""The room: UPS (RFC 1628), power strip, air conditioning, printer (RFC 3805)."""

from __future__ import annotations

from collectors.simulator.mib_device import ENTERPRISES, MIB_2, Device, management_port, system
from collectors.simulator.mib_entity import (
    AMPERES,
    CELSIUS,
    CHASSIS,
    FAN,
    PERCENT_RH,
    RPM,
    SENSOR,
    VOLTS_AC,
    Part,
    parts,
    sensor,
)
from collectors.transports.ber import Oid

_UPS: Oid = (*MIB_2, 33, 1)
_RPDU: Oid = (*ENTERPRISES, 318, 1, 1, 12)
_PRINTER: Oid = (*MIB_2, 43)


def ups(device: Device) -> None:
    """UPS-MIB (RFC 1628). "on_battery": the mains have failed; "battery_old": the battery must go."""
    system(device, "UPS SNMP Card HRPM06 V1.24", (*ENTERPRISES, 2254, 2, 4))
    management_port(device)
    on_battery, old = device.has("on_battery"), device.has("battery_old")
    device.text((*_UPS, 1, 1, 0), "Delta")  # upsIdentManufacturer
    device.text((*_UPS, 1, 2, 0), "RT-10K")  # upsIdentModel
    device.text((*_UPS, 1, 3, 0), "V02.11")  # upsIdentUPSSoftwareVersion
    device.text((*_UPS, 1, 4, 0), "V1.24")  # upsIdentAgentSoftwareVersion
    device.text((*_UPS, 1, 5, 0), device.name)  # upsIdentName
    _battery(device, on_battery, old)
    _mains(device, on_battery)
    _alarms(device, on_battery, old)


def _battery(device: Device, on_battery: bool, old: bool) -> None:
    seconds = int(60 + device.t % 240) if on_battery else 0
    charge = max(5, 96 - seconds // 5) if on_battery else 100
    minutes = 4 if old else max(2, 38 * charge // 100)
    device.number((*_UPS, 2, 1, 0), 3 if minutes < 5 else 2)  # upsBatteryStatus: 2 normal, 3 low
    device.number((*_UPS, 2, 2, 0), seconds)  # upsSecondsOnBattery
    device.number((*_UPS, 2, 3, 0), minutes)  # upsEstimatedMinutesRemaining
    device.number((*_UPS, 2, 4, 0), charge)  # upsEstimatedChargeRemaining, %
    device.number((*_UPS, 2, 5, 0), 2400 if on_battery else 2730)  # upsBatteryVoltage, 0.1 V
    device.number((*_UPS, 2, 6, 0), 105 if on_battery else 0)  # upsBatteryCurrent, 0.1 A
    device.number((*_UPS, 2, 7, 0), 47 if device.has("hot") else device.wave(26, 1.5, 1))  # °C


def _mains(device: Device, on_battery: bool) -> None:
    volts = 0 if on_battery else device.wave(231, 3, 2)
    device.counter((*_UPS, 3, 1, 0), device.uptime_s // 2_592_000 + on_battery)  # upsInputLineBads
    device.number((*_UPS, 3, 2, 0), 1)  # upsInputNumLines
    device.number((*_UPS, 3, 3, 1, 1, 1), 1)  # upsInputLineIndex
    device.number((*_UPS, 3, 3, 1, 2, 1), 0 if on_battery else 500)  # upsInputFrequency, 0.1 Hz
    device.number((*_UPS, 3, 3, 1, 3, 1), volts)  # upsInputVoltage
    device.number((*_UPS, 3, 3, 1, 4, 1), 0 if on_battery else 150)  # upsInputCurrent, 0.1 A
    device.number((*_UPS, 4, 1, 0), 5 if on_battery else 3)  # upsOutputSource: 3 normal, 5 battery
    device.number((*_UPS, 4, 2, 0), 500)  # upsOutputFrequency, 0.1 Hz
    device.number((*_UPS, 4, 3, 0), 1)  # upsOutputNumLines
    device.number((*_UPS, 4, 4, 1, 1, 1), 1)  # upsOutputLineIndex
    device.number((*_UPS, 4, 4, 1, 2, 1), 230)  # upsOutputVoltage
    device.number((*_UPS, 4, 4, 1, 3, 1), 148)  # upsOutputCurrent, 0.1 A
    device.number((*_UPS, 4, 4, 1, 4, 1), 3100)  # upsOutputPower, W
    device.number((*_UPS, 4, 4, 1, 5, 1), device.wave(36, 6, 3))  # upsOutputPercentLoad


def _alarms(device: Device, on_battery: bool, old: bool) -> None:
    known = (*_UPS, 6, 3)  # upsWellKnownAlarms: 1 upsAlarmBatteryBad, 2 upsAlarmOnBattery
    present = [(*known, 1)] * old + [(*known, 2)] * on_battery
    device.gauge((*_UPS, 6, 1, 0), len(present))  # upsAlarmsPresent
    for number, alarm in enumerate(present, 1):
        device.number((*_UPS, 6, 2, 1, 1, number), number)  # upsAlarmId
        device.oid((*_UPS, 6, 2, 1, 2, number), alarm)  # upsAlarmDescr
        device.time_ticks((*_UPS, 6, 2, 1, 3, number), device.ticks)  # upsAlarmTime


def pdu(device: Device) -> None:
    """A power strip: PowerNet-MIB rPDUIdent and rPDULoadStatusTable, and a temperature probe."""
    description = "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.8.2 PN:apc_hw05_aos_682.bin MN:AP8853)"
    system(device, description, (*ENTERPRISES, 318, 1, 3, 4, 6))
    management_port(device)
    device.text((*_RPDU, 1, 1, 0), device.name)  # rPDUIdentName
    device.text((*_RPDU, 1, 3, 0), "v6.8.2")  # rPDUIdentFirmwareRev
    device.text((*_RPDU, 1, 5, 0), "AP8853")  # rPDUIdentModelNumber
    device.text((*_RPDU, 1, 6, 0), device.serial("5A"))  # rPDUIdentSerialNumber
    device.number((*_RPDU, 1, 8, 0), 1)  # rPDUIdentDeviceNumPhases
    amperes = device.wave(7.5, 1.5, 1)
    device.number((*_RPDU, 2, 3, 1, 1, 1, 1), 1)  # rPDULoadStatusIndex
    device.gauge((*_RPDU, 2, 3, 1, 1, 2, 1), amperes * 10)  # rPDULoadStatusLoad, 0.1 A
    device.number((*_RPDU, 2, 3, 1, 1, 3, 1), 1)  # rPDULoadStatusLoadState: normal
    device.number((*_RPDU, 2, 3, 1, 1, 4, 1), 1)  # rPDULoadStatusPhaseNumber
    parts(
        device,
        Part(1, "Rack PDU", CHASSIS, 0, "AP8853", device.serial("5A"), vendor="APC"),
        Part(2, "Phase 1 current", SENSOR, 1),
        Part(3, "Phase 1 voltage", SENSOR, 1),
        Part(4, "Rack temperature", SENSOR, 1),
    )
    sensor(device, 2, AMPERES, amperes, milli=True)
    sensor(device, 3, VOLTS_AC, device.wave(231, 3, 2))
    sensor(device, 4, CELSIUS, 43 if device.has("hot") else device.wave(25, 1.5, 3))


def aircon(device: Device) -> None:
    """Precision air conditioning: ENTITY-SENSOR-MIB temperatures, humidity and fans (RFC 3433)."""
    system(device, "Precision cooling unit, network card v3.2", (*ENTERPRISES, 476, 1, 42))
    management_port(device)
    hot, stopped = device.has("hot"), device.has("fan_failed")
    serial = device.serial("CRV")
    parts(
        device,
        Part(1, "Cooling unit", CHASSIS, 0, "CRV-035", serial, vendor="Liebert", software="3.2.1"),
        Part(2, "Return air temperature", SENSOR, 1),
        Part(3, "Supply air temperature", SENSOR, 1),
        Part(4, "Return air humidity", SENSOR, 1),
        Part(5, "Fan 1", FAN, 1),
        Part(6, "Fan 1 speed", SENSOR, 5),
        Part(7, "Fan 2", FAN, 1),
        Part(8, "Fan 2 speed", SENSOR, 7),
    )
    sensor(device, 2, CELSIUS, 36 if hot else device.wave(24, 1, 1))
    sensor(device, 3, CELSIUS, 29 if hot else device.wave(18, 1, 2))
    sensor(device, 4, PERCENT_RH, device.wave(48, 4, 3))
    sensor(device, 6, RPM, 0 if stopped else device.wave(1800, 60, 4), working=not stopped)
    sensor(device, 8, RPM, device.wave(1800, 60, 5))


def printer(device: Device) -> None:
    """Printer-MIB (RFC 3805) and hrPrinterTable (RFC 2790)."""
    description = "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153,EEPROM JSI24170012"
    system(device, description, (*ENTERPRISES, 11, 2, 3, 9, 1), services=64)
    management_port(device)
    resources = (*MIB_2, 25, 3)
    device.oid((*resources, 2, 1, 2, 1), (*resources, 1, 5))  # hrDeviceType: hrDevicePrinter
    device.text((*resources, 2, 1, 3, 1), "HP LaserJet M507dn")  # hrDeviceDescr
    device.number((*resources, 2, 1, 5, 1), 2)  # hrDeviceStatus: running
    device.number((*resources, 5, 1, 1, 1), 3)  # hrPrinterStatus: idle
    low = device.has("toner_low")
    device.text((*resources, 5, 1, 2, 1), b"\x20" if low else b"\x00")  # lowToner is bit 2
    device.text((*_PRINTER, 5, 1, 1, 16, 1), device.name)  # prtGeneralPrinterName
    device.text((*_PRINTER, 5, 1, 1, 17, 1), device.serial("CNB"))  # prtGeneralSerialNumber
    device.number((*_PRINTER, 8, 2, 1, 9, 1, 1), 550)  # prtInputMaxCapacity
    device.number((*_PRINTER, 8, 2, 1, 10, 1, 1), device.wave(300, 200, 1, 86400))  # prtInputCurrentLevel
    device.text((*_PRINTER, 8, 2, 1, 13, 1, 1), "Tray 2")  # prtInputName
    device.counter((*_PRINTER, 10, 2, 1, 4, 1, 1), device.uptime_s // 40)  # prtMarkerLifeCount
    black = 60 if low else 400 + int(device.wave(300, 200, 2, 30 * 86400))
    # Fuser: -3, "some is left"; the maker does not measure it (RFC 3805, prtMarkerSuppliesLevel).
    supplies = (("Black Cartridge", 3, 1000, black), ("Maintenance Kit", 15, -2, -3))
    for number, (name, kind, capacity, level) in enumerate(supplies, 1):
        base = (*_PRINTER, 11, 1, 1)
        device.number((*base, 2, 1, number), 1)  # prtMarkerSuppliesMarkerIndex
        device.number((*base, 3, 1, number), number % 2)  # prtMarkerSuppliesColorantIndex
        device.number((*base, 4, 1, number), 3)  # prtMarkerSuppliesClass: consumed
        device.number((*base, 5, 1, number), kind)  # prtMarkerSuppliesType: 3 toner, 15 fuser
        device.text((*base, 6, 1, number), name)  # prtMarkerSuppliesDescription
        device.number((*base, 7, 1, number), 7)  # prtMarkerSuppliesSupplyUnit: impressions
        device.number((*base, 8, 1, number), capacity)  # prtMarkerSuppliesMaxCapacity
        device.number((*base, 9, 1, number), level)  # prtMarkerSuppliesLevel
    device.text((*_PRINTER, 12, 1, 1, 4, 1, 1), "black")  # prtMarkerColorantValue
    device.text((*_PRINTER, 16, 5, 1, 2, 1, 1), "Black cartridge low" if low else "Ready")  # console
