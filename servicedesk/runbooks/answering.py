"""What each kind of step takes for an answer, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.uploads import content_type
from servicedesk.inspections import on_demand
from servicedesk.runbooks import service
from servicedesk.runbooks.definition import Step
from servicedesk.runbooks.models import RunbookRun, RunbookStep
from servicedesk.tickets import attachments
from servicedesk.tickets import service as tickets
from servicedesk.tickets.service import TransitionInput

MAX_ROWS = 200  # of readings kept with a step; the whole is in the record


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person gives at a step; only what its kind asks for is used."""

    answer: str = ""  # an option's key, a value
    note: str = ""
    person_id: int | None = None
    files: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is stored of an answer."""

    answer: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class _Here:
    run: RunbookRun
    step: Step
    given: Answer
    actor: Actor
    now: datetime


def complete(
    run: RunbookRun, key: str, given: Answer, *, blobs: BlobStore, actor: Actor, now: datetime
) -> RunbookStep:
    """Answer the present step.

    Raises:
        ConflictError: it is not the present step any more.
        InvalidError: what it asks for is missing or does not fit.
        NotAllowedError: an approval that is not this actor's to give.
    """
    run = service.locked(run)
    step = service.current_step(run, key, actor)
    taken = _TAKE[step.kind](_Here(run, step, given, actor, now))
    record = service.record_of(run, step) or RunbookStep(
        run_id=run.id, step=step.key, began_at=run.step_since, data={}
    )
    record.answer, record.note = taken.answer[:200], given.note.strip()[:4000]
    record.data = {**record.data, **taken.data}
    if taken.files:
        entry = service.say(run, run.ticket, "photo", step=step, actor=actor, now=now)
        attachments.attach(entry, list(taken.files), blobs=blobs, now=now)
        record.entry_id = entry.id
    service.put(run, record, "done", actor, now)
    return record


def ask_device(run: RunbookRun, key: str, *, actor: Actor, now: datetime) -> RunbookStep:
    """Let a collect or wait step's device be visited; the caller hands the visit over after the commit.

    Raises:
        ConflictError: a visit for this step is under way, or it is too early.
        InvalidError: the ticket names no device, or nobody can log in to it.
    """
    run = service.locked(run)
    step = service.current_step(run, key, actor)
    if step.kind not in ("collect", "wait"):
        raise ConflictError(service.MOVED)
    if run.device is None:
        raise InvalidError(_("This ticket names no device. Name one, or write down what you see."))
    if now < due_at(run, step):
        raise ConflictError(_("Wait until the time that is shown: before it, the answer means nothing."))
    record = service.record_of(run, step)
    if record is not None and under_way(record):
        raise ConflictError(_("The device is being asked already."))
    if record is None:
        record = RunbookStep(run_id=run.id, step=step.key, began_at=run.step_since, data={})
        run.steps.append(record)
    record.state, record.actor_id, record.actor_name = "asked", actor.user_id, actor.name
    record.record_id = on_demand.ask(run.device, actor=actor, now=now)
    db.session.flush()
    return record


def due_at(run: RunbookRun, step: Step) -> datetime:
    """From when a wait step may ask; a collect step may at once."""
    return run.step_since + timedelta(minutes=step.minutes)


def under_way(record: RunbookStep) -> bool:
    """Whether the step's visit has not ended."""
    return record.record_id is not None and on_demand.look(record.record_id, ()).outcome is None


def _words(here: _Here) -> str:
    text = here.given.note.strip()
    if not text:
        raise InvalidError(_("Please write a few words."), "note")
    return text


def _manual(here: _Here) -> _Taken:
    return _Taken()


def _decision(here: _Here) -> _Taken:
    if here.given.answer not in {option.key for option in here.step.options}:
        raise InvalidError(_("Choose one of the answers."), "answer")
    return _Taken(here.given.answer)


