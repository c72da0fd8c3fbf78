"""Which rule gives a ticket to whom, and why: the first rule that fits and finds somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.assignment.crew import Crew, gather
from servicedesk.assignment.labels import (
    INSIDE,
    LEAST_LOADED,
    ON_DUTY,
    OUTSIDE,
    PERSON,
    RESPONSIBLE,
    ROUND_ROBIN,
    SKILL,
    TEAM,
)
from servicedesk.assignment.loads import loads_of
from servicedesk.assignment.models import AssignmentRule, Duty, Team
from servicedesk.assignment.queries import zones_of
from servicedesk.assignment.schedule import on_duty
from servicedesk.audit import service as audit
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.equipment.models import Device


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a ticket the rules look at."""

    client_id: int
    site_id: int | None
    category: str
    priority: int
    subtype: str = ""
    device_id: int | None = None


@dataclass(slots=True)
class Step:
    """What one rule said: a stored English sentence with its values. ``fits``: its conditions held."""

    rule: str
    fits: bool
    template: str
    values: dict[str, str] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """For a column."""
        return {"rule": self.rule, "template": self.template, "values": self.values}


@dataclass(slots=True)
class Decision:
    """Who gets it. Without a person it waits for somebody of the team; without a team nothing was decided."""

    user_id: int | None = None
    user_name: str = ""
    team_id: int | None = None
    team_name: str = ""
    rule: str = ""
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Situation:
    facts: Facts
    now: datetime
    device: Device | None
    crew: Crew
    on_duty: Mapping[int, list[int]]  # by team
    taking: bool


def decide(facts: Facts, *, now: datetime, taking: bool) -> Decision:
    """Go through the client's rules in their order; a fixed number of queries, however many they are.

    Args:
        taking: whoever is chosen takes their turn: the team's row is locked and remembers it. A tester
            only looks.
    """
    rules = _rules(facts.client_id)
    decision = Decision()
    if not rules:
        return decision
    here = _situation(facts, rules, now, taking=taking)
    for rule in rules:
        reason = _does_not_fit(rule, here)
        if reason:
            decision.steps.append(Step(rule.name, False, reason))
            continue
        if rule.team is not None and rule.action != PERSON and decision.team_id is None:
            decision.team_id, decision.team_name = rule.team.id, rule.team.name
            decision.rule = rule.name
        chosen, steps = _carry_out(rule, here)
        decision.steps += steps
        if chosen is not None or rule.action == TEAM:
            decision.rule = rule.name
            decision.user_id, decision.user_name = chosen, here.crew.names.get(chosen or 0, "")
            own = rule.team if rule.action != PERSON else None
            decision.team_id, decision.team_name = (own.id, own.name) if own is not None else (None, "")
            break
    return decision


def _rules(client_id: int) -> Sequence[AssignmentRule]:
    return db.session.scalars(
        sa.select(AssignmentRule)
        .where(AssignmentRule.client_id == client_id, AssignmentRule.active)
        .options(joinedload(AssignmentRule.team).selectinload(Team.members))
        .order_by(AssignmentRule.position, AssignmentRule.id)
    ).all()


def _situation(facts: Facts, rules: Sequence[AssignmentRule], now: datetime, *, taking: bool) -> _Situation:
    device = db.session.get(Device, facts.device_id) if facts.device_id is not None else None
    teams = {rule.team.id: rule.team for rule in rules if rule.team is not None}
    duties: dict[int, list[Duty]] = {number: [] for number in teams}
    for duty in db.session.scalars(sa.select(Duty).where(Duty.team_id.in_(sorted(teams)))):
        duties[duty.team_id].append(duty)
    zones = zones_of(teams.values())
    present = {number: on_duty(duties[number], now, zones[number]) for number in teams}
    people = {member.user_id for team in teams.values() for member in team.members}
    people |= {number for found in present.values() for number in found}
    people |= {rule.user_id for rule in rules if rule.user_id is not None}
    if device is not None:
        people |= {n for n in (device.responsible_id, device.standby_id) if n is not None}
    return _Situation(
        facts, now, device, gather(people, facts.client_id, facts.site_id, now), present, taking
    )


