"""Errors that speak to the person who can act. Boundaries turn them into pages, JSON or exit codes."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel.speaklater import LazyString


class DomainError(Exception):
    """A rule of the domain says no.

    Args:
        message: a translatable sentence: what, where, what to do next.
        field: the form field it is about, if one.
    """

    status = 409

    def __init__(self, message: str | LazyString, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotAllowedError(DomainError):
    """The actor sees the record but may not do this to it."""

    status = 403

    def __init__(self, message: str | LazyString = "") -> None:
        super().__init__(message or gettext("You do not have the permission to do this."))


class NotFoundError(DomainError):
    """The record does not exist, or not for this actor."""

    status = 404

    def __init__(self) -> None:
        super().__init__(gettext("There is no such record, or you may not see it."))


class InvalidError(DomainError):
    """Input that cannot be accepted."""

    status = 422


class ConflictError(DomainError):
    """Somebody else was faster, or the record is in another state by now."""

    status = 409


def first_error(errors: Mapping[str, object]) -> str:
    """The first message of a WTForms error mapping, as text."""
    for value in errors.values():
        if isinstance(value, Mapping):
            return first_error(value)
        if isinstance(value, (list, tuple)) and value:
            return str(value[0])
    return ""
