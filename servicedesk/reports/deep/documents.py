"""The report as a document: what PDF, Word and spreadsheet have in common, and the PDF itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _

from servicedesk.core import typesetting
from servicedesk.core.filters import datetime_in
from servicedesk.knowledge.typeset import Node, blocks
from servicedesk.reports.deep import texts as written
from servicedesk.reports.deep.layouts import Layout
from servicedesk.reports.deep.models import DeepReport, DeepSignature
from servicedesk.reports.deep.presenting import Chapter, Grid, Passage, Presenter, class_name
from servicedesk.reports.deep.states import STEPS
from servicedesk.tickets.periods import parse_period

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no document can hold them
LEAST, MOST = 7, 26  # characters a column is counted with
LINE, MARGIN = 106, 2  # characters that stand beside each other on a page; what a cell's edges take
_UNBROKEN = re.compile(r"\d[\d.,:-]*|[A-Za-z0-9_.]+")  # a hyphen between digits is no place to break a line
_LONG = 14  # of a word that would rather be broken than make the others narrow


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a writer of a format needs, in words."""

    title: str
    subtitle: str
    place: str
    period: str
    edition: str
    classification: str
    signatures: Sequence[Sequence[str]]
    summary: str
    chapters: Sequence[Chapter]
    hash_lines: Sequence[str]
    made_at: datetime
    header: str
    footer: str
    logo: tuple[str, bytes] | None = None  # kind and content


def document_of(
    report: DeepReport,
    data: Mapping[str, Any],
    signatures: Sequence[DeepSignature] = (),
    texts: Mapping[str, str] = MappingProxyType({}),
    layout: Layout | None = None,
    logo: bytes = b"",
) -> Document:
    """The report in the reader's language.

    Args:
        texts: what people wrote, by slot, as they wrote it.
        layout: how the client wants it; ``logo`` is the content of its logo.
    """
    layout = layout or Layout({})
    title = clean(layout.word("title")) or _("Deep-inspection report")
    presenter = Presenter(report.timezone)
    period = parse_period(report.period, report.as_of)
    place = " · ".join(
        filter(None, (report.client.name, report.site.name if report.site else _("All sites")))
    )
    built_at = report.built_at or report.created_at
    span = f"{report.period} ({period.first} – {report.as_of})"
    return Document(
        title,
        clean(layout.word("subtitle")),
        clean(place),
        span,
        edition_line(report, presenter),
        clean(layout.word("classification")) or _("Internal"),
        approval_block(signatures, presenter),
        texts.get(written.SUMMARY, ""),
        presenter.chapters(data, texts, layout),
        [
            _("Hash of the data (SHA-256): %(hash)s", hash=report.data_sha256),
            _("Hash of the texts (SHA-256): %(hash)s", hash=written.hash_of(texts)),
        ],
        built_at,
        clean(layout.word("header")) or f"{title} · {clean(place)} · {span}",
        clean(layout.word("footer")),
        (layout.logo[1], logo) if logo else None,
    )


def edition_line(report: DeepReport, presenter: Presenter) -> str:
    """Which edition, of when, and why there is another than the first."""
    built_at = report.built_at or report.created_at
    line = f"{_('Edition %(number)s', number=report.edition)} · {datetime_in(built_at, presenter.zone)}"
    if not report.reason:
        return line
    replaces = _("Replaces edition %(number)s: %(reason)s", number=report.edition - 1, reason=report.reason)
    return f"{line}\n{clean(replaces)}"


def approval_block(signatures: Sequence[DeepSignature], presenter: Presenter) -> list[list[str]]:
    """One row for each step; what is not signed yet stays empty, to be signed by hand."""
    by_step = {one.step: one for one in signatures}
    rows = []
    for step in STEPS:
        one = by_step.get(step.key)
        signed = (
            [one.name, _("signed electronically"), datetime_in(one.at, presenter.zone)] if one else [""] * 3
        )
        rows.append([str(step.role), *map(clean, signed)])
    return rows


