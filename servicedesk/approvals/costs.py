"""Approval of a sum of cost lines, whatever they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.approvals import service
from servicedesk.approvals.models import SENT_BACK, ApprovalChain
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError


class CostLine(Protocol):
    """A line of costs; ``approval_id`` is the chain that was asked about it."""

    description: str
    approval_id: int | None

    @property
    def amount(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class CostSubject:
    """What the lines belong to. ``number`` is what people call it by."""

    key: str
    subject_type: str
    subject_id: int
    number: str
    title: str
    client_id: int
    site_id: int | None


def _label(subject: CostSubject, amount: Decimal) -> str:
    """Number, title and sum: who decides may read another language than who asks, so no word of either."""
    title = subject.title.removeprefix(subject.number).strip()
    return f"{subject.number} {title[:200]}: {amount:,.2f}"


def ask(
    subject: CostSubject, lines: Sequence[CostLine], supplier: str, *, actor: Actor, now: datetime
) -> ApprovalChain:
    """Ask for the lines that nobody was asked about; a sum that was sent back is asked about again.

    Raises:
        InvalidError: there is none.
        ConflictError: the approval of other lines is under way.
    """
    amount = sum((line.amount for line in lines), Decimal(0))
    if not lines or amount <= 0:
        raise InvalidError(_("There is no cost that waits for an approval."))
    facts = {
        "amount": float(amount),
        "supplier": supplier.strip()[:100],
        "title": subject.title[:200],
        "lines": [f"{line.description}: {line.amount:,.2f}" for line in lines][: service.MAX_FACTS],
    }
    on_its_behalf = replace(actor, is_system=True)
    returned = db.session.scalar(
        sa.select(ApprovalChain.id).where(
            ApprovalChain.subject_type == subject.subject_type,
            ApprovalChain.subject_id == subject.subject_id,
            ApprovalChain.key == subject.key,
            ApprovalChain.state == SENT_BACK,
        )
    )
    if returned is not None:
        chain = service.resubmit(returned, facts, actor=on_its_behalf, now=now)
    else:
        new = service.NewChain(
            key=subject.key,
            subject_type=subject.subject_type,
            subject_id=subject.subject_id,
            subject_label=_label(subject, amount),
            client_id=subject.client_id,
            requester_id=actor.user_id or 0,
            site_id=subject.site_id,
            facts=facts,
        )
        chain = service.start_chain(new, actor=on_its_behalf, now=now)
    for line in lines:
        line.approval_id = chain.id
    db.session.flush()
    return chain
