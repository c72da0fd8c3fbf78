"""Identity, processor, memory, boards, supplies, fans, temperatures, alarms and time of VRP.

Source: Huawei "Command Reference": display version, esn, cpu-usage, memory-usage, device, fan, power,
temperature, startup, ntp status, alarm, logbuffer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Alarm, DeviceLog, Member, Row, Rows, Startup, found
from collectors.facts.cli.values import (
    Block,
    blocks,
    fields,
    number,
    percent,
    present,
    reading,
    span_s,
    state,
    table,
    used_percent,
)
from collectors.facts.host import Clock
from collectors.model import Component, Identity, MemoryPool, Processor, SensorLimits
from collectors.outcome import Outcome

_VERSION = re.compile(
    r"(?:VRP \(R\) [Ss]oftware|YunShan OS|Software), Version (?P<vrp_version>[\w.]+) ?(?:\("
    r"(?P<product_version>[^()]+(?:\([^)]*\))?)\))?"
)
_UPTIME = re.compile(
    r"^(?:(?:HUAWEI|Huawei|Quidway|Secoway|FutureMatrix) )?(?P<model>\S+)(?: (?:\w+ )*)?[Uu]ptime is "
    r"(?P<uptime>.+?)\s*$",
    re.M,
)
_PATCH = re.compile(r"[Pp]atch [Vv]ersion *: *(\S+)")


def parse_version(output: str) -> Rows:
    """Parse ``display version``. Raises: ParseError: neither version nor model."""
    version, uptime, patch = _VERSION.search(output), _UPTIME.search(output), _PATCH.search(output)
    if version is None and uptime is None:
        raise ParseError(UNKNOWN_FORM)
    details = {
        "vrp_version": "",
        "product_version": "",
        "model": "",
        "uptime": "",
        "patch_version": patch[1] if patch else "",
    }
    details |= {name: value or "" for name, value in (version.groupdict() if version else {}).items()}
    details |= uptime.groupdict() if uptime else {}
    release = re.search(r"V\d{3}R\d+\S*", details["product_version"])
    identity = Identity(
        "Huawei",
        "huawei_vrp",
        details["model"],
        version=release[0] if release else details["vrp_version"],
        description=f"VRP {details['vrp_version']} ({details['product_version']})",
        uptime_s=span_s(details["uptime"]),
    )
    return (Row((identity,), details),)


_ESN = re.compile(
    r"\s*(?:ESN|Equipment Serial Number|SN)(?: of)?(?: device)? ?(?P<role>[^:]*?)\s*:\s*(?P<esn>\w\S*)"
)


def parse_esn(output: str) -> Rows:
    """Parse ``display esn``: a serial number a board, the device's first. Raises: ParseError."""
    rows: list[Row] = []
    for details in table(output, _ESN):
        name = details["role"] or "device"
        piece = Component(name, "chassis", serial=details["esn"], vendor="Huawei")
        facts = (Identity(serial=details["esn"]), piece) if not rows else (piece,)
        rows.append(Row(facts, details))
    return found(rows)


_CPU = (
    re.compile(
        r"five seconds: *(?P<five>\d+)% *[;:]\s*one minute: *(?P<one>\d+)% *[;:]\s*"
        r"five minutes: *(?P<fifteen>\d+)%"
    ),
    re.compile(
        r"(?P<five>\d+)% in last 5 seconds\s+(?P<one>\d+)% in last 1 minute\s+"
        r"(?P<fifteen>\d+)% in last 5 minutes"
    ),
)
_CPU_MAX = re.compile(r"(?:Max CPU Usage *:|\bMax:) *(\d+)%")
_CPU_NOW = re.compile(r"(?:System cpu use rate is|CPU Usage|CPU utilization) *: *(\d+)%")


