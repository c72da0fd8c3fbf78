"""Tables of Word documents, written as XML at once: python-docx takes a second for a few thousand cells."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from servicedesk.reports.deep.documents import clean

TEXT_TWIPS = 9638  # width of the text of an A4 page with 20 mm at both sides


def add_table(
    word: WordDocument,
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    *,
    height_twips: int = 0,
    numeric: Sequence[bool] = (),
) -> None:
    """A table at the end of the document; ``widths`` are shares; ``height_twips``: of every row, at least.

    Args:
        numeric: of each column whether its cells stand at the right; none when left out.
    """
    right = list(numeric) or [False] * len(heading)
    whole = sum(widths)
    twips = [TEXT_TWIPS * width // whole for width in widths]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
    tall = f'<w:trHeight w:val="{height_twips}"/>' if height_twips else ""
    body = _row(heading, twips, right, f"<w:cantSplit/>{tall}<w:tblHeader/>", head=True)
    body += "".join(_row(row, twips, right, f"<w:cantSplit/>{tall}") for row in rows)
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{body}</w:tbl>"
    )
    word.element.body.insert_element_before(table, "w:sectPr")
    word.add_paragraph()


def _row(
    cells: Sequence[str], widths: Sequence[int], right: Sequence[bool], properties: str, *, head: bool = False
) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="EEF1F5"/>' if head else ""
    bold = "<w:b/>" if head else ""
    sides = ['<w:jc w:val="right"/>' if numeric else "" for numeric in right]
    made = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr>'
        f'<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>{side}</w:pPr><w:r><w:rPr>{bold}'
        f'<w:sz w:val="17"/></w:rPr><w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r></w:p></w:tc>'
        for text, width, side in zip(cells, widths, sides, strict=True)
    )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{made}</w:tr>"
