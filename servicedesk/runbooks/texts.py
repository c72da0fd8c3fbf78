"""A client's own texts: written as drafts, reviewed by somebody else, published, retired."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.folders import top_folder
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import render
from servicedesk.organisations.models import Organisation, Site
from servicedesk.runbooks import library, notices
from servicedesk.runbooks.definition import CATEGORIES, Problem, Runbook
from servicedesk.runbooks.linting import lint_text
from servicedesk.runbooks.models import RunbookText
from servicedesk.runbooks.parsing import KEY, MAX_BYTES, parse_runbook

WRITING = ("draft", "review")
EDIT, PUBLISH = Permission.TICKET_WORK, Permission.TICKET_LIST_EDIT


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text holds; ``site_id`` None: at all sites of the client."""

    client_id: int
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewRunbook:
    """A runbook of one's own: its name, never changed afterwards, and its titles."""

    key: str
    title_en: str
    title_zh: str
    category: str = "fault"


def own_runbooks(actor: Actor) -> dict[str, Runbook]:
    """Published runbooks of the actor's clients that the product does not have, by key."""
    rows = db.session.scalars(
        sa.select(RunbookText.source)
        .where(
            actor.scope(EDIT).clause(RunbookText.client_id, RunbookText.site_id),
            RunbookText.state == "published",
            RunbookText.key.not_in(library.library()),
        )
        .order_by(RunbookText.id)
        .limit(500)
    )
    return {runbook.key: runbook for runbook in map(library.of_text, rows)}


def title_of(text: RunbookText, locale: str) -> str:
    """What it is called; its name while it cannot be read."""
    runbook, _problems = parse_runbook(text.source)
    return runbook.title.say(locale) if runbook is not None else text.key


def effective(place: Place) -> Mapping[str, Runbook]:
    """Every runbook that holds at a place: the site's text before the client's before the product's."""
    rows = db.session.execute(
        sa.select(RunbookText.site_id, RunbookText.source).where(
            RunbookText.client_id == place.client_id,
            RunbookText.state == "published",
            sa.or_(RunbookText.site_id.is_(None), RunbookText.site_id == (place.site_id or 0)),
        )
    ).all()
    found = dict(library.library())
    for _site_id, source in sorted(rows, key=lambda row: row[0] is not None):
        runbook = library.of_text(source)
        found[runbook.key] = runbook
    return found


def get(key: str, place: Place) -> Runbook:
    """The runbook of this name that holds at a place, or NotFoundError."""
    runbook = effective(place).get(key)
    if runbook is None:
        raise NotFoundError
    return runbook


def visible(actor: Actor, *, key: str = "", limit: int = 100) -> Sequence[RunbookText]:
    """Texts of the clients the actor works for; retired ones only when one runbook is asked for."""
    statement = (
        sa.select(RunbookText)
        .where(actor.scope(EDIT).clause(RunbookText.client_id, RunbookText.site_id))
        .options(joinedload(RunbookText.client), joinedload(RunbookText.site))
        .order_by(RunbookText.key, RunbookText.id.desc())
    )
    if key:
        statement = statement.where(RunbookText.key == key)
    else:
        statement = statement.where(RunbookText.state != "retired")
    return db.session.scalars(statement.limit(limit)).all()


def get_visible(text_id: int, actor: Actor) -> RunbookText:
    """The text, or NotFoundError."""
    scope = actor.scope(EDIT).clause(RunbookText.client_id, RunbookText.site_id)
    text = db.session.scalar(
        sa.select(RunbookText)
        .where(RunbookText.id == text_id, scope)
        .options(joinedload(RunbookText.client), joinedload(RunbookText.site))
    )
    if text is None:
        raise NotFoundError
    return text


def client_names(client_ids: set[int]) -> dict[int, str]:
    """Names of clients by number, sorted, in one query."""
    wanted = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(client_ids))
    return {row.id: row.name for row in db.session.execute(wanted.order_by(Organisation.name))}


def begin(key: str, place: Place, *, actor: Actor, now: datetime) -> RunbookText:
    """Begin to write a text from the one that holds now.

    Raises:
        NotAllowedError: the place is not the actor's.
        ConflictError: somebody is writing one already.
    """
    _require_place(place, actor)
    return _begin(key, place, get(key, place).text, actor=actor, now=now)


def begin_new(new: NewRunbook, place: Place, *, actor: Actor, now: datetime) -> RunbookText:
    """Begin a runbook that the product does not have, from a small one that can be followed as it is.

    Raises:
        InvalidError: the name is no name, or that of another runbook here.
    """
    _require_place(place, actor)
    if not KEY.fullmatch(new.key) or len(new.key) > 60:
        raise InvalidError(_("Small letters, digits and hyphens, for example door-access-reset."), "key")
    if new.key in effective(place):
        raise InvalidError(_("There is a runbook of this name already; its page offers to change it."), "key")
    titles = {name: " ".join(getattr(new, name).split())[:200] for name in ("title_en", "title_zh")}
    for name, title in titles.items():
        if not title:
            raise InvalidError(_("Give it a title in both languages."), name)
    category = new.category if new.category in CATEGORIES else "fault"
    skeleton = (top_folder("templates") / "runbooks" / "new.md").read_text(encoding="utf-8")
    values = {"key": new.key, "category": category, **titles}
    # In one pass: what somebody typed is never looked through for names of ours.
    source = re.sub(r"\{([a-z_]+)\}", lambda match: values[match[1]], skeleton)
    return _begin(new.key, place, source, actor=actor, now=now)