def _does_not_fit(rule: AssignmentRule, here: _Situation) -> str:
    """Why the rule says nothing about this ticket; empty when it does."""
    facts, device, team = here.facts, here.device, rule.team
    if rule.site_id not in (None, facts.site_id):
        return N_("is for another site")
    if rule.category not in ("", facts.category):
        return N_("is for another category")
    if rule.subtype not in ("", facts.subtype):
        return N_("is for another kind of change")
    if rule.priority not in (None, facts.priority):
        return N_("is for another priority")
    if rule.device_class and rule.device_class != (device.device_class if device is not None else ""):
        return N_("is for devices of another class")
    if team is not None and (not team.active or team.site_id not in (None, facts.site_id)):
        return N_("names a team that does not serve this place")
    duty = bool(here.on_duty.get(team.id)) if team is not None else False
    if (rule.duty == INSIDE and not duty) or (rule.duty == OUTSIDE and duty):
        return N_("is for other hours of the duty roster")
    return ""


def _carry_out(rule: AssignmentRule, here: _Situation) -> tuple[int | None, list[Step]]:
    """Who the rule chooses, and its sentences."""

    def step(template: str, **values: str) -> Step:
        return Step(rule.name, True, template, values)

    crew, team = here.crew, rule.team
    if rule.action == PERSON:
        return _or_substitute([rule.user_id], here, step(N_("names %(person)s")), rule)
    if rule.action == RESPONSIBLE:
        return _responsible(rule, here)
    if team is None:  # a rule that needs a team has one; the service sees to it
        return None, [step(N_("finds nobody who can take it now"))]
    if rule.action == TEAM:
        return None, [step(N_("leaves it to the team %(team)s"), team=team.name)]
    members = [member.user_id for member in team.members]
    if rule.action == SKILL:
        members = [member.user_id for member in team.members if rule.skill in member.skills]
    if rule.action == ON_DUTY:
        members = here.on_duty[team.id]
    there = sorted(number for number in members if crew.is_there(number))
    if not there:
        return _or_substitute(members, here, step(_SENTENCES[rule.action], team=team.name), rule)
    chosen = _turn(team, there, by_load=rule.action != ROUND_ROBIN, taking=here.taking)
    return chosen, [step(_SENTENCES[rule.action], person=crew.names[chosen], team=team.name)]


_SENTENCES = {
    ROUND_ROBIN: N_("gives it to %(person)s, whose turn it is in the team %(team)s"),
    LEAST_LOADED: N_("gives it to %(person)s, who has the least open work in the team %(team)s"),
    SKILL: N_("gives it to %(person)s, who has the skill in the team %(team)s"),
    ON_DUTY: N_("gives it to %(person)s, who is on duty in the team %(team)s"),
}


def _responsible(rule: AssignmentRule, here: _Situation) -> tuple[int | None, list[Step]]:
    device = here.device
    people = [device.responsible_id, device.standby_id] if device is not None else []
    sentences = (N_("gives it to %(person)s, who answers for the device"),
                 N_("gives it to %(person)s, the standby for the device"))  # fmt: skip
    for number, sentence in zip(people, sentences, strict=False):
        if number is not None and here.crew.is_there(number):
            return number, [Step(rule.name, True, sentence, {"person": here.crew.names[number]})]
    return _or_substitute(people, here, Step(rule.name, True, sentences[0]), rule)


def _or_substitute(
    people: Sequence[int | None], here: _Situation, step: Step, rule: AssignmentRule
) -> tuple[int | None, list[Step]]:
    """The first of them who is there, or for whom somebody stands in."""
    crew = here.crew
    for number in people:
        way = crew.way_to(number) if number is not None else []
        if len(way) == 1:
            step.values["person"] = crew.names[way[0]]
            return way[0], [step]
        if way:
            values = {"person": crew.names[way[-1]], "absent": crew.names[way[0]]}
            stands_in = N_("gives it to %(person)s, who stands in for %(absent)s")
            return way[-1], [Step(rule.name, True, stands_in, values)]
    return None, [Step(rule.name, True, N_("finds nobody who can take it now"))]


def _turn(team: Team, there: Sequence[int], *, by_load: bool, taking: bool) -> int:
    """Whose turn it is: after the last one, those with less open work first where that counts."""
    last = team.last_user_id or 0
    if taking:
        audit.take_turn()
        # Not as strong as ``for_update``: a ticket that names the team need not wait.
        row = sa.select(Team.last_user_id).where(Team.id == team.id).with_for_update(key_share=True)
        last = db.session.scalar(row) or 0
    in_turn = [number for number in there if number > last] + [number for number in there if number <= last]
    weights = loads_of(in_turn) if by_load else {}
    chosen = min(in_turn, key=lambda number: weights.get(number, 0))  # the first of equals
    if taking:
        db.session.execute(sa.update(Team).where(Team.id == team.id).values(last_user_id=chosen))
    return chosen
