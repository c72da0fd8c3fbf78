"""Keeping and asking the index. Callers join what is found with what the actor may see."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.search.models import SearchText
from servicedesk.search.words import index_words, postgres_question, sqlite_question

PUBLIC, INTERNAL = "public", "internal"
_SQLITE = "search_texts.id IN (SELECT rowid FROM search_index WHERE search_index MATCH :asked)"
_POSTGRES = "search_texts.vector @@ to_tsquery('simple', :asked)"


def put(kind: str, object_id: int, *texts: str, audience: str = PUBLIC) -> None:
    """Store the words of a record in the caller's transaction; no words remove it."""
    words = index_words(*texts)
    row = db.session.scalar(
        sa.select(SearchText).where(
            SearchText.kind == kind, SearchText.object_id == object_id, SearchText.audience == audience
        )
    )
    if row is None:
        if words:
            db.session.add(SearchText(kind=kind, object_id=object_id, audience=audience, words=words))
    elif not words:
        db.session.delete(row)
    elif row.words != words:
        row.words = words


def found(kind: str, question: str, *, audience: str | None = PUBLIC) -> sa.Select[int]:
    """Numbers of the records whose words answer the question, for ``Model.id.in_(…)``.

    ``audience`` None: all of them. A question without any word finds nothing.
    """
    statement = sa.select(SearchText.object_id).where(SearchText.kind == kind)
    if audience is not None:
        statement = statement.where(SearchText.audience == audience)
    sqlite = db.engine.dialect.name == "sqlite"
    asked = sqlite_question(question) if sqlite else postgres_question(question)
    if not asked:
        return statement.where(sa.false())
    return statement.where(sa.text(_SQLITE if sqlite else _POSTGRES).bindparams(asked=asked))
