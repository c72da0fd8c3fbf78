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
from functools import lru_cache
from typing import Literal

from collectors.messages import N_
from collectors.model import Exchange
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import SECTIONS
from collectors.platforms.linux_quick import TOGETHER, printing_code, prints, told_apart
from collectors.platforms.sections import Section

INTERPRETER = "exec sh -c 'eval \"$(cat)\"'"  # the program comes by stdin: not in ps, not in csh's hands

# sudo's secure path, and the places small systems use.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
QUICK_S = 20  # of all quick ones: longer than any of their own limits, so no answer is lost to the others

_HEAD = f"""\
PATH={_PATH}:$PATH; LC_ALL=C; LANG=C; TERM=dumb; SYSTEMD_COLORS=0; SYSTEMD_PAGER=; HISTFILE=/dev/null
unset GREP_OPTIONS GREP_COLORS
export PATH LC_ALL LANG TERM SYSTEMD_COLORS SYSTEMD_PAGER
"""
_LIMITS = """\
T=; if h timeout; then T=timeout; fi
t() { s=$1; shift; if [ -n "$T" ]; then $T "$s" "$@"; else "$@"; fi; }
w() { [ $z = 0 ] || return 0; for x; do case $q in *"$x"*) return 0;; esac; done; return 1; }
"""
# What the quick ones' own shell calls, too.
_HELPERS = """\
h() {{ command -v "$1" >/dev/null 2>&1; }}
e() {{ for f; do [ -e "$f" ] && return 0; done; return 1; }}
m() {{ printf '\\n{marker} %s %s\\n' "$1" "$2"; printf '\\n{marker} %s\\n' "$1" >&2; }}
"""
# The program is in the shell's environment, which other accounts cannot read, and not in ps.
# Where it stops short, half an answer is marked as nobody's, and old BusyBox's ``timeout`` is looked for.
_QUICK = """\
q=$(export Q; t {limit} sh -c 'eval "$Q"'); z=$?
printf '%s\\n' "$q"
d() {{ n=$1; case $q in *"{marker} $1 "*) return 1;; esac; }}
if [ $z != 0 ]; then m none 0
if [ $z = 124 ] || timeout 1 true; then :; elif timeout -t 1 true; then T='timeout -t'; else T=; fi \\
>/dev/null 2>&1
{slowly}fi
"""

# A command of plain words and names with wildcards needs no shell of its own under ``timeout``.
_PLAIN = re.compile(r"[A-Za-z0-9_/.=:,@%+ -][A-Za-z0-9_/.=:,@%+*?\[\] -]*\Z")
_PLACE = "\x1fmarker\x1f"  # no command or path holds such a character


def new_marker() -> str:
    """A line nobody can guess."""
    return f"=={secrets.token_hex(16)}=="


def _limited(section: Section) -> str:
    if not section.timeout_s:
        return section.command
    if _PLAIN.match(section.command):
        return f"t {section.timeout_s} {section.command}"
    return f"t {section.timeout_s} sh -c {shlex.quote(section.command)}"


def _code(section: Section, run: str, *, told: bool = False) -> str:
    """Runs it where the host has what it needs; its status, or why it did not run, is in ``r``."""
    code = f"{{ {run}\n}} </dev/null; r=$?"
    if section.told and told:
        words = " ".join(map(shlex.quote, section.told))
        code = f"if w {words}; then {code}; else r=idle; fi"
    if section.path:
        code = f"if e {section.path}; then {code}; else r=absent; fi"
    if section.program:
        code = f"if h {section.program}; then {code}; else r=missing; fi"
    return code


def _quick_code(sections: Sequence[Section], helpers: str, marker: str) -> str:
    """Asks the quick ones in one shell under one limit, and then one by one what it left without an answer.

    The answers are in ``q``, and in ``z`` 0 when all were given.
    """
    if not sections:
        return "q=; z=1\n"
    printing = [section for section in sections if prints(section)]
    running = [section for section in sections if section not in printing]
    codes = [f"{_code(one, one.command)}\nm {one.name} $r\n" for one in running]
    # The first is alone with the host; what only prints comes after it.
    quick = "".join(("unset Q\n", helpers, *codes[:1], printing_code(printing), *codes[1:], "exit 0\n"))
    slowly = "".join(f"{_code(one, _limited(one))}\nm {one.name} $r\n" for one in printing)
    slowly = f"if d {TOGETHER}; then :\n{slowly}fi\n"
    slowly += "".join(f"if d {one.name}; then {_code(one, _limited(one))}; m $n $r; fi\n" for one in running)
    return f"Q={shlex.quote(quick)}\n" + _QUICK.format(limit=QUICK_S, marker=marker, slowly=slowly)


def build_script(marker: str, sections: Sequence[Section] = SECTIONS) -> str:
    """The whole program for ``INTERPRETER``'s standard input."""
    return _program(tuple(sections)).replace(_PLACE, marker)


@lru_cache(maxsize=16)
def _program(sections: tuple[Section, ...]) -> str:
    """The program with ``_PLACE`` for the marker: most visits ask the same."""
    marker = _PLACE
    helpers = _HELPERS.format(marker=marker)
    quick = [section for section in sections if section.quick]
    body = "".join(
        f"{_code(section, _limited(section), told=bool(quick))}\nm {section.name} $r\n"
        for section in sections
        if not section.quick
    )
    quickly = _quick_code(quick, helpers, marker)
    return (
        f"{_HEAD}{helpers}{_LIMITS}{{\n"
        f"e=$( {{ o=$(\n{quickly}{body}m end 0\n); printf '%s\\n' \"$o\" >&3; }} 2>&1 )\n"
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
    if TOGETHER in found:
        printing = [one for one in sections if one.quick and one.name not in found and prints(one)]
        together = told_apart(printing, found[TOGETHER][1], complaints.get(TOGETHER, b""))
        for name, status, text, complaint in together:
            found[name], complaints[name] = (status, text), complaint
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
        path = section.path.split(" ")[0]
        outcome, words = Outcome.NOT_APPLICABLE, N_("The host has no %(path)s.") % {"path": path}
    elif status == "idle":
        outcome, words = Outcome.NOT_APPLICABLE, N_("Nothing of this runs on the host.")
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