def _require_place(place: Place, actor: Actor) -> None:
    if not actor.allows(EDIT, place.client_id, place.site_id):
        raise NotAllowedError
    if place.site_id is not None:
        site = db.session.get(Site, place.site_id)
        if site is None or site.client_id != place.client_id:
            raise InvalidError(_("There is no such site here."), "site_id")
    # Two who begin at once are served one after the other.
    db.session.execute(for_update(sa.select(Organisation.id).where(Organisation.id == place.client_id)))


def _begin(key: str, place: Place, source: str, *, actor: Actor, now: datetime) -> RunbookText:
    same = _same(key, place)
    if db.session.scalar(sa.select(RunbookText.id).where(same, RunbookText.state.in_(WRITING))) is not None:
        raise ConflictError(_("A text of this runbook is being written already: go on with that one."))
    newest = db.session.scalar(sa.select(sa.func.max(RunbookText.number)).where(same)) or 0
    text = RunbookText(
        key=key,
        client_id=place.client_id,
        site_id=place.site_id,
        number=newest + 1,
        source=source,
        author_id=actor.user_id,
        author_name=actor.name,
        created_at=now,
    )
    db.session.add(text)
    db.session.flush()
    _audit(text, "runbook_text.begun", actor, now)
    return text


def _same(key: str, place: Place) -> sa.ColumnElement[bool]:
    of_site = RunbookText.site_id.is_(None) if place.site_id is None else RunbookText.site_id == place.site_id
    return sa.and_(RunbookText.key == key, RunbookText.client_id == place.client_id, of_site)


def lint(text: RunbookText, source: str) -> tuple[Runbook | None, list[Problem]]:
    """As the linter judges a file of this name."""
    return lint_text(source, library.known(), key=text.key)


def _require_right(text: RunbookText) -> None:
    """Also before publication: a newer version of the product may judge otherwise."""
    _runbook, problems = lint(text, text.source)
    if problems:
        first = problems[0]
        raise InvalidError(
            _("Line %(line)s: %(problem)s", line=first.line, problem=render(first.template, first.values))
        )


def save(text: RunbookText, source: str, *, actor: Actor, now: datetime) -> None:
    """Keep a draft as it is typed, even while it has problems."""
    text = _locked(text, actor, "draft")
    if len(source.encode("utf-8", errors="replace")) > MAX_BYTES:
        raise InvalidError(_("The text is too long."), "source")
    text.source = source.replace("\r\n", "\n")
    text.author_id, text.author_name, text.updated_at = actor.user_id, actor.name, now
    db.session.flush()


def submit(text: RunbookText, *, actor: Actor, now: datetime) -> None:
    """Ask for a review; only what the linter accepts can be followed."""
    text = _locked(text, actor, "draft")
    _require_right(text)
    text.state, text.updated_at = "review", now
    _audit(text, "runbook_text.submitted", actor, now)
    notices.text_moved(text, "submit", title_of(text, select_locale()), actor=actor, now=now)


def send_back(text: RunbookText, remark: str, *, actor: Actor, now: datetime) -> None:
    """The reviewer wants it changed."""
    text = _locked(text, actor, "review")
    _require_publisher(text, actor)
    if not remark.strip():
        raise InvalidError(_("Please write a few words."), "remark")
    text.state, text.remark = "draft", remark.strip()[:4000]
    text.reviewed_by, text.reviewed_at = actor.name, now
    _audit(text, "runbook_text.sent_back", actor, now)
    notices.text_moved(text, "send_back", title_of(text, select_locale()), actor=actor, now=now)


def publish(text: RunbookText, *, actor: Actor, now: datetime) -> None:
    """Let it hold from now on; runs under way keep the text they began with.

    Raises:
        NotAllowedError: by its author, or without the right.
    """
    text = _locked(text, actor, "review")
    _require_publisher(text, actor)
    if actor.user_id == text.author_id:
        raise NotAllowedError(_("Nobody approves their own work: somebody else must look at it."))
    _require_right(text)
    same = _same(text.key, Place(text.client_id, text.site_id))
    db.session.execute(
        sa.update(RunbookText).where(same, RunbookText.state == "published").values(state="retired")
    )
    text.state, text.reviewed_by, text.reviewed_at, text.remark = "published", actor.name, now, ""
    _audit(text, "runbook_text.published", actor, now)
    notices.text_moved(text, "publish", title_of(text, select_locale()), actor=actor, now=now)


def retire(text: RunbookText, *, actor: Actor, now: datetime) -> None:
    """Take a text back: a draft by whoever writes, a published one by whoever may publish."""
    text = _locked(text, actor, "draft", "review", "published")
    if text.state == "published":
        _require_publisher(text, actor)
    text.state, text.updated_at = "retired", now
    _audit(text, "runbook_text.retired", actor, now)


def may_publish(text: RunbookText, actor: Actor) -> bool:
    """Whether the actor may review texts of this place."""
    return actor.allows(PUBLISH, text.client_id, text.site_id)


def _require_publisher(text: RunbookText, actor: Actor) -> None:
    if not may_publish(text, actor):
        raise NotAllowedError


def _locked(text: RunbookText, actor: Actor, *states: str) -> RunbookText:
    if not actor.allows(EDIT, text.client_id, text.site_id):
        raise NotAllowedError
    found = db.session.scalars(for_update(sa.select(RunbookText).where(RunbookText.id == text.id))).one()
    if found.state not in states:
        raise ConflictError(_("Somebody changed this text meanwhile. Look at it again, then decide."))
    return found


def _audit(text: RunbookText, action: str, actor: Actor, now: datetime) -> None:
    after = {"runbook": text.key, "number": text.number, "state": text.state, "remark": text.remark}
    audit.record(actor, action, text, now=now, label=text.key, client_id=text.client_id, after=after)
    db.session.flush()
