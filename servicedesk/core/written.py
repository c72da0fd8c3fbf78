"""How templates write a value: what Jinja does, without a copy of what is text already."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape


def written(value: Any) -> str:
    """The value as part of a page, escaped unless it is markup.

    ``escape`` makes a new string even of markup and of numbers; a list writes more than a thousand values.
    """
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]  # it is markup, as just asked
    if kind is int:
        return str(value)
    return escape(value)


class Writer(CodeGenerator):
    """Jinja's compiler, writing values by ``written`` wherever it would by ``escape``."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's
        """The module of a template begins with the name it uses."""
        self.writeline(f"from {__name__} import {written.__name__}")
        super().visit_Template(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        plain = frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None
        if plain:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"{written.__name__}(")
