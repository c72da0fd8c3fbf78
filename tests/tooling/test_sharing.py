"""What threads would share without being able to is not made at import."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def made_at_import(source: str, name: str) -> list[int]:
    """Lines outside of functions where ``name(...)`` is called."""
    found: list[int] = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        if isinstance(node, ast.Call):
            called = node.func
            if (called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")) == name:
                found.append(node.lineno)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(source))
    return found


def test_aliases_of_mapped_classes_are_made_in_functions() -> None:
    # SQLAlchemy completes an alias when it is first used; two threads that do so at once leave it broken for
    # as long as the process lives, and every statement made with it fails from then on.
    assert made_at_import("a = aliased(User)\nb, c = orm.aliased(User), 1", "aliased") == [1, 2]
    assert made_at_import("def one():\n    return aliased(User)", "aliased") == []
    found = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "servicedesk").rglob("*.py")
        if (lines := made_at_import(path.read_text(encoding="utf-8"), "aliased"))
    }
    assert found == {}
