"""The words of assignment: skills, actions, conditions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

SKILLS: dict[str, LazyString] = {
    "network": _l("Network"),
    "server": _l("Servers"),
    "database": _l("Databases"),
    "storage": _l("Storage"),
    "security": _l("Security"),
    "desktop": _l("Desktops"),
    "printer": _l("Printers"),
    "av": _l("Audio and video"),
    "power": _l("Power and cooling"),
    "application": _l("Applications"),
}

TEAM, PERSON, RESPONSIBLE = "team", "person", "responsible"
ROUND_ROBIN, LEAST_LOADED, SKILL, ON_DUTY = "round_robin", "least_loaded", "skill", "on_duty"
ACTIONS: dict[str, LazyString] = {
    RESPONSIBLE: _l("The device's responsible engineer, or the standby"),
    ON_DUTY: _l("Whoever of the team is on duty"),
    LEAST_LOADED: _l("Whoever of the team has the least open work"),
    ROUND_ROBIN: _l("Everybody of the team in turn"),
    SKILL: _l("Whoever of the team has the skill"),
    TEAM: _l("The team; somebody takes it from its queue"),
    PERSON: _l("One person"),
}
OF_TEAM = frozenset({TEAM, ROUND_ROBIN, LEAST_LOADED, SKILL, ON_DUTY})

INSIDE, OUTSIDE = "inside", "outside"
DUTY: dict[str, LazyString] = {
    INSIDE: _l("While somebody of the team is on duty"),
    OUTSIDE: _l("While nobody of the team is on duty"),
}

SUBTYPES: dict[str, LazyString] = {
    "standard": _l("Standard"),
    "normal": _l("Normal"),
    "emergency": _l("Emergency"),
}
