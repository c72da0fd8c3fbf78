"""Written texts in a Word document: the blocks of ``knowledge.typeset`` as paragraphs, never as markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docx.document import Document as WordDocument
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from servicedesk.knowledge.typeset import Node
from servicedesk.reports.deep.word_tables import add_table

CODE_FONT = "Consolas"
_INLINE = frozenset({"text", "strong", "emph", "code_inline", "link", "break"})


def add_prose(word: WordDocument, nodes: Sequence[Node], depth: int = 0, before: str = "") -> None:
    """At the end of the document.

    Args:
        depth: how far within lists and quotations.
        before: mark or number of a list's item, written before its first paragraph.
    """
    line: list[Node] = []
    for node in nodes:
        if node["t"] in _INLINE:  # an item of a tight list holds its words at once
            line.append(node)
            continue
        before = _flush(word, line, depth, before)
        _add_block(word, node, depth, before)
        before = ""
    _flush(word, line, depth, before)


def _flush(word: WordDocument, line: list[Node], depth: int, before: str) -> str:
    if not line:
        return before
    _paragraph(word, line, depth, before)
    line.clear()
    return ""


def _add_block(word: WordDocument, node: Node, depth: int, before: str) -> None:
    match node["t"]:
        case "par":
            _paragraph(word, node["c"], depth, before)
        case "heading":
            _paragraph(word, [{"t": "strong", "c": node["c"]}], depth, before)
        case "list":
            for item in node["c"]:
                add_prose(word, item["c"], depth + 1, "•\t")
        case "enum":
            for number, item in enumerate(node["c"], node["start"]):
                add_prose(word, item["c"], depth + 1, f"{number}.\t")
        case "quote":
            add_prose(word, node["c"], depth + 1, before)
        case "code":
            _paragraph(word, [{"t": "code_inline", "v": node["v"]}], depth, before)
        case "table":
            rows = [[_words(cell["c"]) for cell in row["c"]] for row in node["c"]]
            full = [row + [""] * (node["columns"] - len(row)) for row in rows]
            add_table(word, full[0], full[1:], [1] * node["columns"])


def _paragraph(word: WordDocument, nodes: Sequence[Node], depth: int, before: str) -> None:
    paragraph = word.add_paragraph()
    if depth:
        paragraph.paragraph_format.left_indent = Cm(0.75 * depth)
        paragraph.paragraph_format.space_after = Pt(2)
    if before:
        paragraph.paragraph_format.first_line_indent = Cm(-0.75)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(0.75 * depth))
        paragraph.add_run(before)
    _runs(paragraph, nodes)


def _runs(paragraph: Paragraph, nodes: Sequence[Node], *, bold: bool = False, italic: bool = False) -> None:
    for node in nodes:
        match node["t"]:
            case "text" | "code_inline":
                run = paragraph.add_run(node["v"])
                run.bold, run.italic = bold or None, italic or None
                if node["t"] == "code_inline":
                    run.font.name = CODE_FONT
            case "strong":
                _runs(paragraph, node["c"], bold=True, italic=italic)
            case "emph":
                _runs(paragraph, node["c"], bold=bold, italic=True)
            case "link":
                _runs(paragraph, node["c"], bold=bold, italic=italic)
                if node["href"] and node["href"] != _words(node["c"]):
                    paragraph.add_run(f" ({node['href']})")
            case "break":
                paragraph.add_run().add_break()


def _words(nodes: Sequence[Node]) -> str:
    return "".join(_pieces(nodes))


def _pieces(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if "v" in node:
            yield node["v"]
        elif node["t"] == "break":
            yield "\n"
        else:
            yield from _pieces(node["c"])
