"""The newest file that a pattern names: how old it is. For backups and exports that must keep coming.

Names, times and sizes are read, never what a file holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collectors import levels as ladder
from collectors.checks.spec import with_unit
from collectors.errors import ParseError
from collectors.facts.text import decode
from collectors.messages import N_
from collectors.model import Evidence, Finding, Message, OwnCheck, Target, Transcript
from collectors.outcome import Outcome
from collectors.own_answers import answer_to, asked_as, failed, why_not
from collectors.platforms.file_guard import malformed
from collectors.platforms.sections import Section

HOSTS = ("linux", "aix")  # AIX has neither stat nor date +%s
_TIMEOUT_S = 20
_TELL = {
    "linux": 'date +%s; [ -z "$n" ] || stat -L -c \'%Y %s %n\' "$n"',
    "aix": 'perl -e \'@s=stat($f=shift); print time, "\\n"; print "$s[9] $s[7] $f\\n" if @s\' "$n"',
}
# A folder that cannot be seen is told apart from one that is not there.
_MISSING = (
    'if [ -z "$n" ]; then while ! [ -d "$d" ]; do u=1; d=${d%/*}; [ -n "$d" ] || d=/; done; '
    'if ! [ -r "$d" ] || ! [ -x "$d" ]; then echo denied; elif [ -n "$u" ]; then echo absent; '
    "else echo none; fi; fi"
)


@dataclass(frozen=True, slots=True)
class Newest:
    """``word``: file, none (no file of the name), absent (no such folder), denied.

    ``age_s``: by the host's clock.
    """

    word: str
    age_s: float = 0.0
    size: int = 0  # bytes
    name: str = ""


def newest_command(path: str, platform: str) -> str:
    """The program that tells; ``platform`` of ``HOSTS``."""
    folder = path.rpartition("/")[0] or "/"
    look = (
        f'n=; u=; d={folder}; for f in {path}; do [ -f "$f" ] && '
        '{ [ -z "$n" ] || [ "$f" -nt "$n" ]; } && n=$f; done; '
    )
    return f"{look}{_TELL[platform]}; {_MISSING}"


def newest_section(number: int, path: str, platform: str) -> Section:
    """As one of a host's questions."""
    return Section(f"newest_{number}", newest_command(path, platform), timeout_s=_TIMEOUT_S)


def parse_newest(text: str) -> Newest:
    """The host's time, then the file's time, size and name, or why there is none.

    Raises:
        ParseError: anything else.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) != 2 or not _is_number(lines[0]):
        raise ParseError(N_("expected the host's time and one file"))
    if lines[1] in ("none", "absent", "denied"):
        return Newest(lines[1])
    changed, _, rest = lines[1].partition(" ")
    size, _, name = rest.partition(" ")
    if not _is_number(changed) or not _is_number(size) or not name:
        raise ParseError(N_("expected the file's time, size and name"), 2)
    return Newest("file", float(int(lines[0]) - int(changed)), int(size), name)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def newest_for(target: Target, platform: str) -> tuple[Section, ...]:
    """Whose newest file a host is asked for; the guard looks at each again."""
    if platform not in HOSTS:
        return ()
    wanted = dict.fromkeys(one.question for one in target.own_checks if one.kind == "newest")
    paths = [path for path in wanted if not malformed(path)]
    return tuple(newest_section(number, path, platform) for number, path in enumerate(paths))


_NO_FILE = {
    "file": N_("The newest file is empty: %(name)s, %(age)s old"),
    "none": N_("There is no file %(path)s"),
    "absent": N_("There is no folder for %(path)s"),
}


def judge_newest(check: OwnCheck, transcript: Transcript, target: Target) -> Iterator[Finding]:
    number = answer_to(transcript, *(newest_command(check.question, one) for one in HOSTS))
    if number is None:
        dialect = asked_as(transcript)
        if dialect and dialect not in HOSTS:
            yield failed(
                check, Outcome.NOT_APPLICABLE, N_("Files are looked for on Linux and AIX hosts alone.")
            )
        else:
            yield failed(check, *why_not(transcript, "ssh"))
        return
    exchange, evidence = transcript.exchanges[number], Evidence(number, 2)
    if exchange.outcome is not Outcome.OK:
        yield failed(check, exchange.outcome, exchange.error, evidence)
        return
    try:
        found = parse_newest(decode(exchange.answer))
    except ParseError as error:
        yield failed(check, Outcome.PARSE_FAILED, str(error), evidence)
        return
    if found.word == "denied":
        yield failed(check, Outcome.UNSUPPORTED, N_("The account may not look into the folder."), evidence)
        return
    hours = round(max(0.0, found.age_s) / 3600, 2)
    levels = ladder.resolve(check.levels, check.name, "", target.levels)
    outcome = ladder.judge_value(hours, levels)
    values: dict[str, str | float | int] = {
        "path": check.question,
        "name": found.name,
        "size": found.size,
        "age": with_unit(hours, "h"),
    }
    template = N_("%(age)s old: %(name)s, %(size)s bytes")
    if found.word != "file" or not found.size:
        outcome, template = Outcome.CRITICAL, _NO_FILE[found.word]
    value = hours if found.word == "file" else None
    message = Message(template, values)
    yield Finding(check.name, "", outcome, message, value, "h", levels, evidence, check.version)