def parse_cpu(output: str) -> Rows:
    """Parse ``display cpu-usage``; the five-minute figure where there is one. Raises: ParseError: none."""
    match = next((one for pattern in _CPU if (one := pattern.search(output)) is not None), None)
    now, most = _CPU_NOW.search(output), _CPU_MAX.search(output)
    if match is None and now is None:
        raise ParseError(UNKNOWN_FORM)
    details = {"cpu_5_sec": "", "cpu_1_min": "", "cpu_5_min": "", "cpu_max": most[1] if most else ""}
    if match is not None:
        details |= {"cpu_5_sec": match["five"], "cpu_1_min": match["one"], "cpu_5_min": match["fifteen"]}
    value = details["cpu_5_min"] or (now[1] if now else "0")
    return (Row((Processor("CPU", percent(value)),), details),)


_TOTAL = re.compile(r"Total Memory[^:\n]*: *(\d+) *([KM]?)bytes", re.I)
_USED = re.compile(r"(?:Total Memory Used|Memory Used)[^:\n]*: *(\d+) *([KM]?)bytes", re.I)
_SHARE = re.compile(r"Memory Using Percentage(?: Is)? *: *(\d+) ?%", re.I)
_UNIT = {"": 1, "k": 1024, "m": 1024 * 1024}


def parse_memory(output: str) -> Rows:
    """Parse ``display memory-usage``, in bytes. Raises: ParseError: neither sizes nor percentage."""
    total, used, share = _TOTAL.search(output), _USED.search(output), _SHARE.search(output)
    sizes = [int(one[1]) * _UNIT[one[2].lower()] if one else None for one in (total, used)]
    used_share = float(share[1]) if share else used_percent(sizes[0], sizes[1])
    if used_share is None or not 0 <= used_share <= 100:
        raise ParseError(UNKNOWN_FORM)
    return (
        Row(
            (MemoryPool("Memory", used_share, sizes[0], sizes[1]),),
            {"memory_using_percent": f"{used_share:g}"},
        ),
    )


_DEVICE = re.compile(
    r"(?:(?P<slot>[A-Z]*\d+)(?:/(?P<sub>\d+))?)?\s+(?:(?P<card>-{1,2}|[A-Z]+\d+|\d+)\s+)?"
    r"(?P<star>\*)?(?P<pid>\S+(?:\(.*?\))?)\s+"
    r"(?P<online_status>Present|Offline|Absent|Online)\s+(?P<power_status>On|Off|PowerOn|PowerOff|-)\s+"
    r"(?P<register_status>Registered|Unregistered|-)\s+(?P<alarm_status>\S+)(?:\s+(?P<ha_status>\S+))?\s*$"
)
_NE_DEVICE = re.compile(
    r"\s*(?P<slot>\d+)\s+(?P<pid>[A-Z]{3,})\s+(?P<online_status>Present|Absent)\s+"
    r"(?P<register_status>Registered|Unregistered|NA)\s+(?P<alarm_status>\S+)(?:\s+"
    r"(?P<ha_status>\S+))?\s*$"
)


def parse_device(output: str) -> Rows:
    """Parse ``display device``: a row a board, card, fan or supply. Raises: ParseError: none."""
    rows: list[Row] = []
    slot = ""
    for line in output.splitlines():
        match = _DEVICE.match(line) or _NE_DEVICE.match(line)
        if match is None:
            continue
        details = {name: value or "" for name, value in match.groupdict().items()}
        slot = details["slot"] or slot
        details |= {"slot": slot, "card": details.get("sub") or details.get("card", "")}
        name = " ".join(
            filter(lambda word: word.strip("-"), (f"Slot {slot}", details["card"], details["pid"]))
        )
        word = details["alarm_status"].strip("-") or details["online_status"]
        if details.get("star"):  # configured and not plugged in
            word = details["online_status"]
        rows.append(Row(present(state(name, word, kind="display device")), details))
    return found(rows)


_MADE = re.compile(
    r"(?P<slot>\d+)?\s+(?P<card>-{1,2}|[A-Z]+\d+|\d+)?\s+(?P<type>\S+)\s+(?P<serial>[\w-]{6,})\s+"
    r"(?P<date>\d{4}-\d\d-\d\d|-+)\s*$"
)


