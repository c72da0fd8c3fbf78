"""What a simulated host's PostgreSQL prints whose log is not archived since a while."""

from __future__ import annotations

_FILE = 16 * 2**20
_SEGMENT = 0x2A  # the last that was archived


def postgresql_that_does_not_archive(waiting: int = 12) -> str:
    """A server of which ``waiting`` files wait, the first of them tried in vain a moment ago."""
    last, failed = (f"000000010000000000{number:06X}" for number in (_SEGMENT, _SEGMENT + 1))
    written = (_SEGMENT + 1 + waiting) * _FILE
    return (
        "server: 5432\n"
        "15.8 (Debian 15.8-0+deb12u1)|100|23|99.41|51200345|0|f|-1\n"
        f"a|on|{last}|10871.202|{failed}|21.518|{written}|{_FILE}\n"
    )
