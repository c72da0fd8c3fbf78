"""Words of articles in the full-text index: one row a version, told apart by who may find it."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.knowledge.models import ArticleVersion
from servicedesk.search import index

KIND = "article"
WRITING = "writing"  # versions that are not published; only those who write find them
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
