"""Changing required lists, each change a version, and what they add to a run that begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.levels.rules import contracts_in_force
from servicedesk.inspections.lists.models import RequiredList, RequiredListVersion
from servicedesk.inspections.lists.profiles import PROFILES
from servicedesk.inspections.manual.queries import items_of
from servicedesk.inspections.own.checks import all_checks
from servicedesk.organisations.models import Contract

MAX_NOTE = 2000


def known_checks(client_id: int) -> set[str]:
    """Every check a list of the client may name: the product's, its own, and items by hand in use."""
    return set(all_checks({client_id})) | {item.check for item in items_of({client_id})}


def save_list(
    client_id: int,
    contract_id: int | None,
    profile: str,
    checks: Iterable[str],
    *,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> RequiredList:
    """Make a list or give it a new version; the same checks again change nothing.

    Raises:
        NotAllowedError: not a planner of the whole client.
        InvalidError: unknown profile, check, or another client's contract; with the field's name.
    """
    if not actor.allows(Permission.PLAN_EDIT, client_id):
        raise NotAllowedError
    if profile not in PROFILES:
        raise InvalidError(_("Choose a profile from the list."), "profile")
    if contract_id is not None:
        contract = db.session.get(Contract, contract_id)
        if contract is None or contract.client_id != client_id:
            raise InvalidError(_("Choose a contract of this client."), "contract_id")
    wanted = sorted(set(checks))
    required_list = _find(client_id, contract_id, profile)
    kept = (
        set(required_list.checks) if required_list is not None else set()
    )  # what is gone meanwhile may stay
    if unknown := sorted(set(wanted) - kept - known_checks(client_id)):
        raise InvalidError(_("There is no check %(name)s.", name=unknown[0][:64]), "checks")
    if len(note) > MAX_NOTE:
        raise InvalidError(_("The remark is too long."), "note")
    if required_list is not None and required_list.checks == wanted:
        return required_list
    before = {"checks": required_list.checks} if required_list is not None else None
    if required_list is None:
        required_list = RequiredList(client_id=client_id, contract_id=contract_id, profile=profile, version=0)
        db.session.add(required_list)
    required_list.checks, required_list.version = wanted, required_list.version + 1
    required_list.changed_by, required_list.changed_at = actor.name, now
    db.session.flush()
    db.session.add(
        RequiredListVersion(
            list_id=required_list.id,
            number=required_list.version,
            checks=wanted,
            note=note.strip(),
            changed_by=actor.name,
            changed_at=now,
        )
    )
    db.session.flush()
    after = {"checks": wanted, "version": required_list.version, "note": note.strip()}
    label = profile
    audit.record(
        actor, "required_list.saved", required_list, now=now, label=label, before=before, after=after
    )
    return required_list


def _find(client_id: int, contract_id: int | None, profile: str) -> RequiredList | None:
    return db.session.scalar(
        for_update(
            sa.select(RequiredList).where(
                RequiredList.client_id == client_id,
                RequiredList.contract_id == contract_id,
                RequiredList.profile == profile,
            )
        )
    )


def add_starter(client_id: int, *, actor: Actor, now: datetime) -> int:
    """The product's list for each profile the client has none of; returns how many were made."""
    known = set(
        db.session.scalars(
            sa.select(RequiredList.profile).where(
                RequiredList.client_id == client_id, RequiredList.contract_id.is_(None)
            )
        )
    )
    rooms = [item.check for item in items_of({client_id}) if item.looks_at != "device"]
    made = 0
    for name, profile in PROFILES.items():
        checks = profile.starter or rooms
        if name not in known and checks:
            save_list(client_id, None, name, checks, actor=actor, now=now)
            made += 1
    return made


def with_lists(required: Sequence[Any], client_id: int, site_id: int, day: date) -> list[Any]:
    """A plan's required list and what the lists in force at its site add to it; two queries at most.

    An item that the plan requires of fewer classes is widened by those of the profile. Rows that a list
    added or widened name it with its version, so the record says by what they were required.
    """
    rows: dict[str, dict[str, Any]] = {str(row["check"]): dict(row) for row in required}
    for one in in_force(client_id, site_id, day):
        classes = list(PROFILES[one.profile].classes) if one.profile in PROFILES else []
        for check in one.checks:
            _widen(rows, check, classes, {"list": one.id, "version": one.version})
    return list(rows.values())


def _widen(
    rows: dict[str, dict[str, Any]], check: str, classes: list[str], source: Mapping[str, int]
) -> None:
    row = rows.get(check)
    if row is None:
        rows[check] = {"check": check, "classes": classes, **source}
        return
    known = row.get("classes", [])
    missing = [name for name in classes if name not in known]
    if known and missing:
        rows[check] = {"check": check, "classes": [*known, *missing], **source}


def in_force(client_id: int, site_id: int, day: date) -> Sequence[RequiredList]:
    """The lists that hold at a site on a day: the client's, and those of contracts that cover it then."""
    found = db.session.scalars(
        sa.select(RequiredList).where(RequiredList.client_id == client_id).order_by(RequiredList.id)
    ).all()
    if not any(one.contract_id for one in found):
        return found
    contracts = contracts_in_force(client_id, site_id, day)
    return [one for one in found if one.contract_id is None or one.contract_id in contracts]
