"""The catalogues: ``python scripts/translations.py update | compile | check``.

English is written in the code; every other language is complete or ``check`` fails.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from collectors.facts.cli.values import STATE_WORDS as COMMAND_LINE_STATES
from collectors.facts.linux.raid_states import STATE_WORDS as RAID_STATES
from collectors.messages import STATE_WORDS
from collectors.platforms.definitions import definitions
from servicedesk.core.sentences import STATE_CONTEXT, plain_state

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "servicedesk" / "translations"
LANGUAGES = ("zh_CN",)
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
SOURCES = (
    ("servicedesk", "**/*.py", "python"),
    ("collectors", "**/*.py", "python"),
    ("templates", "**/*.html", "jinja2"),
    ("templates", "**/*.svg", "jinja2"),
)
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
# Names of sensors, pools and volumes that we give, not the device; only its indexes may stand in them.
DEFINITIONS = "collectors/platforms"
NAMED = ("processors", "memory", "storage", "sensors", "states", "licences", "signatures")
INDEX = re.compile(r"\{(index|i\d|i-\d)\}")
WORD = re.compile(r"[A-Za-z]{3}")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|%[sd]")
CHINESE = re.compile(r"[一-鿿]")
# Where Chinese in the source is meant: the demonstration's people, the first start's names, language names.
BILINGUAL = (
    "servicedesk/demo/",
    "servicedesk/bootstrap.py",
    "servicedesk/core/i18n.py",
    "servicedesk/tickets/masking.py",  # headings it recognises
    *("collectors/facts/", "collectors/simulator/"),  # what devices say
    # What mail programs write above a quoted mail, and how chat programs call everybody.
    *("servicedesk/notifications/inbound/", "servicedesk/notifications/channels/robots.py"),
)


def files() -> Iterator[tuple[Path, str]]:
    """Every source file with its extraction method, in order."""
    for folder, pattern, method in SOURCES:
        for path in sorted((ROOT / folder).glob(pattern)):
            yield path, method


def extract() -> Catalog:
    """All messages of the source, without places: they would change with every edit."""
    template = Catalog(project="servicedesk", charset="utf-8")
    for path, method in files():
        options = JINJA if method == "jinja2" else {}
        for _line, message, _comments, context in extract_from_file(
            method, path, keywords=KEYWORDS, options=options
        ):
            template.add(message, context=context)
    for name in names_given():
        template.add(name)
    for word in states_given():
        template.add(word, context=STATE_CONTEXT)
    return template


def names_given() -> Iterator[str]:
    """Names in platform definitions as messages: ``Fan {index}`` is ``Fan %(index)s``."""
    for path in sorted((ROOT / DEFINITIONS).glob("*.toml")):
        for platform in tomllib.loads(path.read_text(encoding="utf-8")).get("platform", []):
            for table in (table for kind in NAMED for table in platform.get(kind, [])):
                given = table.get("name", [])
                for name in [given] if isinstance(given, str) else given:
                    message = INDEX.sub(lambda found: f"%({found[1].replace('-', '_')})s", name)
                    own = PLACEHOLDER.sub("", message)
                    if "{" not in message and "@" not in message and WORD.search(own):
                        yield message


def states_given() -> set[str]:
    """The words of states that platforms map, command lines are known to write, and checks name."""
    if not (ROOT / DEFINITIONS).is_dir():
        return set()  # another tree than ours
    mapped = {
        state[0]
        for platform in definitions().values()
        for table in platform.sensors
        for state in table.states.values()
    }
    return {plain_state(word) for word in (*mapped, *COMMAND_LINE_STATES, *RAID_STATES, *STATE_WORDS)} - {""}


def po_path(language: str) -> Path:
    """The catalogue people edit."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def mo_path(language: str) -> Path:
    """The compiled catalogue, under the name Babel looks for: zh_CN is zh_Hans_CN to it."""
    return FOLDER / str(Locale.parse(language)) / "LC_MESSAGES" / "messages.mo"


