"""Prefixes nest by themselves, addresses are recorded once, and both are found by an address."""

from __future__ import annotations

import io
import random

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.equipment import interfaces
from servicedesk.equipment.addressing import files, keys, prefixes, queries, service
from servicedesk.equipment.addressing.models import Address, Prefix
from servicedesk.equipment.addressing.prefixes import PrefixData
from servicedesk.equipment.addressing.service import AddressData
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

HOSTILE = "<script>alert(1)</script>"


def prefix(world: World, text: str, client: str = "north", who: str = "", **values: object) -> Prefix:
    actor = world.actor(who) if who else SYSTEM
    with unit_of_work():
        data = PrefixData(text, **values)  # type: ignore[arg-type]  # as named
        return prefixes.save_prefix(None, world.organisations[client].id, data, actor=actor, now=world.now)


def address(world: World, text: str, client: str = "north", who: str = "", **values: object) -> Address:
    actor = world.actor(who) if who else SYSTEM
    with unit_of_work():
        data = AddressData(text, **values)  # type: ignore[arg-type]  # as named
        return service.save_address(None, world.organisations[client].id, data, actor=actor, now=world.now)


def tree(vrf: str = "") -> list[tuple[str, int, int]]:
    fresh()
    rows = db.session.execute(
        sa.select(Prefix.prefix, Prefix.depth, Prefix.used)
        .where(Prefix.vrf == vrf)
        .order_by(Prefix.client_id, Prefix.first, Prefix.length)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]  # three columns each


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.0",
        "10.0.0.1/24",
        "10.0.0.0/33",
        "x",
        "10.0.0.0/-1",
        "1/2/3",
        "::/129",
        "9" * 500,
        "10.0.0.0/ 8",
    ],
)
def test_what_is_no_prefix_is_refused_with_a_sentence(world: World, text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        keys.read_network(text)
    assert refused.value.field == "prefix"


def test_keys_sort_and_contain_as_networks_do() -> None:
    chance = random.Random(7)
    for version, bits in ((4, 32), (6, 128)):
        for _ in range(200):
            network = keys.read_network(_random_network(chance, version, bits))
            key = f"{version}{chance.getrandbits(bits):0{bits // 4}x}"
            inside = network.first <= key <= network.last
            assert ((network.first, network.length) in keys.containers(key)) is inside
            assert keys.read_address(keys.text_of(key))[0] == key


def _random_network(chance: random.Random, version: int, bits: int) -> str:
    length = chance.randrange(0, 12)
    first = chance.getrandbits(length) << (bits - length) if length else 0
    return f"{keys.text_of(f'{version}{first:0{bits // 4}x}')}/{length}"


def test_prefixes_nest_in_whatever_order_they_are_recorded(any_world: World) -> None:
    world = any_world
    for text in ("10.1.2.0/24", "10.0.0.0/8", "2001:db8::/32", "10.1.0.0/16", "0.0.0.0/0", "10.2.0.0/16"):
        prefix(world, text)
    prefix(world, "10.0.0.0/8", vrf="guests")
    prefix(world, "10.0.0.0/8", client="south")
    assert tree() == [
        ("0.0.0.0/0", 0, 0),
        ("10.0.0.0/8", 1, 0),
        ("10.1.0.0/16", 2, 0),
        ("10.1.2.0/24", 3, 0),
        ("10.2.0.0/16", 2, 0),
        ("2001:db8::/32", 0, 0),
        ("10.0.0.0/8", 0, 0),
    ]
    found = db.session.scalars(sa.select(Prefix).where(Prefix.prefix == "10.1.0.0/16")).one()
    with unit_of_work():
        prefixes.remove_prefix(found, actor=SYSTEM, now=world.now)
    assert ("10.1.2.0/24", 2, 0) in tree()
    found = db.session.scalars(
        sa.select(Prefix).where(Prefix.prefix == "10.0.0.0/8", Prefix.vrf == "")
    ).first()
    assert found is not None
    with unit_of_work():
        data = PrefixData("10.1.0.0/16")
        prefixes.save_prefix(found, found.client_id, data, actor=SYSTEM, now=world.now)
    assert tree()[:4] == [
        ("0.0.0.0/0", 0, 0),
        ("10.1.0.0/16", 1, 0),
        ("10.1.2.0/24", 2, 0),
        ("10.2.0.0/16", 1, 0),
    ]


def test_use_is_counted_in_every_prefix_around(any_world: World) -> None:
    world = any_world
    address(world, "10.1.2.3")
    for text in ("10.0.0.0/8", "10.1.2.0/24"):
        prefix(world, text)
    one = address(world, "10.1.2.4")
    address(world, "10.9.9.9")
    address(world, "10.1.2.4", vrf="guests")
    assert tree() == [("10.0.0.0/8", 0, 3), ("10.1.2.0/24", 1, 2)]
    with unit_of_work():
        moved = AddressData("10.1.3.4")
        service.save_address(one, one.client_id, moved, actor=SYSTEM, now=world.now)
    assert tree() == [("10.0.0.0/8", 0, 3), ("10.1.2.0/24", 1, 1)]
    with unit_of_work():
        service.remove_address(db.session.get_one(Address, one.id), actor=SYSTEM, now=world.now)
    assert tree() == [("10.0.0.0/8", 0, 2), ("10.1.2.0/24", 1, 1)]


def test_an_address_is_recorded_once_in_a_clients_vrf(any_world: World) -> None:
    world = any_world
    device = world.device("sw1")
    address(world, "2001:DB8::0:10", device_id=device.id)
    with pytest.raises(InvalidError, match="recorded already, for sw1"):
        address(world, "2001:db8:0:0::10")
    address(world, "2001:db8::10", vrf="guests")
    address(world, "2001:db8::10", client="south")


def test_the_next_free_address_leaves_out_network_gateway_and_what_is_taken(any_world: World) -> None:
    world = any_world
    small = prefix(world, "192.0.2.0/29", gateway="192.0.2.1")
    assert service.next_free(small) == "192.0.2.2"
    for last in (2, 3, 5):
        address(world, f"192.0.2.{last}")
    assert service.next_free(small) == "192.0.2.4"
    for last in (4, 6):
        address(world, f"192.0.2.{last}")
    with pytest.raises(ConflictError, match="No address"):
        service.next_free(small)
    pair = prefix(world, "192.0.2.8/31")
    assert service.next_free(pair) == "192.0.2.8"
    assert service.next_free(prefix(world, "2001:db8::/64")) == "2001:db8::1"


def test_a_device_takes_addresses_on_its_own_interfaces(world: World) -> None:
    device, other = world.device("sw1"), world.device("far", site="south-1")
    with unit_of_work():
        interfaces.add_interfaces(
            device, "Vlan10", kind="virtual", speed_mbps=None, actor=SYSTEM, now=world.now
        )
    one = address(world, "10.0.0.1", device_id=device.id, interface="Vlan10")
    assert one.site_id == device.site_id
    with pytest.raises(InvalidError):
        address(world, "10.0.0.2", device_id=device.id, interface="Vlan99")
    with pytest.raises(InvalidError):
        address(world, "10.0.0.2", device_id=other.id)
    number, interface_id = one.id, one.interface_id
    assert interface_id is not None
    with unit_of_work():
        interfaces.remove_interface(device, interface_id, actor=SYSTEM, now=world.now)
    fresh()
    assert db.session.get_one(Address, number).interface_id is None


def test_who_keeps_one_site_keeps_its_prefixes_alone(app: Flask, world: World) -> None:
    mine = prefix(world, "10.1.0.0/16", who="erik", site_id=world.sites["north-1"].id)
    with pytest.raises(NotAllowedError):
        prefix(world, "10.2.0.0/16", who="erik")
    with pytest.raises(NotAllowedError):
        address(world, "10.2.0.1", who="erik")
    inside = address(world, "10.1.0.1", who="erik")
    whole = prefix(world, "10.0.0.0/8")
    for who, sees in (("erik", False), ("emma", True), ("stan", False), ("rita", False)):
        browser = Browser(app, who)
        assert (browser.get(f"/equipment/networks/{whole.id}").status_code == 200) is sees
        text = browser.get("/equipment/networks/prefixes.csv").text
        assert ("10.0.0.0/8" in text) is sees
    for who in ("stan", "rita", "rolf"):
        browser = Browser(app, who)
        for path in (f"{mine.id}", f"{mine.id}/edit", f"addresses/{inside.id}"):
            assert browser.get(f"/equipment/networks/{path}").status_code == 404
        for path in (f"{mine.id}/remove", f"addresses/{inside.id}/remove"):
            assert browser.post(f"/equipment/networks/{path}").status_code == 404


def test_the_pages_record_find_and_refuse(app: Flask, world: World) -> None:
    emma, device = Browser(app, "emma"), world.device("sw1")
    client = world.organisations["north"].id
    made = emma.post(
        "/equipment/networks/new",
        client_id=client,
        role="",
        prefix="10.1.2.0/24",
        gateway="10.1.2.254",
        vlan_id="12",
        vlan_name=HOSTILE,
        description=HOSTILE,
    )
    assert made.status_code == 302, made.text
    page = emma.get(made.location).text
    assert "10.1.2.1" in page
    for odd in (
        {"prefix": "10.1.2.3/24"},
        {"prefix": "10.1.2.0/24"},
        {"prefix": "10.3.0.0/24", "gateway": "9.9.9.9"},
    ):
        assert emma.post("/equipment/networks/new", client_id=client, role="", **odd).status_code == 422
    number = made.location.rsplit("/", 1)[1]
    form = emma.get(f"/equipment/networks/addresses/new?prefix={number}&address=10.1.2.1").text
    assert 'value="10.1.2.1"' in form
    values = {
        "client_id": client,
        "address": "10.1.2.1",
        "device_id": device.id,
        "dns_name": HOSTILE,
        "state": "active",
    }
    assert emma.post("/equipment/networks/addresses/new", **values).location == made.location
    assert emma.post("/equipment/networks/addresses/new", **values).status_code == 422
    for path in (
        "/equipment/networks/?q=10.1.2.77",
        "/equipment/networks/addresses/?q=10.1.2.0/24",
        made.location,
    ):
        text = emma.get(path).text
        assert "10.1.2." in text
        assert "<script>alert" not in text
    assert "10.1.2.0/24" not in emma.get("/equipment/networks/?q=10.9.9.9").text
    found = emma.get("/search?q=10.1.2.1").text
    assert "sw1" in found
    assert "10.1.2.0/24" in found
    assert "10.1.2.1" in emma.get(f"/equipment/devices/{device.id}?whole=1").text


def test_a_file_that_was_sent_out_is_brought_in_again(app: Flask, world: World) -> None:
    emma, client = Browser(app, "emma"), world.organisations["north"].id
    world.device("sw1")
    first = "prefix,site,vlan_id,description\n10.0.0.0/8,,,all\n10.1.0.0/16,North site 1,10,=1+1\n"
    for what, text, expected in (
        ("prefixes", first, 302),
        ("addresses", "Address,Device,State\n10.1.0.1,sw1,Reserved\n10.1.0.2,,\n", 302),
        ("addresses", "Address,Device\n10.1.0.3,sw1\nnonsense,sw1\n10.1.0.4,nobody\n", 422),
        ("addresses", "Nothing\n1\n", 422),
        ("prefixes", "", 422),
    ):
        answer = emma.post(
            "/equipment/networks/import",
            client_id=client,
            what=what,
            file=(io.BytesIO(text.encode()), "n.csv"),
        )
        assert answer.status_code == expected, answer.text
    assert tree() == [("10.0.0.0/8", 0, 2), ("10.1.0.0/16", 1, 2)]
    for what in ("prefixes", "addresses"):
        content = emma.get(f"/equipment/networks/{what}.xlsx").data
        with unit_of_work():
            made, changed = files.bring_in(content, what, client, actor=SYSTEM, now=world.now)
        assert (made, changed) == (0, 2)
    assert db.session.scalars(sa.select(Address.state).order_by(Address.key)).all() == ["reserved", "active"]


def test_lists_ask_as_often_for_many_as_for_few(app: Flask, world: World) -> None:
    top = prefix(world, "10.0.0.0/8")
    emma = Browser(app, "emma")

    def fill(numbers: range) -> None:
        for number in numbers:
            prefix(world, f"10.{number}.0.0/16")
            address(world, f"10.0.0.{number}")

    def counted() -> list[int]:
        found = []
        for path in ("", f"{top.id}", "addresses/", "addresses/?q=10.0.0.0/24", "?q=10.1.1.1"):
            with Queries() as asked:
                assert emma.get(f"/equipment/networks/{path}").status_code == 200
            found.append(asked.count)
        return found

    fill(range(1, 4))
    few = counted()
    fill(range(4, 60))
    assert counted() == few
    assert queries.is_network("10.0.0.1")
    assert not queries.is_network("core switch")
