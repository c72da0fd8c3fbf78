"""The kinds of files a report is handed over in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from servicedesk.core.blobs import BlobStore
from servicedesk.core.sheets import FORMATS
from servicedesk.reports.deep import layouts, signing, texts
from servicedesk.reports.deep.building import Data, load
from servicedesk.reports.deep.documents import Document, as_pdf, document_of
from servicedesk.reports.deep.layouts import Layout
from servicedesk.reports.deep.models import DeepReport, DeepSignature
from servicedesk.reports.deep.word import as_docx
from servicedesk.reports.deep.workbook import as_xlsx


@dataclass(frozen=True, slots=True)
class Made:
    """All that a file of a report is made of."""

    report: DeepReport
    data: Data
    signatures: Sequence[DeepSignature] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping[str, Any] = field(default_factory=dict)
    logo: bytes = b""

    def document(self) -> Document:
        """The same in words."""
        layout = Layout(self.layout)
        return document_of(self.report, self.data, self.signatures, self.texts, layout, self.logo)


def gathered(report: DeepReport, blobs: BlobStore) -> Made:
    """As the report stands now.

    Raises:
        BlobMissingError: a file is gone.
        ValueError: the data were altered.
    """
    layout = layouts.content_for(report)
    logo = blobs.get(layout["logo"]) if layout.get("logo") else b""
    signatures = signing.signatures_of(report)
    return Made(report, load(report, blobs), signatures, texts.bodies(report.id), layout, logo)


Writer = Callable[[Made], bytes]


def _pdf(made: Made) -> bytes:
    return as_pdf(made.document())


def _docx(made: Made) -> bytes:
    return as_docx(made.document())


def _xlsx(made: Made) -> bytes:
    return as_xlsx(made.report.timezone, made.data)


WRITERS: dict[str, tuple[str, Writer]] = {
    "pdf": ("application/pdf", _pdf),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _docx),
    "xlsx": (FORMATS["xlsx"], _xlsx),
}
