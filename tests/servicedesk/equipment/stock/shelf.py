"""Parts and places that tests of stock begin with."""

from __future__ import annotations

from typing import Any

from servicedesk.core.db import unit_of_work
from servicedesk.equipment.stock import booking, catalogue
from servicedesk.equipment.stock.booking import Papers
from servicedesk.equipment.stock.models import Part, StockItem, StockPlace
from tests.servicedesk.world import SYSTEM, World


def part(world: World, name: str = "Disk 1.2 TB", client: str = "north", **values: Any) -> Part:
    with unit_of_work():
        return catalogue.save_part(
            None,
            world.organisations[client].id,
            catalogue.PartData(name, **values),
            actor=SYSTEM,
            now=world.now,
        )


def place(world: World, name: str = "Shelf A", site: str = "north-1") -> StockPlace:
    with unit_of_work():
        data = catalogue.PlaceData(name)
        return catalogue.save_place(None, world.sites[site], data, actor=SYSTEM, now=world.now)


def fill(world: World, kind: Part, where: StockPlace, quantity: int) -> None:
    with unit_of_work():
        booking.receive(kind, where, quantity, papers=Papers("", "DN-1"), actor=SYSTEM, now=world.now)


def pieces(world: World, kind: Part, where: StockPlace, *serials: str) -> list[StockItem]:
    with unit_of_work():
        return booking.receive_serials(kind, where, serials, actor=SYSTEM, now=world.now)
