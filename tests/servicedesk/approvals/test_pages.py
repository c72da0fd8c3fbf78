"""Approvals in the browser."""

from __future__ import annotations

import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask, g, render_template_string

from servicedesk.approvals import effects, seats
from servicedesk.approvals.models import ApprovalChain, ApprovalDefinition, ApprovalDelegation
from servicedesk.approvals.panel import panel
from servicedesk.core.db import db, unit_of_work
from tests.servicedesk.approvals.play import decide, define, role, seat_of, start, step
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.test_plan_pages import form_values as values_of
from tests.servicedesk.world import Browser, World, fresh


def form_values(html: str) -> dict[str, list[str]]:
    """What a browser would send back, without its own token."""
    found = {name: [unescape(one) for one in values] for name, values in values_of(html).items()}
    return {name: values for name, values in found.items() if name != "csrf_token"}


@pytest.fixture
def chain(world: World) -> ApprovalChain:
    define(
        world, step(role("change_authority")), step(role("supervisor"), send_back=["requester", "earlier"])
    )
    return start(world)


def test_what_waits_is_listed_and_counted_in_the_menu(app: Flask, world: World, chain: ApprovalChain) -> None:
    browser = Browser(app, "carl")
    page = browser.get("/approvals/").text
    assert "Thing 1 of north" in page
    assert 'title="1 waits for you"' in page
    assert browser.post(f"/approvals/{chain.id}/decide", seat_id=seat_of(world, chain, "carl").id,
                        decision="approved", reason="fine").location == f"/approvals/{chain.id}"  # fmt: skip
    assert "Nothing waits" in browser.get("/approvals/").text
    assert "nav-badge" not in browser.get("/approvals/").text
    assert "Thing 1 of north" in browser.get("/approvals/?list=decided").text


def test_a_rejection_without_a_reason_loses_nothing(app: Flask, world: World, chain: ApprovalChain) -> None:
    browser = Browser(app, "carl")
    path, seat = f"/approvals/{chain.id}/decide", seat_of(world, chain, "carl").id
    answer = browser.post(path, seat_id=seat, decision="rejected", reason=" ")
    assert answer.status_code == 422
    assert "Say why" in answer.text
    answer = browser.post(path, seat_id=seat, decision="nonsense", reason="<script>typed</script>")
    assert answer.status_code == 422
    assert "&lt;script&gt;typed" in answer.text
    fresh()
    assert chain.state == "running"


def test_two_tabs_the_second_is_told(app: Flask, world: World, chain: ApprovalChain) -> None:
    browser = Browser(app, "carl")
    path, seat = f"/approvals/{chain.id}/decide", seat_of(world, chain, "carl").id
    assert browser.post(path, seat_id=seat, decision="approved").status_code == 302
    answer = browser.post(path, seat_id=seat, decision="rejected", reason="no, wait")
    assert answer.status_code == 409
    assert "closed meanwhile" in answer.text
    assert "no, wait" in answer.text


def test_after_a_decision_one_returns_to_the_page_one_came_from(
    app: Flask, world: World, chain: ApprovalChain
) -> None:
    seat = seat_of(world, chain, "carl").id
    answer = Browser(app, "carl").post(
        f"/approvals/{chain.id}/decide", seat_id=seat, decision="approved", next="/tickets/?queue=all"
    )
    assert answer.location == "/tickets/?queue=all"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil", "javascript:alert(1)"]
)
def test_but_never_to_another_site(app: Flask, world: World, chain: ApprovalChain, target: str) -> None:
    seat = seat_of(world, chain, "carl").id
    answer = Browser(app, "carl").post(
        f"/approvals/{chain.id}/decide", seat_id=seat, decision="approved", next=target
    )
    assert (answer.status_code, answer.location) == (302, "/")


@pytest.mark.parametrize("seat", ["", "0", "-1", "²", "9" * 30, "x", "999999"])
def test_a_damaged_seat_number_decides_nothing(app: Flask, chain: ApprovalChain, seat: str) -> None:
    answer = Browser(app, "carl").post(f"/approvals/{chain.id}/decide", seat_id=seat, decision="approved")
    assert answer.status_code in (404, 422)
    fresh()
    assert chain.state == "running"


def test_send_back_to_an_earlier_step_by_its_button(app: Flask, world: World, chain: ApprovalChain) -> None:
    decide(world, chain, "carl")
    browser = Browser(app, "sam")
    assert 'value="sent_back:0"' in browser.get(f"/approvals/{chain.id}").text
    seat = seat_of(world, chain, "sam").id
    browser.post(f"/approvals/{chain.id}/decide", seat_id=seat, decision="sent_back:0", reason="look again")
    fresh()
    assert (chain.position, chain.round) == (0, 2)
    assert "look again" in Browser(app, "carl").get(f"/approvals/{chain.id}").text


