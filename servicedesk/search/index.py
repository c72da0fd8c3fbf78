"""Keeping and asking the index. Callers join what is found with what the actor may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.search.models import SearchText
from servicedesk.search.words import alternatives, index_words, postgres_question, sqlite_question

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
    sqlite = db.engine.dialect.name == "sqlite"
    # SQLite would rather read all texts of the kind than look up the few that were found.
    kind_is = SearchText.kind.concat("") == kind if sqlite else SearchText.kind == kind
    statement = sa.select(SearchText.object_id).where(kind_is)
    if audience is not None:
        statement = statement.where(SearchText.audience == audience)
    asked = sqlite_question(question) if sqlite else postgres_question(question)
    if not asked:
        return statement.where(sa.false())
    return statement.where(sa.text(_SQLITE if sqlite else _POSTGRES).bindparams(asked=asked))


def index_missing(kind: str, model: Any, index_one: Callable[[Any], None], batch: int) -> int:
    """Index the records of a model that are not yet (after an upgrade); returns how many."""
    known = sa.select(SearchText.object_id).where(SearchText.kind == kind)
    count = 0
    while True:
        with unit_of_work() as session:
            rows = session.scalars(sa.select(model).where(model.id.not_in(known)).limit(batch)).all()
            for row in rows:
                index_one(row)
        if not rows:
            return count
        count += len(rows)


def similar(kind: str, text: str, *, limit: int, audience: str = PUBLIC) -> list[int]:
    """Numbers of the records that share most and rarest words with the text, the nearest first."""
    asked = alternatives(text)
    if not asked:
        return []
    sqlite = db.engine.dialect.name == "sqlite"
    statement = sa.select(SearchText.object_id).where(
        SearchText.kind == kind, SearchText.audience == audience
    )
    if sqlite:
        hits = sa.table("search_index", sa.column("rowid"), sa.column("rank"))
        match = sa.text("search_index MATCH :asked").bindparams(asked=" OR ".join(f'"{w}"' for w in asked))
        statement = statement.join(hits, hits.c.rowid == SearchText.id).where(match).order_by(hits.c.rank)
    else:
        query = sa.text("to_tsquery('simple', :asked)").bindparams(asked=" | ".join(asked))
        statement = statement.where(
            sa.text("search_texts.vector @@ to_tsquery('simple', :found)").bindparams(found=" | ".join(asked))
        ).order_by(sa.func.ts_rank(sa.literal_column("search_texts.vector"), query).desc(), SearchText.id)
    return list(db.session.scalars(statement.limit(limit)))
