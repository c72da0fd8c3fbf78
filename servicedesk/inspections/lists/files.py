"""Required lists as a file: contract, profile, check, its title. A file that is brought in replaces lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError
from servicedesk.core.sheet_files import FIELD, read_rows
from servicedesk.inspections.lists.models import RequiredList
from servicedesk.inspections.lists.profiles import PROFILES
from servicedesk.inspections.lists.queries import contracts_of
from servicedesk.inspections.lists.service import known_checks, save_list

# The same in all languages, so that a file from one reader can be brought in by another.
HEADING = ("contract", "profile", "check", "title")


def rows(client_id: int, titles: dict[str, str]) -> Iterator[list[str]]:
    """The client's lists, a row for each check; the contract is empty for lists of all contracts."""
    found = db.session.scalars(
        sa.select(RequiredList)
        .where(RequiredList.client_id == client_id)
        .options(sa.orm.joinedload(RequiredList.contract))
        .order_by(RequiredList.contract_id, RequiredList.profile)
    )
    for one in found:
        for check in one.checks:
            yield [
                one.contract.number if one.contract else "",
                one.profile,
                check,
                titles.get(check, check),
            ]


def bring_in(client_id: int, content: bytes, *, actor: Actor, now: datetime) -> int:
    """Replace the lists a file names, all or none; lists it does not name stay. Returns how many changed.

    Raises:
        InvalidError: the file, a column or a cell is wrong, with the line; nothing is written.
    """
    table = read_rows(content)
    heading = [cell.strip().lower() for cell in table[0][1]] if table else []
    if any(name not in heading for name in HEADING[:3]):
        raise InvalidError(_("The first row must name the columns contract, profile and check."), FIELD)
    places = [heading.index(name) for name in HEADING[:3]]
    numbers = {contract.number: contract.id for contract in contracts_of(client_id)}
    known, wanted = known_checks(client_id), dict[tuple[int | None, str], list[str]]()
    for line, cells in table[1:]:
        number, profile, check = (cells[at].strip() if at < len(cells) else "" for at in places)
        if number and number not in numbers:
            raise InvalidError(_("Line %(line)s: no contract %(name)s.", line=line, name=number[:64]), FIELD)
        if profile not in PROFILES:
            raise InvalidError(_("Line %(line)s: no profile %(name)s.", line=line, name=profile[:64]), FIELD)
        if check not in known:
            raise InvalidError(_("Line %(line)s: no check %(name)s.", line=line, name=check[:64]), FIELD)
        wanted.setdefault((numbers.get(number), profile), []).append(check)
    changed = 0
    for (contract_id, profile), checks in wanted.items():
        saved = save_list(
            client_id, contract_id, profile, checks, note=_("From a file"), actor=actor, now=now
        )
        changed += saved.changed_at == now
    return changed
