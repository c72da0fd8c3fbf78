"""Rules as people set them: added, changed, moved, removed. What they decide is ``deciding.decide``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.assignment.labels import ACTIONS, DUTY, OF_TEAM, PERSON, SKILL, SKILLS, SUBTYPES
from servicedesk.assignment.models import AssignmentRule, Team
from servicedesk.assignment.queries import workers_at
from servicedesk.assignment.service import require_place
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.sla.labels import CATEGORIES, PRIORITIES

MAX_RULES = 200  # of a client
FIELDS = (
    "name",
    "active",
    "position",
    "site_id",
    "category",
    "subtype",
    "device_class",
    "priority",
    "duty",
    "action",
    "team_id",
    "user_id",
    "skill",
)


@dataclass(frozen=True, slots=True)
class RuleData:
    """A rule as a form gives it; what is empty or None means all of them."""

    name: str
    action: str
    site_id: int | None = None
    category: str = ""
    subtype: str = ""
    device_class: str = ""
    priority: int | None = None
    duty: str = ""
    team_id: int | None = None
    user_id: int | None = None
    skill: str = ""
    active: bool = True


def managed_rules(actor: Actor) -> sa.Select[AssignmentRule]:
    """Rules the actor may change."""
    scope = actor.scope(Permission.TICKET_ASSIGN)
    return sa.select(AssignmentRule).where(scope.clause(AssignmentRule.client_id, AssignmentRule.site_id))


def get_managed_rule(rule_id: int, actor: Actor) -> AssignmentRule:
    """The rule, or NotFoundError."""
    rule = db.session.scalar(managed_rules(actor).where(AssignmentRule.id == rule_id))
    if rule is None:
        raise NotFoundError
    return rule


def save_rule(
    rule_id: int | None, client_id: int, data: RuleData, *, actor: Actor, now: datetime
) -> AssignmentRule:
    """Add a rule at the end of the client's, or change one.

    Raises:
        NotFoundError: no such rule, or out of reach.
        NotAllowedError: the place is out of the actor's reach.
        InvalidError: something that is not in its list; a team or a person of another place.
    """
    audit.take_turn()  # two that are added at once get places one after the other
    rule = get_managed_rule(rule_id, actor) if rule_id is not None else None
    if rule is not None:
        client_id = rule.client_id
    require_place(client_id, data.site_id, actor)
    _require_words(data)
    _require_people(data, client_id)
    before = audit.snapshot(rule, FIELDS) if rule is not None else None
    if rule is None:
        rule = AssignmentRule(client_id=client_id, position=_next_position(client_id), created_at=now)
        db.session.add(rule)
    rule.name, rule.active = data.name.strip()[:100], data.active
    rule.site_id, rule.category, rule.priority = data.site_id, data.category, data.priority
    rule.subtype = data.subtype if data.category == "change" else ""
    rule.device_class, rule.duty, rule.action = data.device_class, data.duty, data.action
    rule.team_id = data.team_id if data.action in OF_TEAM or data.duty else None
    rule.user_id = data.user_id if data.action == PERSON else None
    rule.skill = data.skill if data.action == SKILL else ""
    rule.updated_at = now
    db.session.flush()
    audit.record(
        actor,
        "assignment_rule.created" if before is None else "assignment_rule.updated",
        rule,
        now=now,
        label=rule.name,
        before=before,
        after=audit.snapshot(rule, FIELDS),
    )
    return rule


def _require_words(data: RuleData) -> None:
    if not data.name.strip():
        raise InvalidError(_("Give the rule a name: it is shown with every ticket it gives."), "name")
    for name, value, known in (
        ("action", data.action, ACTIONS),
        ("category", data.category, {"", *CATEGORIES}),
        ("subtype", data.subtype, {"", *SUBTYPES}),
        ("device_class", data.device_class, {"", *DEVICE_CLASSES}),
        ("priority", data.priority, {None, *PRIORITIES}),
        ("duty", data.duty, {"", *DUTY}),
        ("skill", data.skill, {"", *SKILLS}),
    ):
        if value not in known:
            raise InvalidError(_("Choose one from the list."), name)
    if data.action == SKILL and not data.skill:
        raise InvalidError(_("Say which skill is needed."), "skill")


def _require_people(data: RuleData, client_id: int) -> None:
    if data.action in OF_TEAM or data.duty:
        team = db.session.get(Team, data.team_id) if data.team_id is not None else None
        if team is None or team.client_id != client_id:
            raise InvalidError(_("Choose a team of this client."), "team_id")
        if team.site_id is not None and team.site_id != data.site_id:
            raise InvalidError(_("This team serves one site: name that site in the rule."), "site_id")
    if data.action == PERSON and data.user_id not in {u.id for u in workers_at(client_id, data.site_id)}:
        raise InvalidError(_("Choose somebody who works on the tickets of this place."), "user_id")


def _next_position(client_id: int) -> int:
    count, last = db.session.execute(
        sa.select(sa.func.count(), sa.func.max(AssignmentRule.position)).where(
            AssignmentRule.client_id == client_id
        )
    ).one()
    if count >= MAX_RULES:
        raise InvalidError(_("More than %(count)s rules: remove some first.", count=MAX_RULES))
    return (last or 0) + 1


def remove_rule(rule_id: int, *, actor: Actor, now: datetime) -> None:
    """Forget a rule; what it gave stays given.

    Raises:
        NotFoundError: no such rule, or out of reach.
    """
    rule = get_managed_rule(rule_id, actor)
    before = audit.snapshot(rule, FIELDS)
    audit.record(actor, "assignment_rule.removed", rule, now=now, label=rule.name, before=before)
    db.session.delete(rule)
    db.session.flush()


def move_rule(rule_id: int, *, up: bool, actor: Actor, now: datetime) -> None:
    """Let a rule change places with the one before or after it; at the end of the list it stays.

    Raises:
        NotFoundError: no such rule, or out of reach.
        NotAllowedError: its neighbour is not the actor's to move.
    """
    audit.take_turn()
    rule = get_managed_rule(rule_id, actor)
    rows = db.session.scalars(
        sa.select(AssignmentRule)
        .where(AssignmentRule.client_id == rule.client_id)
        .order_by(AssignmentRule.position, AssignmentRule.id)
    ).all()
    at = rows.index(rule)
    other_at = at - 1 if up else at + 1
    if not 0 <= other_at < len(rows):
        return
    other = rows[other_at]
    if not actor.allows(Permission.TICKET_ASSIGN, other.client_id, other.site_id):
        raise NotAllowedError(
            _("The rule beside it is for all sites: only who answers for all of them moves it.")
        )
    before = {"position": rule.position}
    rule.position, other.position = other.position, rule.position
    after = {"position": rule.position}
    audit.record(actor, "assignment_rule.updated", rule, now=now, label=rule.name, before=before, after=after)
