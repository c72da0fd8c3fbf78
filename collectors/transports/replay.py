"""A transcript instead of a device."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from collectors.model import Target, Transcript
from collectors.transcripts import unpack
from collectors.transports import TransportResult


def from_transcript(transcript: Transcript) -> Callable[..., TransportResult]:
    """A transport's ``visit`` that answers with what was said once."""

    def visit(target: Target, access: object, *, deadline: float) -> TransportResult:
        return TransportResult(
            transcript.exchanges,
            transcript.outcome,
            transcript.error,
            transcript.session,
            transcript.platform,
        )

    return visit


def load(path: Path) -> Transcript:
    """Read a packed transcript from a file.

    Raises:
        ParseError: damaged or of another form. OSError: no such file.
    """
    return unpack(path.read_bytes())
