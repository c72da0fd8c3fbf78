"""Web addresses as own checks: defined within bounds, tried by a worker, judged in a record."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors import runner
from collectors.model import WebCheck
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.inspections.models import Finding, LevelSet, ReadingItem
from servicedesk.inspections.outcomes import standard_text
from servicedesk.inspections.own import service, trials
from servicedesk.inspections.own.checks import own_checks_for, spec_of
from servicedesk.inspections.own.models import OwnCheckDefinition, OwnCheckTrial
from servicedesk.inspections.own.service import OwnCheckData
from servicedesk.inspections.runs import start_device
from tests.servicedesk.inspections.play import finish, take
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


class _Portal(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<script>alert(1)</script> state: UP"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Portal)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def data(port: int = 80, web: WebCheck | None = None, **values: object) -> OwnCheckData:
    usual = {"title": "Portal", "kind": "web", "question": f"http://{{address}}:{port}/health"}
    return OwnCheckData(**(usual | {"web": web or WebCheck(text="UP")} | values))  # type: ignore[arg-type]  # by name


def test_an_address_is_defined_and_carried_to_the_devices(any_world: World) -> None:
    world = any_world
    device = world.device(protocol="ssh")
    client_id = world.organisations["north"].id
    with unit_of_work():
        service.save_own_check(
            None, client_id, data(warning=500, critical=2000), actor=world.actor("sam"), now=world.now
        )
    fresh()
    (check,) = own_checks_for(device)
    assert (check.kind, check.web, check.unit) == ("web", WebCheck(text="UP"), "ms")
    assert (check.levels.warning_upper, check.levels.critical_upper) == (500, 2000)


@pytest.mark.parametrize(
    ("values", "web", "field"),
    [
        ({"question": "ftp://x"}, WebCheck(), "question"),
        ({"question": "http://u:p@h/"}, WebCheck(), "question"),
        ({}, WebCheck(status="ok"), "web_status"),
        ({}, WebCheck(text="("), "web_text"),
        ({}, WebCheck(method="DELETE"), "web_method"),
        ({}, WebCheck(verify="ca", ca="x"), "web_ca"),
        ({}, WebCheck(server_name="a\nb"), "web_server_name"),
        ({"warning": 9.0, "critical": 1.0}, WebCheck(), "warning"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    world: World, values: dict[str, object], web: WebCheck, field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        service.checked(world.organisations["north"].id, data(web=web, **values))
    assert refused.value.field == field


def test_without_limits_the_standard_is_the_definition(app: Flask, world: World) -> None:
    with unit_of_work():
        made = service.save_own_check(
            None, world.organisations["north"].id, data(), actor=SYSTEM, now=world.now
        )
    with app.test_request_context():
        told = standard_text(spec_of(made.check), None)
        judged = standard_text(spec_of(made.check), LevelSet(warning_upper=300))
    assert told == "Answers in time with the status and the text of its definition"
    assert judged == "Below 300 ms"


def test_a_trial_asks_the_server_and_shows_what_it_said(app: Flask, world: World, port: int) -> None:
    device = world.device(protocol="ssh")
    sam = Browser(app, "sam")
    page = sam.post(
        "/inspections/own-checks/new", title="Portal", kind="web", question=f"http://{{address}}:{port}/x",
        web_status="200", web_text="state: UP", web_method="GET", web_verify="system", scale="1",
        direction="upper",
        applies_to="*", device_id=device.id, **{"try": "1"},
    )  # fmt: skip
    assert page.status_code == 200
    fresh()
    trial = db.session.scalars(sa.select(OwnCheckTrial)).one()
    assert trials.run_trial(trial.id, runtime().keyring)
    fresh()
    shown = sam.get(f"/inspections/own-checks/trials/{trial.id}").text
    assert "Status 200" in shown
    # What was asked is one thing, what it is judged as another: the trial itself is not called normal.
    assert "carried out" in shown.split("<table", 1)[0]
    assert "response time" in shown
    assert "<script>alert" not in shown


def test_a_record_holds_its_items_and_no_answer_is_a_finding(any_world: World, port: int) -> None:
    world = any_world
    device = world.device(protocol="ssh")
    with unit_of_work():
        client_id = world.organisations["north"].id
        found = service.save_own_check(None, client_id, data(port), actor=world.actor("sam"), now=world.now)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            nobody: int = listener.getsockname()[1]
        other = data(nobody, title="Nobody")
        silent = service.save_own_check(None, client_id, other, actor=world.actor("sam"), now=world.now)
        names = (found.check, silent.check)
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=world.now)
    claimed = take(run, world.now + timedelta(seconds=1))
    target = replace(claimed[1], accesses=())
    assert finish(claimed, runner.visit(target), world.now + timedelta(seconds=5))
    fresh()
    rows = db.session.execute(
        sa.select(ReadingItem.check, ReadingItem.item, ReadingItem.unit).where(ReadingItem.check.in_(names))
    ).all()
    assert {tuple(row) for row in rows} == {
        (names[0], "answer", ""), (names[0], "response time", "ms"), (names[1], "answer", ""),
    }  # fmt: skip
    (open_one,) = db.session.scalars(sa.select(Finding).where(Finding.check.in_(names)))
    assert (open_one.check, open_one.item, open_one.outcome) == (names[1], "answer", "critical")


def test_the_form_keeps_and_changes_a_definition(app: Flask, world: World) -> None:
    sam = Browser(app, "sam")
    values = {
        "title": "Portal", "kind": "web", "question": "https://{address}/", "web_status": " 200 - 299 , 401",
        "web_method": "HEAD", "web_verify": "no", "web_follow": "y", "scale": "1", "direction": "upper",
        "applies_to": "*",
    }  # fmt: skip
    assert sam.post("/inspections/own-checks/new", **values).status_code == 302
    fresh()
    found = db.session.scalars(sa.select(OwnCheckDefinition)).one()
    assert found.web is not None
    assert (found.web["status"], found.web["follow"], found.web["verify"]) == ("200-299,401", True, "no")
    page = sam.get(f"/inspections/own-checks/{found.id}").text
    assert "200-299,401" in page
    refused = sam.post(f"/inspections/own-checks/{found.id}", **(values | {"question": "http://a:b@c/"}))
    assert refused.status_code == 422
    assert "must not hold a user" in refused.text
    assert "https://{address}/" in sam.get("/inspections/own-checks/").text


@pytest.mark.parametrize("who", ["emma", "erik", "stan", "rita"])
def test_nobody_else_defines_one(world: World, who: str) -> None:
    client_id = world.organisations["north"].id
    with pytest.raises(NotAllowedError), unit_of_work():
        service.save_own_check(None, client_id, data(), actor=world.actor(who), now=world.now)
