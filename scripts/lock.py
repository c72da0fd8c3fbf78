"""Renew the lock files: ``python scripts/lock.py``; hashes for every platform, no download address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {
    "requirements-dev.lock": ["--extra", "server", "--extra", "dev"],
    # The same versions, so that tests run what is shipped.
    "requirements.lock": ["--extra", "server", "--constraint", "requirements-dev.lock"],
}


def main() -> int:
    """Compile both; versions that still fit are kept, as uv does with an existing file."""
    for name, extras in LOCKS.items():
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-header", "--no-emit-index-url", *extras]
        command += ["pyproject.toml", "--output-file", name]
        done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False)
        if done.returncode != 0:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
