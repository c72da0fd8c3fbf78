"""Imaginary devices as SNMP agents show them: a kind, a name, a seed, a moment and faults."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from collectors.simulator import mib_host, mib_network, mib_power
from collectors.simulator.mib import Mib
from collectors.simulator.mib_device import Device

FAULTS = frozenset(
    {
        "port_down",  # a port in use loses its link
        "errors",  # bad frames on one port
        "hot",
        "fan_failed",
        "psu_failed",
        "cpu_high",
        "memory_high",
        "disk_full",
        "on_battery",
        "battery_old",
        "toner_low",
        "rebooted",  # sysUpTime begins anew
    }
)

_KINDS: dict[str, Callable[[Device], None]] = {
    "switch": mib_network.switch,
    "router": mib_network.router,
    "firewall": mib_network.firewall,
    "ups": mib_power.ups,
    "pdu": mib_power.pdu,
    "printer": mib_power.printer,
    "nas": mib_host.nas,
    "aircon": mib_power.aircon,
    "linux": mib_host.linux,
    # a switch of one maker; plain "switch" takes the maker from the seed
    **{
        f"switch-{one.vendor}": partial(mib_network.switch, vendor=one.vendor) for one in mib_network.FLAVOURS
    },
}
KINDS = tuple(_KINDS)


def build(
    kind: str,
    name: str,
    seed: int,
    t: float,
    faults: Collection[str] = (),
    *,
    error_s: float | None = None,
) -> Mib:
    """A device's objects at one moment; the same arguments give the same objects.

    Args:
        kind: one of ``KINDS``. t: seconds since an epoch: uptime and counters grow with it (a device
            restarts every 200 days). faults: of ``FAULTS``; those that a kind cannot have change nothing.
        error_s: for how many seconds "errors" has lasted in all, so that error counters never go back
            when the fault goes; an hour while the fault is there when not given.
    Raises:
        ValueError: unknown kind or fault.
    """
    unknown = set(faults) - FAULTS
    if kind not in _KINDS or unknown:
        raise ValueError(f"unknown kind or fault: {kind}, {', '.join(sorted(unknown))}")
    if error_s is None:
        error_s = 3600.0 if "errors" in faults else 0.0
    device = Device(name, seed, t, frozenset(faults), error_s)
    _KINDS[kind](device)
    return Mib(device.rows)
