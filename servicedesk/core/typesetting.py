"""Documents as PDF: a Typst template from ``templates/documents`` and data, never text put together.

What people wrote reaches a template as JSON and is shown as it is; it is no markup there. The compiler
reads one temporary folder and nothing else.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import typst
from flask_babel import get_locale

from servicedesk.core.folders import top_folder

Standard = Literal["1.7", "a-2b"]
# What no page can show, and what PDF/A refuses.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ASSET = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.(png|jpg|svg)")


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts that come with the product, then this machine's, for characters that those lack."""
    package = find_spec("pylopdf_fonts_zh_cn")
    folders = [str(path) for path in (package.submodule_search_locations or [])] if package else []
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=folders)


def pictures(drawings: Sequence[bytes], *, pixels_per_inch: float = 200.0) -> list[bytes]:
    """SVG drawings as PNG, each 16 cm wide, for programs that show no SVG; with the fonts of documents."""
    if not drawings:
        return []
    pages = [f'#page(image("drawing{number}.svg", width: 16cm))' for number in range(len(drawings))]
    frame = "#set page(width: auto, height: auto, margin: 0pt)\n" + "\n".join(pages)
    with tempfile.TemporaryDirectory(prefix="servicedesk-pictures-") as name:
        folder = Path(name)
        for number, content in enumerate(drawings):
            (folder / f"drawing{number}.svg").write_bytes(content)
        (folder / "frame.typ").write_text(frame, encoding="utf-8")
        compiler = typst.Compiler(folder / "frame.typ", root=folder, font_paths=_fonts())
        made = compiler.compile(format="png", ppi=pixels_per_inch)
    return [page for page in (made if isinstance(made, list) else [made]) if isinstance(page, bytes)]


def shows(content: bytes, kind: str) -> bool:
    """Whether the compiler can show a picture (``kind``: png or jpg)."""
    with tempfile.TemporaryDirectory(prefix="servicedesk-picture-") as name:
        folder = Path(name)
        (folder / f"picture.{kind}").write_bytes(content)
        (folder / "frame.typ").write_text(f'#image("picture.{kind}", width: 1cm)', encoding="utf-8")
        try:
            typst.Compiler(folder / "frame.typ", root=folder, font_paths=_fonts()).compile(format="pdf")
        except typst.TypstError:
            return False
    return True


def _shown(value: Any) -> Any:
    """The data without characters that cannot be shown."""
    match value:
        case str():
            return _CONTROL.sub("", value)
        case Mapping():
            return {name: _shown(one) for name, one in value.items()}
        case list() | tuple():
            return [_shown(one) for one in value]
        case _:
            return value


def pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    made_at: datetime,
    images: Mapping[str, bytes] | None = None,
    standard: Standard = "1.7",
) -> bytes:
    """Typeset ``templates/documents/<template>.typ`` with ``data`` (JSON).

    Args:
        data: also ``title`` (of the file), ``header`` (of pages after the first); ``lang`` and ``region``
            are those of the reader unless given.
        made_at: written into the file, so that the same data give the same bytes.
        images: PNG, JPEG or SVG by file name; the template shows them with ``image("name.svg")``.
        standard: "a-2b" is PDF/A for archives (ISO 19005-2).

    Raises:
        typst.TypstError: the template is wrong, which is a programming error.
    """
    source = top_folder("templates") / "documents"
    locale = get_locale()
    language = {"lang": locale.language, "region": locale.territory} if locale else {}
    with tempfile.TemporaryDirectory(prefix="servicedesk-document-") as name:
        folder = Path(name)
        for file in source.glob("*.typ"):
            shutil.copyfile(file, folder / file.name)
        (folder / "data.json").write_text(
            json.dumps(_shown({**language, **data}), ensure_ascii=False), encoding="utf-8"
        )
        for asset, content in (images or {}).items():
            if not _ASSET.fullmatch(asset):
                raise ValueError(f"no name for an image: {asset}")
            (folder / asset).write_bytes(content)
        compiler = typst.Compiler(folder / f"{template}.typ", root=folder, font_paths=_fonts())
        made = compiler.compile(
            format="pdf", pdf_standards=standard, timestamp=made_at.astimezone(UTC).replace(microsecond=0)
        )
    if not isinstance(made, bytes):  # the compiler's type also covers pages of pictures
        raise TypeError("the compiler gave no document")
    return made
