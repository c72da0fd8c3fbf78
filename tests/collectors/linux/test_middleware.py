"""Services and containers: what systemd and the engine say, and what is judged of it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.checks import judge
from collectors.errors import ParseError
from collectors.facts.linux import facts_from_linux
from collectors.facts.linux.middleware import parse_containers, parse_services
from collectors.model import Exchange, Finding, Target
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import BY_NAME

# systemctl 252 (Debian 12) and, for kafka, 219 (CentOS 7), which writes sizes that are not there as 2^64-1.
SHOWN = """\
Id=nginx.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
MemoryCurrent=13791232
MemoryMax=infinity

Id=httpd.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
MemoryCurrent=[not set]
MemoryMax=infinity

Id=redis-server.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
MemoryCurrent=966367641
MemoryMax=1073741824

Id=kafka.service
LoadState=loaded
ActiveState=inactive
SubState=dead
UnitFileState=enabled
ConditionResult=no
ConditionTimestamp=
MemoryCurrent=18446744073709551615

Id=tomcat9.service
LoadState=loaded
ActiveState=failed
SubState=failed
UnitFileState=disabled

Id=mariadb.service
LoadState=loaded
ActiveState=inactive
SubState=dead
UnitFileState=disabled

Id=keepalived.service
LoadState=loaded
ActiveState=inactive
SubState=dead
UnitFileState=enabled
ConditionResult=no
ConditionTimestamp=Thu 2026-11-26 08:00:00 CST

Id=haproxy.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
UnitFileState=enabled

Id=redis-server.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
"""
CONTAINERS = (
    "web\tUp 3 hours\ndb\tUp 2 days (healthy)\napi\tUp 5 minutes (unhealthy)\nold\tExited (0) 3 weeks ago\n"
    "loop\tRestarting (1) 5 seconds ago\nsleeper\tUp 2 days (Paused)\nnew\tCreated\n"
)


def judged(section: str, exchange: Exchange | None = None, **texts: str) -> dict[tuple[str, str], Finding]:
    asked = (
        [exchange]
        if exchange
        else [
            Exchange("ssh", BY_NAME[name].command, text.encode(), exit_status=0)
            for name, text in texts.items()
        ]
    )
    facts = facts_from_linux(asked)
    found = judge(facts, Target("1", "h", ()), datetime.now(UTC))
    return {(one.check, one.item): one for one in found if one.check.startswith(section)}


def test_enabled_services_run_and_have_memory_left() -> None:
    found = judged("service", services=SHOWN)
    assert {key: one.outcome for key, one in found.items()} == {
        ("service_state", "nginx"): Outcome.OK, ("service_state", "redis-server"): Outcome.OK,
        ("service_state", "kafka"): Outcome.CRITICAL, ("service_state", "tomcat9"): Outcome.CRITICAL,
        ("service_state", "haproxy"): Outcome.WARNING, ("service_memory", "redis-server"): Outcome.CRITICAL,
    }  # fmt: skip
    assert found["service_memory", "redis-server"].value == 90.0
    assert found["service_state", "kafka"].evidence is not None


def test_containers_that_run_and_those_that_cannot() -> None:
    found = judged("container", containers=CONTAINERS)
    assert {item: one.outcome for (_, item), one in found.items()} == {
        "web": Outcome.OK, "db": Outcome.OK, "api": Outcome.CRITICAL, "loop": Outcome.CRITICAL,
        "sleeper": Outcome.WARNING,
    }  # fmt: skip


def test_an_engine_that_may_not_be_asked_says_so() -> None:
    complaint = b"permission denied while trying to connect to the Docker daemon socket"
    told = Exchange("ssh", BY_NAME["containers"].command, b"", exit_status=1, stderr=complaint)
    (found,) = judged("container", told).values()
    assert found.outcome is Outcome.UNSUPPORTED
    assert "may not read" in str(found.message)


def test_a_host_without_any_of_them_has_nothing_of_the_kind() -> None:
    (found,) = judged(
        "service_state", services=SHOWN[SHOWN.index("Id=httpd") : SHOWN.index("Id=redis")]
    ).values()
    assert found.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("text", ["nonsense", "Id=x.service\n\n", "ActiveState=active\n\n"])
def test_an_answer_of_another_form_is_no_answer(text: str) -> None:
    with pytest.raises(ParseError):
        parse_services(text)


def test_rows_of_another_form_are_no_containers() -> None:
    with pytest.raises(ParseError):
        parse_containers("Cannot connect to the Docker daemon\n")
    assert len(parse_containers("a\tUp\n" * 600)) == 500


@given(st.text(max_size=300))
def test_whatever_is_said_is_read_or_refused(text: str) -> None:
    for parse in (parse_services, parse_containers):
        with contextlib.suppress(ParseError):
            assert isinstance(parse(text), tuple)


@pytest.mark.skipif(shutil.which("systemctl") is None, reason="systemd is not installed")
def test_the_command_is_one_that_systemctl_takes() -> None:
    done = subprocess.run(
        ["sh", "-c", BY_NAME["services"].command], capture_output=True, text=True, timeout=30
    )
    assert "invalid" not in done.stderr.lower()
    assert "unrecognized" not in done.stderr.lower()
