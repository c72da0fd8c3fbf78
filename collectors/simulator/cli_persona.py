"""How the command lines of several makers look, and what a healthy device of each prints.

The answers in ``simulator/cli/PLATFORM.txt`` are written after the makers' manuals: a line
``### command`` begins each, ``{name}`` stands for the device's name, ``{utc:FORMAT}`` and
``{bj:FORMAT}`` for the time in UTC and UTC+8 in strftime's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Persona:
    """``prompt`` holds %s for the name; ``erase``: what a device sends to remove its pager again."""

    prompt: str
    greeting: str
    pager: str
    erase: str
    pager_off: frozenset[str]
    unknown: str
    refusal: str
    before_prompt: str = ""
    enable: str = ""


def _backspaces(count: int) -> str:
    return "\b" * count + " " * count + "\b" * count


PERSONAS: Mapping[str, Persona] = {
    "cisco_ios": Persona(
        prompt="%s#",
        greeting="SSH-2.0-Cisco-1.25",
        pager=" --More-- ",
        erase=_backspaces(10),
        pager_off=frozenset({"terminal length 0", "terminal width 511"}),
        unknown="              ^\n% Invalid input detected at '^' marker.\n",
        refusal="% Authorization failed.",
        enable="enable",
    ),
    "cisco_asa": Persona(
        prompt="%s# ",
        greeting="SSH-2.0-Cisco-1.25",
        pager="<--- More --->",
        erase="\r              \r",
        pager_off=frozenset({"terminal pager 0"}),
        unknown="      ^\nERROR: % Invalid input detected at '^' marker.",
        refusal="Command authorization failed",
        enable="enable",
    ),
    "cisco_nxos": Persona(
        prompt="%s# ",
        greeting="SSH-2.0-OpenSSH_8.3p1",
        pager="--More--",
        erase="\r        \r",
        pager_off=frozenset({"terminal length 0", "terminal width 511"}),
        unknown="                ^\n% Invalid command at '^' marker.",
        refusal="% Permission denied for the role",
    ),
    "huawei_vrp": Persona(
        prompt="<%s>",
        greeting="SSH-2.0-HUAWEI-1.5",
        pager="  ---- More ----",
        erase="\x1b[16D                \x1b[16D",
        pager_off=frozenset({"screen-length 0 temporary", "screen-width 512"}),
        unknown="            ^\nError: Unrecognized command found at '^' position.",
        refusal="Error: You do not have permission to run the command or the command is incomplete.",
    ),
    "hp_comware": Persona(
        prompt="<%s>",
        greeting="SSH-2.0-Comware-7.1.070",
        pager="---- More ----",
        erase="\r              \r",
        pager_off=frozenset({"screen-length disable"}),
        unknown="            ^\n % Unrecognized command found at '^' position.",
        refusal="Permission denied.",
    ),
    "juniper_junos": Persona(
        prompt="inspector@%s> ",
        greeting="SSH-2.0-OpenSSH_7.5",
        pager="---(more 42%)---",
        erase="\r                                        \r",
        pager_off=frozenset({"set cli screen-length 0", "set cli screen-width 511"}),
        unknown="        ^\nunknown command.",
        refusal="error: permission denied",
        before_prompt="\r\n{master:0}\r\n",
    ),
    "fortinet": Persona(
        prompt="%s # ",
        greeting="SSH-2.0-FortiSSH_3.0",
        pager="--More-- ",
        erase="\r         \r",
        pager_off=frozenset(),
        unknown="command parse error before 'x'\nCommand fail. Return code -61",
        refusal="Unknown action 0",
    ),
    "hillstone_stoneos": Persona(
        prompt="%s(M0D1)# ",
        greeting="SSH-2.0-OpenSSH_7.9",
        pager=" --More-- ",
        erase=_backspaces(10),
        pager_off=frozenset({"terminal length 0", "terminal width 512"}),
        unknown="             ^-----unrecognized keyword x",
        refusal="Permission denied",
    ),
    "paloalto_panos": Persona(
        prompt="inspector@%s(active)> ",
        greeting="SSH-2.0-OpenSSH_8.0",
        pager="--more--",
        erase="\r        \r",
        pager_off=frozenset({"set cli pager off", "set cli terminal width 500"}),
        unknown="Unknown command: x",
        refusal="permission denied",
    ),
    "ruijie_os": Persona(
        prompt="%s#",
        greeting="SSH-2.0-RGOS_SSH_1.0",
        pager=" --More-- ",
        erase=_backspaces(10),
        pager_off=frozenset({"terminal length 0", "terminal width 256"}),
        unknown="% Unknown command.",
        refusal="% User doesn't have sufficient privilege to execute this command.",
        enable="enable",
    ),
}


def outputs_of(platform: str, name: str) -> dict[str, str]:
    """Command → answer of a healthy device."""
    return {command: text.replace("{name}", name) for command, text in _texts(platform).items()}


_TIME = re.compile(r"\{(utc|bj):([^}]+)\}")


def with_time(text: str, now_s: float) -> str:
    """Fill in what the device's clock shows. ``now_s``: seconds since the Unix epoch."""
    utc = datetime.fromtimestamp(now_s, UTC)
    return _TIME.sub(
        lambda match: (utc + timedelta(hours=8 if match[1] == "bj" else 0)).strftime(match[2]), text
    )


@cache
def _texts(platform: str) -> Mapping[str, str]:
    text = (resources.files("collectors.simulator") / "cli" / f"{platform}.txt").read_text("utf-8")
    found: dict[str, str] = {}
    for part in text.split("### ")[1:]:
        command, _, answer = part.partition("\n")
        found[command.strip()] = answer.strip("\n")
    return found
