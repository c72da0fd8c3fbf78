"""Commands that people add for hosts: what may be asked, and that it is asked and judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ssh_helpers import visited_host

from collectors.model import Levels, OwnCheck
from collectors.outcome import Outcome
from collectors.own import command_lines, refuse_command
from collectors.platforms.cli_guard import CommandRefusedError
from collectors.platforms.host_guard import HOSTS
from collectors.simulator.linux_host import Answer, SimulatedHost

GRAMMAR = HOSTS["linux"]

READS = (
    "cat /proc/sys/fs/file-nr",
    "tail -n 5 /var/log/backup.log",
    "grep -c ERROR /var/log/app/app.log",
    "systemctl is-active nginx",
    "ss -tln",
    "df -h /data",
    "ip -br addr show dev eth0",
    "smartctl -H -A /dev/sda",
    "ipmitool sel list",
    "openssl x509 -noout -enddate -in /etc/nginx/tls/site.crt",
    "date +%s",
    "lssrc -s xntpd",
    "stat -c %Y /backup/last.tar",
)
REFUSED = (
    "rm -rf /",
    "cat /etc/shadow",
    "cat /etc/../etc/shadow",
    "cat /root/.ssh/id_ed25519",
    "cat /etc/nginx/tls/site.key",
    "cat /proc/1/environ",
    "cat /proc/1/cmdline",
    "cat /etc/security/passwd",
    "cat /opt/app/db_password.txt",
    "cat /dev/sda",
    "cat relative",
    "cat",
    "grep -r x /",
    "grep -f /etc/shadow /etc/hosts",
    "tail -f /var/log/syslog",
    "systemctl stop nginx",
    "systemctl show nginx",
    "ipmitool sel clear",
    "ipmitool power off",
    "ip link set eth0 down",
    "sysctl -w kernel.x=1",
    "sysctl kernel.x=1",
    "date -s 10:00",
    "mount /dev/sda1 /mnt",
    "smartctl -t long /dev/sda",
    "zpool scrub tank",
    "docker exec x sh",
    "mdadm --stop /dev/md0",
    "cat /etc/hosts; reboot",
    "cat /etc/hosts | sh",
    "cat /etc/hosts > /tmp/x",
    "cat $(id)",
    "cat `id`",
    "cat /etc/*",
    "cat /etc/hosts\nreboot",
    "cat  /etc/hosts",
    " cat /etc/hosts",
    "/bin/cat /etc/hosts",
    "CAT /etc/hosts",
    "cat /etc/hosts\x00",
    "cat /etc/höst",
    "find / -delete",
    "ps auxe",
    "sed -i s/a/b/ /etc/hosts",
    "awk 1 /etc/hosts",
    "curl http://127.0.0.1/",
    "cat /" + "a" * 300,
    "",
)


@pytest.mark.parametrize("command", READS)
def test_what_reads_may_be_asked(command: str) -> None:
    assert GRAMMAR.permits(command)
    assert refuse_command(command, ["linux"]) == ""


@pytest.mark.parametrize("command", REFUSED)
def test_what_does_more_or_shows_secrets_may_not(command: str) -> None:
    assert not GRAMMAR.permits(command)
    assert refuse_command(command, ["linux"])
    with pytest.raises(CommandRefusedError):
        GRAMMAR.require(command)


@given(st.text(alphabet=st.sampled_from("catgrep /.-;|&<>$`'\"\\*?[]{}()!~#\n\t=:"), max_size=40))
def test_nothing_a_shell_takes_as_its_own_is_permitted(text: str) -> None:
    for program in ("cat", "grep", "ls", "systemctl"):
        if GRAMMAR.permits(f"{program} {text}"):
            assert not set(text) & set(";|&<>$`'\"\\*?[]{}()!~#\n\t")


def own(name: str, question: str, pattern: str, **more: object) -> OwnCheck:
    return OwnCheck(name, name, "command", question, ("linux",), pattern=pattern, **more)  # type: ignore[arg-type]


LOG = own("own:1", "grep -c ERROR /var/log/app.log", r"(?P<value>\d+)", levels=Levels(critical_upper=10))
NGINX = own(
    "own:2", "systemctl is-active nginx", r"(?P<value>\w+)", states=(("active", "ok"), ("failed", "critical"))
)
REBOOT = own("own:3", "reboot", r"(?P<value>.*)")


def test_a_host_is_asked_with_everything_else_in_one_program() -> None:
    answers = {"own_0": Answer("17\n"), "own_1": Answer("failed\n", status="3")}
    found = visited_host(SimulatedHost(overrides=answers), LOG, NGINX, REBOOT)
    mine = {f.check: f for f in found.findings if f.check.startswith("own:")}
    assert (mine["own:1"].outcome, mine["own:1"].value) == (Outcome.CRITICAL, 17)
    assert mine["own:2"].outcome is Outcome.CRITICAL
    assert mine["own:3"].outcome is Outcome.NOT_INSPECTED  # never sent
    asked = [exchange.question for exchange in found.transcript.exchanges]
    assert "reboot" not in asked
    assert asked[-1] == "date '+%s %z'"  # nearest to the moment the answer is printed
    assert found.facts.storage
    assert found.transcript.platform == "linux"


def test_a_trial_asks_for_nothing_else() -> None:
    found = visited_host(SimulatedHost(overrides={"own_0": Answer("3\n")}), LOG, only_own=True)
    assert [exchange.question for exchange in found.transcript.exchanges] == [LOG.question, "uname -srm"]
    (finding,) = [f for f in found.findings if f.check == "own:1"]
    assert (finding.outcome, finding.value) == (Outcome.OK, 3)


def test_a_program_the_host_has_not_is_said() -> None:
    found = visited_host(SimulatedHost(overrides={"own_0": Answer(status="missing")}), LOG)
    (finding,) = [f for f in found.findings if f.check == "own:1"]
    assert finding.outcome is Outcome.UNSUPPORTED


def test_hosts_are_offered_beside_command_lines_of_network_gear() -> None:
    assert {"linux", "aix", "huawei_vrp", "cisco_ios"} <= set(command_lines())
    assert "generic" not in command_lines()
