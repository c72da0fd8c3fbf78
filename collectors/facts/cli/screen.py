"""What a person would have seen: raw bytes of a command line's answer, as text.

The raw bytes stay in the transcript as evidence; this is applied whenever they are read.
"""

from __future__ import annotations

import re

from collectors.facts.text import decode

PAGER = re.compile(
    # "--More(CTRL+C break)--" is DPtech's
    r"[ \t]*(?:<?-{2,4} ?\(?more(?: ?\d+%| ?\(ctrl\+c break)?\)? ?-{2,4}>?"
    r"|--\s*more\s*--,? next page: space, next line: enter, quit: (?:control-c|q)"
    r"|press any key to continue(?: \(q to quit\))?\.?)[ \t]*",
    re.I,
)
_PAGER_WAITS = re.compile(rf"(?:{PAGER.pattern})$", re.I)
# CSI and OSC sequences, and the two-byte ones of VT100; the cursor's moves are honoured below.
_ESCAPE = re.compile(r"\x1b(?:\[([0-9;?]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78DEHMNOZc])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WIDEST = 4096
_LONGEST = 1024  # of a line, twice the screen that was asked for

# A prompt alone on its line, and what else stands around it: Junos' {master:0}.
PROMPT = re.compile(
    r"(?:(?:HRP|RBM)_[A-Z]+)?(?:<[^<>\s]{1,128}>|\[[*~]?[^\[\]\s]{1,128}\])"
    r"|[\w.-]{1,128}(?:@[\w.:-]{1,128})?(?:[:/][\w./~-]{1,128})?(?:\([\w./-]{1,64}\))?[#>]"
    r"|[\w.-]{1,128}(?: \([\w.-]{1,64}\))? [#$]"
    r"|[A-Za-z][\w-]{0,127}%"  # Topsec
)
_BESIDE_PROMPT = re.compile(r"\{(?:master|backup|linecard|primary|secondary)(?::\w+)?\}(?:\[edit\])?")

# Log lines that land in the middle of an answer, only where the form leaves no doubt.
_LOG = re.compile(
    # Cisco, Ruijie: "*Jul 10 10:00:00.123: %LINK-3-UPDOWN: …", with sequence number, host and year or not;
    # or the time since the start, "1w2d: " and "00:00:45: "
    r"(?:\d+: )?(?:(?:(?:\d+[ywdh]){2,}|\d\d:\d\d:\d\d): "
    r"|[*.]?(?:[A-Z][a-z]{2} [ \d]\d(?: \d{4})?|\d{4} [A-Z][a-z]{2} [ \d]\d) [\d:.]{5,15}"
    r"(?: [A-Z]{2,5})?(?: \S+)?:? )?%[A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+:"
    # Comware: "%Jul 10 10:00:00:123 2022 H3C IFNET/3/PHY_UPDOWN: …"; "#" and "*" are traps and debugging
    r"|[%#*][A-Z][a-z]{2} [ \d]\d [\d:]{8,12} \d{4} \S+ [A-Z0-9_]+/\d/[A-Za-z0-9_]+:"
    # VRP has "Jul 10 2022 10:00:00+08:00 HOST %%01IFNET/4/IF_STATE(l)[0]:…" there
    r"|[#*%]?[A-Z][a-z]{2} [ \d]\d \d{4} [\d:.]{8,15}(?:[+-]\d\d:\d\d(?: DST)?)? \S+ "
    r"(?:%%\d\d)?[A-Z0-9_]+/\d/[A-Za-z0-9_]+"
)
# What IOS puts before an answer where "exec prompt timestamp" is set
_TIMESTAMP = re.compile(r"Load for five secs: \d|Time source is ")
_OF_LOGS = re.compile(r"\b(?:log|logging|logbuffer|trapbuffer|alarm)", re.I)


def render(raw: bytes, command: str = "") -> str:
    """Text of an answer: without echo, prompt, pager, colours, overwritten parts and stray log lines.

    Args:
        raw: bytes as they came, in UTF-8 or GBK.
        command: what was asked; its echo is removed even where the device wrapped it. Log lines are
            kept when the command asks for logs.
    """
    # A hostile device's one line of megabytes must not cost hours of matching.
    lines = [_screen_line(line)[:_LONGEST] for line in _lines(raw)]
    if not _OF_LOGS.search(command):
        lines = [line for line in lines if not is_log(line)]
    lines = without_echo(lines, command)
    while lines and _TIMESTAMP.match(lines[0]):
        lines = lines[1:]
    while lines and _is_end(lines[-1]):
        lines.pop()
    return "\n".join(lines)


def has_log_within(raw: bytes, command: str) -> bool:
    """Whether a line of the device's log stands within an answer, where it may have cut a line in two."""
    if _OF_LOGS.search(command):
        return False
    lines = [_screen_line(line)[:_LONGEST] for line in _lines(raw)]
    logs = {number for number, line in enumerate(lines) if is_log(line)}
    own = [number for number, line in enumerate(lines) if number not in logs and not _is_end(line)]
    return bool(logs and own) and any(own[0] < number < own[-1] for number in logs)


def _is_end(line: str) -> bool:
    return not line.strip() or is_prompt(line) or _BESIDE_PROMPT.fullmatch(line.strip()) is not None


def is_log(line: str) -> bool:
    """Whether a line is one of the device's log, in a form that leaves no doubt."""
    return _LOG.match(line.lstrip()) is not None


def ends_with_pager(line: str) -> bool:
    """Whether the device waits for a key before it goes on."""
    return _PAGER_WAITS.search(line) is not None


def is_prompt(line: str) -> bool:
    """Whether a line has the form of a prompt and nothing else."""
    return PROMPT.fullmatch(line.strip()) is not None


def last_line(raw: bytes | bytearray) -> str:
    """What stands on the unfinished last line: a prompt, a question or a pager."""
    at = raw.rfind(b"\n") + 1
    return _screen_line(decode(bytes(raw[at:]))[-_WIDEST:], pagers=True)


def _lines(raw: bytes) -> list[str]:
    """Split before decoding: one broken line then spoils only itself."""
    whole = decode(raw)
    if "\ufffd" in whole:
        return [decode(line) for line in raw.split(b"\n")]
    return whole.split("\n")


def _screen_line(line: str, *, pagers: bool = False) -> str:
    """Apply the moves of the cursor within one line, as a terminal does."""
    line = line.rstrip("\r")
    if "\r" not in line and "\x08" not in line and "\x1b" not in line:
        return _CONTROL.sub("", line).rstrip()
    line = line if pagers else PAGER.sub("", line)
    shown: list[str] = []
    cursor = at = 0
    while at < len(line):
        char = line[at]
        if char == "\x1b":
            match = _ESCAPE.match(line, at)
            if match is not None:
                cursor = _moved(match, shown, cursor)
            at = match.end() if match else at + 1
            continue
        at += 1
        if char == "\r":
            cursor = 0
        elif char == "\x08":
            cursor = max(0, cursor - 1)
        elif char >= " " or char == "\t":
            shown[len(shown) :] = " " * (cursor - len(shown))
            shown[cursor : cursor + 1] = [char]
            cursor += 1
    return _CONTROL.sub("", "".join(shown)).rstrip()


def _moved(escape: re.Match[str], shown: list[str], cursor: int) -> int:
    """Where the cursor is after an escape sequence; erasing is done at once."""
    number, kind = escape[1] or "", escape[2] or ""
    count = min(int(number), _WIDEST) if number.isdigit() else 0
    if kind == "D":
        return max(0, cursor - max(1, count))
    if kind == "C":
        return min(cursor + max(1, count), _WIDEST)
    if kind == "G":
        return max(0, count - 1)
    if kind == "K":
        if count == 2:
            shown[:] = " " * len(shown)
        elif count == 0:
            del shown[cursor:]
    return cursor


def without_echo(lines: list[str], command: str) -> list[str]:
    """Drop everything up to the line on which the device repeats the command, also where it wraps it."""
    wanted = "".join(command.split())
    if not wanted:
        return lines
    for start in range(min(5, len(lines))):
        seen = ""
        for end in range(start, min(start + 6, len(lines))):
            seen += "".join(lines[end].split())
            if seen == wanted or (seen.endswith(wanted) and _PROMPT_START.fullmatch(seen[: -len(wanted)])):
                return lines[end + 1 :]
            if len(seen) > len(wanted) + 140:
                break
    return lines


_PROMPT_START = re.compile(r"[^\s]{0,140}[#>\]$]")
