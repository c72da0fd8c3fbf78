"""Who acts, and how far their permissions reach. Services get an ``Actor``, never the session."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import ColumnElement, false, or_, true

from servicedesk.core.permissions import ROLE_PERMISSIONS, Permission, Role


class Scoped(Protocol):
    """A model whose rows belong to a client, and possibly to one of its sites."""

    client_id: Any
    site_id: Any


def _one_of(column: Any, numbers: frozenset[int]) -> ColumnElement[bool]:
    """An equation where there is but one: SQLite keeps an index's order only then."""
    condition: ColumnElement[bool] = (
        column == next(iter(numbers)) if len(numbers) == 1 else column.in_(sorted(numbers))
    )
    return condition


@dataclass(frozen=True, slots=True)
class Scope:
    """The records a permission reaches: everything, whole clients, or single sites."""

    everything: bool = False
    client_ids: frozenset[int] = frozenset()
    site_ids: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.client_ids or self.site_ids)

    def covers(self, client_id: int | None, site_id: int | None = None) -> bool:
        """Whether a record of this client and site lies inside."""
        return (
            self.everything
            or (client_id is not None and client_id in self.client_ids)
            or (site_id is not None and site_id in self.site_ids)
        )

    def clause(self, client_column: Any, site_column: Any = None) -> ColumnElement[bool]:
        """The WHERE condition for a query on rows with these columns."""
        if self.everything:
            return true()
        parts: list[ColumnElement[bool]] = []
        if self.client_ids:
            parts.append(_one_of(client_column, self.client_ids))
        if self.site_ids and site_column is not None:
            parts.append(_one_of(site_column, self.site_ids))
        return or_(*parts) if parts else false()

    def includes(self, other: Scope) -> bool:
        """Whether everything the other covers is covered by this one (sites are not looked up in clients)."""
        return self.everything or (
            not other.everything and self.client_ids >= other.client_ids and self.site_ids >= other.site_ids
        )


@dataclass(frozen=True, slots=True)
class Reach:
    """One role and where it holds, already resolved to concrete clients or sites."""

    role: Role
    everything: bool = False
    client_ids: frozenset[int] = frozenset()
    site_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a part of the system, with the permissions they hold at this moment."""

    user_id: int | None
    name: str
    reaches: tuple[Reach, ...] = ()
    organisation_id: int | None = None
    home_client_id: int | None = None  # the client whose staff they are, if any
    is_system: bool = False
    request_id: str = ""
    address: str = ""
    _scopes: dict[Permission, Scope] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def system(cls, name: str) -> Actor:
        """The system itself, e.g. "scheduler"; it may do everything and says so in the audit trail."""
        return cls(user_id=None, name=name, is_system=True)

    @property
    def anywhen(self) -> Actor:
        """The same without what belongs to one request: equal as long as the permissions are."""
        return replace(self, request_id="", address="")

    def scope(self, permission: Permission) -> Scope:
        """How far this actor's ``permission`` reaches."""
        if self.is_system:
            return Scope(everything=True)
        cached = self._scopes.get(permission)
        if cached is None:
            holding = [reach for reach in self.reaches if permission in ROLE_PERMISSIONS[reach.role]]
            cached = Scope(
                everything=any(reach.everything for reach in holding),
                client_ids=frozenset().union(*(reach.client_ids for reach in holding)),
                site_ids=frozenset().union(*(reach.site_ids for reach in holding)),
            )
            self._scopes[permission] = cached
        return cached

    def allows(self, permission: Permission, client_id: int | None, site_id: int | None = None) -> bool:
        """Whether this actor may do ``permission`` to a record of this client and site."""
        return self.scope(permission).covers(client_id, site_id)

    def allows_somewhere(self, permission: Permission) -> bool:
        """Whether a menu entry or button for ``permission`` makes sense at all."""
        return bool(self.scope(permission))

    def reach(self, role: Role | None = None) -> Scope:
        """How far one role of this actor reaches, or all of them together."""
        if self.is_system:
            return Scope(everything=True)
        holding = [reach for reach in self.reaches if role is None or reach.role == role]
        return Scope(
            everything=any(reach.everything for reach in holding),
            client_ids=frozenset().union(*(reach.client_ids for reach in holding)),
            site_ids=frozenset().union(*(reach.site_ids for reach in holding)),
        )

    @property
    def roles(self) -> frozenset[Role]:
        """All roles held anywhere."""
        return frozenset(reach.role for reach in self.reaches)
