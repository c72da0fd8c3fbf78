"""A whole site in one process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from snmp_helpers import visit

from collectors import runner
from collectors.errors import ParseError
from collectors.model import SnmpAccess, SshAccess, Target
from collectors.outcome import Outcome
from collectors.simulator.__main__ import main
from collectors.simulator.schedule import FaultTimes
from collectors.simulator.site import Site, host_key_of, read_site
from collectors.transports import ssh
from tests.support.waiting import SOON_S

SITE = [
    {"name": "sw-1", "transport": "snmp", "kind": "switch", "seed": 1},
    {
        "name": "ups-1",
        "transport": "snmp",
        "kind": "ups",
        "seed": 2,
        "community": "power",
        "faults": [{"fault": "on_battery", "every_s": 600, "for_s": 200, "phase_s": 0}],
    },
    {"name": "app01", "transport": "ssh", "kind": "linux", "seed": 3, "users": {"ops": "ops-password"}},
]


def test_a_fault_comes_and_goes_by_the_clock() -> None:
    times = FaultTimes("hot", every_s=600, for_s=200, phase_s=100)
    assert [times.active(t) for t in (0, 100, 299, 300, 699, 700)] == [False, True, True, False, False, True]
    assert times.active_s(0, 100) == 0
    assert times.active_s(0, 250) == 150
    assert times.active_s(0, 1300) == 400
    assert FaultTimes("hot").active(5)
    assert FaultTimes("hot").active_s(5, 9) == 4


def test_a_site_answers_over_both_transports() -> None:
    now = [6000.0]
    with Site(read_site(json.dumps(SITE)), clock=lambda: now[0]) as site:
        ports = {spec.name: site.port_of(spec) for spec in site.specs}
        switch = visit(SnmpAccess(port=ports["sw-1"], timeout_s=1.0))
        assert (switch.outcome, len(switch.exchanges) > 10) == (Outcome.OK, True)
        source = b"1.3.6.1.2.1.33.1.4.1.0|2|5"
        power = visit(SnmpAccess(port=ports["ups-1"], community="power", timeout_s=1.0))
        assert any(source in exchange.answer for exchange in power.exchanges)
        key = host_key_of("app01", 3)
        access = SshAccess(
            ports["app01"], "ops", "ops-password", host_keys=(f"{key.get_name()} {key.get_base64()}",)
        )
        target = Target("t", "127.0.0.1", (access,))
        assert ssh.visit(target, access, deadline=time.monotonic() + 20).outcome is Outcome.OK


def test_a_hosts_faults_follow_the_clock() -> None:
    now = [0.0]
    text = json.dumps(
        [
            {
                "name": "app01",
                "transport": "ssh",
                "kind": "linux",
                "faults": [{"fault": "disk_full", "every_s": 100, "for_s": 50}],
            }
        ]
    )
    site = Site(read_site(text), clock=lambda: now[0])
    host = site._servers["app01"].host
    assert host.faults == {"disk_full"}  # type: ignore[union-attr]
    now[0] = 60.0
    site.tick()
    assert host.faults == set()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("{}", "list"),
        ("[3]", "number 1"),
        ('[{"seed": 1}]', "name"),
        ('[{"name": "a", "transport": "telnet"}]', "telnet"),
        ('[{"name": "a", "kind": "toaster"}]', "toaster"),
        ('[{"name": "a", "colour": "red"}]', "colour"),
        ('[{"name": "a", "faults": [{"fault": "on_fire"}]}]', "on_fire"),
        ('[{"name": "a", "faults": [{"fault": "hot", "every_s": 5, "for_s": 9}]}]', "every_s"),
    ],
)
def test_a_wrong_file_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        read_site(text)


def test_an_address_beyond_loopback_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.json"
    file.write_text('[{"name": "a", "address": "0.0.0.0"}]')
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    assert main([str(file)]) == 2
    for number, handler in before.items():
        signal.signal(number, handler)
    assert "loopback" in capsys.readouterr().err


def test_forty_devices_start_quickly_and_end_with_a_signal(tmp_path: Path) -> None:
    kinds = ["switch", "router", "firewall", "ups", "pdu", "printer", "nas", "aircon", "linux"]
    devices = [{"name": f"d{n}", "kind": kinds[n % len(kinds)], "seed": n, "port": 0} for n in range(30)]
    devices += [{"name": f"h{n}", "transport": "ssh", "kind": "linux", "seed": n} for n in range(10)]
    file = tmp_path / "site.json"
    file.write_text(json.dumps(devices))
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "collectors.simulator", str(file), "--print-ports"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    try:
        assert process.stdout is not None
        filled = json.loads(process.stdout.readline())
        assert process.stdout.readline() == "ready: 40 simulated devices\n"
        assert time.monotonic() - started < SOON_S
        assert all(device["port"] > 0 for device in filled)
        assert filled[-1]["host_key"].startswith("ssh-ed25519 ")
        for device in filled[:9]:
            assert visit(SnmpAccess(port=device["port"], timeout_s=2.0)).outcome is Outcome.OK
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_the_file_comes_back_with_ports_and_can_be_used_again() -> None:
    text = json.dumps(SITE)
    with Site(read_site(text)) as site:
        filled = site.document(text)
    assert [device["port"] > 0 for device in json.loads(filled)] == [True] * 3
    assert [spec.name for spec in read_site(filled)] == ["sw-1", "ups-1", "app01"]


def test_a_port_that_is_taken_starts_nothing() -> None:
    with Site(read_site(json.dumps(SITE))) as site:
        taken = json.dumps([{**SITE[2], "port": 0}, {**SITE[0], "port": site.port_of(site.specs[0])}])
        with pytest.raises(OSError, match="in use"):
            Site(read_site(taken)).start()


def test_two_devices_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        Site(read_site(json.dumps([SITE[0], SITE[0]])))


def test_network_gear_answers_by_its_command_line() -> None:
    site = Site(read_site(json.dumps([{"name": "sw-1", "transport": "ssh", "kind": "huawei_vrp"}])))
    with site:
        (spec,) = site.specs
        (described,) = json.loads(site.document(json.dumps([{"name": "sw-1"}])))
        access = SshAccess(site.port_of(spec), "inspector", "inspect-me", host_keys=(described["host_key"],))
        visit = runner.visit(Target("sw-1", spec.address, (access,)))
    assert visit.facts.identity.platform == "huawei_vrp"
    assert visit.facts.identity.name == "sw-1"


def test_network_gear_has_no_faults_of_hosts() -> None:
    device = {"name": "sw-1", "transport": "ssh", "kind": "huawei_vrp", "faults": [{"fault": "disk_full"}]}
    with pytest.raises(ParseError, match="unknown faults"):
        read_site(json.dumps([device]))
