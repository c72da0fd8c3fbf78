"""Draw the tables of workflows: ``python scripts/workflow_docs.py [check]`` writes docs/workflows.md.

What the page's buttons follow is what is drawn: nothing here is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from servicedesk.tickets.workflow import COMMON_INPUT, Transition, Workflow
from servicedesk.tickets.workflows import WORKFLOWS

TARGET = Path(__file__).resolve().parents[1] / "docs" / "workflows.md"
HEAD = """# Workflows

Made from the tables in `servicedesk/tickets/workflows/` by `make docs`; the buttons, forms and tests follow
the same tables.
"""
FOOT = "\\* only where it makes sense, or when nothing stands against it; the page says what does.\n"


def diagram(workflow: Workflow) -> Iterator[str]:
    """A state diagram in Mermaid, which code hosts draw."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in workflow.states:
        yield f"    {state.name} : {state.label}"
    yield f"    [*] --> {workflow.initial}"
    for arrow in workflow.transitions:
        for source in arrow.sources:
            yield f"    {source} --> {arrow.target} : {arrow.label}"
    for state in workflow.states:
        if not workflow.from_state(state.name):
            yield f"    {state.name} --> [*]"
    yield "```"


def table(workflow: Workflow) -> Iterator[str]:
    """Every arrow with who may take it and what it asks for."""
    yield "| arrow | from | to | who | needs | may be given |"
    yield "|---|---|---|---|---|---|"
    for arrow in workflow.transitions:
        who = "by the system" if arrow.hidden else ", ".join(one.value.replace("_", " ") for one in arrow.who)
        sources = ", ".join(str(workflow.by_state[name].label) for name in arrow.sources)
        target = workflow.by_state[arrow.target].label
        needs, may = (", ".join(named(workflow, names)) for names in (arrow.requires, arrow.asks))
        yield f"| {arrow.label}{condition(arrow)} | {sources} | {target} | {who} | {needs} | {may} |"


def condition(arrow: Transition) -> str:
    """A sign for what does not always hold."""
    return "\\*" if arrow.guard or arrow.applies or arrow.after else ""


def named(workflow: Workflow, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        yield name if name in COMMON_INPUT else str(workflow.by_field[name].label)


def fields(workflow: Workflow) -> Iterator[str]:
    """The category's own fields and where they are open."""
    if not workflow.fields:
        return
    yield "| field | kind | asked at the beginning | open for change in |"
    yield "|---|---|---|---|"
    for item in workflow.fields:
        states = ", ".join(str(state.label) for state in workflow.states if item.name in state.editable)
        early = ("yes, required" if item.required else "yes") if item.early else ""
        yield f"| {item.label} | {item.kind} | {early} | {states} |"


def document() -> str:
    """The whole page."""
    parts = [HEAD]
    for workflow in WORKFLOWS.values():
        parts.append(f"## {workflow.label}\n")
        parts += ["\n".join(block) + "\n" for block in (diagram(workflow), table(workflow), fields(workflow))]
    parts.append(FOOT)
    return "\n".join(part for part in parts if part.strip())


def main() -> int:
    """Status 1 when a check finds another text than the tables give."""
    text = document()
    if "check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET.name} differs from the tables. Run: make docs", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
