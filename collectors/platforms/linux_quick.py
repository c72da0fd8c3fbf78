"""Questions that print files (``cat``, ``grep -H .``), asked of a host by one ``grep`` for all of them.

A process costs a host about a millisecond, and a visit prints some eighty files. ``grep -H ''`` writes the
file's name before each line, so what each question's own command would have printed is told apart here,
line for line: a text cannot pretend to be of another file, as no line is without a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from collectors.platforms.sections import Section

TOGETHER = "printed"  # the name of the answer to all of them

_FILE = r"/[A-Za-z0-9_./-]+"
# Nothing that a shell expands but the patterns of names; what ``cat`` prints of several is not told apart.
_PATTERN = r"/[A-Za-z0-9_./*\[\]-]+"
_FORMS = (
    ("all", re.compile(rf"cat ({_FILE}(?: {_FILE})*)\Z")),
    ("first", re.compile(rf"cat ({_FILE}(?: \|\| cat {_FILE})+)\Z")),
    ("lines", re.compile(rf"grep -s?H \. ({_PATTERN}(?: {_PATTERN})*)\Z")),
)
_COMPLAINT = re.compile(rb"grep: (/[^:\n]*): [^\n]*\Z")


def prints(section: Section) -> bool:
    """Whether its command only prints files."""
    return any(pattern.match(section.command) for _form, pattern in _FORMS)


def printing_code(sections: Iterable[Section]) -> str:
    """The lines that print the files of all these; a shell without ``grep`` ends there."""
    lines = ["a="]
    for section in sections:
        add = f'a="$a {b" ".join(_form(section.command)[1]).decode()}"'
        lines.append(
            f"if e {section.path}; then {add}; else m {section.name} absent; fi" if section.path else add
        )
    # Patterns are put in the names' place here; whatever a name holds stays one argument.
    lines += ["grep -H '' $a </dev/null; r=$?", "[ $r -lt 126 ] || exit 1", f"m {TOGETHER} $r\n"]
    return "\n".join(lines)


def told_apart(
    sections: Iterable[Section], text: bytes, complaints: bytes
) -> Iterator[tuple[str, str, bytes, bytes]]:
    """Name, status, text and complaints of each section's own command."""
    files, about = _by_file(text), _by_complaint(complaints)
    for section in sections:
        form, names = _form(section.command)
        said = b"\n".join(about[name] for name in names if name in about)
        if form == "lines":
            starts = tuple(name.partition(b"*")[0] for name in names)
            kept = [
                path + b":" + line
                for path, lines in files.items()
                if path.startswith(starts)
                for line in lines
                if line
            ]
            yield section.name, "0" if kept else "1", _joined(kept), b""
            continue
        found = [lines for name in names if (lines := files.get(name)) is not None]
        if form == "first" and found:
            found, said = found[:1], b""
        yield section.name, "1" if said else "0", _joined(line for part in found for line in part), said


@lru_cache(maxsize=256)
def _form(command: str) -> tuple[str, tuple[bytes, ...]]:
    """The form of a command that prints, and its files."""
    for form, pattern in _FORMS:
        match = pattern.match(command)
        if match is not None:
            return form, tuple(match[1].replace(" || cat ", " ").encode().split(b" "))
    raise ValueError(command)


def _by_file(text: bytes) -> Mapping[bytes, list[bytes]]:
    files: dict[bytes, list[bytes]] = {}
    for line in text.removesuffix(b"\n").split(b"\n"):
        path, colon, rest = line.partition(b":")
        if colon:
            files.setdefault(path, []).append(rest)
    return files


def _by_complaint(text: bytes) -> Mapping[bytes, bytes]:
    """The complaint about each file that was named, a pattern as it was written."""
    matches = (_COMPLAINT.match(line) for line in text.split(b"\n"))
    return {match[1]: match[0] for match in matches if match is not None}


def _joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
