"""Carries deliveries out: claimed and committed before the network is touched, recorded after it.

A worker that dies in between leaves its delivery claimed; when the lease is over it becomes uncertain,
and only a person sends it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.config import Settings
from servicedesk.core.actor import Actor
from servicedesk.core.crypto import DecryptionError, Keyring
from servicedesk.core.db import db, for_update, unit_of_work
from servicedesk.core.errors import ConflictError
from servicedesk.core.sentences import N_
from servicedesk.notifications import rules
from servicedesk.notifications.channel_settings import SMTP, require_manager
from servicedesk.notifications.channels.outcome import BACKOFF, RETRY, Outcome, failed, retry
from servicedesk.notifications.composing import Composer, Undeliverable
from servicedesk.notifications.models import (
    BOUNCED,
    BUNDLED,
    COLLECTED,
    DIGEST,
    DROPPED,
    FAILED,
    SENDING,
    SENT,
    TEST,
    UNCERTAIN,
    WAITING,
    Channel,
    Delivery,
)

LEASE = timedelta(minutes=3)  # more than the time of a whole try
DIGEST_ROWS = 500
# States somebody should look at: first in the log.
TROUBLE = frozenset({UNCERTAIN, FAILED, BOUNCED})
_LOST = N_("The worker ended while it was sending. Nobody knows whether the message arrived.")


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours, and what to do without any database."""

    delivery_id: int
    attempt: int
    act: Callable[[], Outcome]


def deliver(delivery_id: int, *, keyring: Keyring, settings: Settings, clock: Callable[[], datetime]) -> bool:
    """Try one delivery; False when it is not ours to try."""
    with unit_of_work():
        claim = _claim(delivery_id, keyring, settings, clock())
    if claim is None:
        return False
    outcome = claim.act()
    with unit_of_work():
        _record(claim, outcome, clock())
    return True


def _claim(delivery_id: int, keyring: Keyring, settings: Settings, now: datetime) -> Claim | None:
    """Take it: one worker succeeds, whatever Redis hands out twice."""
    found = db.session.scalars(
        for_update(
            sa.select(Delivery).where(
                Delivery.id == delivery_id, Delivery.state == WAITING, Delivery.not_before <= now
            )
        )
    ).one_or_none()
    if found is None:
        return None
    found.attempts += 1
    found.error = found.answer = ""
    try:
        act = Composer(keyring, settings, now).compose(found)
    except Undeliverable as reason:
        found.state, found.error = DROPPED, reason.sentence
        return None
    except DecryptionError as error:
        _settle(found, failed(str(error)), now)
        return None
    except ValueError as error:
        _settle(found, failed(N_("The mail address cannot be used."), error), now)
        return None
    if act is None:
        _settle(found, retry(N_("There is no active way out for this message.")), now)
        return None
    found.state, found.lease_until = SENDING, now + LEASE
    return Claim(found.id, found.attempts, act)


def _record(claim: Claim, outcome: Outcome, now: datetime) -> None:
    """Write down what came of it, unless somebody sent it again meanwhile."""
    found = db.session.scalars(
        for_update(
            sa.select(Delivery).where(
                Delivery.id == claim.delivery_id,
                Delivery.attempts == claim.attempt,
                Delivery.state.in_((SENDING, UNCERTAIN)),
            )
        )
    ).one_or_none()
    if found is not None:
        _settle(found, outcome, now)


def _settle(found: Delivery, outcome: Outcome, now: datetime) -> None:
    found.error, found.answer, found.lease_until = outcome.error, outcome.answer, None
    if outcome.state == RETRY and found.attempts <= len(BACKOFF) and found.purpose != TEST:
        found.state, found.not_before = WAITING, now + BACKOFF[found.attempts - 1]
        found.enqueued_at = None
    else:
        found.state = FAILED if outcome.state == RETRY else outcome.state
    if found.state == SENT:
        found.sent_at = now
    found.rank = 1 if found.state in TROUBLE else 0


def release_lost(now: datetime) -> int:
    """Claimed by a worker that is gone: uncertain from now on. Returns how many."""
    done = db.session.execute(
        sa.update(Delivery)
        .where(Delivery.state == SENDING, Delivery.lease_until < now)
        .values(state=UNCERTAIN, rank=1, lease_until=None, error=_LOST)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # a cursor result has it


def send_again(delivery: Delivery, *, actor: Actor, now: datetime) -> None:
    """A person decides that a message goes out (once more).

    Raises:
        ConflictError: it is under way, or has arrived.
    """
    require_manager(actor, delivery.client_id)
    statement = for_update(sa.select(Delivery).where(Delivery.id == delivery.id))
    delivery = db.session.scalars(statement).one()
    if delivery.state not in (*TROUBLE, DROPPED):
        raise ConflictError(_("This message is under way or has arrived. Look at it again."))
    before = audit.snapshot(delivery, ("state",))
    delivery.state, delivery.rank, delivery.not_before, delivery.enqueued_at = WAITING, 0, now, None
    delivery.attempts = 0
    label = delivery.event.subject_label if delivery.event is not None else delivery.purpose
    after = audit.snapshot(delivery, ("state",))
    audit.record(actor, "delivery.sent_again", delivery, now=now, label=label, before=before, after=after)


def send_test(channel: Channel, *, recipient_id: int | None, actor: Actor, now: datetime) -> Delivery:
    """Queue a test over a channel; the page shows what becomes of it."""
    require_manager(actor, channel.client_id)
    test = Delivery(
        purpose=TEST,
        kind=rules.MAIL if channel.kind == SMTP else channel.kind,
        channel_id=channel.id,
        client_id=channel.client_id,
        recipient_id=recipient_id if channel.kind == SMTP else None,
        target=f"channel:{channel.id}",
        state=WAITING,
        not_before=now,
        created_at=now,
    )
    db.session.add(test)
    db.session.flush()
    return test


def make_digests(now: datetime) -> int:
    """What was collected for somebody becomes one message, when its time has come. Returns how many.

    One for each way out: what a client's own server carries does not leave through another one.
    """
    rows = db.session.scalars(
        for_update(
            sa.select(Delivery)
            .where(Delivery.state == COLLECTED, Delivery.not_before <= now)
            .order_by(Delivery.recipient_id, Delivery.id)
            .limit(DIGEST_ROWS)
        )
    ).all()
    ways = _mail_ways()
    bundles: dict[tuple[int | None, int | None], list[Delivery]] = {}
    for row in rows:
        way = ways.get(row.client_id, ways.get(None))
        bundles.setdefault((row.recipient_id, way), []).append(row)
    for (recipient_id, way), members in bundles.items():
        digest = Delivery(
            purpose=DIGEST,
            kind=rules.MAIL,
            channel_id=way,
            recipient_id=recipient_id,
            client_id=members[0].client_id if len({row.client_id for row in members}) == 1 else None,
            target=f"user:{recipient_id}",
            state=WAITING,
            not_before=now,
            created_at=now,
        )
        db.session.add(digest)
        db.session.flush()
        for row in members:
            row.state, row.digest_id = BUNDLED, digest.id
    return len(bundles)


def _mail_ways() -> dict[int | None, int]:
    """Client (None for all) -> the channel its mail leaves through."""
    found = db.session.execute(
        sa.select(Channel.client_id, Channel.id)
        .where(Channel.kind == SMTP, Channel.active)
        .order_by(Channel.id.desc())
    )
    return {row.client_id: row.id for row in found}