def test_the_requester_withdraws(app: Flask, world: World, chain: ApprovalChain) -> None:
    browser = Browser(app, "rita")
    page = browser.get(f"/approvals/{chain.id}").text
    assert "Withdraw the request" in page
    assert 'name="decision"' not in page
    assert browser.post(f"/approvals/{chain.id}/withdraw", reason="not needed").status_code == 302
    answer = browser.post(f"/approvals/{chain.id}/withdraw")
    assert answer.status_code == 409
    assert "withdrawn this meanwhile" in answer.text


def test_hand_on_and_countersign(app: Flask, world: World, chain: ApprovalChain) -> None:
    browser, path = Browser(app, "carl"), f"/approvals/{chain.id}/delegate"
    seat = seat_of(world, chain, "carl").id
    assert browser.post(path, seat_id=seat, user_id="").status_code == 422
    assert browser.post(path, seat_id=seat, user_id=world.users["rolf"].id).status_code == 422
    assert browser.post(path, seat_id=seat, user_id=world.users["sam"].id, countersign="1").status_code == 302
    assert browser.post(path, seat_id=seat, user_id=world.users["dora"].id).status_code == 302
    page = Browser(app, "dora").get(f"/approvals/{chain.id}").text
    assert "Dora for Carl" in page
    assert "Countersigner" in page


def test_the_sheet_carries_every_signature(app: Flask, world: World, chain: ApprovalChain) -> None:
    with unit_of_work():
        seats.delegate(
            chain.id, seat_of(world, chain, "carl").id, world.users["dora"].id, "",
            actor=world.actor("carl"), now=world.now,
        )  # fmt: skip
    decide(world, chain, "dora", reason="checked with the ward")
    decide(world, chain, "sam", "rejected", "too early")
    page = Browser(app, "rita").get(f"/approvals/{chain.id}/print").text
    for text in ("Dora for Carl", "checked with the ward", "Sam", "too early", "Rejected"):
        assert text in page


STRANGERS = ("rolf", "stan", "erik", "emma")
OTHERS = ("dora",)  # of the same client, without a part in it


@pytest.mark.parametrize("who", STRANGERS + OTHERS)
def test_whoever_has_no_part_in_it_reaches_nothing(
    app: Flask, world: World, chain: ApprovalChain, who: str
) -> None:
    browser, seat = Browser(app, who), seat_of(world, chain, "carl").id
    for path in ("", "/print"):
        assert browser.get(f"/approvals/{chain.id}{path}").status_code == 404
    for act in ("decide", "withdraw", "delegate"):
        answer = browser.post(f"/approvals/{chain.id}/{act}", seat_id=seat, decision="approved", user_id=1)
        assert answer.status_code == 404
    for path in ("/approvals/", "/approvals/?list=decided"):
        assert "Thing 1" not in browser.get(path).text
    assert panel("thing", 1, world.actor(who), world.now) == []
    fresh()
    assert chain.state == "running"


def test_whoever_may_see_the_subject_sees_its_panel_but_other_clients_never(
    world: World, chain: ApprovalChain
) -> None:
    effects.register_subject("thing", link=lambda number: f"/things/{number}", may_view=lambda _n, _a: True)
    try:
        (view,) = panel("thing", 1, world.actor("dora"), world.now)
        assert (view.link, view.turns, view.may_withdraw) == ("/things/1", (), False)
        assert panel("thing", 1, world.actor("rolf"), world.now) == []
    finally:
        effects._subjects.pop("thing")


PAGE = """{% extends "base.html" %}{% block content %}{% include "approvals/_panel.html" %}{% endblock %}"""


def test_the_panel_stands_in_another_domains_page(app: Flask, world: World, chain: ApprovalChain) -> None:
    for who, decides in (("carl", True), ("rita", False)):
        actor = world.actor(who)
        with app.test_request_context("/tickets/7"):
            g.actor = actor
            views = panel("thing", 1, actor, world.now)
            page = render_template_string(PAGE, approvals=views, approval_next="/tickets/7")
        assert "Approval: Thing to approve" in page
        assert ('name="decision" value="approved"' in page) is decides
        assert ('name="next" value="/tickets/7"' in page) is decides


