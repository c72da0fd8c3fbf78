"""Where the files that come with the product lie."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def top_folder(name: str) -> Path:
    """A top-level folder of the repository, or its copy inside an installed wheel."""
    beside = PACKAGE.parent / name
    return beside if beside.is_dir() else PACKAGE / "_bundled" / name
