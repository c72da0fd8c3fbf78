"""Set-up on a fresh machine: virtual environment, locked packages, front-end libraries, translations.

``python3 scripts/prepare.py [--dev]``. Uses the standard library alone, does only what is missing, and
can be interrupted: a step that did not end is done again.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
MINIMUM = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


class PrepareError(Exception):
    """A step failed; the sentence says why and what to do."""


def require_python() -> None:
    """Go on with a newer Python of this machine when this one is too old."""
    if sys.version_info >= MINIMUM:
        return
    for name in NEWER:
        try:
            os.execvp(name, [name, *sys.argv])
        except OSError:
            continue
    raise PrepareError(
        f"Python {MINIMUM[0]}.{MINIMUM[1]} or newer is needed, this is {sys.version.split()[0]}. "
        "Install one (Debian, Ubuntu: apt install python3.11)."
    )


def python() -> Path:
    """The virtual environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment() -> None:
    """Make .venv, or make it anew when its Python is gone."""
    if python().exists() and run([str(python()), "-c", "import pip"], quiet=True):
        return
    print("Making the virtual environment …", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        if "ensurepip" in done.stdout + done.stderr:
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise PrepareError(
                f"Python's venv module is incomplete here. Debian, Ubuntu: apt install python{version}-venv"
            )
        raise PrepareError(
            f"The virtual environment could not be made: {(done.stderr or done.stdout).strip()}"
        )


def fingerprint(lock: Path) -> str:
    """What the installed packages depend on."""
    digest = hashlib.sha256()
    for path in (lock, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def install(dev: bool) -> None:
    """Install the lock file's packages, checked against their hashes, and this project itself."""
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    wanted = fingerprint(lock)
    full, own = VENV / ".stamp-dev", VENV / (".stamp-dev" if dev else ".stamp")
    if any(stamp.exists() and stamp.read_text() == wanted for stamp in {own}):
        return
    if not dev and full.exists() and full.read_text() == fingerprint(ROOT / "requirements-dev.lock"):
        return  # the development set holds everything
    print(f"Installing packages of {lock.name} …", flush=True)
    pip = [str(python()), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # The lock file is complete. Without --no-deps, pip looks for the newest release of what a package asks
    # for with an extra (coverage[toml]) and refuses it for want of a hash (pip 23).
    if not run([*pip, "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(lock)]):
        raise PrepareError(
            "The packages could not be installed. Is the package index reachable? Then try again."
        )
    if not run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]):
        raise PrepareError("The project itself could not be installed; the reason is above.")
    own.write_text(wanted)


def run(command: list[str], quiet: bool = False) -> bool:
    """Whether the command ended well."""
    return subprocess.run(command, cwd=ROOT, capture_output=quiet, check=False).returncode == 0


def main() -> int:
    """Do what is missing; the exit status is 1 with one sentence when something cannot be done."""
    began = time.monotonic()
    try:
        require_python()
        make_environment()
        install("--dev" in sys.argv[1:])
    except PrepareError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    for script in (["scripts/assets.py"], ["scripts/translations.py", "compile"]):
        if not run([str(python()), *script]):
            return 1
    if time.monotonic() - began > 10:
        print(f"Ready after {time.monotonic() - began:.0f} s.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
