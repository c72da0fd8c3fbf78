"""Who is told of runs and texts that wait, and that they are told once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.notifications.models import Notification, NotificationEvent
from servicedesk.runbooks import texts
from servicedesk.runbooks.definition import Runbook
from servicedesk.runbooks.texts import Place
from servicedesk.staff.models import User
from tests.servicedesk.runbooks.test_runs import Play
from tests.servicedesk.world import World, fresh


def told(name: str) -> list[str]:
    """User names of those who were told of an event, in the order it happened."""
    fresh()
    return list(
        db.session.scalars(
            sa.select(User.username)
            .join(Notification, Notification.recipient_id == User.id)
            .join(NotificationEvent, NotificationEvent.id == Notification.event_id)
            .where(NotificationEvent.name == name)
            .order_by(NotificationEvent.id, User.username)
        )
    )


def test_an_approval_is_asked_once_of_those_who_may_give_it(any_world: World, every_kind: Runbook) -> None:
    play = Play.begin(any_world, every_kind)
    assert told("run.approval") == []
    for step in ("look", "which", "photo"):
        play.skip(step)
    assert told("run.approval") == []
    play.skip("count")
    assert play.current() == "sign"
    assert told("run.approval") == ["sam", "sue"]
    path = db.session.scalar(
        sa.select(NotificationEvent.path).where(NotificationEvent.name == "run.approval")
    )
    assert path == f"/runbooks/runs/{play.run.id}"


def test_a_skipped_mandatory_step_is_told_to_supervisors(world: World, every_kind: Runbook) -> None:
    play = Play.begin(world, every_kind)
    play.skip("look")
    assert told("run.skipped") == ["sam", "sue"]
    play.skip("which", who="sue")  # a supervisor has decided it
    assert told("run.skipped") == ["sam", "sue"]


def test_reviewers_and_author_of_a_text_are_told(world: World, every_kind: Runbook) -> None:
    emma, sam = world.actor("emma"), world.actor("sam")
    with unit_of_work():
        text = texts.begin("every-kind", Place(world.organisations["north"].id), actor=emma, now=world.now)
        texts.submit(text, actor=emma, now=world.now)
    assert told("text.review") == ["sam", "sue"]
    with unit_of_work():
        texts.send_back(text, "Name the number.", actor=sam, now=world.now)
    assert told("text.decided") == ["emma"]
    with unit_of_work():
        texts.submit(text, actor=emma, now=world.now + timedelta(minutes=1))
        texts.publish(text, actor=sam, now=world.now + timedelta(minutes=2))
    assert told("text.decided") == ["emma", "emma"]
