"""People who can sign in, and the roles granted to them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Department, Organisation, Site


class User(Identified, Timestamped, Model):
    """An account. ``username`` is kept in lower case. Accounts are closed, never deleted."""

    __tablename__ = "users"
    __table_args__ = (sa.Index("ix_users_organisation_id_badge", "organisation_id", "badge"),)

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(sa.ForeignKey("departments.id"))
    username: Mapped[str] = mapped_column(sa.String(64), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(100))
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    phone: Mapped[str] = mapped_column(sa.String(32), default="")
    badge: Mapped[str] = mapped_column(sa.String(32), default="")  # number on the staff badge, if any
    locale: Mapped[str] = mapped_column(sa.String(8), default="")  # empty: the site's default
    password_hash: Mapped[str] = mapped_column(sa.String(256))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_changed_at: Mapped[datetime | None] = mapped_column()
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column()
    active: Mapped[bool] = mapped_column(default=True)
    last_login_at: Mapped[datetime | None] = mapped_column()
    # Part of the session cookie: a new value signs every session of this account out.
    session_epoch: Mapped[int] = mapped_column(default=0)

    organisation: Mapped[Organisation] = relationship()
    department: Mapped[Department | None] = relationship()
    grants: Mapped[list[RoleGrant]] = relationship(
        back_populates="user", cascade="all, delete-orphan", foreign_keys="RoleGrant.user_id"
    )

    # What Flask-Login asks for.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Closed accounts cannot hold a session."""
        return self.active

    def get_id(self) -> str:
        """What the session cookie holds."""
        return f"{self.id}:{self.session_epoch}"


class RoleGrant(Identified, Model):
    """A role of a user: at one site, at one client, or (both empty) wherever their organisation reaches."""

    __tablename__ = "role_grants"
    __table_args__ = (sa.UniqueConstraint("user_id", "role", "client_id", "site_id"),)

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(32))
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    granted_by: Mapped[str] = mapped_column(sa.String(200), default="")
    granted_at: Mapped[datetime] = mapped_column()

    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])
    client: Mapped[Organisation | None] = relationship(foreign_keys=[client_id])
    site: Mapped[Site | None] = relationship()