def parse_manufacture(output: str) -> Rows:
    """Parse ``display device manufacture-info``: a row a piece of hardware. Raises: ParseError: none."""
    rows, slot = [], ""
    for details in table(output, _MADE):
        slot = details["slot"] or slot
        details["slot"] = slot
        card = details["card"].strip("-")
        kind = "fan" if card.startswith("FAN") else "powerSupply" if card.startswith("PWR") else "module"
        name = f"Slot {slot} {card}".strip()
        rows.append(
            Row(
                (Component(name, kind, model=details["type"], serial=details["serial"], vendor="Huawei"),),
                details,
            )
        )
    return found(rows)


_FAN_SLOT = re.compile(r"\s*Slot ?id *: *(?P<slot_id>\d+)")
_FAN_ROW = re.compile(
    r"\s*(?P<slot_id>\d+)?\s+\[?(?P<fan_id>\d+|FAN\d+)\]?\s+(?:(?P<online>Present|Absent|YES|NO)\s+"
    r")?(?:(?P<registered>YES|NO)\s+)?(?:(?P<status>Normal|Abnormal|Supply|NotSupply|Failed|Fault)\s+)?(?:"
    r"(?P<speed>\d+)%?(?:\(\d+\))?\s+)?(?P<mode>AUTO|Auto|MANUAL|Manual|-|\d+%?)?(?:\s+.*)?$"
)
_PERCENT = re.compile(r"\[(\d+)\] *(\d+)%")


def parse_fan(output: str) -> Rows:
    """Parse ``display fan``: blocks a slot (NE) or a table (S, CE). Raises: ParseError: no fan."""
    rows: list[Row] = []
    for head, body in blocks(output, _FAN_SLOT):
        values = fields(body)
        details = {
            "slot_id": head["slot_id"],
            "fan_id": "",
            "present": values.get("present", ""),
            "registered": values.get("registered", ""),
            "status": values.get("status", ""),
        }
        name = f"Fan tray {head['slot_id']}"
        there = details["present"].upper() == "YES"
        speeds = [
            sensor
            for fan, share in _PERCENT.findall("\n".join(body))
            for sensor in reading("percent", f"{name} fan {fan} speed", float(share), "%")
        ]
        word = details["status"] if details["registered"].upper() != "NO" else "unregistered"
        rows.append(Row((*present(state(name, word)), *speeds) if there else (), details))
    rows += [] if rows else _fan_table(output)
    if not rows and re.search(r"(?i)no fan|fan.*not (?:exist|present)", output):
        return ()
    return found(rows)


def _fan_table(output: str) -> Iterator[Row]:
    slot = ""
    for details in table(output, _FAN_ROW):
        slot = details["slot_id"] or slot
        name = f"Fan {slot}/{details['fan_id']}".replace(" /", " ")
        word = details["status"] or details["online"]
        speed = reading("percent", f"{name} speed", number(details["speed"]), "%") if details["speed"] else ()
        if word:
            yield Row(
                (*present(state(name, word)), *speed),
                {**details, "slot_id": slot, "present": details["online"]},
            )


_POWER = re.compile(
    r"\s*(?:(?P<slot>\d+)\s+)?(?P<id>PWR\d+|\d+|PEM\d*|PM\d+)\s+"
    r"(?P<present>Present|Absent|Yes|No|YES|NO|Online|Offline)\s+"
    r"(?P<mode>AC|DC|HVDC|-+|NA|N/A|AC/DC)\s+(?P<state>\S+)(?:\s+(?P<current>[\d.]+|-+|NA)\s+"
    r"(?P<voltage>[\d.]+|-+|NA)\s+(?P<power>[\d.]+|-+|NA)|\s+(?P<watts>[\d.]+)\s*$)?"
)


def parse_power(output: str) -> Rows:
    """Parse ``display power``: a row a supply, with what it gives where told. Raises: ParseError: none."""
    rows: list[Row] = []
    heading, slot = "", ""
    for line in output.splitlines():
        match = _POWER.match(line)
        if match is None:
            title = re.match(r"\s*([A-Z]{2,4}):\s*$", line)
            heading = title[1] if title else heading
            continue
        details = {name: value or "" for name, value in match.groupdict().items()}
        slot = details["slot"] or slot
        name = " ".join(filter(None, ("Power supply", heading, f"{slot}/" * bool(slot) + details["id"])))
        there = details["present"].lower() in ("present", "yes", "online")
        facts = (
            *present(state(name, details["state"], kind="display power")),
            *reading("current", name, number(details["current"]), "A"),
            *reading("voltage", name, number(details["voltage"]), "V"),
            *reading("power", name, number(details["power"] or details["watts"]), "W"),
        )
        rows.append(Row(facts if there else (), details))
    return found(rows)


