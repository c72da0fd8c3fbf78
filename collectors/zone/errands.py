"""What goes into a zone and what comes back, sealed with the zone's key.

An errand is a target with the right to answer for it: the number of the server's record, and which attempt
it is. The answer repeats both, so that a late one is known for what it is. Neither can be read or made
without the key; an errand older than its time is refused, an answer may be of any age.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collectors import sealing, transcripts
from collectors.errors import SealError
from collectors.messages import N_
from collectors.model import Target, Transcript

FORM = 1
MAX_UNDER_WAY = 5000
_NO_ERRAND = N_("the sealed text does not hold an errand of this version")
_NO_ANSWER = N_("the sealed text does not hold an answer of this version")
_NO_BEAT = N_("the sealed text does not hold a sign of life of this version")


@dataclass(frozen=True, slots=True)
class Errand:
    """One visit to be made before ``expires_at``."""

    record_id: int
    attempt: int
    expires_at: datetime
    target: Target


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an errand. ``transcript`` None: it was given back, with the reason."""

    record_id: int
    attempt: int
    transcript: Transcript | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Beat:
    """A worker's sign of life.

    ``under_way``: (record, attempt) of visits being made and of answers not delivered yet.
    """

    worker: str
    version: str
    at: datetime
    state: str  # working, full, failing (cannot take visits, whatever the reason), stopped
    buffered: int = 0
    buffered_bytes: int = 0
    limit_bytes: int = 0
    under_way: tuple[tuple[int, int], ...] = field(default=())


def seal_errand(errand: Errand, key: bytes) -> str:
    """Encrypt an errand, credentials and all.

    Raises:
        SealError: the key is not of the right form.
    """
    document = {
        "form": FORM,
        "record": errand.record_id,
        "attempt": errand.attempt,
        "expires": errand.expires_at.isoformat(),
        "target": sealing.document_of(errand.target),
    }
    return sealing.seal_bytes(_json(document), key)


def open_errand(sealed: str, key: bytes, *, now: datetime) -> Errand:
    """Decrypt an errand.

    Raises:
        SealError: another key, altered, too old, or no errand.
    """
    try:
        document = json.loads(sealing.open_bytes(sealed, key))
        errand = Errand(
            record_id=_number(document["record"]),
            attempt=_number(document["attempt"]),
            expires_at=_moment(document["expires"]),
            target=sealing.target_of(document["target"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SealError(_NO_ERRAND) from error
    if errand.expires_at <= now:
        raise SealError(N_("the errand is too old"))
    return errand


def seal_answer(answer: Answer, key: bytes) -> str:
    """Encrypt an answer."""
    head = {"form": FORM, "record": answer.record_id, "attempt": answer.attempt, "reason": answer.reason}
    packed = b"" if answer.transcript is None else transcripts.pack(answer.transcript)
    return sealing.seal_bytes(_json(head) + b"\n" + packed, key)


def open_answer(sealed: str, key: bytes) -> Answer:
    """Decrypt an answer.

    Raises:
        SealError, ParseError: not made with this key, altered, or damaged.
    """
    head, mark, packed = sealing.open_bytes(sealed, key, ttl_s=None).partition(b"\n")
    try:
        document = json.loads(head)
        record_id, attempt = _number(document["record"]), _number(document["attempt"])
        reason = str(document["reason"])[:500]
    except (KeyError, TypeError, ValueError) as error:
        raise SealError(_NO_ANSWER) from error
    if not mark:
        raise SealError(_NO_ANSWER)
    return Answer(record_id, attempt, transcripts.unpack(packed) if packed else None, reason)


def seal_beat(beat: Beat, key: bytes) -> str:
    """Encrypt a sign of life."""
    document = {
        "form": FORM,
        "worker": beat.worker,
        "version": beat.version,
        "at": beat.at.isoformat(),
        "state": beat.state,
        "buffered": beat.buffered,
        "buffered_bytes": beat.buffered_bytes,
        "limit_bytes": beat.limit_bytes,
        "under_way": beat.under_way[:MAX_UNDER_WAY],
    }
    return sealing.seal_bytes(_json(document), key)


def open_beat(sealed: str, key: bytes) -> Beat:
    """Decrypt a sign of life.

    Raises:
        SealError: not made with this key, or of another form.
    """
    try:
        document = json.loads(sealing.open_bytes(sealed, key, ttl_s=None))
        return Beat(
            worker=str(document["worker"])[:100],
            version=str(document["version"])[:40],
            at=_moment(document["at"]),
            state=str(document["state"])[:10],
            buffered=_number(document["buffered"]),
            buffered_bytes=_number(document["buffered_bytes"]),
            limit_bytes=_number(document["limit_bytes"]),
            under_way=tuple((_number(one), _number(two)) for one, two in document["under_way"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SealError(_NO_BEAT) from error


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise ValueError(value)
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment
