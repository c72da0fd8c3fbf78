"""An agent's objects in order, made for quick GetNext."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from collectors.transports import ber
from collectors.transports.ber import Oid, Varbind
from collectors.transports.snmp_message import encode_varbind

Value = int | str | bytes | Oid
Row = tuple[Oid, int, Value]


class Mib:
    """Sorted objects: (object identifier, BER tag, value).

    A value is an int for the number types, text or bytes for octet strings (text as UTF-8) and
    addresses (dotted quad), and a tuple for object identifiers. A row given twice: the later one holds.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: list[Row] = sorted({row[0]: row for row in rows}.values())
        self._names = [row[0] for row in self.rows]
        self._encoded: list[bytes | None] = [None] * len(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, oid: Oid) -> int | None:
        """The position of an object."""
        at = bisect_left(self._names, oid)
        return at if at < len(self._names) and self._names[at] == oid else None

    def after(self, oid: Oid) -> int | None:
        """The position of the next object behind ``oid``; None at the end."""
        at = bisect_right(self._names, oid)
        return at if at < len(self._names) else None

    def has_below(self, oid: Oid) -> bool:
        """Whether there is an object under this prefix."""
        at = self.after(oid)
        return at is not None and self._names[at][: len(oid)] == oid

    def encoded(self, at: int) -> bytes:
        """The whole varbind as it goes on the wire."""
        ready = self._encoded[at]
        if ready is None:
            ready = self._encoded[at] = encode_varbind(*self.varbind(at))
        return ready

    def varbind(self, at: int) -> Varbind:
        oid, tag, value = self.rows[at]
        return Varbind(ber.encode_oid(oid), tag, encode_value(tag, value))

    def lines(self) -> list[str]:
        """Every object as an ``OID|tag|value`` line."""
        varbinds = map(self.varbind, range(len(self)))
        return [ber.render(ber.decode_oid(name)[1], tag, content).decode() for name, tag, content in varbinds]


def encode_value(tag: int, value: Value) -> bytes:
    """A value's content on the wire.

    Raises:
        TypeError: the value is not of the tag's type.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return ber.encode_integer(value)
    if isinstance(value, tuple):
        return ber.encode_oid(value)
    if tag == ber.IP_ADDRESS:
        return bytes(map(int, value.split(".")))
    if tag == ber.OCTET_STRING:
        return value.encode()
    raise TypeError(f"tag {tag} does not take text")
