"""The service catalogue: what is asked, what is kept, who maintains it; with hostile input."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.organisations.models import Department
from servicedesk.tickets import catalogue, catalogue_editor, catalogue_fields
from servicedesk.tickets.catalogue import ServiceData
from servicedesk.tickets.catalogue_models import CatalogueService
from servicedesk.tickets.models import Ticket
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

LONG = "x" * 999
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}%(x)s"
REPORT = {"title": "Please", "impact": "3", "urgency": "2"}
KIND: dict[str, Any] = {
    "name": "kind",
    "kind": "choice",
    "label_en": "Kind",
    "label_zh": "类型",
    "choices": [
        {"value": "laptop", "en": "Laptop", "zh": "笔记本"},
        {"value": "other", "en": "Other", "zh": "其他"},
    ],
}
AS_SENT = {
    "category": "fault",
    "title_zh": "借用",
    "title_en": "Borrow",
    **dict.fromkeys(("icon", "client_id", "department_id", "site_id", "impact", "urgency"), ""),
}
WHICH: dict[str, Any] = {
    "name": "which",
    "kind": "text",
    "label_en": "Which one?",
    "label_zh": "哪一个？",
    "required": True,
    "when": {"field": "kind", "values": ["other"]},
}


def service(world: World, *rows: Any, **values: Any) -> CatalogueService:
    data = ServiceData(
        **{"category": "fault", "title_zh": "借用设备", "title_en": "Borrow", **values}, fields=rows
    )
    with unit_of_work():
        return catalogue.save(None, data, actor=SYSTEM, now=world.now)


def only_ticket() -> Ticket:
    fresh()
    return db.session.query(Ticket).one()


def test_what_was_asked_stays_with_the_ticket_when_the_catalogue_changes(
    any_app: Flask, any_world: World
) -> None:
    made = service(any_world, KIND, WHICH)
    browser = Browser(any_app, "rita")
    address = f"/tickets/new/fault?service={made.id}"
    assert "Which one?" in browser.get(address).text
    answer = browser.post(address, **REPORT, detail_service_kind="other", detail_service_which="beamer 7")
    assert answer.status_code == 302, answer.text
    with unit_of_work():
        emptied = ServiceData("fault", "别的", "Renamed", fields=(), active=False)
        catalogue.save(made.id, emptied, actor=SYSTEM, now=any_world.now)
    page = browser.get(answer.location).text
    for words in ("Borrow", "Which one?", "beamer 7", "Other"):
        assert words in page
    assert "Renamed" not in page
    assert only_ticket().number in browser.get("/tickets/?queue=all&q=beamer").text
    browser.post("/language", locale="zh_CN")
    assert "哪一个？" in browser.get(answer.location).text


def test_a_field_that_is_not_shown_is_neither_required_nor_kept(app: Flask, world: World) -> None:
    made = service(world, KIND, WHICH)
    address = f"/tickets/new/fault?service={made.id}"
    browser = Browser(app, "rita")
    refused = browser.post(address, **REPORT, detail_service_kind="other")
    assert refused.status_code == 422
    assert 'id="detail_service_which-error"' in refused.text
    browser.post(address, **REPORT, detail_service_kind="laptop", detail_service_which="left over")
    assert "service_which" not in only_ticket().details


@pytest.mark.parametrize(
    ("kind", "typed"), [("number", "²"), ("number", "-3"), ("date", "yesterday"), ("date", "2026-13-01")]
)
def test_an_answer_that_does_not_fit_is_refused_beside_its_field(
    app: Flask, world: World, kind: str, typed: str
) -> None:
    made = service(world, {"name": "x", "kind": kind, "label_en": "X", "label_zh": "某项"})
    answer = Browser(app, "rita").post(
        f"/tickets/new/fault?service={made.id}", **REPORT, detail_service_x=typed
    )
    assert answer.status_code == 422
    assert 'id="detail_service_x-error"' in answer.text


def test_script_in_every_label_and_answer_is_shown_as_text(app: Flask, world: World) -> None:
    rows = [
        {"name": "c", "kind": "choice", "choices": [{"value": "a", "en": HOSTILE, "zh": HOSTILE}]},
        *({"name": f"f_{kind}", "kind": kind} for kind in ("text", "long", "flag")),
    ]
    texts = dict.fromkeys(("label_en", "label_zh", "help_en", "help_zh"), HOSTILE)
    named = {"title_en": HOSTILE, "title_zh": HOSTILE, "help_en": HOSTILE, "help_zh": HOSTILE}
    made = service(world, *({**row, **texts} for row in rows), **named)
    browser, address = Browser(app, "rita"), f"/tickets/new/fault?service={made.id}"
    answers = {
        "detail_service_f_text": HOSTILE,
        "detail_service_f_long": HOSTILE,
        "detail_service_f_flag": "y",
    }
    answer = browser.post(address, **REPORT, **answers, detail_service_c="a")
    assert answer.status_code == 302, answer.text
    admin = Browser(app, "admin")
    pages = [browser.get(path).text for path in (address, answer.location, "/tickets/new")]
    pages += [admin.get(path).text for path in ("/tickets/catalogue", f"/tickets/catalogue/{made.id}")]
    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["text"], "only these keys"),
        ([{**KIND, "onclick": "x"}], "only these keys"),
        ([{**WHICH, "when": None, "kind": "html"}], "the kind is one of"),
        ([{**WHICH, "when": None, "kind": ["text"]}], "the kind is one of"),
        ([{**WHICH, "when": None, "name": "a b"}], "a name of its own"),
        ([KIND, KIND], "a name of its own"),
        ([{**KIND, "label_zh": " "}], "in both languages"),
        ([{**KIND, "label_zh": 7}], "labels and help"),
        ([{**KIND, "choices": []}], "a choice has choices"),
        ([{**KIND, "choices": [{"value": "a b", "en": "A", "zh": "甲"}]}], "each choice has a value"),
        ([WHICH], "above this field"),
        ([{**KIND, "when": {"field": "kind", "values": ["laptop"]}}], "above this field"),
        ([KIND, {**WHICH, "when": {"field": "kind", "values": ["desk"]}}], "lists values"),
        ([KIND, {**WHICH, "when": {"field": "kind", "values": "laptop"}}], "lists values"),
        ([KIND, {**WHICH, "when": {"field": ["kind"], "values": []}}], "above this field"),
        ([KIND] * 31, "At most 30"),
    ],
)
def test_fields_that_make_no_sense_are_refused_with_a_sentence(
    app: Flask, world: World, rows: list[Any], said: str
) -> None:
    with pytest.raises(InvalidError, match=said):
        catalogue_fields.parse(rows)


def test_two_fields_that_wait_for_each_other_cannot_be_written(app: Flask, world: World) -> None:
    first = {**KIND, "name": "a", "when": {"field": "b", "values": ["laptop"]}}
    second = {**KIND, "name": "b", "when": {"field": "a", "values": ["laptop"]}}
    with pytest.raises(InvalidError, match=r"Field 1: .*above this field"):
        catalogue_fields.parse([first, second])


def posted(*rows: dict[str, Any]) -> dict[str, Any]:
    """What the browser sends for these fields."""
    sent: dict[str, Any] = {"fields_count": str(len(rows))}
    for number, inputs in enumerate(catalogue_editor.shown(rows, "en")):
        for name in ("name", "kind", "label_en", "label_zh", "help_en", "help_zh"):
            sent[f"f{number}-{name}"] = inputs.row.get(name, "")
        sent[f"f{number}-choices"] = inputs.choices
        sent[f"f{number}-when"] = sorted(inputs.when)
        if inputs.row.get("required"):
            sent[f"f{number}-required"] = "y"
    return sent


def test_what_is_saved_comes_back_as_the_same_inputs(app: Flask, world: World) -> None:
    rows = [KIND, WHICH, {"name": "day", "kind": "date", "label_en": "Day", "label_zh": "日期"}]
    assert Browser(app, "admin").post("/tickets/catalogue/new", **AS_SENT, **posted(*rows)).status_code == 302
    fresh()
    saved = db.session.query(CatalogueService).filter_by(title_en="Borrow").one()
    assert saved.fields == rows


def test_the_editor_s_buttons_change_the_form_and_save_nothing(app: Flask, world: World) -> None:
    admin = Browser(app, "admin")
    for button, fields in (("add-0", 3), ("remove-1", 1), ("down-0", 2), ("remove-77", 2), ("up-0", 2)):
        page = admin.post("/tickets/catalogue/new", **AS_SENT, **posted(KIND, WHICH), act=button)
        assert page.status_code == 200
        assert page.text.count("<fieldset") == fields, button
    fresh()
    assert db.session.query(CatalogueService).filter_by(title_en="Borrow").count() == 0


def test_an_answer_without_a_name_of_its_own_gets_one(app: Flask, world: World) -> None:
    sent = posted({**KIND, "choices": []}) | {"f0-choices": "笔记本 | Laptop\n\n其他｜Other\n投影仪"}
    assert Browser(app, "admin").post("/tickets/catalogue/new", **AS_SENT, **sent).status_code == 302
    fresh()
    choices = db.session.query(CatalogueService).filter_by(title_en="Borrow").one().fields[0]["choices"]
    assert [(c["zh"], c["en"]) for c in choices] == [
        ("笔记本", "Laptop"),
        ("其他", "Other"),
        ("投影仪", "投影仪"),
    ]
    assert len({c["value"] for c in choices}) == 3


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"fields_count": "1"}, "the kind is one of"),
        ({"fields_count": "31", "f0-kind": "text", "f0-label_en": "x", "f0-label_zh": "x"}, "At most 30"),
        (
            {"fields_count": "1", "f0-kind": "text", "f0-label_en": "x" * 999, "f0-label_zh": "x"},
            "at most 300",
        ),
        ({"fields_count": "1", "f0-kind": "text", "f0-name": "<b>", "f0-label_en": "x"}, "a name of its own"),
        ({"fields_count": "1", "f0-kind": "choice", "f0-label_en": "x", "f0-label_zh": "x"}, "has choices"),
    ],
    ids=range(5),
)
def test_broken_fields_are_refused_with_a_sentence_and_nothing_is_saved(
    app: Flask, world: World, sent: dict[str, str], said: str
) -> None:
    answer = Browser(app, "admin").post("/tickets/catalogue/new", **AS_SENT, **sent)
    assert answer.status_code == 422
    assert said in answer.text
    fresh()
    assert db.session.query(CatalogueService).filter_by(title_en="Borrow").count() == 0


@pytest.mark.parametrize("count", ["", "-1", "x", "99999999999999999999", "²"])
def test_odd_counts_of_fields_are_no_fields(app: Flask, world: World, count: str) -> None:
    answer = Browser(app, "admin").post("/tickets/catalogue/new", **AS_SENT, fields_count=count)
    assert answer.status_code in (302, 422)


def test_the_preview_shows_the_form_and_saves_nothing(app: Flask, world: World) -> None:
    given = {**AS_SENT, **posted(KIND, WHICH)}
    admin = Browser(app, "admin")
    page = admin.post("/tickets/catalogue/new", **given, preview="1")
    assert page.status_code == 200
    assert "Which one?" in page.text
    assert db.session.query(CatalogueService).filter_by(title_en="Borrow").count() == 0
    assert admin.post("/tickets/catalogue/new", **given, active="y").status_code == 302
    fresh()
    assert db.session.query(CatalogueService).filter_by(title_en="Borrow").count() == 1


def test_each_is_offered_what_is_meant_for_them(app: Flask, world: World) -> None:
    north, south = world.organisations["north"], world.organisations["south"]
    with unit_of_work() as session:
        finance = Department(organisation_id=north.id, name="Finance", created_at=world.now)
        session.add(finance)
        session.flush()
    ours = service(world, title_en="For north", client_id=north.id)
    theirs = service(world, title_en="For south", client_id=south.id)
    closed = service(world, title_en="For finance", client_id=north.id, department_id=finance.id)
    rita = Browser(app, "rita")
    page = rita.get("/tickets/new").text
    assert ("For north" in page, "For south" in page, "For finance" in page) == (True, False, False)
    for hidden in (theirs, closed):
        assert rita.get(f"/tickets/new/fault?service={hidden.id}").status_code == 404
        assert rita.post(f"/tickets/new/fault?service={hidden.id}", **REPORT).status_code == 404
    assert rita.get(f"/tickets/new/general?service={ours.id}").status_code == 404  # behind another door
    with unit_of_work() as session:
        session.merge(world.users["rita"]).department_id = finance.id
    assert "For finance" in rita.get("/tickets/new").text


def test_only_those_who_maintain_lists_reach_the_catalogue(app: Flask, world: World) -> None:
    everybodys = db.session.scalars(sa.select(CatalogueService.id)).first()
    for name in ("rita", "emma", "dora"):
        for path in ("/tickets/catalogue", "/tickets/catalogue/new", f"/tickets/catalogue/{everybodys}"):
            assert Browser(app, name).get(path).status_code == 404, (name, path)
    sam = Browser(app, "sam")  # maintains those of north alone
    assert sam.get("/tickets/catalogue").status_code == 200
    assert sam.get(f"/tickets/catalogue/{everybodys}").status_code == 404


def test_the_shipped_services_can_all_be_read_and_stand_behind_every_door(app: Flask, world: World) -> None:
    shipped = db.session.query(CatalogueService).all()
    assert {one.category for one in shipped} == {"fault", "general", "data_request", "change"}
    for one in shipped:
        assert catalogue_fields.parse(one.fields), one.title_en
