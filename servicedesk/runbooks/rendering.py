"""Markdown to HTML that is safe in a page: no HTML of the author's, no images, plain links alone."""

from __future__ import annotations

from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_MARKDOWN = (
    MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
)


def _only_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


_MARKDOWN.validateLink = _only_web  # type: ignore[method-assign]  # the documented way to restrict links


@lru_cache(maxsize=2048)
def markdown(text: str) -> Markup:
    """Rendered; the library escapes everything that is not its own tags."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - HTML is off, so that all markup is the library's


def parse(text: str) -> list[Token]:
    """The same text as the library's tokens, for documents that are no HTML."""
    return _MARKDOWN.parse(text)
