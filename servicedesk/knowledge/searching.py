"""Words of articles in the full-text index: one row a version, told apart by who may find it."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.knowledge.models import ArticleVersion
from servicedesk.search import index
from servicedesk.search.models import SearchText
from servicedesk.search.words import alternatives

KIND = "article"
WRITING = "writing"  # versions that are not published; only those who write find them
# English words that say nothing of the matter; Chinese pairs of characters need no such list.
_COMMON_TEXT = (
    "a after again all am an and any are as at be been but by can cannot do does for from "
    "get has have help how i in into is it its just me my no not of off on or our out "
    "over please since so that the them then there this to too up us was we what when "
    "where which why will with you your"
)
COMMON = frozenset(_COMMON_TEXT.split())
_AUDIENCES = (index.PUBLIC, index.INTERNAL, WRITING)


def index_version(version: ArticleVersion) -> None:
    """Put a version where its state says; a replaced one is found no more."""
    place = {
        "published": index.PUBLIC if version.audience == "requesters" else index.INTERNAL,
        "replaced": "",
    }.get(version.state, WRITING)
    for audience in _AUDIENCES:
        texts = (version.title, version.words, version.body) if audience == place else ()
        index.put(KIND, version.id, *texts, audience=audience)


def found(question: str) -> sa.ColumnElement[bool]:
    """Condition on versions; who may see them is asked beside it."""
    return ArticleVersion.id.in_(index.found(KIND, question, audience=None))


def ranked(text: str, *, staff: bool, limit: int) -> list[int]:
    """Numbers of published versions that share most words with a text, the nearest first."""
    near = index.similar(KIND, text, limit=limit)
    if staff:
        near += index.similar(KIND, text, limit=limit, audience=index.INTERNAL)
    return near


def near_enough(text: str, ids: Collection[int]) -> set[int]:
    """Those that share two telling words with a text, or half of the few it has."""
    asked = set(alternatives(text)) - COMMON
    if not asked or not ids:
        return set()
    rows = db.session.execute(
        sa.select(SearchText.object_id, SearchText.words).where(
            SearchText.kind == KIND, SearchText.object_id.in_(ids)
        )
    )
    needed = min(2, max(1, len(asked) // 2))
    return {row.object_id for row in rows if len(asked.intersection(row.words.split())) >= needed}
