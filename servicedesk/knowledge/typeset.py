"""Markdown as a tree that a document's template draws: data alone, never markup of the template's language.

A node is a dict with ``t`` (its type) and, by type: ``c`` (children), ``v`` (text), ``level`` (heading),
``start`` (numbered list), ``href`` (link), ``columns`` (table; its rows are lists of cells in ``c``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it.token import Token

from servicedesk.runbooks.rendering import parse

Node = dict[str, Any]
_BLOCKS = {
    "heading_open": "heading",
    "paragraph_open": "par",
    "bullet_list_open": "list",
    "ordered_list_open": "enum",
    "list_item_open": "item",
    "blockquote_open": "quote",
    "table_open": "table",
    "tr_open": "row",
    "th_open": "cell",
    "td_open": "cell",
}
_MARKS = {"strong_open": "strong", "em_open": "emph", "link_open": "link"}


def blocks(text: str) -> list[Node]:
    """The blocks of a text."""
    root: Node = {"t": "root", "c": []}
    stack = [root]
    for token in parse(text):
        if token.type in _BLOCKS:
            node = _opened(token)
            stack[-1]["c"].append(node)
            stack.append(node)
        elif token.nesting < 0 and _BLOCKS.get(token.type.replace("_close", "_open")):
            closed = stack.pop()
            if closed["t"] == "table":
                closed["columns"] = max((len(row["c"]) for row in closed["c"]), default=1)
        elif token.type == "inline":
            stack[-1]["c"] += _inline(token.children or ())
        elif token.type in ("fence", "code_block"):
            stack[-1]["c"].append({"t": "code", "v": token.content.rstrip("\n")})
        elif token.type == "hr":
            stack[-1]["c"].append({"t": "rule"})
    children: list[Node] = root["c"]
    return children


def _opened(token: Token) -> Node:
    node: Node = {"t": _BLOCKS[token.type], "c": []}
    if node["t"] == "heading":
        node["level"] = int(token.tag[1:])
    if node["t"] == "enum":
        node["start"] = int(token.attrGet("start") or 1)
    return node


def _inline(tokens: Sequence[Token]) -> list[Node]:
    root: Node = {"t": "root", "c": []}
    stack = [root]
    for token in tokens:
        if token.type in _MARKS:
            node: Node = {"t": _MARKS[token.type], "c": []}
            if node["t"] == "link":
                node["href"] = str(token.attrGet("href") or "")
            stack[-1]["c"].append(node)
            stack.append(node)
        elif token.nesting < 0:
            stack.pop()
        elif token.type == "code_inline":
            stack[-1]["c"].append({"t": "code_inline", "v": token.content})
        elif token.type == "softbreak":
            stack[-1]["c"].append({"t": "text", "v": " "})
        elif token.type == "hardbreak":
            stack[-1]["c"].append({"t": "break"})
        elif token.content:
            stack[-1]["c"].append({"t": "text", "v": token.content})
    children: list[Node] = root["c"]
    return children
