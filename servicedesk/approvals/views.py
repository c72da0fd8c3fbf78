"""Pages of approvals: what waits, one approval, its printed sheet, stand-ins."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from servicedesk.approvals import effects, queries, seats, service, stand_ins
from servicedesk.approvals.definition import from_json
from servicedesk.approvals.forms import DecisionForm, HandOnForm, StandInForm, WithdrawForm
from servicedesk.approvals.labels import in_language, node_name
from servicedesk.approvals.models import ApprovalChain
from servicedesk.approvals.panel import views_of
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, first_error
from servicedesk.core.forms import whole_number
from servicedesk.core.i18n import select_timezone
from servicedesk.core.permissions import Role
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.staff.models import User
from servicedesk.staff.queries import role_holders
from servicedesk.staff.views import safe_next

bp = Blueprint("approvals", __name__, url_prefix="/approvals")
_SIGNERS = [role for role in Role if role != Role.REQUESTER]


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """What waits for me; ``?list=decided``: what I decided."""
    actor, cursor = current_actor(), request.args.get("cursor", "")
    decided = request.args.get("list") == "decided"
    page = queries.decided_rows(actor, cursor) if decided else queries.waiting_rows(actor, utcnow(), cursor)
    return render_template(
        "approvals/index.html",
        page=page,
        decided=decided,
        now=utcnow(),
        title_of=lambda row: in_language(row.title_en, row.title_zh),
        step_of=lambda row: node_name(from_json(row.nodes).nodes[row.position]),
        link_of=subject_link,
    )


def subject_link(subject_type: str, subject_id: int) -> str:
    """The subject's page; empty when its domain gave none."""
    link = effects.subject(subject_type).link
    return link(subject_id) if link is not None else ""


@bp.get("/<int:chain_id>")
@login_required
def detail(chain_id: int) -> ResponseReturnValue:
    """One approval with all that was decided, and what the reader may do."""
    return _detail(queries.get_visible_chain(chain_id, current_actor(), utcnow()))


def _detail(
    chain: ApprovalChain, *, error: DomainError | None = None, hand_on: HandOnForm | None = None
) -> ResponseReturnValue:
    # Read anew: a refused decision may have met what somebody else did meanwhile.
    db.session.expire_all()
    actor, now = current_actor(), utcnow()
    chain = queries.get_visible_chain(chain.id, actor, now)
    (view,) = views_of([chain], actor, now)
    form = hand_on or HandOnForm(formdata=None)
    if view.turns:
        people = role_holders(_SIGNERS, chain.client_id, site_id=chain.site_id)
        busy = {chain.requester_id, actor.user_id}
        form.user_id.offer([(u.id, u.display_name) for u in people if u.id not in busy], empty=_("(choose)"))
    page = render_template(
        "approvals/detail.html",
        chain=view,
        approvals=[view],
        facts=effects.facts_in_words(chain.subject_type, chain.facts),
        hand_on=form,
        error=str(error) if error else "",
        typed=request.form.get("reason", "")[: service.MAX_REASON] if error else "",
        now=now,
    )
    return page, error.status if error else 200


def _done(chain: ApprovalChain, text: str) -> ResponseReturnValue:
    flash(text, "success")
    target = request.form.get("next", "")
    return redirect(safe_next(target) if target else url_for("approvals.detail", chain_id=chain.id))


_SAID = {
    "approved": _l("You approved this."),
    "rejected": _l("You rejected this."),
    "sent_back": _l("You sent this back."),
}


@bp.post("/<int:chain_id>/decide")
@login_required
def decide(chain_id: int) -> ResponseReturnValue:
    """Approve, reject or send back."""
    actor = current_actor()
    chain = queries.get_visible_chain(chain_id, actor, utcnow())
    form = DecisionForm()
    try:
        if not form.validate_on_submit():
            raise InvalidError(first_error(form.errors))
        decision, _colon, step = (form.decision.data or "").partition(":")
        with unit_of_work():
            service.decide(
                chain_id,
                form.seat_id.data or 0,
                decision,
                form.reason.data or "",
                send_to=whole_number(step or form.send_to.data),
                actor=actor,
                now=utcnow(),
            )
    except DomainError as error:
        return _detail(chain, error=error)
    return _done(chain, str(_SAID[decision]))


