"""The names that a service level's marks tell, as people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from servicedesk.assignment.crew import gather
from servicedesk.assignment.models import Team
from servicedesk.core.permissions import Permission
from servicedesk.sla.escalation import ASSIGNEE, ASSIGNEE_SUPERVISOR, SUPERVISORS
from servicedesk.staff.queries import holders


def people_told(
    names: Iterable[str],
    *,
    client_id: int,
    site_id: int | None,
    assignee_id: int | None,
    team: Team | None,
    now: datetime,
) -> dict[str, dict[int, str]]:
    """For each name the account numbers with their display names.

    The assignee's supervisor is the leader of the ticket's team, or whoever stands in for them; without
    one, and when the leader works on it, the supervisors in whose scope the ticket lies.
    """
    found: dict[str, dict[int, str]] = {}
    wanted = set(names)
    if ASSIGNEE in wanted and assignee_id is not None:
        crew = gather([assignee_id], client_id, site_id, now)
        found[ASSIGNEE] = {number: crew.names[number] for number in [assignee_id] if number in crew.able}
    if not wanted & {ASSIGNEE_SUPERVISOR, SUPERVISORS}:
        return found
    ids = [user.id for user in holders(Permission.TICKET_ASSIGN, client_id, site_id=site_id)]
    crew = gather(ids, client_id, site_id, now, Permission.TICKET_ASSIGN)
    supervisors = {number: crew.names[number] for number in ids if number in crew.able}
    if ASSIGNEE_SUPERVISOR in wanted:
        leader = _leader(team, client_id, site_id, now)
        found[ASSIGNEE_SUPERVISOR] = leader if leader and assignee_id not in leader else supervisors
    if SUPERVISORS in wanted:
        found[SUPERVISORS] = supervisors
    return found


def _leader(team: Team | None, client_id: int, site_id: int | None, now: datetime) -> dict[int, str]:
    if team is None or team.leader_id is None:
        return {}
    crew = gather([team.leader_id], client_id, site_id, now)
    way = crew.way_to(team.leader_id)
    return {way[-1]: crew.names[way[-1]]} if way else {}
