"""Teams with their members, who is on duty when, who is away, and the rules by which tickets are given."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from servicedesk.core.db import Identified, Model, Timestamped
from servicedesk.organisations.models import Organisation, Site
from servicedesk.staff.models import User


class Team(Identified, Timestamped, Model):
    """People who share a client's tickets. ``site_id`` None: those of all its sites.

    ``last_user_id`` is who was given something last: the next turn begins after them. It is written only
    while the row is locked, and the audit trail's head before it.
    """

    __tablename__ = "teams"
    __table_args__ = (sa.UniqueConstraint("client_id", "name"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    leader_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    active: Mapped[bool] = mapped_column(default=True)
    last_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    client: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()
    leader: Mapped[User | None] = relationship(foreign_keys=[leader_id])
    members: Mapped[list[TeamMember]] = relationship(
        back_populates="team", cascade="all, delete-orphan", order_by="TeamMember.user_id"
    )


class TeamMember(Model):
    """Somebody of a team. ``skills``: keys of ``labels.SKILLS``."""

    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True, index=True)
    skills: Mapped[list[Any]] = mapped_column(default=list)
    team: Mapped[Team] = relationship(back_populates="members")
    user: Mapped[User] = relationship()


class Duty(Identified, Model):
    """Hours on duty for a team: each week (``weekday``, 0 is Monday) or on one ``day``.

    Entries of a day stand for that day instead of the weekly ones; without a user nobody is on duty then.
    Minutes are counted from midnight in the team's time zone; ``until_minute`` of more than 1440 ends on the
    next day.
    """

    __tablename__ = "team_duties"
    __table_args__ = (sa.Index("ix_team_duties_team_id_day", "team_id", "day"),)

    team_id: Mapped[int] = mapped_column(sa.ForeignKey("teams.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    weekday: Mapped[int | None] = mapped_column()
    day: Mapped[date | None] = mapped_column()
    from_minute: Mapped[int] = mapped_column()
    until_minute: Mapped[int] = mapped_column()
    user: Mapped[User | None] = relationship()


class Absence(Identified, Timestamped, Model):
    """Somebody is away from ``from_at`` until right before ``until_at``; the substitute gets their work.

    Why is not kept here. ``source`` is ``manual``, or the domain the entry came from.
    """

    __tablename__ = "absences"
    __table_args__ = (
        sa.Index("ix_absences_user_id_until_at", "user_id", "until_at"),
        sa.Index("ix_absences_until_at_id", "until_at", "id"),
    )

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    substitute_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    from_at: Mapped[datetime] = mapped_column()
    until_at: Mapped[datetime] = mapped_column()
    source: Mapped[str] = mapped_column(sa.String(16), default="manual")
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    substitute: Mapped[User | None] = relationship(foreign_keys=[substitute_id])


class AssignmentRule(Identified, Timestamped, Model):
    """Which tickets of a client (the conditions; what is not named means all) go to whom (the action).

    ``duty``: empty, ``inside`` or ``outside`` of the hours in which somebody of the team is on duty.
    ``action``: a key of ``labels.ACTIONS``.
    """

    __tablename__ = "assignment_rules"
    __table_args__ = (sa.Index("ix_assignment_rules_client_id_position", "client_id", "position"),)

    client_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    position: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(sa.String(100))
    active: Mapped[bool] = mapped_column(default=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sites.id"))
    category: Mapped[str] = mapped_column(sa.String(16), default="")
    subtype: Mapped[str] = mapped_column(sa.String(24), default="")
    device_class: Mapped[str] = mapped_column(sa.String(32), default="")
    priority: Mapped[int | None] = mapped_column()
    duty: Mapped[str] = mapped_column(sa.String(8), default="")
    action: Mapped[str] = mapped_column(sa.String(16))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("teams.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    skill: Mapped[str] = mapped_column(sa.String(16), default="")
    site: Mapped[Site | None] = relationship()
    team: Mapped[Team | None] = relationship()
    user: Mapped[User | None] = relationship()