def _input(here: _Here) -> _Taken:
    text = here.given.answer.strip()
    match here.step.field:
        case "photo":
            if not here.given.files:
                raise InvalidError(_("Take or choose a photo."), "files")
            if any(not content_type(content).startswith("image/") for _n, content in here.given.files):
                raise InvalidError(_("A photo must be a PNG, JPEG, GIF or WebP picture."), "files")
            return _Taken(files=here.given.files)
        case "choice":
            return _decision(here)
        case "number":
            return _Taken(_number(text, here.step))
    if not text:
        raise InvalidError(_("Please write a few words."), "answer")
    if len(text) > 200:
        raise InvalidError(_("At most %(count)s characters; more fits into the remark.", count=200), "answer")
    return _Taken(text)


def _number(text: str, step: Step) -> str:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        raise InvalidError(_("Give a number, for example 12.50."), "answer")
    least, most = step.least, step.most
    if (least is not None and value < least) or (most is not None and value > most):
        shown = {
            "least": "–" if least is None else f"{least:g}",
            "most": "–" if most is None else f"{most:g}",
        }
        raise InvalidError(_("Give a number from %(least)s to %(most)s.", **shown), "answer")
    return f"{value:.12g}"


def _collect(here: _Here) -> _Taken:
    """What the device said is kept with the step. What is seen by hand, or should be normal and is not,
    takes a word."""
    record = service.record_of(here.run, here.step)
    if record is None or record.record_id is None:
        _words(here)
        return _Taken(data={"by_hand": True})
    look = on_demand.look(record.record_id, here.step.checks)
    if look.outcome is None:
        raise ConflictError(_("The device has not answered yet."))
    if look.outcome != "ok" and here.step.expect:
        _words(here)
    rows = [
        {
            "check": row.check,
            "item": row.item,
            "value": row.value,
            "unit": row.unit,
            "outcome": row.outcome.value,
        }
        for row in look.rows[:MAX_ROWS]
    ]
    return _Taken(data={"outcome": look.outcome.value, "rows": rows})


def _message(here: _Here) -> _Taken:
    text = _words(here)
    ticket = here.run.ticket
    internal = here.step.to == "internal" or ticket.requester_id is None
    tickets.comment(ticket, text, internal=internal, actor=here.actor, now=here.now)
    return _Taken(data={"internal": internal})


def _approval(here: _Here) -> _Taken:
    """Four eyes: not by whoever follows the runbook."""
    if not service.holds(here.step.by, here.run.ticket, here.actor):
        raise NotAllowedError(_("This step waits for somebody else's approval."))
    if here.actor.user_id == here.run.owner_id:
        raise NotAllowedError(_("Nobody approves their own work: somebody else must look at it."))
    return _Taken(data={"approved": True})


def _handoff(here: _Here) -> _Taken:
    _words(here)
    if here.given.person_id is None:
        return _Taken()  # to somebody outside: the words say to whom
    person = next((one for one in service.people(here.run.ticket) if one.id == here.given.person_id), None)
    if person is None:
        raise InvalidError(_("Choose somebody who works on this client's tickets."), "person_id")
    ticket = here.run.ticket
    if person.id != ticket.assignee_id:
        names = {arrow.name for arrow in tickets.available(ticket, here.actor)}
        arrow = next((name for name in ("hand_over", "assign") if name in names), None)
        if arrow is not None:
            given = TransitionInput(assignee_id=person.id, reason=here.given.note.strip())
            tickets.transition(ticket, arrow, given, actor=here.actor, now=here.now)
    service.give_to(here.run, person, actor=here.actor, now=here.now)
    return _Taken(data={"to": person.display_name})


_TAKE: dict[str, Callable[[_Here], _Taken]] = {
    "manual": _manual,
    "decision": _decision,
    "input": _input,
    "collect": _collect,
    "wait": _collect,
    "message": _message,
    "approval": _approval,
    "handoff": _handoff,
}


def may_ask(run: RunbookRun, actor: Actor) -> bool:
    """Whether the actor may have the run's device visited, and there is a way to it."""
    device = run.device
    return (
        device is not None
        and bool(device.accesses)
        and actor.allows(Permission.INSPECTION_RUN, device.client_id, device.site_id)
    )