_TEMPERATURE_SLOT = re.compile(r"(?P<slotid>Slot ?ID ?\d+) *:")
_TEMPERATURE = (
    # NE: PCB, I2C, address, channel, status, minor, major, fatal, two fan speeds, temperature
    re.compile(
        r"(?P<pcb>[A-Z]\S*)\s+\d+\s+\d+\s+\d+\s+(?P<status>[A-Z]+)\s+(?P<minor>-?\d+)\s+"
        r"(?P<major>-?\d+)\s+(?P<fatal>-?\d+)\s+-?\d+\s+-?\d+\s+(?P<temperature>-?\d+)\s*$"
    ),
    # CE and S: slot, card, sensor, status, current, lower, lower resume, upper
    re.compile(
        r"\s*(?P<slot>\d+)\s+(?:(?P<card>\S+)\s+)?(?P<pcb>[A-Za-z]\S*|NA|-)\s+"
        r"(?P<status>Normal|NORMAL|Abnormal|Fatal|Major|Minor)\s+(?P<temperature>-?\d+)(?:\s+"
        r"(?P<low>-?\d+))?(?:\s+-?\d+)?(?:\s+(?P<high>-?\d+))?"
    ),
    re.compile(
        r"\s*(?P<pcb>[A-Za-z]\S*)\s+(?P<slot>\d+)\s+"
        r"(?P<status>Normal|NORMAL|Abnormal|Major|Minor|Fatal)\s+(?P<high>-?\d+)\s+"
        r"(?P<low>-?\d+)\s+(?P<temperature>-?\d+)\s*$"
    ),
)


def parse_temperature(output: str) -> Rows:
    """Parse ``display temperature [all]``, in °C with the board's own limits. Raises: ParseError: none."""
    rows: list[Row] = []
    slot = ""
    seen: Counter[str] = Counter()
    for line in output.splitlines():
        title = _TEMPERATURE_SLOT.match(line)
        slot = title["slotid"] if title else slot
        match = next((one for form in _TEMPERATURE if (one := form.match(line)) is not None), None)
        if match is None:
            continue
        details = {name: value or "" for name, value in match.groupdict().items()}
        details["slotid"] = slot or details.get("slot", "")
        place = details["slotid"] if slot else f"Slot {details['slotid']}"
        name = place if details["pcb"] in ("NA", "-") else f"{place} {details['pcb']}"
        seen[name] += 1
        name = f"{name} {seen[name]}" if seen[name] > 1 else name
        limits = SensorLimits(
            number(details.get("low")),
            None,
            number(details.get("minor")) or number(details.get("high")),
            number(details.get("major")),
        )
        facts = (
            *reading("temperature", name, float(details["temperature"]), "°C", limits),
            *present(state(f"{name} temperature", details["status"])),
        )
        rows.append(Row(facts, details))
    return found(rows)


_BOARD = re.compile(r"(?P<board>\w[\w ]*) ?: *$")


def parse_startup(output: str) -> Rows:
    """Parse ``display startup`` of VRP and Comware: what runs and what the next start takes.

    Raises: ParseError: no file named.
    """
    heads: list[Block] = [*blocks(output, _BOARD)] or [(None, output.splitlines())]
    rows: list[Row] = []
    for head, body in heads:
        values = fields(body)
        if not any("startup" in key for key in values):
            continue
        details = {re.sub(r"[ -]", "_", key): value for key, value in values.items()}
        startup = Startup(
            head["board"] if head else "",
            _first(values, "startup saved-configuration file", "current startup saved-configuration file"),
            _first(
                values, "next startup saved-configuration file", "next main startup saved-configuration file"
            ),
            _first(values, "startup system software"),
            _first(values, "next startup system software"),
        )
        rows.append(Row((startup,), details))
    return found(rows)