def read(language: str) -> Catalog:
    """The kept catalogue, or an empty one."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="servicedesk", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def merged(language: str) -> Catalog:
    """What is kept of the old catalogue for today's messages; nothing is guessed."""
    old = read(language)
    catalog = Catalog(locale=language, project="servicedesk", charset="utf-8")
    catalog.header_comment = f"# {language} messages. Kept by scripts/translations.py; edit the msgstr lines."
    for message in extract():
        if not message.id:
            continue
        known = old.get(message.id, message.context)
        string = (
            known.string if known is not None and bool(known.pluralizable) == message.pluralizable else None
        )
        flags = [flag for flag in (known.flags if known is not None else ()) if flag == "fuzzy"]
        catalog.add(message.id, string, flags=flags, context=message.context)
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    """Sorted, without dates, so that a change of one message changes its lines alone."""
    from io import BytesIO

    buffer = BytesIO()
    write_po(
        buffer,
        catalog,
        width=110,
        no_location=True,
        omit_header=False,
        sort_output=True,
        ignore_obsolete=True,
    )
    keep = (b"Project-Id", b"Language:", b"MIME", b"Content-Type", b"Content-Transfer", b"Plural-Forms")
    lines = []
    for line in buffer.getvalue().splitlines(keepends=True):
        header = re.match(rb'"([A-Z][A-Za-z-]+:? ?)', line)
        if header and line.rstrip().endswith(b'\\n"') and not line[1:].startswith(keep) and b": " in line:
            continue
        lines.append(line)
    return b"".join(lines)


def update() -> int:
    """Write the catalogues for today's messages."""
    for language in LANGUAGES:
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = merged(language)
        path.write_bytes(po_bytes(catalog))
        empty = sum(1 for message in catalog if message.id and not _is_translated(message))
        print(f"{path.relative_to(ROOT)}: {len(catalog)} messages, {empty} without a translation")
    return 0


def compile_all() -> int:
    """Write the .mo files that programs read; only when the catalogue changed."""
    for language in LANGUAGES:
        path = po_path(language)
        target = mo_path(language)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        with target.open("wb") as file:
            write_mo(file, read(language))
    return 0


def _strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (list, tuple)) else [str(message.string or "")]


def _ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, (list, tuple)) else [str(message.id)]


def _is_translated(message: Message) -> bool:
    return all(text.strip() for text in _strings(message))


_LONE = re.compile(r"(?<!%)%(?!%|\(\w+\)[sd])")


def _placeholders(text: str) -> set[str]:
    return {match[0] for match in PLACEHOLDER.finditer(text) if match[0] != "%%"}


def problems() -> Iterator[str]:
    """Everything that is wrong with the catalogues and the sources."""
    for language in LANGUAGES:
        path = po_path(language)
        if not path.exists() or po_bytes(merged(language)) != path.read_bytes():
            yield f"{path.relative_to(ROOT)} is not up to date. Run: make translations"
        for message in read(language):
            if not message.id:
                continue
            name = _ids(message)[0]
            if not _is_translated(message):
                yield f"{language}: no translation of {name!r}"
                continue
            if message.fuzzy:
                yield f"{language}: fuzzy translation of {name!r}"
            wanted = set().union(*(_placeholders(text) for text in _ids(message)))
            if any(_placeholders(text) != wanted for text in _strings(message)):
                yield f"{language}: other placeholders than in {name!r}"
            # Templates fill in every message: a lone percent sign ends in an error page.
            if not any(_LONE.search(text) for text in _ids(message)) and any(
                _LONE.search(text) for text in _strings(message)
            ):
                yield f"{language}: a lone percent sign in the translation of {name!r}"
    yield from chinese_in_sources()


def chinese_in_sources() -> Iterator[str]:
    """Text that an English reader would meet untranslated. Comments and punctuation tables are no text."""
    scripts = ((path, "javascript") for path in sorted((ROOT / "servicedesk" / "static" / "js").glob("*.js")))
    for path, method in (*files(), *scripts):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(BILINGUAL):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = line.split("#", 1)[0] if method == "python" else re.sub(r"\{#.*?#\}", "", line)
            if CHINESE.search(code) and "中文" not in code and '"""' not in code:
                yield f"{name}:{number}: Chinese text outside the catalogue"


def check() -> int:
    """Print all problems; status 1 when there are any."""
    found = list(problems())
    for problem in found[:60]:
        print(problem, file=sys.stderr)
    if len(found) > 60:
        print(f"… and {len(found) - 60} more", file=sys.stderr)
    return 1 if found else 0


COMMANDS = {"update": update, "compile": compile_all, "check": check}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: {sys.argv[0]} {' | '.join(COMMANDS)}")
    sys.exit(COMMANDS[sys.argv[1]]())
