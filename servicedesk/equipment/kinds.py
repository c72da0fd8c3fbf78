"""The words of the equipment domain, with their labels: classes, life-cycle, credential kinds."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

DEVICE_CLASSES: dict[str, LazyString] = {
    "server": _l("Server"),
    "virtual_machine": _l("Virtual machine"),
    "hypervisor": _l("Hypervisor"),
    "switch": _l("Switch"),
    "router": _l("Router"),
    "wireless": _l("Wireless controller or access point"),
    "firewall": _l("Firewall"),
    "security": _l("Security appliance"),
    "load_balancer": _l("Load balancer"),
    "storage": _l("Storage"),
    "bmc": _l("Server management board"),
    "database": _l("Database"),
    "middleware": _l("Web or middleware service"),
    "ups": _l("UPS"),
    "pdu": _l("Power distribution"),
    "air_conditioner": _l("Precision air conditioner"),
    "environment": _l("Environment monitor"),
    "audio_video": _l("Audio, video and meeting room"),
    "pc": _l("PC"),
    "printer": _l("Printer"),
    "other": _l("Other"),
}

DEVICE_STATES: dict[str, LazyString] = {
    "planned": _l("Planned"),
    "in_stock": _l("In stock"),
    "active": _l("Active"),
    "in_repair": _l("In repair"),
    "retired": _l("Retired"),
    "disposed": _l("Disposed"),
}

CREDENTIAL_KINDS: dict[str, LazyString] = {
    "snmp_community": _l("SNMP community (v1, v2c)"),
    "snmp_v3": _l("SNMPv3 user"),
    "ssh_password": _l("SSH password"),
    "ssh_key": _l("SSH private key"),
}

PROTOCOL_KINDS: dict[str, tuple[str, ...]] = {
    "snmp": ("snmp_community", "snmp_v3"),
    "ssh": ("ssh_password", "ssh_key"),
    "local": (),
}
PROTOCOLS: dict[str, LazyString | str] = {"snmp": "SNMP", "ssh": "SSH", "local": _l("On this machine")}
DEFAULT_PORTS = {"snmp": 161, "ssh": 22, "local": 0}

HOST_KEY_STATES: dict[str, LazyString] = {
    "pending": _l("Waiting for approval"),
    "approved": _l("Approved"),
    "rejected": _l("Rejected"),
}
