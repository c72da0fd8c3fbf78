"""The chain of signatures: each by another person, frozen when issued, and what is genuine is told."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.reports.deep import editions, signing
from servicedesk.reports.deep.models import DeepReport, DeepSignature
from servicedesk.reports.deep.states import STATES, STEPS
from tests.servicedesk.reports.deep.play import built, ordered
from tests.servicedesk.world import PASSWORD, Browser, World, fresh


def sign(world: World, number: int, key: str, who: str) -> None:
    with unit_of_work():
        signing.sign(number, key, note="", actor=world.actor(who), now=world.now)


def state(number: int) -> str:
    fresh()
    return db.session.get_one(DeepReport, number).state


def test_the_table_is_one_way_from_draft_to_issued() -> None:
    assert [step.source for step in STEPS][1:] == [step.target for step in STEPS][:-1]
    assert {step.target for step in STEPS} | {"draft", "building", "failed"} == set(STATES)
    assert all(isinstance(step.permission, Permission) for step in STEPS)


def test_each_step_is_another_person_s(any_world: World) -> None:
    number = built(any_world).id
    with pytest.raises(ConflictError):
        sign(any_world, number, "check", "sam")  # not yet prepared
    sign(any_world, number, "prepare", "emma")
    with pytest.raises(NotAllowedError):
        sign(any_world, number, "check", "emma")
    with pytest.raises(ConflictError):
        sign(any_world, number, "prepare", "sue")  # it is, already
    sign(any_world, number, "check", "sue")
    for who in ("sue", "emma", "carl"):  # checked it; prepared it; does not audit
        with pytest.raises(NotAllowedError):
            sign(any_world, number, "review", who)
    sign(any_world, number, "review", "sam")
    with pytest.raises(NotAllowedError):
        sign(any_world, number, "issue", "stan")
    sign(any_world, number, "issue", "carl")
    assert state(number) == "issued"
    with pytest.raises(ConflictError), unit_of_work():
        signing.hand_back(number, "late", actor=any_world.actor("sam"), now=any_world.now)
    actions = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.object_type == "deep_reports"))
    assert list(actions).count("deep_report.signed") == 4


def test_handing_back_voids_signatures_and_needs_a_reason(world: World) -> None:
    number = built(world).id
    sign(world, number, "prepare", "emma")
    with pytest.raises(InvalidError), unit_of_work():
        signing.hand_back(number, "", actor=world.actor("sam"), now=world.now)
    with pytest.raises(NotAllowedError), unit_of_work():
        signing.hand_back(number, "x", actor=world.actor("stan"), now=world.now)
    with unit_of_work():
        signing.hand_back(number, "The disk is missing", actor=world.actor("sam"), now=world.now)
    assert state(number) == "draft"
    assert signing.signatures_of(db.session.get_one(DeepReport, number)) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DeepSignature)) == 1
    sign(world, number, "prepare", "sue")  # somebody else may begin anew


def test_signing_asks_for_the_password_again_and_wrong_ones_count(app: Flask, world: World) -> None:
    number = built(world).id
    emma = Browser(app, "emma")
    for password in ("", "wrong", "x" * 300):
        refused = emma.post(f"/reports/deep/{number}/sign", password=password, note="Seen <b>all</b>")
        assert state(number) == "draft"
        assert refused.status_code == 422
        assert 'role="alert"' in refused.text
        assert "Seen &lt;b&gt;all&lt;/b&gt;</textarea>" in refused.text  # nothing typed is lost
        assert "not your password" in refused.text or "Type your password" in refused.text
    fresh()
    assert db.session.merge(world.users["emma"]).failed_logins == 1
    emma.post(f"/reports/deep/{number}/sign", password=PASSWORD, note="<script>alert(1)</script>")
    assert state(number) == "prepared"
    page = emma.get(f"/reports/deep/{number}").text
    assert "<script>alert" not in page
    assert Browser(app, "stan").post(f"/reports/deep/{number}/sign", password=PASSWORD).status_code == 404


def test_what_is_issued_stays_as_it_is_and_is_told_from_what_is_not(app: Flask, world: World) -> None:
    number = built(world).id
    for key, who in (("prepare", "emma"), ("check", "sue"), ("review", "sam")):
        sign(world, number, key, who)
    carl = Browser(app, "carl")
    carl.post(f"/reports/deep/{number}/sign", password=PASSWORD, note="")
    assert state(number) == "issued"
    for kind in ("pdf", "docx", "xlsx"):
        path = f"/reports/deep/{number}/report.{kind}"
        content = carl.get(path).data
        world.device(f"new after {kind}")
        assert carl.get(path).data == content  # not written anew
        for name, given, genuine in (("same", content, True), ("forged", content + b" ", False)):
            answer = carl.post("/reports/deep/verify", file=(io.BytesIO(given), name), hash="")
            assert ("Genuine:" in answer.text) is genuine, (kind, name)
        strange = Browser(app, "stan").post("/reports/deep/verify", file=(io.BytesIO(content), "x"), hash="")
        assert "Not genuine" in strange.text
    annex = carl.get(f"/reports/deep/{number}/data.json").data
    assert "Genuine:" in carl.post("/reports/deep/verify", file=(io.BytesIO(annex), "x"), hash="").text
    fresh()
    sha256 = db.session.get_one(DeepReport, number).data_sha256
    assert "Genuine:" in carl.post("/reports/deep/verify", hash=f" {sha256.upper()} ").text
    for given in ("", "0" * 64, "<script>alert(1)</script>", "\x00"):
        page = carl.post("/reports/deep/verify", hash=given).text
        assert "Not genuine" in page
        assert "<script>alert" not in page


def test_a_draft_is_not_genuine_and_a_new_edition_leaves_the_issued_one(app: Flask, world: World) -> None:
    report = built(world)
    number, sha256 = report.id, report.data_sha256
    carl = Browser(app, "carl")
    assert "Not genuine" in carl.post("/reports/deep/verify", hash=sha256).text
    for key, who in (("prepare", "emma"), ("check", "sue"), ("review", "sam"), ("issue", "sam")):
        sign(world, number, key, who)
    with pytest.raises(ConflictError):
        ordered(world)  # without a reason
    with unit_of_work():
        second = editions.renew(number, "Typo", again=True, actor=world.actor("emma"), now=world.now).id
    assert state(number) == "issued"
    assert db.session.get_one(DeepReport, second).edition == 2
