"""Following a runbook: every kind of step, who may do what, and what it holds back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from collectors.outcome import Outcome
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.runtime import runtime
from servicedesk.inspections import on_demand
from servicedesk.inspections.models import InspectionRun
from servicedesk.runbooks import answering, queries, service
from servicedesk.runbooks.answering import Answer
from servicedesk.runbooks.definition import Runbook
from servicedesk.runbooks.models import RunbookRun, RunbookStep
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.inspections.play import CRITICAL, OK, finish, judged, take, visit_of
from tests.servicedesk.world import World, fresh

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@dataclass
class Play:
    """A run of the runbook with every kind of step, on a ticket that is being worked on."""

    world: World
    ticket: Ticket
    run: RunbookRun

    @classmethod
    def begin(cls, world: World, runbook: Runbook, *, who: str = "emma", protocol: str = "ssh") -> Play:
        device = world.device("web1", protocol=protocol, device_class="server")
        ticket = world.ticket(device_id=device.id)
        with unit_of_work():
            tickets.transition(ticket, "start", TransitionInput(), actor=world.actor("emma"), now=world.now)
            run = service.start(ticket, runbook, actor=world.actor(who), now=world.now)
        return cls(world, ticket, run)

    def answer(self, step: str, who: str = "emma", after: int = 1, **given: object) -> RunbookStep:
        with unit_of_work():
            return answering.complete(
                self.run, step, Answer(**given), blobs=runtime().blobs,  # type: ignore[arg-type]
                actor=self.world.actor(who), now=self.at(after),
            )  # fmt: skip

    def skip(self, step: str, who: str = "emma", reason: str = "no time") -> None:
        with unit_of_work():
            service.skip(self.run, step, reason, actor=self.world.actor(who), now=self.at(1))

    def ask(self, step: str, after: int = 1) -> None:
        with unit_of_work():
            answering.ask_device(self.run, step, actor=self.world.actor("emma"), now=self.at(after))

    def device_says(self, *findings: object, after: int = 2) -> None:
        visit_run = db.session.scalars(sa.select(InspectionRun).order_by(InspectionRun.id.desc())).first()
        claimed = take(visit_run, self.at(after))
        finish(claimed, visit_of(claimed[1], findings, at=self.at(after)), self.at(after))  # type: ignore[arg-type]

    def at(self, minutes: int):  # type: ignore[no-untyped-def]
        return self.world.now + timedelta(minutes=minutes)

    def current(self) -> str | None:
        fresh()
        step = service.standing(self.run).current
        return step.key if step else None

    def resolve(self, who: str = "emma") -> None:
        with unit_of_work():
            given = TransitionInput(resolution="mended", details=self.world.mended())
            tickets.transition(self.ticket, "resolve", given, actor=self.world.actor(who), now=self.at(60))


def audited(action: str) -> int:
    return len(db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)).all())


def test_from_the_first_step_to_the_last(any_world: World, every_kind: Runbook) -> None:
    play = Play.begin(any_world, every_kind)
    with pytest.raises(InvalidError, match="Finish the runbook"):
        play.resolve()
    play.ask("look")
    with pytest.raises(ConflictError, match="not answered yet"):
        play.answer("look")
    play.device_says(judged(CRITICAL, "/var", 97.0))
    with pytest.raises(InvalidError):  # not normal: say why one goes on
        play.answer("look")
    record = play.answer("look", note="as reported", after=5)
    assert record.data["outcome"] == "critical"
    assert record.data["rows"][0]["item"] == "/var"
    assert (record.done_at - record.began_at) == timedelta(minutes=5)
    play.answer("which", answer="logs")
    entry_id = play.answer("photo", files=[("rack.png", PNG)]).entry_id
    assert db.session.get_one(TimelineEntry, entry_id).attachments[0].content_type == "image/png"
    assert play.answer("count", answer="21,5").answer == "21.5"
    play.answer("sign", who="sam", note="go on")
    play.answer("tell", note="We have begun.", after=7)
    said = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.kind == "comment")).one()
    assert (said.body, said.internal) == ("We have begun.", False)
    with pytest.raises(ConflictError, match="Wait until"):
        play.ask("again", after=16)
    play.ask("again", after=17)
    play.device_says(judged(OK, "/var", 40.0), after=18)
    play.answer("again", after=19)
    assert play.current() == "give"
    play.resolve()  # only an optional step is left
    play.answer("give", note="to the night shift", person_id=any_world.users["sue"].id)
    fresh()
    assert (play.run.state, play.run.owner_id, play.run.blocking) == ("done", any_world.users["sue"].id, 0)
    assert audited("runbook.finished") == 1


def test_a_decision_turns_away_from_steps_that_are_not_needed(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind)
    play.answer("look", note="seen on the console")
    play.answer("which", answer="other")
    assert play.current() == "sign"
    assert [step.key for step in service.standing(play.run).passed] == ["look", "which"]


def test_a_step_that_was_answered_meanwhile_is_not_answered_twice(
    any_world: World, every_kind: Runbook
) -> None:
    play = Play.begin(any_world, every_kind)
    play.answer("look", note="seen")
    with pytest.raises(ConflictError):
        play.answer("look", who="sue", note="seen too")
    with pytest.raises(ConflictError):
        play.answer("photo", files=[("a.png", PNG)])  # not its turn
    with pytest.raises(ConflictError):
        play.answer("no-such-step")


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("which", {"answer": ""}),
        ("which", {"answer": "nonsense"}),
        ("photo", {}),
        ("photo", {"files": [("x.png", b"<svg onload=alert(1)>")]}),
        ("count", {"answer": "warm"}),
        ("count", {"answer": "nan"}),
        ("count", {"answer": "1e999"}),
        ("count", {"answer": "2_0"}),
        ("count", {"answer": "41"}),
        ("count", {"answer": "-3"}),
        ("tell", {"note": "  "}),
        ("give", {"note": ""}),
        ("give", {"note": "you do it", "person_id": 999}),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_nothing_moves(
    world: World, every_kind: Runbook, step: str, given: dict[str, object]
) -> None:
    play = Play.begin(world, every_kind)
    sound: dict[str, dict[str, object]] = {
        "look": {"note": "seen"},
        "which": {"answer": "logs"},
        "photo": {"files": [("a.png", PNG)]},
        "count": {"answer": "20"},
        "sign": {"who": "sam"},
        "tell": {"note": "hello"},
        "again": {"note": "seen"},
    }
    while (now_at := play.current()) != step:
        assert now_at is not None
        play.answer(now_at, **sound[now_at])  # type: ignore[arg-type]
    with pytest.raises(DomainError):
        play.answer(step, **given)  # type: ignore[arg-type]
    assert play.current() == step


def test_nobody_approves_their_own_work(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind, who="sue")
    play.answer("look", who="sue", note="seen")
    play.answer("which", who="sue", answer="other")
    with pytest.raises(NotAllowedError, match="their own work"):
        play.answer("sign", who="sue")
    with pytest.raises(NotAllowedError, match="somebody else"):
        play.answer("sign", who="emma")
    play.answer("sign", who="sam")


def test_a_skipped_mandatory_step_holds_the_ticket_until_a_supervisor_accepts(
    any_world: World, every_kind: Runbook
) -> None:
    play = Play.begin(any_world, every_kind)
    with pytest.raises(InvalidError):
        play.skip("look", reason=" ")
    for step in ("look", "which", "photo", "count", "sign", "tell", "again", "give"):
        play.skip(step, who="emma" if step == "look" else "sam")
    fresh()
    assert (play.run.state, play.run.blocking) == ("done", 1)
    with pytest.raises(InvalidError, match="supervisor accepts"):
        play.resolve()
    with pytest.raises(NotAllowedError), unit_of_work():
        service.accept_skip(play.run, "look", actor=any_world.actor("emma"), now=play.at(3))
    with unit_of_work():
        service.accept_skip(play.run, "look", actor=any_world.actor("sam"), now=play.at(3))
    play.resolve()
    assert audited("runbook.skip_accepted") == 1


def test_a_run_begun_by_mistake_is_stopped_by_anybody_later_it_takes_a_supervisor(
    world: World, every_kind: Runbook
) -> None:
    play = Play.begin(world, every_kind)
    emma, sam = world.actor("emma"), world.actor("sam")
    with unit_of_work():
        service.end_early(play.run, "the wrong one", actor=emma, now=play.at(1))
        second = service.start(play.ticket, every_kind, actor=emma, now=play.at(2))
    again = Play(world, play.ticket, second)
    again.answer("look", note="seen", after=3)
    with pytest.raises(NotAllowedError), unit_of_work():
        service.end_early(second, "enough", actor=emma, now=play.at(4))
    with pytest.raises(InvalidError), unit_of_work():
        service.end_early(second, " ", actor=sam, now=play.at(4))
    with unit_of_work():
        service.end_early(second, "replaced the server", actor=sam, now=play.at(4))
    fresh()
    assert (play.run.state, second.state) == ("stopped", "overridden")
    again.resolve()
    assert (audited("runbook.stopped"), audited("runbook.overridden")) == (1, 1)


def test_a_runbook_is_followed_once_at_a_time(any_world: World, every_kind: Runbook) -> None:
    play = Play.begin(any_world, every_kind)
    with pytest.raises(ConflictError), unit_of_work():
        service.start(play.ticket, every_kind, actor=any_world.actor("sue"), now=any_world.now)


def test_somebody_else_goes_on(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind)
    with unit_of_work():
        service.take_over(play.run, actor=world.actor("sue"), now=play.at(1))
    fresh()
    assert play.run.owner_id == world.users["sue"].id
    entries = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.kind == "runbook")).all()
    assert [(e.data["event"], e.internal) for e in entries] == [("started", True), ("handed_over", True)]


def test_a_run_goes_on_with_the_text_it_began_with(
    world: World, every_kind: Runbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from servicedesk.runbooks import library

    play = Play.begin(world, every_kind)
    monkeypatch.setattr(library, "library", dict)
    play.answer("look", note="seen")
    assert service.runbook_of(play.run).version == 3


def test_people_of_another_client_never_see_it(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind)
    for who in ("stan", "rolf", "rita"):  # rita asked for the ticket, but does not work on it
        with pytest.raises(NotFoundError):
            queries.get_visible_run(play.run.id, world.actor(who))
        with pytest.raises(NotAllowedError), unit_of_work():
            service.skip(play.run, "look", "because", actor=world.actor(who), now=world.now)
    assert queries.runs_under_way(world.actor("stan")) == []
    assert queries.get_visible_run(play.run.id, world.actor("emma")).id == play.run.id


def test_a_device_nobody_can_log_in_to_is_looked_at_by_hand(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind, protocol="")
    with pytest.raises(InvalidError, match="Record first"):
        play.ask("look")
    with pytest.raises(InvalidError):
        play.answer("look")
    assert play.answer("look", note="83 %").data == {"by_hand": True}


def test_a_check_the_device_did_not_answer_is_never_normal(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind)
    play.ask("look")
    play.device_says(judged(OK, "", 1.0, check="cpu_used"))
    with pytest.raises(InvalidError):
        play.answer("look")
    assert play.answer("look", note="df is not there").data["outcome"] == "not_inspected"


def test_a_device_half_of_which_was_reached_is_not_called_normal(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind)
    play.ask("look")
    db.session.expire_all()
    record_id = service.record_of(play.run, every_kind.steps[0]).record_id  # type: ignore[union-attr]
    refused = judged(Outcome.AUTH_FAILED, "ssh", 0.0, check="reachable")
    play.device_says(judged(OK, "/", 40.0), refused)
    asked = ("filesystem_used", "memory_used")
    assert on_demand.look(record_id, asked).outcome == "not_inspected"
    assert on_demand.look(record_id, ("filesystem_used",)).outcome == "ok"


def test_a_check_for_other_devices_does_not_spoil_the_answer(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind)
    play.ask("look")
    db.session.expire_all()
    record_id = service.record_of(play.run, every_kind.steps[0]).record_id  # type: ignore[union-attr]
    play.device_says(judged(OK, "/", 40.0), judged(OK, "", 0.0, check="reachable"))
    look = on_demand.look(record_id, ("filesystem_used", "device_members"))
    assert (look.outcome, look.missing) == ("ok", ["device_members"])
    assert on_demand.look(record_id, ("device_members",)).outcome == "not_inspected"


def test_a_closed_ticket_is_left_alone(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind)
    with unit_of_work():
        tickets.transition(
            play.ticket, "cancel", TransitionInput(reason="no"), actor=world.actor("sam"), now=play.at(1)
        )
    with pytest.raises(ConflictError, match="closed"):
        play.answer("look", note="x")
