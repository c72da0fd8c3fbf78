"""Following a runbook in the browser, at a desk or on a phone beside the rack."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from redis import RedisError

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import whole_number
from servicedesk.core.runtime import runtime
from servicedesk.core.uploads import uploaded
from servicedesk.core.web import form_number
from servicedesk.inspections import jobs, on_demand
from servicedesk.runbooks import answering, labels, queries, service, texts
from servicedesk.runbooks.answering import Answer
from servicedesk.runbooks.definition import Step
from servicedesk.runbooks.library_views import bp
from servicedesk.runbooks.models import RunbookRun
from servicedesk.runbooks.rendering import markdown
from servicedesk.runbooks.texts import Place
from servicedesk.tickets.queries import get_visible_ticket

MAX_TYPED = 4000


@bp.post("/<key>/start")
@login_required
def start(key: str) -> ResponseReturnValue:
    """Begin to follow it for a ticket."""
    actor = current_actor()
    ticket = get_visible_ticket(form_number("ticket_id"), actor)
    runbook = texts.get(key, Place(ticket.client_id, ticket.site_id))
    device_id = request.form.get("device_id", type=whole_number)
    try:
        with unit_of_work():
            run = service.start(ticket, runbook, device_id=device_id, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("tickets.detail", ticket_id=ticket.id))
    return redirect(url_for("runbooks.run", following_id=run.id))


@bp.get("/runs/<int:following_id>")
@login_required
def run(following_id: int) -> ResponseReturnValue:
    """Where a run stands; polled for its changing part."""
    return _page(following_id)


def _page(
    following_id: int, *, refused: DomainError | None = None, typed: Answer | None = None
) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.get_visible_run(following_id, actor)
    ticket, runbook = found.ticket, service.runbook_of(found)
    stands = service.standing(found)
    records = {record.step: record for record in found.steps}
    current = stands.current if found.state == "active" else None
    record = records.get(current.key) if current is not None else None
    template = "runbooks/_run.html" if "poll" in request.args else "runbooks/run.html"
    works = service.may_work(ticket, actor) and ticket.phase != "closed"
    shown = render_template(
        template,
        run=found,
        ticket=ticket,
        runbook=runbook,
        stands=stands,
        current=current,
        record=record,
        records=records,
        look=_look(current, record),
        due_at=answering.due_at(found, current) if current is not None else None,
        now=utcnow(),
        may_work=works,
        may_ask=answering.may_ask(found, actor),
        may_approve=current is not None and current.kind == "approval" and _may_approve(found, current),
        may_override=service.holds("supervisor", ticket, actor),
        people=service.people(ticket) if current is not None and current.kind == "handoff" else [],
        photos=queries.photos(found),
        refused=refused,
        typed=typed or Answer(),
        kinds=labels.KINDS,
        icons=labels.ICONS,
        roles=labels.ROLES,
        states=labels.STATES,
        markdown=markdown,
    )
    return shown, refused.status if refused is not None else 200


def _look(step: Step | None, record: object) -> on_demand.Look | None:
    record_id = getattr(record, "record_id", None)
    return on_demand.look(record_id, step.checks) if step is not None and record_id else None


def _may_approve(found: RunbookRun, step: Step) -> bool:
    actor = current_actor()
    return service.holds(step.by, found.ticket, actor) and found.owner_id != actor.user_id


@bp.get("/runs/<int:following_id>/steps/<step>/answers")
@login_required
def answers(following_id: int, step: str) -> ResponseReturnValue:
    """Raw answers of the device that a step attaches; asked for when they are opened."""
    found = queries.get_visible_run(following_id, current_actor())
    wanted = service.runbook_of(found).step(step)
    record = next((one for one in found.steps if one.step == step), None)
    shown = []
    if wanted is not None and record is not None and record.record_id is not None:
        shown = on_demand.answers(record.record_id, wanted.show, blobs=runtime().blobs)
    return render_template("runbooks/_answers.html", answers=shown, record=record)


@bp.post("/runs/<int:following_id>/steps/<step>/<any(done, skip, ask, accept):how>")
@login_required
def act(following_id: int, step: str, how: str) -> ResponseReturnValue:
    """Answer, skip, let the device be asked, or accept that a step was skipped."""
    actor, now = current_actor(), utcnow()
    found = queries.get_visible_run(following_id, actor)
    note = request.form.get("note", "")[:MAX_TYPED].replace("\x00", "")
    given = Answer(
        answer=request.form.get("answer", "")[:MAX_TYPED].replace("\x00", ""),
        note=note,
        person_id=request.form.get("person_id", type=whole_number),
    )
    acts: dict[str, Callable[[Answer], object]] = {
        "done": lambda full: answering.complete(
            found, step, full, blobs=runtime().blobs, actor=actor, now=now
        ),
        "skip": lambda _full: service.skip(found, step, note, actor=actor, now=now),
        "ask": lambda _full: answering.ask_device(found, step, actor=actor, now=now),
        "accept": lambda _full: service.accept_skip(found, step, actor=actor, now=now),
    }
    try:
        files = uploaded(request.files.getlist("files"))
        with unit_of_work():
            acts[how](Answer(given.answer, given.note, given.person_id, files))
    except DomainError as error:
        return _page(following_id, refused=error, typed=given)
    if how == "ask":
        _hand_over_visits()
    return redirect(url_for("runbooks.run", following_id=following_id) + "#now")


def _hand_over_visits() -> None:
    """After the commit: to the workers at once; the sweep would do it in seconds."""
    try:
        jobs.enqueue_waiting(utcnow())
    except (OSError, RedisError):
        flash(_("The inspection begins as soon as the workers are reachable again."), "info")


@bp.post("/runs/<int:following_id>/<any(take, end):ending>")
@login_required
def change(following_id: int, ending: str) -> ResponseReturnValue:
    """Go on with somebody else's run, or end it before its end."""
    actor = current_actor()
    found = queries.get_visible_run(following_id, actor)
    reason = request.form.get("reason", "")[:MAX_TYPED].replace("\x00", "")
    try:
        with unit_of_work():
            if ending == "take":
                service.take_over(found, actor=actor, now=utcnow())
            else:
                service.end_early(found, reason, actor=actor, now=utcnow())
    except DomainError as error:
        return _page(following_id, refused=error)
    return redirect(url_for("runbooks.run", following_id=following_id))
