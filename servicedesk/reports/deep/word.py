"""The report as a Word document: real styles, a table of contents, native tables with repeated headings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from flask_babel import gettext as _

from servicedesk.core import typesetting
from servicedesk.reports.deep.documents import (
    Document,
    clean,
    hidden_line,
    part_name,
    prose,
    signing_heading,
    weights,
)
from servicedesk.reports.deep.presenting import Chapter, Grid, Passage, class_name
from servicedesk.reports.deep.word_prose import add_prose
from servicedesk.reports.deep.word_tables import add_table

TEXT_FONT, HEAD_FONT, LATIN_FONT = "SimSun", "SimHei", "Arial"


def as_docx(document: Document) -> bytes:
    """A document that people go on writing in."""
    word = docx.Document()
    _prepare(word, document)
    _cover(word, document)
    _contents(word, document)
    begun = len(word.paragraphs)
    drawings = [drawing.svg.encode() for chapter in document.chapters for drawing in chapter.drawings]
    pictures = iter(typesetting.pictures(drawings))
    if document.summary:
        word.add_heading(_("Summary"), 1)
        add_prose(word, prose(Passage(document.summary, written=True)))
    for chapter in document.chapters:
        word.add_heading(f"{chapter.number} {chapter.title}", 1)
        _chapter(word, chapter, [next(pictures) for _drawing in chapter.drawings])
    word.paragraphs[begun].paragraph_format.page_break_before = True  # the first chapter, or the summary
    for line in document.hash_lines:
        word.add_paragraph(line, "Caption")
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def _prepare(word: WordDocument, document: Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.different_first_page_header_footer = True
    for name, east, size in (
        ("Normal", TEXT_FONT, 10.5),
        ("Title", HEAD_FONT, 26),
        ("Heading 1", HEAD_FONT, 16),
        ("Heading 2", HEAD_FONT, 13),
        ("Heading 3", HEAD_FONT, 11),
        ("Caption", TEXT_FONT, 9),
    ):
        style = word.styles[name]
        style.font.name, style.font.size = LATIN_FONT, Pt(size)
        style.font.color.rgb = RGBColor(0x55, 0x55, 0x55) if name == "Caption" else RGBColor(0, 0, 0)
        style.font.bold = name.startswith("Heading")
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), east)
    section.header.paragraphs[0].text = document.header
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if document.footer:
        footer.add_run(f"{document.footer} · ")
    _field(footer, "PAGE", "1")
    footer.add_run(" / ")
    _field(footer, "NUMPAGES", "1")
    properties = word.core_properties
    properties.title, properties.author = document.title, ""
    properties.created = properties.modified = document.made_at.replace(tzinfo=None)
    word.settings.element.append(parse_xml(f'<w:updateFields {nsdecls("w")} w:val="true"/>'))


def _field(paragraph: Paragraph, code: str, shown: str) -> None:
    """A field that Word fills in, e.g. the number of the page."""
    paragraph._p.append(
        parse_xml(
            f'<w:fldSimple {nsdecls("w")} w:instr="{code}"><w:r><w:t>{escape(shown)}</w:t></w:r>'
            "</w:fldSimple>"
        )
    )


def _cover(word: WordDocument, document: Document) -> None:
    secrecy = word.add_paragraph(document.classification)
    secrecy.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if document.logo is not None:
        word.add_picture(io.BytesIO(document.logo[1]), height=Cm(1.8))
    for _line in range(6 if document.logo is None else 4):
        word.add_paragraph()
    title = word.add_paragraph(document.title, "Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line in filter(None, (document.subtitle, document.place, document.period, document.edition)):
        word.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for _line in range(6):
        word.add_paragraph()
    add_table(word, signing_heading(), document.signatures, [3, 4, 4, 4], height_twips=560)


def _contents(word: WordDocument, document: Document) -> None:
    """The chapters stand there already; Word adds the page numbers when it updates its fields."""
    word.add_paragraph(_("Contents"), "Title").paragraph_format.page_break_before = True
    begin = word.add_paragraph()
    code = escape('TOC \\o "1-2" \\h \\z \\u')
    for xml in (
        '<w:fldChar w:fldCharType="begin" w:dirty="true"/>',
        f'<w:instrText xml:space="preserve">{code}</w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
    ):
        begin._p.append(parse_xml(f"<w:r {nsdecls('w')}>{xml}</w:r>"))
    if document.summary:
        word.add_paragraph(_("Summary"))
    for chapter in document.chapters:
        word.add_paragraph(f"{chapter.number} {chapter.title}")
    end = word.add_paragraph()
    end._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:fldChar w:fldCharType="end"/></w:r>'))


def _chapter(word: WordDocument, chapter: Chapter, pictures: Sequence[bytes]) -> None:
    word.add_paragraph(chapter.about, "Caption")
    for line in clean(chapter.intro).splitlines():
        word.add_paragraph(line)
    if chapter.empty:
        word.add_paragraph(chapter.empty, "Intense Quote")
    if chapter.figures:
        labels = [label for label, _cell in chapter.figures]
        add_table(word, labels, [[cell.text for _label, cell in chapter.figures]], [1] * len(labels))
    for subject, parts in chapter.words.items():
        if subject:
            word.add_heading(class_name(subject), 2)
        for part, passage in parts.items():
            word.add_heading(part_name(part), 3)
            add_prose(word, prose(passage))
    for drawing, picture in zip(chapter.drawings, pictures, strict=True):
        word.add_picture(io.BytesIO(picture), width=Cm(16))
        word.add_paragraph(clean(drawing.title), "Caption")
    for grid in chapter.grids:
        word.add_heading(grid.title, 2)
        _grid(word, grid)


def _grid(word: WordDocument, grid: Grid) -> None:
    rows = [[cell.text for cell in row] for row in grid.rows]
    add_table(word, grid.heading, rows, weights(grid), numeric=grid.numeric)
    if grid.hidden:
        word.add_paragraph(hidden_line(grid), "Caption")
