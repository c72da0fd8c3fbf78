"""Own checks beside the product's: for targets, titles, standards and required lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Literal, cast

import sqlalchemy as sa

from collectors.checks import CheckSpec, Context, catalogue
from collectors.checks.spec import AS_DEFINED, WEB_AS_DEFINED
from collectors.messages import N_
from collectors.model import Finding, Levels, OwnCheck, WebCheck
from servicedesk.core.db import db
from servicedesk.core.forms import whole_number
from servicedesk.equipment.models import Device
from servicedesk.inspections.own.models import PREFIX, OwnCheckDefinition

_SPECS = "own_check_specs"  # kept with the session, so one query a request
MAX_VERSION = 127  # readings keep it in one byte
PROVENANCE = N_("the check's own definition")


def own_check(definition: OwnCheckDefinition) -> OwnCheck:
    """A definition in the collectors' words."""
    limits = {f"warning_{definition.direction}": definition.warning}
    limits[f"critical_{definition.direction}"] = definition.critical
    return OwnCheck(
        name=definition.check,
        title=definition.title,
        kind=cast(Literal["command", "oid", "web", "newest"], definition.kind),
        question=definition.question,
        dialects=tuple(definition.dialects),
        names_oid=definition.names_oid,
        pattern=definition.pattern,
        unit=definition.unit,
        scale=definition.scale,
        states=tuple((word, outcome) for word, outcome in definition.states),
        levels=Levels(**limits, provenance=PROVENANCE),  # type: ignore[arg-type]  # names made above
        version=min(definition.version, MAX_VERSION),
        web=WebCheck(**definition.web) if definition.web else None,
    )


def applies(definition: OwnCheckDefinition, device: Device) -> bool:
    """Whether one of its lines names the device, its model or its platform."""
    names = [name.casefold() for name in (device.name, device.model, device.platform)]
    lines = [line.strip().casefold() for line in definition.applies_to.splitlines() if line.strip()]
    return any(line == "*" or any(fnmatchcase(name, line) for name in names if name) for line in lines)


def own_checks_for(device: Device) -> tuple[OwnCheck, ...]:
    """What a visit asks beside the product's own checks."""
    found = db.session.scalars(
        sa.select(OwnCheckDefinition)
        .where(OwnCheckDefinition.client_id == device.client_id, OwnCheckDefinition.active)
        .order_by(OwnCheckDefinition.id)
    )
    return tuple(own_check(one) for one in found if applies(one, device))


def _own_specs() -> Mapping[str, tuple[int, CheckSpec]]:
    info = db.session().info
    if _SPECS not in info:
        rows = db.session.execute(
            sa.select(
                OwnCheckDefinition.id,
                OwnCheckDefinition.client_id,
                OwnCheckDefinition.title,
                OwnCheckDefinition.unit,
                OwnCheckDefinition.kind,
            )
        )
        info[_SPECS] = {
            f"{PREFIX}{row.id}": (
                row.client_id,
                CheckSpec(
                    f"{PREFIX}{row.id}",
                    row.title,
                    WEB_AS_DEFINED if row.kind == "web" else AS_DEFINED,
                    (),
                    _nothing,
                    row.unit,
                ),
            )
            for row in rows
        }
    found: Mapping[str, tuple[int, CheckSpec]] = info[_SPECS]
    return found


def _nothing(_context: Context) -> Iterable[Finding]:
    return ()


def own_levels(check: str) -> Levels:
    """The levels of an own check's definition, by its name in records."""
    number = whole_number(check.removeprefix(PREFIX))
    found = db.session.get(OwnCheckDefinition, number) if number else None
    return own_check(found).levels if found is not None else Levels()


def forget_specs() -> None:
    """After a change within the same session."""
    db.session().info.pop(_SPECS, None)


def spec_of(check: str) -> CheckSpec | None:
    """A check of the product or one's own; None for one that no longer exists."""
    if check.startswith(PREFIX):
        found = _own_specs().get(check)
        return found[1] if found else None
    return catalogue().get(check)


def all_checks(client_ids: Iterable[int] | None = None) -> dict[str, CheckSpec]:
    """The product's checks and these clients' own; None: all clients', to name what is visible anyway."""
    wanted = None if client_ids is None else set(client_ids)
    own = {
        name: spec
        for name, (client_id, spec) in _own_specs().items()
        if wanted is None or client_id in wanted
    }
    return {**catalogue(), **own}
