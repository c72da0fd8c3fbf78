"""Where the answer to an own check stands in a transcript, and why there is none."""

from __future__ import annotations

from collectors.messages import N_
from collectors.model import Evidence, Finding, Message, OwnCheck, Transcript
from collectors.outcome import Outcome

NOT_ASKED = N_("It was not asked in this visit.")
_NOT_READ = N_("Not read: %(reason)s")


def failed(check: OwnCheck, outcome: Outcome, reason: str, evidence: Evidence | None = None) -> Finding:
    message = Message(_NOT_READ, {"reason": reason})
    return Finding(check.name, "", outcome, message, evidence=evidence, rule_version=check.version)


def answer_to(transcript: Transcript, *questions: str) -> int | None:
    """The place of the exchange that asked one of these over SSH; the last where it was asked again."""
    return next(
        (
            index
            for index, exchange in reversed(list(enumerate(transcript.exchanges)))
            if exchange.transport == "ssh" and exchange.question in questions
        ),
        None,
    )


def asked_as(transcript: Transcript) -> str:
    """The command line, or kind of host, that answered over SSH."""
    said = transcript.session
    name = said.get("ssh.cli") or said.get("cli") or said.get("ssh.script") or said.get("script")
    return name or ("linux" if said.get("ssh.outcome") == Outcome.OK else "")


def why_not(transcript: Transcript, transport: str) -> tuple[Outcome, str]:
    said = transcript.session.get(f"{transport}.outcome", "")
    if said and said != Outcome.OK:
        return Outcome(said), transcript.session.get(f"{transport}.error", "")
    return Outcome.NOT_INSPECTED, NOT_ASKED
