"""How a client wants its reports: words, logo, chapters; edited in the browser, frozen when one is issued.

A layout is plain JSON: ``words`` by field and language, ``chapters`` in order with whether they are shown,
their own title and introduction. What is left empty is the product's own.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.image.image import Image
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.config import LOCALES
from servicedesk.core import typesetting
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import Organisation
from servicedesk.reports.deep.content import Section
from servicedesk.reports.deep.models import DeepLayout, DeepReport
from servicedesk.reports.deep.sections import BY_KEY, SECTIONS
from servicedesk.reports.deep.states import ISSUED
from servicedesk.reports.deep.texts import plain

MAX_LOGO_BYTES, MAX_LOGO_PIXELS = 512 * 1024, 4000
LOGO_KINDS = {"image/png": "png", "image/jpeg": "jpg"}
WORDS: dict[str, tuple[LazyString, int]] = {
    "title": (_l("Title on the cover"), 80),
    "subtitle": (_l("Subtitle"), 120),
    "classification": (_l("Confidentiality"), 40),
    "header": (_l("Words at the top of pages"), 120),
    "footer": (_l("Words at the bottom of pages"), 120),
}
MAX_TITLE, MAX_INTRO = 80, 2000


@dataclass(frozen=True, slots=True)
class Placed:
    """A chapter in its place. ``title`` and ``intro`` are empty where the product's words stand."""

    section: Section
    shown: bool
    title: str = ""
    intro: str = ""


class Layout:
    """A layout read in the language that is spoken now."""

    def __init__(self, content: Mapping[str, Any] | None) -> None:
        self.content = content or {}

    def _say(self, words: Mapping[str, str] | None) -> str:
        spoken = "zh_CN" if str(get_locale()).startswith("zh") else "en"
        return (words or {}).get(spoken, "")

    def word(self, field: str) -> str:
        """The client's words for one of ``WORDS``, or nothing."""
        return self._say(self.content.get("words", {}).get(field))

    @property
    def logo(self) -> tuple[str, str]:
        """Blob and kind (png, jpg) of the logo; empty without one."""
        return self.content.get("logo", ""), self.content.get("logo_kind", "")

    def chapters(self) -> list[Placed]:
        """All chapters there are, in the client's order; what is newer than the layout stands at the end."""
        found = [
            Placed(
                BY_KEY[one["key"]],
                bool(one["shown"]),
                self._say(one.get("title")),
                self._say(one.get("intro")),
            )
            for one in self.content.get("chapters", ())
            if one["key"] in BY_KEY
        ]
        placed = {one.section.key for one in found}
        return found + [Placed(section, True) for section in SECTIONS if section.key not in placed]


def editable_places(actor: Actor) -> list[tuple[int, str]]:
    """Number (0: all clients) and name of what the actor may give a layout."""
    scope = actor.scope(Permission.REPORT_LAYOUT)
    statement = sa.select(Organisation.id, Organisation.name).where(
        Organisation.kind == "client", scope.clause(Organisation.id, sa.null())
    )
    rows = db.session.execute(statement.order_by(Organisation.name))
    clients = [(number, name) for number, name in rows]
    return [(0, _("All clients")), *clients] if scope.everything else clients


def stored(client_id: int) -> DeepLayout | None:
    """The layout of a client (0: that of all) as it was saved."""
    own = DeepLayout.client_id == client_id if client_id else DeepLayout.client_id.is_(None)
    return db.session.scalar(sa.select(DeepLayout).where(own))


def content_for(report: DeepReport) -> dict[str, Any]:
    """What an issued report was issued with; else its client's, else that of all, else nothing."""
    if report.layout is not None or report.state == ISSUED:
        return report.layout or {}
    found = stored(report.client_id) or stored(0)
    return dict(found.content) if found is not None else {}


def save(
    client_id: int,
    words: Mapping[str, Mapping[str, str]],
    chapters: Sequence[Mapping[str, Any]],
    logo: tuple[str, str] | None,
    revision: int,
    *,
    actor: Actor,
    now: datetime,
) -> DeepLayout:
    """Keep a layout; reports that are not yet issued look so from now on.

    Args:
        client_id: 0 for all clients without one of their own.
        logo: blob and kind, empty for none; None leaves the one there is.
        revision: that of the layout the actor has seen, 0 for none.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: somebody else saved it meanwhile.
    """
    if client_id not in [number for number, _name in editable_places(actor)]:
        raise NotAllowedError
    if client_id:  # a client's first layout: two at once meet here
        db.session.scalars(for_update(sa.select(Organisation).where(Organisation.id == client_id))).one()
    layout = stored(client_id)
    if (layout.revision if layout is not None else 0) != revision:
        raise ConflictError(_("Somebody saved this layout meanwhile. Load the page again."))
    content: dict[str, Any] = {
        "words": {field: _both(words.get(field, {}), most) for field, (_label, most) in WORDS.items()},
        "chapters": _chapters(chapters),
    }
    kept = (
        (layout.content.get("logo", ""), layout.content.get("logo_kind", ""))
        if layout is not None
        else ("", "")
    )
    content["logo"], content["logo_kind"] = kept if logo is None else logo
    if layout is None:
        layout = DeepLayout(client_id=client_id or None, revision=0)
        db.session.add(layout)
    layout.content, layout.revision = content, layout.revision + 1
    layout.updated_by, layout.updated_at = actor.name, now
    db.session.flush()
    audit.record(actor, "deep_layout.updated", layout, now=now, client_id=client_id or None)
    return layout


def _both(words: Mapping[str, str], most: int) -> dict[str, str]:
    return {locale: plain(words.get(locale, ""), most) for locale in LOCALES}


def _chapters(chapters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    keys = [one["key"] for one in chapters]
    if len(set(keys)) != len(keys) or not set(keys) <= set(BY_KEY):
        raise InvalidError(_("Choose one of the list."))
    if not any(one["shown"] for one in chapters):
        raise InvalidError(_("A report has at least one chapter."))
    return [
        {
            "key": one["key"],
            "shown": bool(one["shown"]),
            "title": _both(one["title"], MAX_TITLE),
            "intro": _both(one["intro"], MAX_INTRO),
        }
        for one in chapters
    ]


def logo_kind(content: bytes) -> str:
    """png or jpg, by what is in the file; it is typeset once, so that no report fails of it later.

    Raises:
        InvalidError: too large, or no such picture.
    """
    refusal = InvalidError(
        _("A logo is a PNG or JPEG picture of at most 512 KiB and 4,000 pixels each way."), "logo"
    )
    if len(content) > MAX_LOGO_BYTES:
        raise refusal
    try:
        image = Image.from_blob(content)
        kind = LOGO_KINDS.get(image.content_type, "")
        sizes = (image.px_width, image.px_height)
    except (UnrecognizedImageError, UnexpectedEndOfFileError, InvalidImageStreamError, struct.error) as error:
        raise refusal from error
    except (
        ValueError,
        LookupError,
        ArithmeticError,
        AttributeError,
    ) as error:  # headers that contradict themselves
        raise refusal from error
    if not kind or not all(0 < size <= MAX_LOGO_PIXELS for size in sizes):
        raise refusal
    if not typesetting.shows(content, kind):
        raise refusal
    return kind
