"""Visits to Net-SNMP's agent, as Debian ships it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from snmp_helpers import IF_TABLE, visit, walk_of

from collectors.model import SnmpAccess
from collectors.outcome import Outcome

pytestmark = pytest.mark.snmpd

PASSWORD, SECRET = "inspect-me-auth", "inspect-me-priv"
CONFIG = f"""\
rocommunity public 127.0.0.1
createUser inspector SHA "{PASSWORD}" AES "{SECRET}"
createUser strong SHA-512 "{PASSWORD}" AES-256 "{SECRET}"
rouser inspector authpriv
rouser strong authpriv
sysLocation 机房一
sysContact ops@example.com
sysName real-host
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A running agent's port."""
    program = shutil.which("snmpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("snmpd is needed: apt-get install snmpd")
        pytest.skip("snmpd is not installed: apt-get install snmpd")
    folder = tmp_path_factory.mktemp("snmpd")
    config = folder / "snmpd.conf"
    config.write_text(CONFIG)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    command = [program, "-f", "-Ln", "-C", "-c", str(config), "-p", str(folder / "pid")]
    environment = {
        "PATH": "/usr/bin:/bin",
        "MIBS": "",
        "SNMP_PERSISTENT_DIR": str(folder / "state"),
        "SNMPCONFPATH": str(folder),
    }
    log = (folder / "log").open("wb")
    agent = subprocess.Popen(
        [*command, f"udp:127.0.0.1:{number}"], env=environment, stdout=log, stderr=log, cwd=folder
    )
    try:
        _wait_for(number, agent, folder / "log")
        yield number
    finally:
        agent.terminate()
        agent.wait(10)
        log.close()


def _wait_for(number: int, agent: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and agent.poll() is None:
        if visit(_v2(number, timeout_s=0.3, retries=0)).outcome is Outcome.OK:
            return
        time.sleep(0.05)
    pytest.fail(f"snmpd did not start: {log.read_text(errors='replace')[-2000:]}")


def _v2(port: int, **values: object) -> SnmpAccess:
    given: dict[str, object] = {"port": port, "timeout_s": 1.0, "retries": 1}
    return SnmpAccess(**(given | values))  # type: ignore[arg-type]  # tests name them


def _v3(port: int, **values: object) -> SnmpAccess:
    given: dict[str, object] = {
        "version": "3",
        "user": "inspector",
        "auth_protocol": "SHA",
        "auth_key": PASSWORD,
        "priv_protocol": "AES",
        "priv_key": SECRET,
        "retries": 0,
    }
    return _v2(port, **(given | values))


def _names(answer: bytes) -> list[str]:
    return [line.split("|")[0] for line in answer.decode().splitlines()]


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_community_reads_the_system_and_the_interfaces(port: int, version: str) -> None:
    result = visit(_v2(port, version=version))
    assert (result.outcome, result.error) == (Outcome.OK, "")
    system = result.exchanges[0].answer.decode().splitlines()
    assert "1.3.6.1.2.1.1.5.0|4|real-host" in system
    assert "1.3.6.1.2.1.1.6.0|4|机房一" in system
    assert any(line.startswith("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.") for line in system)
    assert any(name.startswith(f"{IF_TABLE}.1.2.") for name in _names(walk_of(result, IF_TABLE).answer))


def test_a_wrong_community_is_silence(port: int) -> None:
    result = visit(_v2(port, community="wrong", timeout_s=0.2))
    assert (result.outcome, "community" in result.error) == (Outcome.UNREACHABLE, True)


@pytest.mark.parametrize(
    "values", [{}, {"user": "strong", "auth_protocol": "SHA512", "priv_protocol": "AES256"}]
)
def test_version_3_reads_the_same_objects_as_2c(port: int, values: dict[str, object]) -> None:
    result = visit(_v3(port, **values))
    assert (result.outcome, result.error) == (Outcome.OK, "")
    assert result.session["snmp.security_level"] == "authPriv"
    theirs = walk_of(visit(_v2(port)), IF_TABLE)
    assert _names(walk_of(result, IF_TABLE).answer) == _names(theirs.answer)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"auth_key": "wrong-password"}, "authentication password"),
        ({"priv_key": "wrong-password"}, "Check user, passwords"),
        ({"user": "stranger"}, "does not know the user"),
        ({"priv_protocol": ""}, "authorizationError"),
    ],
)
def test_a_wrong_version_3_credential_is_refused(port: int, values: dict[str, object], reason: str) -> None:
    result = visit(_v3(port, **values))
    assert result.outcome is Outcome.AUTH_FAILED
    assert b"".join(exchange.answer for exchange in result.exchanges) == b""
    assert reason in result.error