def _first(values: dict[str, str], *names: str) -> str:
    texts = (values.get(name, "") for name in names)
    return next((text for text in texts if text.lower() not in ("", "null", "none")), "")


def parse_ntp_status(output: str) -> Rows:
    """Parse ``display ntp status`` of VRP and ``display ntp-service status`` of both. Raises: ParseError."""
    values = fields(output.splitlines())
    word = values.get("clock status", "")
    if not word:
        raise ParseError(UNKNOWN_FORM)
    details = {re.sub(r"[ -]", "_", key): value for key, value in values.items()}
    details |= {
        "clock_delay": values.get("root delay", ""),
        "status": word,
        "stratum": values.get("clock stratum", ""),
    }
    reference = re.split(r"[,(]", values.get("reference clock id", values.get("system peer", "")))[0].strip()
    details |= {
        "reference": values.get("reference clock id", ""),
        "synchronization_state": values.get("synchronization state", ""),
    }
    stratum, offset = number(details["stratum"]), number(values.get("clock offset"))
    synchronised = word.lower().startswith("synchron")
    clock = Clock(
        "ntp",
        synchronised,
        offset / 1000 if offset is not None and synchronised else None,
        None if stratum is None else int(stratum),
        reference,
    )
    return (Row((clock,), details),)


_ALARM = re.compile(
    r"\s*(?P<sequence>\d+)\s+(?P<id>0x\w+)\s+"
    r"(?P<severity>Critical|Major|Minor|Warning|Indeterminate)\s+"
    r"(?P<since>\d{4}-\d\d-\d\d[ T]?[\d:+.]*|\d{4}-\d\d-\d\d)\s*(?P<name>.*?)\s*$"
)
_GRAVITY = {
    "critical": Outcome.CRITICAL,
    "major": Outcome.CRITICAL,
    "minor": Outcome.WARNING,
    "warning": Outcome.WARNING,
}


def parse_alarms(output: str) -> Rows:
    """Parse ``display alarm active``; "no alarm" is an answer. Raises: ParseError: neither."""
    rows: list[Row] = []
    for details in table(output, _ALARM):
        outcome = _GRAVITY.get(details["severity"].lower(), Outcome.UNSUPPORTED)
        rows.append(
            Row(
                (Alarm(details["name"] or details["id"], details["severity"], outcome, details["since"]),),
                details,
            )
        )
    if not rows and not re.search(r"(?i)no (?:active )?alarm|alarm ?id|^-{10,}", output, re.M):
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)


_LOG = re.compile(
    r".*?%%\d\d(?P<module>\w+)/(?P<severity>\d)/(?P<name>\w+)(?:\(\w\))?(?:\[\d+\])?:(?P<message>.*)$"
)


def parse_log(output: str) -> Rows:
    """Parse ``display logbuffer``: counts by severity. Raises: ParseError: neither log nor its heading."""
    messages = list(table(output, _LOG))
    if not messages and not re.search(r"(?i)log(?:ging)? ?buffer", output):
        raise ParseError(UNKNOWN_FORM)
    counts = Counter(int(one["severity"]) for one in messages)
    grave = [
        f"{one['module']}/{one['severity']}/{one['name']}: {one['message'].strip()}"
        for one in messages
        if int(one["severity"]) <= 3
    ]
    return (Row((DeviceLog("", dict(counts), tuple(grave[:5])),), {}),)


_HRP = re.compile(r"Role: *(?P<role>\w+), *peer: *(?P<peer>[\w-]+)")


def parse_hrp(output: str) -> Rows:
    """Parse ``display hrp state`` of USG firewalls. Raises: ParseError: no role."""
    match = _HRP.search(output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    lost = match["peer"] in ("unknown", "init") or "Backup channel: down" in output
    outcome = Outcome.CRITICAL if lost else Outcome.OK
    return (Row((Member("HRP", match["role"], f"peer {match['peer']}", outcome),), match.groupdict()),)
