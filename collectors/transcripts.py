"""Packs a transcript into bytes that can be kept as evidence, and back.

Form: 4 bytes ``SDT1``, then zlib over canonical JSON (sorted keys, no blanks, UTF-8; raw answers in
base64). The digest is SHA-256 of the uncompressed JSON, so another compression level changes nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from datetime import datetime
from typing import Any

from collectors.errors import ParseError
from collectors.messages import N_
from collectors.model import Exchange, Transcript
from collectors.outcome import Outcome

MAGIC = b"SDT1"
MAX_UNPACKED_BYTES = 128 * 1024 * 1024


def canonical(transcript: Transcript) -> bytes:
    """The bytes the digest is made of."""
    document = {
        "target_key": transcript.target_key,
        "address": transcript.address,
        "started_at": transcript.started_at.isoformat(),
        "duration_s": round(transcript.duration_s, 3),
        "outcome": transcript.outcome.value,
        "error": transcript.error,
        "platform": transcript.platform,
        "session": dict(transcript.session),
        "collector": transcript.collector,
        "exchanges": [_exchange_document(exchange) for exchange in transcript.exchanges],
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(transcript: Transcript) -> str:
    """SHA-256 in hexadecimal; the name the transcript is kept under."""
    return hashlib.sha256(canonical(transcript)).hexdigest()


def pack(transcript: Transcript) -> bytes:
    """Serialise and compress."""
    return MAGIC + zlib.compress(canonical(transcript), 6)


def unpack(data: bytes, *, max_bytes: int = MAX_UNPACKED_BYTES) -> Transcript:
    """Read what ``pack`` wrote.

    Args:
        max_bytes: refuse to unpack to more, so that a crafted file cannot exhaust memory.
    Raises:
        ParseError: another form or version, damage, or too large.
    """
    if data[:4] != MAGIC:
        raise ParseError(N_("not a transcript of version 1"))
    engine = zlib.decompressobj()
    try:
        text = engine.decompress(data[4:], max_bytes)
    except zlib.error as error:
        raise ParseError(N_("the transcript is damaged")) from error
    if engine.unconsumed_tail:
        raise ParseError(N_("the transcript unpacks to more than %(bytes)s bytes") % {"bytes": max_bytes})
    if not engine.eof or engine.unused_data:
        raise ParseError(N_("the transcript is cut short or has something behind it"))
    try:
        return _transcript(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise ParseError(N_("the transcript's content is not of the documented form")) from error


def _exchange_document(exchange: Exchange) -> dict[str, Any]:
    return {
        "transport": exchange.transport,
        "question": exchange.question,
        "answer": base64.b64encode(exchange.answer).decode(),
        "outcome": exchange.outcome.value,
        "error": exchange.error,
        "exit_status": exchange.exit_status,
        "stderr": base64.b64encode(exchange.stderr).decode(),
        "started_s": round(exchange.started_s, 3),
        "duration_s": round(exchange.duration_s, 3),
    }


def _transcript(document: dict[str, Any]) -> Transcript:
    started_at = datetime.fromisoformat(document["started_at"])
    if started_at.tzinfo is None:
        raise ValueError("started_at has no time zone")
    return Transcript(
        target_key=str(document["target_key"]),
        address=str(document["address"]),
        started_at=started_at,
        duration_s=float(document["duration_s"]),
        exchanges=tuple(_exchange(item) for item in document["exchanges"]),
        outcome=Outcome(document["outcome"]),
        error=str(document["error"]),
        platform=str(document["platform"]),
        session={str(name): str(value) for name, value in document["session"].items()},
        collector=str(document["collector"]),
    )


def _exchange(document: dict[str, Any]) -> Exchange:
    if document["transport"] not in ("ssh", "snmp", "local"):
        raise ValueError("unknown transport")
    status = document["exit_status"]
    return Exchange(
        transport=document["transport"],
        question=str(document["question"]),
        answer=base64.b64decode(document["answer"], validate=True),
        outcome=Outcome(document["outcome"]),
        error=str(document["error"]),
        exit_status=None if status is None else int(status),
        stderr=base64.b64decode(document["stderr"], validate=True),
        started_s=float(document["started_s"]),
        duration_s=float(document["duration_s"]),
    )
