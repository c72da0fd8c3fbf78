"""Turns the command table into one POSIX shell program, and its output back into exchanges.

All sections run into two buffers of the remote shell, printed once at the end: a command each would
cost a round trip each, and a write each a packet each. Every section ends with a line holding a
marker nobody can guess, its name and its exit status, so no output can pretend to be a section.
Works with dash, bash and BusyBox ash; writes no file.
"""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Sequence
from typing import Literal

from collectors.messages import N_
from collectors.model import Exchange
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import SECTIONS, Section

INTERPRETER = "exec sh -c 'eval \"$(cat)\"'"  # the program comes by stdin: not in ps, not in csh's hands

# sudo's secure path, and the places small systems use.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_HEAD = f"""\
PATH={_PATH}:$PATH; LC_ALL=C; LANG=C; TERM=dumb; SYSTEMD_COLORS=0; SYSTEMD_PAGER=; HISTFILE=/dev/null
export PATH LC_ALL LANG TERM SYSTEMD_COLORS SYSTEMD_PAGER
T=
if timeout 1 true; then T=timeout; elif timeout -t 1 true; then T='timeout -t'; fi >/dev/null 2>&1
h() {{ command -v "$1" >/dev/null 2>&1; }}
t() {{ s=$1; shift; if [ -n "$T" ]; then $T "$s" "$@"; else "$@"; fi; }}
"""

# A command of plain words and names with wildcards needs no shell of its own under ``timeout``.
_PLAIN = re.compile(r"[A-Za-z0-9_/.=:,@%+ -][A-Za-z0-9_/.=:,@%+*?\[\] -]*\Z")


def new_marker() -> str:
    """A line nobody can guess."""
    return f"=={secrets.token_hex(16)}=="


def _section_code(section: Section) -> str:
    if not section.timeout_s:
        run = section.command
    elif _PLAIN.match(section.command):
        run = f"t {section.timeout_s} {section.command}"
    else:
        run = f"t {section.timeout_s} sh -c {shlex.quote(section.command)}"
    code = f"{{ {run}\n}} </dev/null; r=$?"
    if section.path:
        code = f"if [ -e {section.path} ]; then {code}; else r=absent; fi"
    if section.program:
        code = f"if h {section.program}; then {code}; else r=missing; fi"
    return f"{code}\nm {section.name} $r\n"


def build_script(marker: str, sections: Sequence[Section] = SECTIONS) -> str:
    """The whole program for ``INTERPRETER``'s standard input."""
    body = "".join(_section_code(section) for section in sections)
    mark = f'm() {{ printf \'\\n{marker} %s %s\\n\' "$1" "$2"; printf \'\\n{marker} %s\\n\' "$1" >&2; }}\n'
    return (
        f"{_HEAD}{mark}{{\n"
        f"e=$( {{ o=$(\n{body}m end 0\n); printf '%s\\n' \"$o\" >&3; }} 2>&1 )\n"
        "printf '%s\\n' \"$e\" >&2\n"
        "} 3>&1\n"
    )


def split_output(
    stdout: bytes,
    stderr: bytes,
    marker: str,
    *,
    transport: Literal["ssh", "local"],
    cut_short: tuple[Outcome, str] | None = None,
    duration_s: float = 0.0,
    started_s: float = 0.0,
    sections: Sequence[Section] = SECTIONS,
) -> tuple[tuple[Exchange, ...], bool]:
    """Cut the two streams into one exchange a section.

    Args:
        cut_short: the outcome and the words for every section whose end did not arrive.
    Returns:
        exchanges in the table's order, and whether the program's end was reached.
    """
    answers, rest = _cut(stdout, marker)
    complaints = {name: text for name, _, text in _cut(stderr, marker)[0]}
    found = {name: (status, text) for name, status, text in answers}
    outcome, words = cut_short or (
        Outcome.PARSE_FAILED,
        N_("The answer ended before this section was complete."),
    )
    exchanges: list[Exchange] = []
    for section in sections:
        if section.name in found:
            status, text = found[section.name]
            complaint = complaints.get(section.name, b"")
            exchanges.append(_exchange(section, status, text, complaint, transport, started_s, duration_s))
        else:
            # The text after the last marker belongs to the first section without an end.
            exchanges.append(
                Exchange(transport, section.command, rest, outcome, words, None, b"", started_s, duration_s)
            )
            rest = b""
    return tuple(exchanges), "end" in found


def _cut(stream: bytes, marker: str) -> tuple[list[tuple[str, str, bytes]], bytes]:
    """``[(section, status, text)]`` and what follows the last marker."""
    pieces: list[tuple[str, str, bytes]] = []
    first, *marked = (b"\n" + stream).split(b"\n" + marker.encode() + b" ")
    text = first[1:]
    for piece in marked:
        line, _, rest = piece.partition(b"\n")
        name, status, *_more = *line.decode(errors="replace").split(), "", ""
        pieces.append((name, status, text))
        text = rest
    return pieces, text


def _exchange(
    section: Section,
    status: str,
    text: bytes,
    complaint: bytes,
    transport: Literal["ssh", "local"],
    started_s: float,
    duration_s: float,
) -> Exchange:
    outcome, words, code = Outcome.OK, "", None
    if status == "missing":
        outcome, words = (
            Outcome.UNSUPPORTED,
            N_("The host does not have the program %(program)s.") % {"program": section.program},
        )
    elif status == "absent":
        outcome, words = Outcome.NOT_APPLICABLE, N_("The host has no %(path)s.") % {"path": section.path}
    elif status.isdigit():
        code = int(status)
        if section.timeout_s and code in (124, 137, 143):
            outcome = Outcome.TIMEOUT
            words = N_("The command did not end within %(seconds)s seconds.") % {"seconds": section.timeout_s}
        elif code == 127 and not text:
            outcome, words = Outcome.UNSUPPORTED, N_("The host does not have this program.")
    return Exchange(
        transport, section.command, text, outcome, words, code, complaint[:4096], started_s, duration_s
    )
