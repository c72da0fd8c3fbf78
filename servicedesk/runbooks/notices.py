"""What notifications are told about runs and texts, in the same transaction; the same thing once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.notifications.events import Event, Subject
from servicedesk.notifications.service import notify
from servicedesk.runbooks.definition import ROLES, Runbook, Step
from servicedesk.runbooks.models import RunbookRun, RunbookText
from servicedesk.staff.queries import holders
from servicedesk.tickets import notices as ticket_notices

TEXT_KIND = "runbook_text"
_DECIDED = {
    "send_back": N_("%(actor)s sent your runbook text back: %(title)s"),
    "publish": N_("%(actor)s published your runbook text: %(title)s"),
}


def stands_at(run: RunbookRun, runbook: Runbook, step: Step | None, *, actor: Actor, now: datetime) -> None:
    """A run has come to a step: an approval asks those who may give it."""
    if step is None or step.kind != "approval" or run.state != "active":
        return
    ticket = run.ticket
    asked = holders(ROLES[step.by], ticket.client_id, site_id=ticket.site_id)
    _of_run(
        run,
        runbook,
        "run.approval",
        f"run:{run.id}:{step.key}:approval",
        N_("A runbook waits for your approval: %(title)s (%(number)s)"),
        {"approver": [user.id for user in asked]},
        actor=actor,
        now=now,
    )


def skipped(run: RunbookRun, runbook: Runbook, step: Step, *, actor: Actor, now: datetime) -> None:
    """A mandatory step was skipped by somebody who may not decide that alone."""
    _of_run(
        run,
        runbook,
        "run.skipped",
        f"run:{run.id}:{step.key}:skipped",
        N_("%(actor)s skipped a mandatory step of %(title)s (%(number)s): a supervisor accepts that or not"),
        {},
        actor=actor,
        now=now,
    )


def _of_run(
    run: RunbookRun,
    runbook: Runbook,
    name: str,
    key: str,
    template: str,
    people: dict[str, list[int]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    ticket = run.ticket
    subject = Subject(
        ticket_notices.KIND,
        ticket.id,
        ticket.number,
        ticket.title,
        f"/runbooks/runs/{run.id}",
        ticket.client_id,
        ticket.site_id,
    )
    title = runbook.title.say(select_locale())
    values = {"actor": actor.name, "title": title, "number": ticket.number}
    event = Event(
        name=name, key=key, subject=subject, template=template, values=values, people=people, internal=True
    )
    notify(event, actor=actor, now=now)


def text_moved(text: RunbookText, name: str, title: str, *, actor: Actor, now: datetime) -> None:
    """A text was submitted, sent back or published: reviewers are asked, its author hears the answer."""
    subject = Subject(
        TEXT_KIND, text.id, text.key, title, f"/runbooks/texts/{text.id}", text.client_id, text.site_id
    )
    if name == "submit":
        found = holders(Permission.TICKET_LIST_EDIT, text.client_id, site_id=text.site_id)
        people = {"reviewer": [user.id for user in found if user.id != text.author_id]}
        event, template = "text.review", N_("%(actor)s asks for a review of a runbook text: %(title)s")
    else:
        people = {"author": [text.author_id] if text.author_id is not None else []}
        event, template = "text.decided", _DECIDED[name]
    notify(
        Event(
            name=event,
            key=f"runbook-text:{text.id}:{name}:{now.isoformat()}",
            subject=subject,
            template=template,
            values={"actor": actor.name, "title": title},
            people=people,
            excerpt=text.remark if name == "send_back" else "",
        ),
        actor=actor,
        now=now,
    )


def who_may_see(text_id: int, actors: Sequence[Actor], internal: bool) -> set[int]:
    """Account numbers of those among the actors who may see the text; it has no internal part."""
    wanted = sa.select(RunbookText.client_id, RunbookText.site_id).where(RunbookText.id == text_id)
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        return set()
    return {
        actor.user_id
        for actor in actors
        if actor.user_id is not None and actor.allows(Permission.TICKET_WORK, row.client_id, row.site_id)
    }
