"""Defining own checks, within what only reads; and trying them on a device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from collectors.model import OwnCheck, WebCheck
from collectors.own import PatternError, compile_pattern, refuse_command, require_oid
from collectors.platforms.file_guard import malformed
from collectors.sealing import own_check_of
from collectors.web import WebError, require_web
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import translate
from servicedesk.equipment.models import Device
from servicedesk.inspections.own.checks import forget_specs, own_check
from servicedesk.inspections.own.models import OwnCheckDefinition, OwnCheckTrial
from servicedesk.inspections.zones.service import zone_of_site

COMMAND, OID, WEB, NEWEST = "command", "oid", "web", "newest"
_UNITS = {WEB: "ms", NEWEST: "h"}  # of what is measured, not taken from an answer by a pattern
STATE_OUTCOMES = ("ok", "warning", "critical")
MAX_STATES = 50
MAX_DEFINITIONS = 100  # of one client: each costs every visit a question
_AUDITED = (
    "title",
    "active",
    "kind",
    "question",
    "dialects",
    "names_oid",
    "pattern",
    "unit",
    "scale",
    "states",
    "direction",
    "warning",
    "critical",
    "applies_to",
    "web",
    "version",
)


@dataclass(frozen=True, slots=True)
class OwnCheckData:
    """What a person writes. ``states``: a line for each, "word = ok". ``web``: of a web address."""

    title: str
    kind: str
    question: str
    active: bool = True
    dialects: Sequence[str] = ()
    names_oid: str = ""
    pattern: str = ""
    unit: str = ""
    scale: float = 1.0
    states: str = ""
    direction: str = "upper"
    warning: float | None = None
    critical: float | None = None
    applies_to: str = "*"
    web: WebCheck | None = None


def save_own_check(
    check: OwnCheckDefinition | None, client_id: int, data: OwnCheckData, *, actor: Actor, now: datetime
) -> OwnCheckDefinition:
    """Define or change a check; it is asked from the next visit on.

    Raises:
        NotAllowedError: not the actor's client.
        InvalidError: with the field's name: what would not only read, or cannot work.
    """
    _require(client_id, actor)
    draft = checked(client_id, data)
    _require_free(check, client_id, draft.title)
    before = audit.snapshot(check, _AUDITED) if check is not None else None
    if check is None:
        check = draft
        check.created_at = now
        db.session.add(check)
    else:
        for name in _AUDITED[:-1]:
            setattr(check, name, getattr(draft, name))
        check.version += 1
    check.updated_at, check.changed_by = now, actor.name
    db.session.flush()
    action = "own_check.created" if before is None else "own_check.updated"
    after = audit.snapshot(check, _AUDITED)
    audit.record(
        actor,
        action,
        check,
        now=now,
        label=check.title,
        client_id=client_id,
        before=before,
        after=after,
    )
    forget_specs()
    return check


def checked(client_id: int, data: OwnCheckData) -> OwnCheckDefinition:
    """A definition that is not kept, with everything refused that is not right."""
    if not data.title.strip():
        raise InvalidError(_("The check needs a name."), "title")
    if not any(line.strip() for line in data.applies_to.splitlines()):
        raise InvalidError(_("Say which devices it applies to; * stands for all."), "applies_to")
    definition = OwnCheckDefinition(
        client_id=client_id,
        title=data.title.strip(),
        active=data.active,
        kind=data.kind,
        pattern=data.pattern.strip(),
        unit=data.unit.strip(),
        scale=data.scale,
        direction=data.direction,
        warning=data.warning,
        critical=data.critical,
        applies_to=data.applies_to.strip(),
        web=None,
        names_oid="",
        dialects=[],
        version=1,
    )
    _fill_question(definition, data)
    if definition.kind in _UNITS:
        definition.states, definition.pattern, definition.unit = [], "", _UNITS[definition.kind]
        definition.scale, definition.direction = 1.0, "upper"
    else:
        definition.states = _states(data.states)
        _require_pattern(definition)
    _require_numbers(definition)
    return definition


def _fill_question(definition: OwnCheckDefinition, data: OwnCheckData) -> None:
    if data.kind == COMMAND:
        if not data.dialects:
            raise InvalidError(_("Choose the command lines it is asked of."), "dialects")
        refusal = refuse_command(data.question.strip(), data.dialects)
        if refusal:
            raise InvalidError(translate(refusal), "question")
        definition.question, definition.dialects = data.question.strip(), sorted(set(data.dialects))
    elif data.kind == OID:
        definition.question = _oid(data.question, "question")
        definition.names_oid = _oid(data.names_oid, "names_oid") if data.names_oid.strip() else ""
    elif data.kind == WEB and data.web is not None:
        definition.question = data.question.strip()
        try:
            require_web(definition.question, data.web)
        except WebError as error:
            field = "question" if error.field == "question" else f"web_{error.field}"
            raise InvalidError(translate(str(error)), field) from error
        definition.web = asdict(data.web)
    elif data.kind == NEWEST:
        definition.question = data.question.strip()
        if refusal := malformed(definition.question):
            raise InvalidError(translate(refusal), "question")
    else:
        raise InvalidError(_("Choose a command, an OID, a web address or a newest file."), "kind")


def _oid(text: str, field: str) -> str:
    try:
        return require_oid(text)
    except PatternError as error:
        raise InvalidError(translate(str(error)), field) from error


def _require_pattern(definition: OwnCheckDefinition) -> None:
    if not definition.pattern and definition.kind == OID:
        return
    try:
        compile_pattern(definition.pattern)
    except PatternError as error:
        raise InvalidError(translate(str(error)), "pattern") from error


def _states(text: str) -> list[list[str]]:
    rows = []
    for line in filter(str.strip, text.splitlines()):
        word, _sign, outcome = line.rpartition("=")
        if not word.strip() or outcome.strip().lower() not in STATE_OUTCOMES:
            raise InvalidError(
                _("Write a line for each state: the word, =, and ok, warning or critical."), "states"
            )
        rows.append([word.strip(), outcome.strip().lower()])
    if len(rows) > MAX_STATES:
        raise InvalidError(_("At most %(count)s states.", count=MAX_STATES), "states")
    return rows


def _require_numbers(definition: OwnCheckDefinition) -> None:
    for name in ("scale", "warning", "critical"):
        value = getattr(definition, name)
        if value is not None and not (math.isfinite(value) and abs(value) <= 1e15):
            raise InvalidError(_("Write a number."), name)
    if not definition.scale:
        raise InvalidError(_("A factor of 0 would make every value 0."), "scale")
    if definition.direction not in ("upper", "lower"):
        raise InvalidError(_("Choose on which side it is abnormal."), "direction")
    warning, critical = definition.warning, definition.critical
    if warning is None or critical is None:
        return
    if definition.direction == "upper" and warning > critical:
        raise InvalidError(_("The warning level must not lie above the critical one."), "warning")
    if definition.direction == "lower" and warning < critical:
        raise InvalidError(_("The warning level must not lie below the critical one."), "warning")


def _require(client_id: int, actor: Actor) -> None:
    if not actor.allows(Permission.PLAN_EDIT, client_id):
        raise NotAllowedError


def _require_free(found: OwnCheckDefinition | None, client_id: int, title: str) -> None:
    rows = db.session.execute(
        sa.select(OwnCheckDefinition.id, OwnCheckDefinition.title).where(
            OwnCheckDefinition.client_id == client_id
        )
    ).all()
    if any(row.title == title and (found is None or row.id != found.id) for row in rows):
        raise InvalidError(_("Another check of this client has this name."), "title")
    if found is None and len(rows) >= MAX_DEFINITIONS:
        raise InvalidError(
            _("A client has at most %(count)s own checks. Change one of them.", count=MAX_DEFINITIONS)
        )


def begin_trial(
    device: Device, client_id: int, data: OwnCheckData, *, actor: Actor, now: datetime
) -> OwnCheckTrial:
    """Note a try on a device; a worker carries it out.

    Raises:
        NotAllowedError, InvalidError: the definition is not right, or the device cannot be asked.
    """
    _require(client_id, actor)
    if device.client_id != client_id or not actor.allows(
        Permission.INSPECTION_VIEW, client_id, device.site_id
    ):
        raise NotAllowedError
    draft = checked(client_id, data)
    protocol = "ssh" if draft.kind in (COMMAND, NEWEST) else "snmp"
    if draft.kind != WEB and not any(access.protocol == protocol for access in device.accesses):
        name = protocol.upper()
        raise InvalidError(_("This device has no access by %(protocol)s.", protocol=name), "device_id")
    zone = zone_of_site(device.site_id)
    if zone is not None:
        raise InvalidError(
            _("The server does not reach this device: zone %(zone)s serves its site.", zone=zone.name),
            "device_id",
        )
    trial = OwnCheckTrial(
        device_id=device.id,
        client_id=client_id,
        requested_by_id=actor.user_id,
        definition=asdict(own_check(draft)),
        state="queued",
        created_at=now,
    )
    db.session.add(trial)
    db.session.flush()
    after = {"device": device.name, "question": draft.question}
    audit.record(
        actor, "own_check.tried", trial, now=now, label=draft.title, client_id=client_id, after=after
    )
    return trial


def definition_of(trial: OwnCheckTrial) -> OwnCheck:
    """The tried definition, as it was sent."""
    return own_check_of(trial.definition)