def test_lists_and_panels_take_the_same_queries_whatever_their_length(app: Flask, world: World) -> None:
    define(world, step(role("supervisor"), rule="all"))
    browser = Browser(app, "sam")

    def count(number: int) -> list[int]:
        found = []
        for path in ("/approvals/", "/approvals/?list=decided", "/approvals/1"):
            with Queries() as counted:
                assert browser.get(path).status_code == 200
            found.append(counted.count)
        return [*found, _panel_queries(world)]

    def more(first: int, last: int) -> None:
        for number in range(first, last):
            chain = start(world, subject_id=number)
            if number % 2:
                decide(world, chain, "sam")

    more(1, 4)
    few = count(4)
    more(4, 40)
    assert count(40) == few
    assert max(few) <= 22


def _panel_queries(world: World) -> int:
    actor = world.actor("sam")
    fresh()
    with Queries() as counted:
        panel("thing", 1, actor, world.now)
    return counted.count


def test_a_panel_of_many_rounds_takes_as_many_queries_as_one_of_one(world: World) -> None:
    define(world, step(role("change_authority")), step(role("supervisor"), send_back=["earlier"]))
    chain = start(world)
    before = _panel_queries(world)
    for _round in range(4):
        decide(world, chain, "carl")
        decide(world, chain, "sam", "sent_back", send_to=0)
    assert len(chain.runs) == 9
    assert _panel_queries(world) == before


def test_the_panel_is_drawn_in_both_languages(app: Flask, world: World, chain: ApprovalChain) -> None:
    browser = Browser(app, "carl")
    for locale, words in (("en", "Change authority"), ("zh_CN", "变更审批人")):
        browser.post("/language", locale=locale)
        assert words in browser.get(f"/approvals/{chain.id}").text


def test_stand_ins_are_named_and_ended(app: Flask, world: World) -> None:
    browser = Browser(app, "carl")
    fields = {"to_user_id": world.users["dora"].id, "starts_on": "2026-11-20", "until": "2099-01-01"}
    assert "for a year at most" in browser.post("/approvals/stand-ins", **fields).text
    for days in (
        ("2026-12-01", "2026-11-30"),
        ("2020-01-01", "2020-01-02"),
        ("0001-01-01", "9999-12-31"),
        ("", "x"),
    ):
        wrong = fields | {"starts_on": days[0], "until": days[1]}
        assert browser.post("/approvals/stand-ins", **wrong).status_code == 422
    assert (
        browser.post("/approvals/stand-ins", **fields | {"to_user_id": world.users["rolf"].id}).status_code
        == 422
    )
    fields |= {"until": "2027-10-01"}
    assert browser.post("/approvals/stand-ins", **fields).status_code == 302
    assert "already" in browser.post("/approvals/stand-ins", **fields).text
    assert "Dora" in browser.get("/approvals/stand-ins").text
    assert "Carl" in Browser(app, "dora").get("/approvals/stand-ins").text
    fresh()
    (delegation,) = db.session.scalars(sa.select(ApprovalDelegation)).all()
    path = f"/approvals/stand-ins/{delegation.id}/end"
    assert Browser(app, "dora").post(path).status_code == 404
    assert browser.post(path).status_code == 302
    assert browser.post(path).status_code == 409


def test_the_editor_saves_what_it_shows(app: Flask, world: World) -> None:
    browser = Browser(app, "sue")
    page = browser.get("/approvals/definitions/new?key=repair_cost").text
    values = form_values(page) | {"do": ["save"]}
    values["client_id"] = [str(world.organisations["north"].id)]
    answer = browser.post("/approvals/definitions/new", **values)
    assert answer.status_code == 302, re.findall(r"field-error.*", answer.text)
    fresh()
    definition = db.session.scalars(sa.select(ApprovalDefinition)).one()
    first = definition.versions[0].nodes
    assert [node["name_en"] for node in first] == ["Supervisor", "Change authority, for larger sums"]
    assert first[1]["condition"] == {"field": "amount", "operator": ">=", "value": "5000"}
    path = f"/approvals/definitions/{definition.id}"
    browser.post(path, **form_values(browser.get(path).text) | {"do": ["save"]})
    fresh()
    assert len(definition.versions) == 1  # nothing was changed
    changed = form_values(browser.get(path).text) | {"n1-c0-value": ["8000"], "do": ["save"]}
    assert browser.post(path, **changed).status_code == 302
    fresh()
    assert definition.versions[1].nodes[1]["condition"]["value"] == "8000"
    assert definition.versions[0].nodes[1]["condition"]["value"] == "5000"


