"""Jobs of the collector queue: sealed target in, sealed visit out."""

from __future__ import annotations

import os
from pathlib import Path

from collectors import runner, sealing, transcripts
from collectors.errors import SealError
from collectors.model import Transcript


def collect(sealed: str) -> str:
    """Visit the sealed target.

    Returns:
        the packed transcript, sealed with the same key. Facts and findings follow from it
        (``runner.judge_transcript``), so they do not travel.
    Raises:
        SealError: no usable key here, or the payload was not made with it.
    """
    key = collector_key()
    target = sealing.open_sealed(sealed, key)
    visit = runner.visit(target)
    return sealing.seal_bytes(transcripts.pack(visit.transcript), key)


def open_result(sealed: str, key: bytes) -> Transcript:
    """Read what ``collect`` returned.

    Raises:
        SealError, ParseError: not ours, altered, or damaged.
    """
    return transcripts.unpack(sealing.open_bytes(sealed, key))


def collector_key() -> bytes:
    """The key from ``COLLECTOR_KEY``, or from the file ``COLLECTOR_KEY_FILE`` names.

    Raises:
        SealError: neither is set, or the file cannot be read.
    """
    value = os.environ.get("COLLECTOR_KEY", "")
    if value:
        return value.encode()
    path = os.environ.get("COLLECTOR_KEY_FILE", "")
    if not path:
        raise SealError("set COLLECTOR_KEY or COLLECTOR_KEY_FILE to the key the server seals with")
    try:
        return Path(path).read_bytes().strip()
    except OSError as error:
        raise SealError(f"the key file {path} cannot be read: {error.strerror}") from error
