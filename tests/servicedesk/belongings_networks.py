"""A client's modules, networks and what a sweep found; part of ``belongings``."""

from __future__ import annotations

from servicedesk.core.db import unit_of_work
from servicedesk.discovery.models import FoundHost
from servicedesk.discovery.service import SweepData, allow_range, start_sweep
from servicedesk.equipment.addressing.prefixes import PrefixData, save_prefix
from servicedesk.equipment.addressing.service import AddressData, save_address
from servicedesk.equipment.models import Device
from servicedesk.equipment.modules import ModuleData, save_module
from servicedesk.organisations.models import Site
from tests.servicedesk.world import SYSTEM, World


def networks(world: World, place: Site, device: Device, name: str) -> dict[str, int]:
    """A module of the device, a prefix of the place with an address, a range and a sweep of it."""
    with unit_of_work() as session:
        data = ModuleData("slot 1", serial=f"serial of {name}")
        module = save_module(device, None, data, actor=SYSTEM, now=world.now)
        prefix = save_prefix(
            None,
            place.client_id,
            PrefixData("192.0.2.0/24", vrf=f"of {name}", site_id=place.id, description=f"net of {name}"),
            actor=SYSTEM,
            now=world.now,
        )
        address = save_address(
            None,
            place.client_id,
            AddressData("192.0.2.1", vrf=f"of {name}", dns_name=f"{name}.example.net", device_id=device.id),
            actor=SYSTEM,
            now=world.now,
        )
        spot = allow_range(place, "192.0.2.0/29", note=f"range of {name}", actor=SYSTEM, now=world.now)
        sweep = start_sweep(spot, SweepData(), actor=SYSTEM, now=world.now)
        host = FoundHost(
            sweep_id=sweep.id,
            key="4c0000201",
            address="192.0.2.1",
            verdict="new",
            answered=["icmp"],
            name=f"host of {name}",
            neighbours=[],
            differences=[],
        )
        session.add(host)
        session.flush()
        return {
            "module_id": module.id,
            "prefix_id": prefix.id,
            "address_id": address.id,
            "range_id": spot.id,
            "sweep_id": sweep.id,
        }