def test_somebody_elses_version_is_not_overwritten(app: Flask, world: World) -> None:
    define(world, step())
    path = f"/approvals/definitions/{db.session.scalars(sa.select(ApprovalDefinition.id)).one()}"
    sue, sam = Browser(app, "sue"), Browser(app, "sam")
    values = form_values(sue.get(path).text) | {"do": ["save"]}
    assert sam.post(path, **values | {"n0-name_en": ["Sam's"]}).status_code == 302
    answer = sue.post(path, **values | {"n0-name_en": ["Sue's"]})
    assert answer.status_code == 422
    assert "Sam saved another version meanwhile" in answer.text
    assert "Sue&#39;s" in answer.text


def test_rows_are_added_moved_and_removed_without_saving(app: Flask, world: World) -> None:
    browser = Browser(app, "sue")
    path = "/approvals/definitions/new?key=change_high_risk"
    values = form_values(browser.get(path).text)
    names = re.compile(r'id="n\d-name_en" name="n\d-name_en" value="([^"]*)"')

    def after(act: str) -> list[str]:
        answer = browser.post(path, **values | {"do": [act]})
        assert answer.status_code == 200
        return names.findall(answer.text)

    assert after("add") == ["All change authorities", "Supervisor", ""]
    assert after("down-0") == ["Supervisor", "All change authorities"]
    assert after("up-1") == ["Supervisor", "All change authorities"]
    assert after("remove-0") == ["Supervisor"]
    assert after("remove-99") == after("x-1") == after("preview") == ["All change authorities", "Supervisor"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ApprovalDefinition)) == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("n0-limit_hours", "soon", "whole numbers"),
        ("n0-remind", "99", "longer one"),
        ("n0-approvers", "role:emperor", "neither a role"),
        ("n0-approvers", "user:999999", "no open account"),
        ("n0-rule", "coin", "unknown value"),
        ("n0-condition", "{", "comparison or a list"),
        ("n0-condition", "[" * 3000, "comparison or a list"),
        ("n0-percent", "0", "1 to 100"),
        ("steps", "0", "between 1 and 20 steps"),
        ("steps", "x", "between 1 and 20 steps"),
        ("key", "No Key", "small letters"),
    ],
)
def test_what_is_wrong_in_the_editor_is_said(
    app: Flask, world: World, field: str, value: str, sentence: str
) -> None:
    browser = Browser(app, "sue")
    values = form_values(browser.get("/approvals/definitions/new?key=data_request").text)
    values |= {"client_id": [str(world.organisations["north"].id)], "do": ["save"], field: [value]}
    answer = browser.post("/approvals/definitions/new", **values)
    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.parametrize("who", ["rita", "dora", "carl", "erik", "emma"])
def test_only_managers_reach_definitions(app: Flask, world: World, who: str) -> None:
    define(world, step())
    number = db.session.scalars(sa.select(ApprovalDefinition.id)).one()
    browser = Browser(app, who)
    for path in ("", "new", f"{number}", f"{number}/try"):
        assert browser.get(f"/approvals/definitions/{path}").status_code == 404
    assert browser.post(f"/approvals/definitions/{number}", do="save").status_code == 404


def test_a_supervisor_of_one_client_changes_neither_anothers_nor_the_installations(
    app: Flask, world: World
) -> None:
    define(world, step(), client="south")
    number = db.session.scalars(sa.select(ApprovalDefinition.id)).one()
    assert Browser(app, "sam").get(f"/approvals/definitions/{number}").status_code == 404
    with unit_of_work():
        db.session.get_one(ApprovalDefinition, number).client_id = None
    browser = Browser(app, "sam")
    page = browser.get(f"/approvals/definitions/{number}")
    assert 'value="save"' not in page.text
    assert (
        browser.post(
            f"/approvals/definitions/{number}", **form_values(page.text) | {"do": ["save"]}
        ).status_code
        == 403
    )


def test_trying_it_shows_steps_and_people(app: Flask, world: World) -> None:
    define(world, step(role("supervisor"), condition={"field": "amount", "operator": ">=", "value": "10"}),
           step(role("data_owner")))  # fmt: skip
    number = db.session.scalars(sa.select(ApprovalDefinition.id)).one()
    browser = Browser(app, "sue")
    page = browser.get(f"/approvals/definitions/{number}/try?try=1&fact-amount=9").text
    assert "Not needed" in page
    assert "Dora" in page
    page = browser.get(f"/approvals/definitions/{number}/try?try=1&fact-amount=10&client=99").text
    assert "Sam, Sue" in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ApprovalChain)) == 0
