"""What came of one try to hand a message over, and the clock that ends a try."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from servicedesk.notifications.models import FAILED, SENT, UNCERTAIN

RETRY = "retry"
TIMEOUT_S = 15.0  # of one answer
DEADLINE_S = 60.0  # of a whole try: an answer may come a byte at a time
# After the first try and each further one; then it has failed.
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
MAX_ANSWER = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """``state`` is sent, retry, failed or uncertain (it was handed over and nobody answered).

    ``error`` is an English sentence of the catalogue, ``answer`` the words of the other side.
    """

    state: str
    error: str = ""
    answer: str = ""


def sent(answer: str = "") -> Outcome:
    """The other side has taken it."""
    return Outcome(SENT, "", _short(answer))


def retry(error: str, answer: object = "") -> Outcome:
    """It was certainly not taken, and may be later."""
    return Outcome(RETRY, error, _short(answer))


def failed(error: str, answer: object = "") -> Outcome:
    """It was refused and will be again."""
    return Outcome(FAILED, error, _short(answer))


def uncertain(error: str, answer: object = "") -> Outcome:
    """It may have arrived: only a person sends it again."""
    return Outcome(UNCERTAIN, error, _short(answer))


def _short(answer: object) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return "".join(c if c.isprintable() else " " for c in text)[:MAX_ANSWER].strip()


class Watchdog:
    """Ends the connection it was shown when the time of a whole try is over."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._connection: Callable[[], socket.socket | None] = lambda: None

    def watch(self, connection: Callable[[], socket.socket | None]) -> None:
        """Tells the connection of the moment: it is another one after STARTTLS."""
        self._connection = connection

    def _end(self) -> None:
        connection = self._connection()
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def running(self) -> Iterator[Watchdog]:
        """Watch during the block."""
        self._timer.start()
        try:
            yield self
        finally:
            self._timer.cancel()
