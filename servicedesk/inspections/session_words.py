"""How the devices of a visit were talked to, in words: what a transcript keeps of its sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.core.sentences import translate
from servicedesk.inspections.outcomes import outcome_label

NAMES = {"ssh": "SSH", "snmp": "SNMP", "local": _l("This host"), "web": "HTTP"}
# In the order in which they are told. What is not here is shown as it was kept.
LABELS: dict[str, LazyString | str] = {
    "outcome": _l("Outcome"),
    "error": _l("Cause"),
    "version": _l("Version"),
    "user": _l("User name"),
    "security_level": _l("Security level"),
    "auth_protocol": _l("Authentication"),
    "priv_protocol": _l("Encryption"),
    "engine_id": _l("Engine ID"),
    "ssh_server": _l("Server software"),
    "kex": _l("Key exchange"),
    "cipher": _l("Encryption"),
    "mac": _l("Integrity"),
    "host_key_type": _l("Host key"),
    "host_key_fingerprint": _l("Fingerprint"),
    "legacy": _l("Outdated algorithms"),
    "jump": _l("Jump hosts"),
    "jump_failed": _l("Jump host that failed"),
    "cli": _l("Command line"),
    "prompt": _l("Prompt"),
    "enabled": _l("Second level (enable)"),
    "script": _l("Script"),
}
_HIDDEN = ("host_key", "jump_host_key")  # whole keys; their fingerprints are told


@dataclass(frozen=True, slots=True)
class Told:
    """One line: over which access, what, and its text."""

    access: LazyString | str
    label: LazyString | str
    text: str


def told(session: Mapping[str, str]) -> Iterator[Told]:
    """Each fact once: the transcript keeps it with and without the name of its access.

    SNMP's own names begin with "snmp." a second time.
    """
    order = {name: number for number, name in enumerate(LABELS)}
    found = []
    for name, text in session.items():
        access, _dot, rest = name.partition(".")
        if not text or access not in NAMES or rest in _HIDDEN or f"{access}.{name}" in session:
            continue
        key = rest.removeprefix("snmp.")
        found.append((list(NAMES).index(access), order.get(key, len(order)), key, access, text))
    for _access, _place, key, access, text in sorted(found):
        words = str(outcome_label(text)) if key == "outcome" else translate(text) if key == "error" else text
        yield Told(NAMES[access], LABELS.get(key, key), words)
