"""The kinds of files a report is handed over in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from servicedesk.core.sheets import FORMATS
from servicedesk.reports.deep.building import Data
from servicedesk.reports.deep.documents import as_pdf, document_of
from servicedesk.reports.deep.models import DeepReport, DeepSignature
from servicedesk.reports.deep.word import as_docx
from servicedesk.reports.deep.workbook import as_xlsx

Writer = Callable[[DeepReport, Data, Sequence[DeepSignature], Mapping[str, str]], bytes]


def _pdf(
    report: DeepReport, data: Data, signatures: Sequence[DeepSignature], texts: Mapping[str, str]
) -> bytes:
    return as_pdf(document_of(report, data, signatures, texts))


def _docx(
    report: DeepReport, data: Data, signatures: Sequence[DeepSignature], texts: Mapping[str, str]
) -> bytes:
    return as_docx(document_of(report, data, signatures, texts))


def _xlsx(
    report: DeepReport, data: Data, _signatures: Sequence[DeepSignature], _texts: Mapping[str, str]
) -> bytes:
    return as_xlsx(report.timezone, data)


WRITERS: dict[str, tuple[str, Writer]] = {
    "pdf": ("application/pdf", _pdf),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _docx),
    "xlsx": (FORMATS["xlsx"], _xlsx),
}
