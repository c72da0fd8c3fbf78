"""What of a client's parts, repairs and maintenance has a number in an address; part of ``belongings``."""

from __future__ import annotations

from datetime import timedelta

from servicedesk.core.db import unit_of_work
from servicedesk.equipment.models import Device
from servicedesk.equipment.software import licences, products, seats
from servicedesk.equipment.stock import booking
from servicedesk.equipment.stock.catalogue import PartData, PlaceData, save_part, save_place
from servicedesk.equipment.stocktaking import service as stocktaking
from servicedesk.maintenance.service import PlanData, save_plan
from servicedesk.organisations.models import Site
from servicedesk.repairs.costs import Line, add_line
from servicedesk.repairs.returns.service import ReturnData, send
from servicedesk.repairs.service import RepairData, open_repair
from servicedesk.tickets.models import Ticket
from tests.servicedesk.world import SYSTEM, World


def kept(world: World, place: Site, device: Device, ticket: Ticket, name: str) -> dict[str, int]:
    """A part with a piece on a shelf and one at its supplier, a repair with a cost, a plan."""
    now, today = world.now, world.now.date()
    with unit_of_work():
        shelf = save_place(None, place, PlaceData(f"shelf of {name}"), actor=SYSTEM, now=now)
        data = PartData(f"part of {name}", f"maker of {name}", serialised=True)
        part = save_part(None, place.client_id, data, actor=SYSTEM, now=now)
        piece, broken = booking.receive_serials(
            part, shelf, [f"{name}-S1", f"{name}-S2"], actor=SYSTEM, now=now
        )
        repair = open_repair(device, RepairData(f"{name} hums"), ticket=ticket, actor=SYSTEM, now=now)
        line = add_line(repair, Line("other", f"taxi to {name}", "1", "5"), actor=SYSTEM, now=now)
        back = ReturnData(f"supplier of {name}", "dead", today, today + timedelta(days=9))
        sent = send(broken, back, actor=SYSTEM, now=now)
        yearly = PlanData(f"upkeep of {name}", "device", "day", today, every=300, device_id=device.id)
        plan = save_plan(None, place, yearly, actor=SYSTEM, now=now)
        taking = stocktaking.begin(place, None, actor=SYSTEM, now=now)
        seen, _again = stocktaking.count(taking, device, actor=SYSTEM, now=now)
        product = products.save_product(
            None, place.client_id, products.ProductData(f"software of {name}"), actor=SYSTEM, now=now
        )
        products.install(product, device, version=f"version of {name}", actor=SYSTEM, now=now)
        right = licences.LicenceData(product.id, f"licence of {name}", quantity=2)
        licence = licences.save_licence(None, place.client_id, right, actor=SYSTEM, now=now)
        seat = seats.assign(licence, seats.Wanted(device_id=device.id), actor=SYSTEM, now=now)
        return {
            "product_id": product.id,
            "licence_id": licence.id,
            "seat_id": seat.id,
            "taking_id": taking.id,
            "counted_line_id": seen.id,
            "place_id": shelf.id,
            "part_id": part.id,
            "piece_id": piece.id,
            "repair_id": repair.id,
            "line_id": line.id,
            "return_id": sent.id,
            "maintenance_id": plan.id,
        }
