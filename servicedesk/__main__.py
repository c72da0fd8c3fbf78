"""``python -m servicedesk``: the command line, where the script is not on the path."""

from __future__ import annotations

from servicedesk.cli import main

if __name__ == "__main__":
    main(prog_name="servicedesk")
