"""Which programs of the system the tests use; a group without its program is skipped and named at the end.

With ``CI`` set, a missing program is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test is timed: a machine with other work to do is no error.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]


def program(name: str) -> str | None:
    """Where a program lies, also in the places of system services."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/local/sbin")


def postgres_folder() -> Path | None:
    """The newest PostgreSQL server programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def recordings_folder() -> Path | None:
    """The recordings of real devices that lie beside the checkout on some machines."""
    for path in (os.environ.get("COLLECTOR_RECORDINGS"), ROOT.parent / "shared" / "data"):
        if path and (Path(path) / "snmp").is_dir():
            return Path(path)
    return None


# marker -> (is it here, how to get it)
COMPONENTS = {
    "sshd": (lambda: program("sshd"), "apt-get install openssh-server"),
    "snmpd": (lambda: program("snmpd"), "apt-get install snmpd"),
    "dovecot": (lambda: program("dovecot"), "apt-get install dovecot-imapd"),
    "redis": (lambda: program("redis-server"), "apt-get install redis-server"),
    "postgres": (postgres_folder, "apt-get install postgresql"),
    "mariadb": (lambda: program("mariadbd"), "apt-get install mariadb-server"),
    "pgbackrest": (lambda: program("pgbackrest"), "apt-get install pgbackrest"),
    "browser": (lambda: program("chromium"), "apt-get install chromium fonts-noto-cjk"),
    "poppler": (lambda: program("pdftotext"), "apt-get install poppler-utils"),
    "libreoffice": (lambda: program("soffice"), "apt-get install libreoffice-writer-nogui"),
    "recordings": (recordings_folder, "set COLLECTOR_RECORDINGS to a folder with snmp/*.snmprec"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker, (find, command) in COMPONENTS.items():
            if item.get_closest_marker(marker) is None or find():
                continue
            # Recordings are no program: they are not part of the project and may be anywhere or nowhere.
            if os.environ.get("CI") and marker != "recordings":
                item.stash[_FAILS] = f"{marker} is missing: {command}"
            else:
                item.add_marker(pytest.mark.skip(reason=f"{marker} is missing: {command}"))


_FAILS = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    reason = item.stash.get(_FAILS, None)
    if reason is not None:
        pytest.fail(reason, pytrace=False)
    return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # From the reports, since those of other processes arrive here too.
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())]
    for marker, (_find, command) in sorted(COMPONENTS.items()):
        count = sum(f"{marker} is missing" in reason for reason in reasons)
        if count:
            terminalreporter.write_line(
                f"{count} tests of group {marker!r} did not run. To enable: {command}"
            )
