"""``servicedesk runbook``: whether runbook files are right, before anybody follows them."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console


@click.group()
def runbook() -> None:
    """Runbooks as files."""


@runbook.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def lint(files: tuple[Path, ...]) -> None:
    """Check FILES, or all runbooks of this installation; exit status 1 when any has a problem."""
    from servicedesk.core.folders import top_folder
    from servicedesk.runbooks.library import known
    from servicedesk.runbooks.linting import lint_file

    paths = files or tuple(sorted(top_folder("runbooks").glob("*.md")))
    console = Console(file=sys.stdout, soft_wrap=True, highlight=False)
    allowed = known()
    wrong = 0
    for path in paths:
        found, problems = lint_file(path, allowed)
        wrong += bool(problems)
        for problem in problems:
            console.print(f"{path}:{problem.line}:", problem.message, markup=False, style="red")
        if found is not None:
            console.print(f"{path}: {len(found.steps)} steps", markup=False, style="green")
    console.print(f"{len(paths)} files, {wrong} with problems", style="bold")
    if wrong or not paths:
        sys.exit(1)
