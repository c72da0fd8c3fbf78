"""Technical documents: no version is lost, nobody else's is seen, and who took one is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment import document_queries, documents
from servicedesk.equipment.document_models import TechnicalDocument, TechnicalDocumentVersion
from servicedesk.equipment.history import timeline
from tests.servicedesk.equipment.test_devices import save
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def paper(world: World, title: str = "Wiring", client: str = "north", **values: Any) -> TechnicalDocument:
    """A document with one version."""
    data = documents.DocumentData(title, **{"kind": "drawing"} | values)
    number = world.organisations[client].id
    with unit_of_work():
        made = documents.save_document(None, number, data, actor=SYSTEM, now=world.now)
        put(made, world)
    return made


def put(
    made: TechnicalDocument, world: World, content: bytes = b"one", name: str = "plan.pdf", **said: str
) -> None:
    words = {"label": "", "changes": ""} | said
    documents.add_version(made, (name, content), **words, blobs=runtime().blobs, actor=SYSTEM, now=world.now)


def titles(world: World, who: str, **chosen: Any) -> list[str]:
    statement = document_queries.document_rows(
        world.actor(who), document_queries.Chosen(**chosen), today=world.now.date()
    )
    return sorted(row.title for row in db.session.execute(statement))


def test_a_new_version_leaves_the_older_one_to_be_read(app: Flask, world: World) -> None:
    device = save(world)
    browser = Browser(app, "emma")
    answer = browser.post(
        "/equipment/documents/new",
        client_id=world.organisations["north"].id,
        site_id="",
        kind="drawing",
        title="Wiring <b>",
        files=(BytesIO(b"first"), "../plan\u202e \u4e00.pdf"),
        label="A",
    )
    assert answer.status_code == 302, answer.text
    path = answer.location
    browser.post(f"{path}/devices", device_id=device.id)
    sent = browser.post(
        f"{path}/versions", files=(BytesIO(b"second"), "plan.html"), label="B", changes="Row 3 is new"
    )
    assert sent.status_code == 302
    page = browser.get(path).text
    assert page.index("Row 3 is new") < page.index("plan \u4e00.pdf")
    assert "Wiring &lt;b&gt;" in page
    first = browser.get(f"{path}/versions/1/file")
    assert first.data == b"first"
    assert first.headers["Content-Disposition"] == (
        "attachment; filename=\"plan .pdf\"; filename*=UTF-8''plan%20%E4%B8%80.pdf"
    )
    back = browser.get(f"{path}/versions/2/file")
    assert back.data == b"second"
    assert back.mimetype == "application/octet-stream"
    assert unquote(back.headers["Content-Disposition"]) == "attachment; filename=plan.html"
    assert back.headers["Cache-Control"] == "no-store"
    assert back.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.get(f"{path}/versions/3/file").status_code == 404
    fresh()
    taken = db.session.query(AuditEntry).filter_by(action="technical_document.downloaded").order_by("id")
    assert [entry.after["number"] for entry in taken if entry.after] == [1, 2]
    shown = browser.get(f"/equipment/devices/{device.id}?whole=1").text
    assert "Wiring &lt;b&gt;" in shown
    assert "plan.html" in shown
    fresh()
    with app.test_request_context():
        past = timeline(device, world.actor("emma"))
    assert [event.note for event in past.events if event.kind == "document"] == ["Row 3 is new", ""]
    assert browser.post(f"{path}/devices/{device.id}/remove").status_code == 302
    assert "plan.html" not in browser.get(f"/equipment/devices/{device.id}?whole=1").text


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "is empty"), (b"x" * 1001, "is larger than"), (None, "Choose a file")]
)
def test_what_is_no_acceptable_file_stores_nothing(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str
) -> None:
    made = paper(world)
    real = runtime()
    small = replace(real, settings=replace(real.settings, upload_max_bytes=1000))
    monkeypatch.setitem(app.extensions, "servicedesk", small)
    browser = Browser(app, "emma")
    files = {} if content is None else {"files": (BytesIO(content), "a.pdf")}
    answer = browser.post(f"/equipment/documents/{made.id}/versions", **files)
    assert answer.status_code == 422
    assert words in answer.text
    new = browser.post(
        "/equipment/documents/new",
        client_id=made.client_id,
        kind="manual",
        title="Empty",
        **({} if content is None else {"files": (BytesIO(content), "a.pdf")}),
    )
    assert new.status_code == 422
    fresh()
    assert db.session.query(TechnicalDocumentVersion).count() == 1
    assert db.session.query(TechnicalDocument).count() == 1


def test_the_archive_keeps_and_closes(app: Flask, any_world: World) -> None:
    made = paper(any_world)
    with unit_of_work():
        documents.archive(made, True, actor=SYSTEM, now=any_world.now)
    with pytest.raises(ConflictError), unit_of_work():
        put(made, any_world)
    assert titles(any_world, "emma") == []
    assert titles(any_world, "emma", shown="archived") == ["Wiring"]
    with unit_of_work():
        documents.archive(made, False, actor=SYSTEM, now=any_world.now)
        put(made, any_world)
    assert [version.number for version in document_queries.versions_of(made)] == [2, 1]


def test_the_list_finds_by_all_filters(any_world: World) -> None:
    world, today = any_world, any_world.now.date()
    device = save(world)
    first = paper(world, "Alpha", site_id=device.site_id, review_on=today)
    paper(world, "Beta", kind="manual", note="50%_full", review_on=today + timedelta(days=1))
    with unit_of_work():
        documents.link(first, device, actor=SYSTEM, now=world.now)
        put(first, world, name="Schrank.vsdx")
    assert titles(world, "emma", shown="due") == ["Alpha"]
    assert titles(world, "emma", kind="manual") == ["Beta"]
    assert titles(world, "emma", text="%_F") == ["Beta"]
    assert titles(world, "emma", text="schrank") == ["Alpha"]
    assert titles(world, "emma", site_id=device.site_id) == ["Alpha"]
    assert titles(world, "emma", device_id=device.id) == ["Alpha"]
    assert titles(world, "emma", client_id=world.organisations["south"].id) == []


def test_the_current_version_is_no_electric_current(app: Flask, world: World) -> None:
    made = paper(world)
    browser = Browser(app, "emma")
    page = browser.get(f"/equipment/documents/{made.id}", **{"Accept-Language": "zh-CN"}).text
    assert "电流" not in page
    assert "当前版本" in page


def test_whoever_keeps_one_site_is_offered_that_site_alone(app: Flask, world: World) -> None:
    def offered(who: str) -> str:
        page = Browser(app, who).get("/equipment/documents/new").text
        return page.partition('id="site_id"')[2].partition("</select>")[0]

    assert "(none)" in offered("emma")
    assert "(none)" not in offered("erik"), "the whole client would be refused"
    assert "North site 1" in offered("erik")


def test_nobody_sees_or_changes_what_is_elsewhere(app: Flask, world: World) -> None:
    here, other = world.sites["north-1"].id, world.sites["north-2"].id
    whole, mine, theirs = paper(world), paper(world, site_id=here), paper(world, site_id=other)
    reached = {
        who: [
            Browser(app, who).get(f"/equipment/documents/{one.id}").status_code
            for one in (whole, mine, theirs)
        ]
        for who in ("emma", "erik", "stan")
    }
    assert reached == {"emma": [200] * 3, "erik": [404, 200, 404], "stan": [404] * 3}
    stranger = Browser(app, "stan")
    for path in ("versions/1/file", "edit"):
        assert stranger.get(f"/equipment/documents/{whole.id}/{path}").status_code == 404
    assert stranger.post(f"/equipment/documents/{whole.id}/archive", archived=1).status_code == 404
    with pytest.raises(NotAllowedError), unit_of_work():
        documents.archive(whole, True, actor=world.actor("erik"), now=world.now)
    foreign = save(world, site_id=world.sites["south-1"].id)
    with pytest.raises(InvalidError, match="same client"), unit_of_work():
        documents.link(whole, foreign, actor=SYSTEM, now=world.now)
    with pytest.raises(InvalidError, match="site of this client"):
        paper(world, site_id=world.sites["south-1"].id)


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    counted: list[int] = []
    asked: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for _round in range(2):
        for _number in range(8):
            paper(world)
        asked.clear()
        assert browser.get("/equipment/documents/").status_code == 200
        counted.append(len(asked))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("field", ["title", "note", "kind", "review_on", "client_id", "site_id", "label"])
@pytest.mark.parametrize("value", ["", "x" * 6000, "-1", "a\x00b", "0001-01-01"])
def test_no_field_breaks_the_page(app: Flask, world: World, field: str, value: str) -> None:
    fields: dict[str, Any] = {"client_id": world.organisations["north"].id, "kind": "manual", "title": "T"}
    fields |= {"review_on": str(utcnow().date()), "files": (BytesIO(b"x"), "a.txt"), field: value}
    browser = Browser(app, "emma")
    assert browser.post("/equipment/documents/new", **fields).status_code in (302, 422)
    assert browser.get(f"/equipment/documents/?show=all&{field}=9").status_code == 200


def test_the_palette_finds_documents_by_title_and_file_name(app: Flask, world: World) -> None:
    made = paper(world, "Switchboard")
    for who, found in (("emma", True), ("stan", False)):
        browser = Browser(app, who)
        for words in ("switchb", "plan.pdf"):
            page = browser.get(f"/search?list=1&q={words}").text
            assert (f"/equipment/documents/{made.id}" in page) is found, (who, words)
