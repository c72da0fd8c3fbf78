"""Everything the audit trail can hold has words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

import servicedesk
from servicedesk.audit import labels
from servicedesk.equipment.service import DeviceData
from servicedesk.repairs.states import STEPS as REPAIR_STEPS
from servicedesk.reports.improvement.states import STEPS
from servicedesk.tickets.workflows import WORKFLOWS
from tests.servicedesk.world import Browser, World

FOLDER = Path(servicedesk.__file__).parent
# What is put together of a state machine's arrows, by how the act begins.
ARROWS = {
    "ticket.": {f"ticket.{arrow.name}" for workflow in WORKFLOWS.values() for arrow in workflow.transitions},
    "improvement.": {f"improvement.{step.key}" for step in STEPS},
    "repair.": {f"repair.{step.key}" for step in REPAIR_STEPS},
}


def is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == f"audit.{name}"


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every module that writes to the audit trail."""
    for path in sorted(FOLDER.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(is_call(node, "record") for node in ast.walk(tree)):
            yield path, tree


def constants(node: ast.AST) -> list[str]:
    """The strings an expression may be: ``a if x == "b" else c`` is a or c."""
    if isinstance(node, ast.IfExp):
        return constants(node.body) + constants(node.orelse)
    if isinstance(node, ast.Tuple):
        return [text for item in node.elts for text in constants(item)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def assigned(tree: ast.Module, name: str) -> list[str]:
    """The strings a name of this module is ever given."""
    return [
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == name for target in node.targets)
        for text in constants(node.value)
    ]


def passed_on(tree: ast.Module, name: str) -> list[str]:
    """The strings given to a module's own ``_audit(object, action, …)``, which records them as ``action``."""
    return [
        text
        for node in ast.walk(tree)
        if name == "action" and isinstance(node, ast.Call) and ast.unparse(node.func) == "_audit"
        for text in constants(node.args[1])
    ]


def actions() -> Iterator[tuple[str, set[str]]]:
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and is_call(node, "record"):
                action = node.args[1]
                name = ast.unparse(action)
                found = {*constants(action), *assigned(tree, name), *passed_on(tree, name)}
                if isinstance(action, ast.JoinedStr):
                    found = ARROWS[constants(action.values[0])[0]]
                yield f"{path.relative_to(FOLDER)}:{node.lineno}", found


def kept_fields() -> Iterator[str]:
    """Names given to ``audit.snapshot``, and keys of dictionaries named before and after."""
    yield from (field.name for field in fields(DeviceData))
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and is_call(node, "snapshot"):
                yield from constants(node.args[1])
                yield from assigned(tree, ast.unparse(node.args[1]))
            kept = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("before", "after")
            if kept or (isinstance(node, ast.keyword) and node.arg in ("before", "after")):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Dict):
                        yield from (text for key in inner.keys if key is not None for text in constants(key))


def test_every_act_in_the_code_has_words() -> None:
    found = dict(actions())
    assert len(found) > 20
    assert [place for place, names in found.items() if not names] == []
    assert set().union(*found.values()) - set(labels.ACTIONS) == set()


def test_no_words_are_kept_for_acts_that_nobody_does() -> None:
    assert set(labels.ACTIONS) - set().union(*dict(actions()).values()) == set()


def test_every_kept_field_has_words() -> None:
    assert set(kept_fields()) - set(labels.FIELDS) == set()


def test_every_object_in_the_code_has_words() -> None:
    targets = {
        ast.unparse(node.args[2])
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and is_call(node, "record")
    }
    prefixes = (
        "inspection_",
        "notification_",
        "approval_",
        "ticket_list_",
        "ticket_",
        "chosen_",
        "data_",
        "sla_",
        "assignment_",
        "catalogue_",
        "level_",
        "own_check_",
        "own_",
        "manual_",
        "runbook_",
        "deep_",
        "article_",
        "technical_",
        "stock_",
        "software_",
        "repair_",
        "maintenance_",
        "supplier_",
        "ip_",
        "discovery_",
    )
    tables = {name.removeprefix(prefix) for name in labels.OBJECTS for prefix in prefixes} | {"users"}
    plurals = {re.sub(r"(x|ss)s$", r"\1es", f"{target}s".replace("ys", "ies")) for target in targets}
    assert plurals - tables == set()


def test_objects_are_named_by_their_tables(app: Flask) -> None:
    from servicedesk.core.db import db

    assert set(labels.OBJECTS) <= set(db.metadata.tables)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), ("", "—"), ([], "—"), (True, "yes"), (False, "no"), (0, "0"), (["a", "b"], "a, b")],
)
def test_values_are_shown_as_words(app: Flask, value: object, text: str) -> None:
    with app.test_request_context(), force_locale("en"):
        assert labels.value_text(value) == text


def test_an_act_of_a_newer_version_is_shown_as_it_is() -> None:
    assert labels.action_label("thing.done") == "thing.done"


def test_the_page_shows_words_and_is_searched_by_them(app: Flask, world: World) -> None:
    browser = Browser(app, "admin")
    browser.post("/language", locale="en")
    page = browser.get("/audit/").text
    assert "Signed in" in page
    assert "<code>sign_in</code>" not in page
    found = browser.get("/audit/?q=signed+in").text
    assert "Signed in" in found
