"""The list of findings narrowed and taken along, and the way from a record to its tickets."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db
from servicedesk.inspections.models import Finding, InspectionRecord
from servicedesk.tickets.models import Ticket
from tests.servicedesk.inspections.play import CRITICAL, OK, WARNING, inspect, judged
from tests.servicedesk.world import Browser, World, fresh

PATH = "/inspections/findings"


@pytest.fixture
def found(world: World) -> World:
    """A critical finding at one site, a warning at another."""
    one, two = (
        world.device("核心 sw1", "north-1", protocol="ssh"),
        world.device("sw2", "north-2", protocol="ssh"),
    )
    inspect(one, [judged(CRITICAL, "/data", 95.0)], world.now)
    inspect(two, [judged(WARNING, "=cmd", 85.0)], world.now)
    fresh()
    return world


def names(page: str) -> set[str]:
    return {name for name in ("核心 sw1", "sw2") if f">{name}</a>" in page}


def test_findings_are_narrowed_by_device_site_and_severity(app: Flask, found: World) -> None:
    browser = Browser(app, "sue")
    assert names(browser.get(PATH).text) == {"核心 sw1", "sw2"}
    assert names(browser.get(f"{PATH}?q=核心").text) == {"核心 sw1"}
    assert names(browser.get(f"{PATH}?site={found.sites['north-2'].id}").text) == {"sw2"}
    assert names(browser.get(f"{PATH}?outcome=critical").text) == {"核心 sw1"}
    assert names(browser.get(f"{PATH}?outcome=nonsense&state=nonsense").text) == {"核心 sw1", "sw2"}
    nothing = browser.get(f"{PATH}?q=sw1&outcome=warning").text
    assert "No finding fits." in nothing
    assert "Nothing abnormal is known." in browser.get(f"{PATH}?state=closed").text
    assert '<input type="hidden" name="state" value="open">' in browser.get(f"{PATH}?state=open").text


def test_the_file_is_the_list_as_it_is_narrowed(app: Flask, found: World) -> None:
    browser = Browser(app, "sue")
    assert "/inspections/findings.csv?outcome=warning" in browser.get(f"{PATH}?outcome=warning").text
    heading, *rows = browser.get(f"{PATH}.csv?outcome=warning").text.strip().splitlines()
    assert heading.lstrip("\ufeff").startswith("Site,Device,Check,Item,State,Severity")
    assert len(rows) == 1
    assert "North site 2,sw2," in rows[0]
    assert ",'=cmd,Abnormal now,Warning," in rows[0]
    assert rows[0].endswith("FLT-000002")
    assert browser.get(f"{PATH}.xlsx").data.startswith(b"PK")


def test_other_clients_findings_are_in_no_file(app: Flask, found: World) -> None:
    assert "sw2" not in Browser(app, "stan").get(f"{PATH}.csv").text
    assert Browser(app, "rita").get(f"{PATH}.csv").status_code == 404


def test_a_record_leads_to_the_tickets_of_what_it_found(app: Flask, found: World) -> None:
    browser = Browser(app, "sue")
    first = db.session.scalars(sa.select(InspectionRecord).order_by(InspectionRecord.id)).first()
    ticket = db.session.scalars(sa.select(Ticket).order_by(Ticket.id)).first()
    assert first is not None
    assert ticket is not None
    link = f'<a href="/tickets/{ticket.id}">{ticket.number}</a>'
    assert link in browser.get(f"/inspections/records/{first.id}").text
    device = first.device
    inspect(device, [judged(OK, "/data")], found.now + timedelta(days=1))
    fresh()
    later = db.session.scalars(
        sa.select(InspectionRecord.id)
        .where(InspectionRecord.device_id == first.device_id)
        .order_by(InspectionRecord.id.desc())
    ).first()
    assert link in browser.get(f"/inspections/records/{first.id}").text
    assert link not in browser.get(f"/inspections/records/{later}").text
    assert (
        db.session.scalars(sa.select(Finding.state).where(Finding.ticket_id == ticket.id)).one()
        == "recovered"
    )
