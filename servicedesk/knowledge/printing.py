"""A handbook as PDF: its parts as data for the template ``handbook.typ``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from servicedesk.core import typesetting
from servicedesk.core.filters import date_text, hours_text
from servicedesk.knowledge.handbooks import Chapter, Piece
from servicedesk.knowledge.labels import AUDIENCES
from servicedesk.knowledge.models import Handbook
from servicedesk.knowledge.typeset import Node, blocks
from servicedesk.runbooks.definition import Runbook
from servicedesk.runbooks.labels import KINDS


def pdf(handbook: Handbook, chapters: Iterable[Chapter], *, now: datetime) -> bytes:
    """Typeset it; the words around it are in the language that is spoken now."""
    organisation = handbook.client or handbook.company
    language = {"lang": "zh", "region": "CN"} if handbook.language == "zh_CN" else {"lang": "en"}
    data = {
        **language,
        "title": handbook.title,
        "header": handbook.title,
        "subtitle": handbook.subtitle,
        "organisation": organisation.name if organisation is not None else "",
        "audience": str(AUDIENCES[handbook.audience][0]),
        "made": date_text(now.date()),
        "contents": _("Contents"),
        "chapters": [
            {
                "title": chapter.title,
                "parts": [_part(piece, handbook.language) for piece in chapter.pieces],
            }
            for chapter in chapters
        ],
    }
    return typesetting.pdf("handbook", data, made_at=now)


def _part(piece: Piece, language: str) -> dict[str, Any]:
    if piece.version is not None:
        return {"title": piece.version.title, "note": "", "blocks": blocks(piece.version.body)}
    if piece.runbook is None:
        raise ValueError("a part of a chapter says something")
    book = piece.runbook
    note = _("Runbook, takes about %(time)s", time=hours_text(book.minutes * 60))
    return {"title": book.title.say(language), "note": note, "blocks": _steps(book, language)}


def _steps(book: Runbook, language: str) -> list[Node]:
    made = blocks(book.summary.say(language))
    for number, step in enumerate(book.steps, 1):
        text = f"{number}. {step.title.say(language)} ({KINDS[step.kind]})"
        made.append({"t": "heading", "level": 1, "c": [{"t": "text", "v": text}]})
        made += blocks(step.body.say(language))
        if step.options:
            items = [{"t": "text", "v": option.label.say(language)} for option in step.options]
            made.append({"t": "list", "c": [{"t": "item", "c": [item]} for item in items]})
    return made
