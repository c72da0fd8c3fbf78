"""From the collectors' outcomes to the verdicts people sign, and to words and numbers."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from collectors.checks import CheckSpec
from collectors.checks.judging import READINGS_CHECK
from collectors.model import Levels
from collectors.outcome import Outcome
from servicedesk.core.sentences import translate
from servicedesk.equipment.kinds import PROTOCOLS
from servicedesk.inspections.models import LevelSet
from servicedesk.inspections.own.checks import spec_of


class Verdict(StrEnum):
    """What a record says of an item: 合格, 不合格, 不涉及, 未检查."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"
    NOT_APPLICABLE = "not_applicable"
    NOT_INSPECTED = "not_inspected"


# Numbers in the database: never renumber, only add.
CODES: dict[Outcome, int] = {
    Outcome.OK: 0,
    Outcome.WARNING: 1,
    Outcome.CRITICAL: 2,
    Outcome.UNREACHABLE: 3,
    Outcome.AUTH_FAILED: 4,
    Outcome.HOST_KEY_CHANGED: 5,
    Outcome.TIMEOUT: 6,
    Outcome.UNSUPPORTED: 7,
    Outcome.NOT_APPLICABLE: 8,
    Outcome.PARSE_FAILED: 9,
    Outcome.STALE: 10,
    Outcome.NOT_INSPECTED: 11,
}
BY_CODE: dict[int, Outcome] = {code: outcome for outcome, code in CODES.items()}

_VERDICTS: dict[Outcome, Verdict] = {
    Outcome.OK: Verdict.NORMAL,
    Outcome.WARNING: Verdict.ABNORMAL,
    Outcome.CRITICAL: Verdict.ABNORMAL,
    # The device itself says it has no such thing.
    Outcome.UNSUPPORTED: Verdict.NOT_APPLICABLE,
    Outcome.NOT_APPLICABLE: Verdict.NOT_APPLICABLE,
}


def verdict(outcome: Outcome) -> Verdict:
    """Whatever is neither judged nor ruled out was not inspected; it is never normal."""
    return _VERDICTS.get(outcome, Verdict.NOT_INSPECTED)


def verdict_of(value: str) -> Verdict:
    """For templates: of an outcome as a column holds it."""
    return verdict(Outcome(value))


VERDICT_LABELS: dict[Verdict, LazyString] = {
    Verdict.NORMAL: lazy_pgettext("verdict", "Normal"),
    Verdict.ABNORMAL: _l("Abnormal"),
    Verdict.NOT_APPLICABLE: _l("Not applicable"),
    Verdict.NOT_INSPECTED: _l("Not inspected"),
}

OUTCOME_LABELS: dict[Outcome, LazyString] = {
    Outcome.OK: _l("OK"),
    Outcome.WARNING: _l("Warning"),
    Outcome.CRITICAL: _l("Critical"),
    Outcome.UNREACHABLE: _l("Unreachable"),
    Outcome.AUTH_FAILED: _l("Login refused"),
    Outcome.HOST_KEY_CHANGED: _l("Host key not approved"),
    Outcome.TIMEOUT: _l("Time limit exceeded"),
    Outcome.UNSUPPORTED: _l("Not supported by the device"),
    Outcome.NOT_APPLICABLE: _l("Not applicable"),
    Outcome.PARSE_FAILED: _l("Answer not understood"),
    Outcome.STALE: _l("Too old"),
    Outcome.NOT_INSPECTED: _l("Not inspected"),
}


def outcome_label(value: str) -> LazyString | str:
    """For templates; an outcome of a newer version is shown as it is."""
    return OUTCOME_LABELS[Outcome(value)] if value in OUTCOME_LABELS else value


def verdict_label(value: str) -> LazyString:
    """For templates."""
    return VERDICT_LABELS[Verdict(value)]


def check_title(check: str) -> str:
    """A check's name in the reader's language; one that no longer exists keeps its bare name."""
    if check == READINGS_CHECK:
        return gettext("Other answers")
    spec = spec_of(check)
    return gettext(spec.title) if spec is not None else check


# Items that are codes of ours; others are names of devices, or sentences.
_ITEMS: dict[tuple[str, str], LazyString | str] = {
    ("identity_drift", "model"): _l("Model"),
    ("identity_drift", "serial"): _l("Serial number"),
    ("identity_drift", "software_version"): _l("Software version"),
    (READINGS_CHECK, "neighbours"): _l("Neighbours"),
    (READINGS_CHECK, "inventory"): _l("Hardware"),
    (READINGS_CHECK, "answers"): "",
    **{("reachable", protocol): word for protocol, word in PROTOCOLS.items()},
}


def item_title(check: str, item: str) -> str:
    """What of the device a check looked at, in the reader's language."""
    known = _ITEMS.get((check, item))
    return translate(item) if known is None else str(known)


def found_words(check: str, item: str, told: str) -> str:
    """What was found, of which check and item, in the reader's language."""
    what = " ".join(filter(None, (check_title(check), item_title(check, item))))
    return gettext("%(what)s: %(detail)s", what=what, detail=told)


def standard_text(spec: CheckSpec | None, levels: LevelSet | None) -> str:
    """The standard a value was judged by, with the numbers that were used."""
    if spec is None:
        return ""
    used = None
    if levels is not None:
        used = Levels(
            levels.warning_upper, levels.critical_upper, levels.warning_lower, levels.critical_lower
        )
    sentences = spec.standard_messages(used)
    return gettext("; ").join(gettext(one.template) % one.values for one in sentences)


def provenance_label(provenance: str) -> str:
    """Where limits come from, in words."""
    known = {"default": gettext("product default"), "device": gettext("the device's own limits")}
    return known.get(provenance) or translate(provenance)