def signing_heading() -> list[str]:
    """The heading of the approval block."""
    return [_("Step"), _("Full name"), _("Signature"), _("Date")]


def clean(text: str) -> str:
    """Without characters that no document may hold; devices send such things."""
    return _CONTROL.sub("", text)


def part_name(part: str) -> str:
    """Present state, analysis, recommendation."""
    return {"state": _("Present state"), "analysis": _("Analysis"), "advice": _("Recommendation")}[part]


def hidden_line(grid: Grid) -> str:
    """What is said below a table that was cut."""
    return _("… and %(count)s more in the annex.", count=grid.hidden) if grid.hidden else ""


def weights(grid: Grid) -> list[int]:
    """How wide columns are beside each other: by their longest text; Chinese characters count twice.

    Where a line has no room for all of them, long texts wrap and what cannot wrap (a date) keeps its width.
    """
    wanted, least = [], []
    for place, heading in enumerate(grid.heading):
        texts = [row[place].text for row in grid.rows]
        longest = max((_width(text) for text in texts), default=0)
        wanted.append(min(max(longest, min(_width(heading), 12), LEAST), MOST) + MARGIN)
        word = max((len(found) for text in texts for found in _UNBROKEN.findall(text)), default=0)
        least.append(min(min(word, _LONG) + MARGIN, wanted[-1]))
    spare, excess = LINE - sum(least), sum(wanted) - LINE
    if excess <= 0 or spare <= 0:
        return wanted
    share = spare / (sum(wanted) - sum(least))
    return [low + round((high - low) * share) for low, high in zip(least, wanted, strict=True)]


def prose(passage: Passage) -> list[Node]:
    """A text as blocks for writers of documents; a draft's sentences are paragraphs, never markup."""
    if passage.written:
        return blocks(clean(passage.text))
    return [{"t": "par", "c": [{"t": "text", "v": line}]} for line in clean(passage.text).splitlines()]


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def as_pdf(document: Document) -> bytes:
    """PDF/A-2b with bookmarks."""
    images: dict[str, bytes] = {}
    chapters = [_chapter(chapter, images) for chapter in document.chapters]
    content: dict[str, Any] = {
        "title": document.title,
        "header": document.header,
        "footer": document.footer,
        "cover": {
            "subtitle": document.subtitle,
            "classification": document.classification,
            "place": document.place,
            "period": document.period,
            "edition": document.edition,
            "signing": signing_heading(),
        },
        "signatures": document.signatures,
        "summary": prose(Passage(document.summary, written=True)),
        "chapters": chapters,
        "words": {"contents": _("Contents"), "summary": _("Summary"), "hashes": document.hash_lines},
    }
    if document.logo is not None:
        kind, picture = document.logo
        images[f"logo.{kind}"] = picture
        content["cover"]["logo"] = f"logo.{kind}"
    return typesetting.pdf("deep_report", content, made_at=document.made_at, images=images, standard="a-2b")


def _chapter(chapter: Chapter, images: dict[str, bytes]) -> dict[str, Any]:
    drawn = []
    for drawing in chapter.drawings:
        name = f"chart{len(images)}.svg"
        images[name] = drawing.svg.encode()
        drawn.append({"title": clean(drawing.title), "file": name})
    return {
        "title": chapter.title,
        "about": chapter.about,
        "intro": clean(chapter.intro).split("\n") if chapter.intro else [],
        "empty": chapter.empty,
        "figures": [[label, cell.text] for label, cell in chapter.figures],
        "subjects": [
            {
                "name": class_name(subject) if subject else "",
                "parts": [[part_name(part), prose(passage)] for part, passage in parts.items()],
            }
            for subject, parts in chapter.words.items()
        ],
        "charts": drawn,
        "tables": [
            {
                "title": grid.title,
                "heading": list(grid.heading),
                "align": ["right" if numeric else "left" for numeric in grid.numeric],
                "weights": weights(grid),
                "rows": [[clean(cell.text) for cell in row] for row in grid.rows],
                "hidden": hidden_line(grid),
            }
            for grid in chapter.grids
        ],
    }
