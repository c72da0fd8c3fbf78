"""Articles: a place they hold at, and every version of their text."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Organisation
from servicedesk.staff.models import User
from servicedesk.tickets.models import ListEntry, Ticket


class Article(Identified, Model):
    """What stays the same over all versions.

    Either ``client_id`` (one client's article) or ``company_id`` (a service company's or the operator's, for
    all clients it serves). ``ticket_id``: the ticket it was made of. ``review_on``: when somebody looks
    whether it is still right; set by publication. ``reminded_at``: when its author was told of that.
    ``confirmed_at``: when somebody found it still right; older votes count no more against it.
    """

    __tablename__ = "articles"

    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)
    created_at: Mapped[datetime] = mapped_column()
    review_on: Mapped[date | None] = mapped_column(index=True)
    reminded_at: Mapped[datetime | None] = mapped_column()
    confirmed_at: Mapped[datetime | None] = mapped_column()
    client: Mapped[Organisation | None] = relationship(foreign_keys=[client_id])
    company: Mapped[Organisation | None] = relationship(foreign_keys=[company_id])
    ticket: Mapped[Ticket | None] = relationship()


class ArticleVersion(Identified, Timestamped, Model):
    """One version of an article's text; what was published is never changed afterwards.

    ``state``: see ``service.MOVES``. Of an article one version at most is published, and one at most is
    being written (draft or review). ``revision`` counts the savings of a draft, so that two who write at
    once do not overwrite each other. ``classes``: device classes, each between blanks.
    """

    __tablename__ = "article_versions"
    __table_args__ = (
        sa.UniqueConstraint("article_id", "number"),
        sa.Index("ix_article_versions_state_title_id", "state", "title", "id"),
    )

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"))
    number: Mapped[int] = mapped_column()  # from 1
    state: Mapped[str] = mapped_column(sa.String(12), default="draft")
    audience: Mapped[str] = mapped_column(sa.String(12), default="staff")  # requesters, staff
    language: Mapped[str] = mapped_column(sa.String(8))
    title: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text, default="")  # Markdown
    category: Mapped[str] = mapped_column(sa.String(16), default="")  # of tickets; empty: any
    classes: Mapped[str] = mapped_column(sa.String(500), default="")
    cause_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket_list_entries.id"))
    words: Mapped[str] = mapped_column(sa.String(500), default="")  # by which it is found too
    revision: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    author_name: Mapped[str] = mapped_column(sa.String(200))
    remark: Mapped[str] = mapped_column(sa.Text, default="")  # of the review
    reviewed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column()
    article: Mapped[Article] = relationship()
    author: Mapped[User | None] = relationship()
    cause: Mapped[ListEntry | None] = relationship()

    @property
    def class_names(self) -> list[str]:
        """Device classes as a list."""
        return self.classes.split()


class ArticleVote(Identified, Model):
    """Somebody's word on one version of an article; a later one takes the place of the earlier."""

    __tablename__ = "article_votes"
    __table_args__ = (sa.UniqueConstraint("version_id", "user_id"),)

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("article_versions.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    helpful: Mapped[bool] = mapped_column()
    word: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[datetime] = mapped_column()


class ArticleSolved(Identified, Model):
    """An article made a ticket unnecessary, or solved one: counted once a person and day."""

    __tablename__ = "article_solved"
    __table_args__ = (sa.UniqueConstraint("article_id", "user_id", "day"),)

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    day: Mapped[date] = mapped_column()
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("tickets.id"), index=True)


class Handbook(Identified, Timestamped, Model):
    """An ordered collection of articles and runbooks, to read and to print; its place as an article's.

    ``state``: draft or published. What a part says is always the version that holds.
    """

    __tablename__ = "handbooks"

    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    subtitle: Mapped[str] = mapped_column(sa.String(300), default="")
    language: Mapped[str] = mapped_column(sa.String(8))
    audience: Mapped[str] = mapped_column(sa.String(12), default="staff")
    state: Mapped[str] = mapped_column(sa.String(12), default="draft")
    author_name: Mapped[str] = mapped_column(sa.String(200))
    client: Mapped[Organisation | None] = relationship(foreign_keys=[client_id])
    company: Mapped[Organisation | None] = relationship(foreign_keys=[company_id])
    parts: Mapped[list[HandbookPart]] = relationship(
        order_by="HandbookPart.position", cascade="all, delete-orphan"
    )


class HandbookPart(Identified, Model):
    """``kind``: chapter (``title``), article (``article_id``), runbook (``runbook_key``)."""

    __tablename__ = "handbook_parts"

    handbook_id: Mapped[int] = mapped_column(sa.ForeignKey("handbooks.id"), index=True)
    position: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(sa.String(8))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    article_id: Mapped[int | None] = mapped_column(sa.ForeignKey("articles.id"), index=True)
    runbook_key: Mapped[str] = mapped_column(sa.String(60), default="")
