"""The part of a Linux or AIX host's program that reads chosen files, and what it printed, taken apart.

Every line of a file is printed behind a blank, every line of ours behind "=": whatever a file holds, it
cannot pretend to be another. Links are resolved on the host and the result looked at again before it is
read; a file is read from its resolved path, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collectors.platforms.file_guard import MAX_FILE_BYTES, MAX_MATCHES, MAX_VISIT_BYTES, NEVER, is_pattern
from collectors.platforms.sections import Section

SECTION = "files"
_TIMEOUT_S = 20
# How a path is resolved, by the program that does it: AIX has no readlink.
RESOLVERS = {
    "readlink": 'readlink -f "$1"',
    "perl": "perl -MCwd -e 'print Cwd::abs_path(shift)' \"$1\"",
}

_HEAD = f"""\
LC_ALL=C; b={MAX_VISIT_BYTES}
x() {{ printf '=%s %s\\n' "$1" "$2"; }}
l() {{ RESOLVE; }}
a() {{ d=${{1%/*}}; while [ -n "$d" ] && ! [ -d "$d" ]; do d=${{d%/*}}; done
if [ -n "$d" ] && ! [ -x "$d" ]; then x denied "$1"; else x absent "$1"; fi; }}
o() {{ case $1 in *[!A-Za-z0-9_./:@%+,=-]*) return;; esac
r=$(l "$1") || r=
case $r in ''|*[!A-Za-z0-9_./:@%+,=-]*) x refused "$1"; return;; esac
case $(printf '%s' "$r" | tr A-Z a-z) in {"|".join(NEVER)}) x refused "$1"; return;; esac
if [ -d "$r" ]; then x folder "$1"; return; fi
[ -f "$r" ] || {{ x special "$1"; return; }}
[ -r "$r" ] || {{ x denied "$1"; return; }}
s=$(wc -c < "$r"); s=$((s + 0))
[ "$s" -le {MAX_FILE_BYTES} ] || {{ x large "$1"; return; }}
[ "$s" -le "$b" ] || {{ x full "$1"; return; }}
b=$((b - s))
[ "$(head -c {MAX_FILE_BYTES} "$r" | tr -d '\\000' | wc -c)" -eq "$s" ] || {{ x binary "$1"; return; }}
case $r in *.pem|*.crt|*.cer) if grep -q 'PRIVATE KEY' "$r"; then x refused "$1"; return; fi;; esac
c=$(head -c {MAX_FILE_BYTES} "$r" | sed 's/^/ /')
[ "$(l "$1")" = "$r" ] || {{ x refused "$1"; return; }}
x file "$1"; x at "$r"; printf '%s\\n' "$c"; x end "$1"; }}
"""


@dataclass(frozen=True, slots=True)
class Printed:
    """One thing the host told: ``word`` says what became of ``path``; ``text`` of a file that was read.

    Words: file; list (a pattern's folder was read); absent, denied, refused, folder, special, large,
    full, binary, more.
    """

    word: str
    path: str
    text: str = ""
    resolved: str = ""


def files_section(paths: Sequence[str], resolver: str = "readlink") -> Section:
    """One section that reads these paths, which the guard has permitted; ``resolver`` of ``RESOLVERS``."""
    program = _HEAD.replace("RESOLVE", RESOLVERS[resolver]) + "".join(map(_asked, paths))
    return Section(SECTION, program, resolver, timeout_s=_TIMEOUT_S)


def _asked(path: str) -> str:
    if not is_pattern(path):
        return f"if [ -e {path} ]; then o {path}; else a {path}; fi\n"
    folder = path.rpartition("/")[0] or "/"
    return (
        f"if ! [ -d {folder} ]; then a '{path}'; elif ! [ -r {folder} ] || ! [ -x {folder} ]; then"
        f" x denied '{path}'; else n=0; x list '{path}'; for f in {path}; do [ -f \"$f\" ] || continue;"
        f" n=$((n + 1)); if [ $n -gt {MAX_MATCHES} ]; then x more '{path}'; break; fi; o \"$f\"; done; fi\n"
    )


def printed(text: str) -> Iterator[Printed]:
    """What the section's answer says; a file without its end is left out."""
    path, resolved, lines = "", "", list[str]()
    for line in text.split("\n"):
        if line.startswith(" "):
            lines.append(line[1:])
            continue
        if not line.startswith("="):
            continue
        word, _, rest = line[1:].partition(" ")
        if word == "file":
            path, resolved, lines = rest, "", []
        elif word == "at":
            resolved = rest
        elif word == "end":
            if path and rest == path:
                yield Printed("file", path, "\n".join(lines), resolved)
            path, lines = "", []
        else:
            yield Printed(word, rest)
