"""What people choose for themselves, and which rules a client changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError
from servicedesk.notifications import rules
from servicedesk.notifications.channel_settings import require_manager
from servicedesk.notifications.models import Choice, Notification, Preference, RuleOverride
from servicedesk.notifications.timing import time_of_day, zone_named
from servicedesk.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Times:
    """Times of day as HH:MM; both quiet times or none."""

    quiet_from: str = ""
    quiet_to: str = ""
    digest_at: str = "08:30"
    timezone: str = ""


def preference_of(user_id: int) -> Times:
    """What somebody chose, or the product's defaults."""
    row = db.session.scalar(sa.select(Preference).where(Preference.user_id == user_id))
    return Times(row.quiet_from, row.quiet_to, row.digest_at, row.timezone) if row else Times()


def choices_of(user_id: int) -> dict[tuple[str, str], str]:
    """(group, channel) -> mode, for the whole matrix."""
    found = {
        (group, channel): setting.mail if channel == rules.MAIL else rules.NOW
        for group, setting in rules.GROUPS.items()
        for channel in rules.MODES
    }
    for row in db.session.scalars(sa.select(Choice).where(Choice.user_id == user_id)):
        if (row.group, row.channel) in found:
            found[row.group, row.channel] = row.mode
    return found


def save_own(user_id: int, times: Times, modes: Mapping[tuple[str, str], str]) -> None:
    """Keep somebody's choices.

    Raises:
        InvalidError: a time, a time zone or a choice is none.
    """
    for name in ("quiet_from", "quiet_to", "digest_at"):
        text = getattr(times, name)
        if (text or name == "digest_at") and time_of_day(text) is None:
            raise InvalidError(_("Write a time of day as 08:30."), name)
    if bool(times.quiet_from) != bool(times.quiet_to):
        missing = "quiet_to" if times.quiet_from else "quiet_from"
        raise InvalidError(_("Quiet hours need a beginning and an end."), missing)
    if times.timezone and zone_named(times.timezone).key != times.timezone:
        raise InvalidError(_("This time zone is not known. Try Asia/Shanghai."), "timezone")
    _save_times(user_id, times)
    present = {
        (row.group, row.channel): row
        for row in db.session.scalars(sa.select(Choice).where(Choice.user_id == user_id))
    }
    for (group, channel), mode in modes.items():
        if group not in rules.GROUPS or mode not in rules.MODES.get(channel, ()):
            raise InvalidError(_("Choose one of the list."))
        row = present.get((group, channel))
        if row is None:
            db.session.add(Choice(user_id=user_id, group=group, channel=channel, mode=mode))
        else:
            row.mode = mode
    db.session.flush()


def _save_times(user_id: int, times: Times) -> None:
    row = db.session.scalar(sa.select(Preference).where(Preference.user_id == user_id))
    if row is None:
        row = Preference(user_id=user_id)
        db.session.add(row)
    row.quiet_from, row.quiet_to = times.quiet_from, times.quiet_to
    row.digest_at, row.timezone = times.digest_at, times.timezone


def mark_read(notification: Notification, now: datetime) -> None:
    """It has been opened."""
    if notification.read_at is None:
        notification.read_at = now


def mark_all_read(actor: Actor, now: datetime) -> int:
    """All of the actor's; returns how many."""
    done = db.session.execute(
        sa.update(Notification)
        .where(Notification.recipient_id == (actor.user_id or 0), Notification.read_at.is_(None))
        .values(read_at=now)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # a cursor result has it


def save_rules(
    organisation: Organisation, chosen: frozenset[tuple[str, str, str]], *, actor: Actor, now: datetime
) -> None:
    """Keep where a client differs from the product's table; what is the same is not kept."""
    require_manager(actor, organisation.id)
    known = {
        (event, part, channel)
        for event, parts in rules.PARTS_OF.items()
        for part in parts
        for channel in rules.CHANNELS
        if rules.fits(part, channel)
    }
    if not chosen <= known:
        raise InvalidError(_("Choose one of the list."))
    db.session.execute(sa.delete(RuleOverride).where(RuleOverride.client_id == organisation.id))
    differing = sorted(chosen ^ (rules.DEFAULTS & known))
    for event, part, channel in differing:
        enabled = (event, part, channel) in chosen
        db.session.add(
            RuleOverride(client_id=organisation.id, event=event, part=part, channel=channel, enabled=enabled)
        )
    after = {"name": [f"{'+' if rule in chosen else '-'} {' '.join(rule)}" for rule in differing]}
    audit.record(
        actor,
        "notification_rules.updated",
        organisation,
        now=now,
        label=organisation.name,
        client_id=organisation.id,
        after=after,
    )