@bp.post("/<int:chain_id>/withdraw")
@login_required
def withdraw(chain_id: int) -> ResponseReturnValue:
    """The requester takes it back."""
    actor = current_actor()
    chain = queries.get_visible_chain(chain_id, actor, utcnow())
    form = WithdrawForm()
    try:
        if not form.validate_on_submit():
            raise InvalidError(first_error(form.errors))
        with unit_of_work():
            service.withdraw(chain_id, form.reason.data or "", actor=actor, now=utcnow())
    except DomainError as error:
        return _detail(chain, error=error)
    return _done(chain, _("You withdrew this."))


@bp.post("/<int:chain_id>/delegate")
@login_required
def delegate(chain_id: int) -> ResponseReturnValue:
    """Hand one's seat on; with ``countersign`` ask for one more signature instead."""
    actor = current_actor()
    chain = queries.get_visible_chain(chain_id, actor, utcnow())
    form = HandOnForm()
    people = role_holders(_SIGNERS, chain.client_id, site_id=chain.site_id)
    form.user_id.offer([(u.id, u.display_name) for u in people], empty="")
    also = "countersign" in request.form
    act = seats.countersign if also else seats.delegate
    try:
        if not form.validate_on_submit():
            raise InvalidError(first_error(form.errors))
        with unit_of_work():
            act(
                chain_id,
                form.seat_id.data or 0,
                form.user_id.data,
                form.reason.data or "",
                actor=actor,
                now=utcnow(),
            )
    except DomainError as error:
        return _detail(chain, error=error, hand_on=form)
    return _done(chain, _("Asked for a countersignature.") if also else _("Handed on."))


@bp.get("/<int:chain_id>/print")
@login_required
def sheet(chain_id: int) -> ResponseReturnValue:
    """The sheet with all signatures, to be printed or filed."""
    actor, now = current_actor(), utcnow()
    chain = queries.get_visible_chain(chain_id, actor, now)
    (view,) = views_of([chain], actor, now)
    return render_template(
        "approvals/print.html",
        chain=view,
        facts=effects.facts_in_words(chain.subject_type, chain.facts),
        now=now,
    )


@bp.route("/stand-ins", methods=["GET", "POST"])
@login_required
def stand_in_list() -> ResponseReturnValue:
    """Who decides for me while I am away, and for whom I do."""
    actor, now = current_actor(), utcnow()
    form = StandInForm()
    people = stand_ins.possible_stand_ins(actor).order_by(User.display_name, User.id).limit(2000)
    form.to_user_id.offer([(u.id, u.display_name) for u in db.session.scalars(people)], empty=_("(choose)"))
    reach = actor.reach()
    clients = db.session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(Organisation.kind == CLIENT, Organisation.active, reach.clause(Organisation.id))
        .order_by(Organisation.name)
    ).all()
    form.client_id.offer([(c.id, c.name) for c in clients], empty=_("all clients"))
    if form.validate_on_submit():
        try:
            with unit_of_work():
                stand_ins.set_stand_in(
                    form.to_user_id.data,
                    starts_at=_midnight(form.starts_on.data, 0),
                    ends_at=_midnight(form.until.data, 1),
                    reason=form.reason.data or "",
                    client_id=form.client_id.data,
                    actor=actor,
                    now=now,
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("approvals.stand_in_list"))
    page = render_template(
        "approvals/stand_ins.html",
        form=form,
        several_clients=len(clients) > 1,
        given=stand_ins.periods(actor, now, given=True),
        received=stand_ins.periods(actor, now, given=False),
        last_moment=timedelta(seconds=1),
        now=now,
    )
    return page, 422 if form.is_submitted() else 200


def _midnight(day: date | None, days: int) -> datetime:
    """The beginning of a day, or of the one so many days later, in the reader's time zone."""
    if day is None or not 2000 <= day.year < 3000:
        raise InvalidError(_("Give a day like 2026-03-31."))
    return datetime.combine(day + timedelta(days=days), time(), ZoneInfo(select_timezone()))


@bp.post("/stand-ins/<int:delegation_id>/end")
@login_required
def end_stand_in(delegation_id: int) -> ResponseReturnValue:
    """End a period early."""
    with unit_of_work():
        stand_ins.cancel_stand_in(delegation_id, actor=current_actor(), now=utcnow())
    flash(_("The period is ended."), "success")
    return redirect(url_for("approvals.stand_in_list"))
