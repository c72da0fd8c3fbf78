"""Hillstone StoneOS on the command line; answers written after the maker's guide: no real device was seen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.assembly import name_in_prompt
from collectors.facts.cli.hillstone import hardware, system
from collectors.facts.cli.rows import Rows
from collectors.facts.host import Licence
from collectors.model import Component, Identity, Interface, MemoryPool, Processor, Sensor
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import by_answer, by_prompt, complaint, dialects
from collectors.simulator.cli_persona import PERSONAS, outputs_of

ANSWERS = outputs_of("hillstone_stoneos", "fw")


def facts(rows: Rows, kind: type) -> list[object]:
    return [fact for row in rows for fact in row.facts if isinstance(fact, kind)]


def sensors(rows: Rows) -> list[Sensor]:
    return [one for one in facts(rows, Sensor) if isinstance(one, Sensor)]


@pytest.mark.parametrize("prompt", ["SG-6000#", "fw-1(M0D1)#", "fw-1(D0M1)#", "fw_1(M)#"])
def test_a_unit_of_a_pair_shows_its_role_beside_its_name(prompt: str) -> None:
    assert "hillstone_stoneos" in [one.name for one in by_prompt(prompt)]
    assert name_in_prompt(prompt) == prompt.partition("(")[0].rstrip("#")


@pytest.mark.parametrize("prompt", ["fw-1(config)#", "fw-1(config-if-eth0/0)#"])
def test_a_command_line_that_configures_is_not_taken_for_one_that_asks(prompt: str) -> None:
    assert "hillstone_stoneos" not in [one.name for one in by_prompt(prompt)]


def test_it_is_told_by_its_version_and_not_taken_for_another_that_is_asked_the_same() -> None:
    found = by_answer("show version", ANSWERS["show version"])
    assert found is not None
    assert found.name == "hillstone_stoneos"
    for other in ("cisco_ios", "cisco_asa", "ruijie_os"):
        told = by_answer("show version", outputs_of(other, "x")["show version"])
        assert told is not None
        assert told.name == other


@pytest.mark.parametrize(
    "words",
    [
        PERSONAS["hillstone_stoneos"].unknown,
        "       ^-----incomplete command",
        "Unrecognized command",
        "Incomplete command",
        "Ambiguous command",
    ],
)
def test_an_unknown_command_is_no_answer(words: str) -> None:
    found = complaint(dialects()["hillstone_stoneos"], words)
    assert found is not None
    assert found[0] is Outcome.UNSUPPORTED


@pytest.mark.parametrize(
    "command",
    [
        "show configuration", "show conf", "show configuration running", "show admin user", "show user",
        "show pki key", "show isakmp proposal", "show file", "show cloud-deploy accesskey",
        "show tech-support", "show version | redirect x", "exec ha master switch-over",
        "exec license uninstall IPS",
        "clear mac", "configure", "reboot", "save", "save all", "import patch from ftp",
        "export configuration", "terminal length 256", "send gratuitous-arp interface ethernet0/0",
    ],
)  # fmt: skip
def test_what_acts_or_prints_secrets_is_refused(command: str) -> None:
    assert not dialects()["hillstone_stoneos"].grammar.permits(command)


@pytest.mark.parametrize(
    "command", ["show ip route", "show ha group 0", "show arp generic", "terminal length 0"]
)
def test_what_reads_is_permitted(command: str) -> None:
    assert dialects()["hillstone_stoneos"].grammar.permits(command)


@pytest.mark.parametrize(
    ("boot", "version"),
    [
        ("SG6000-XN-5.5R12F2B5-v6", "5.5R12F2B5"),
        ("SG6000-AX-5.5R8-3.5-v6", "5.5R8-3.5"),
        ("SG6000-CloudEdge-5.5R1P7.1-kvm", "5.5R1P7.1"),
        ("SG6000-M-5.5R6P4.bin from flash", "5.5R6P4"),
        ("SG6000-ADNV-MX_MAIN-V6-t0419 from flash", "5.5"),
    ],
)
def test_the_release_is_in_the_name_of_the_boot_file(boot: str, version: str) -> None:
    rows = system.parse_version(
        "Hillstone StoneOS software, Version 5.5\nProduct name: SG-6000-VM01 S/N: 0010193200000031"
        f" Assembly number: 0000\nBoot file is {boot}\nUptime is 0 day 0 hour 29 minutes 48 seconds\n"
    )
    (identity,) = facts(rows, Identity)
    assert isinstance(identity, Identity)
    assert (identity.model, identity.serial, identity.version, identity.uptime_s) == (
        "SG-6000-VM01",
        "0010193200000031",
        version,
        1788,
    )
    with pytest.raises(ParseError):
        system.parse_version("Cisco IOS Software, Version 15.2")


def test_the_load_is_that_of_five_minutes_and_never_beyond_the_whole() -> None:
    (processor,) = facts(system.parse_cpu(ANSWERS["show cpu"]), Processor)
    assert isinstance(processor, Processor)
    assert processor.usage_percent == 6.4
    (moment,) = facts(system.parse_cpu("Current cpu utilization : 0.0%\n"), Processor)
    assert isinstance(moment, Processor)
    assert moment.usage_percent == 0.0
    for text in ("Average cpu utilization : 3%", "Last 5 minutes : 250%", "Last 5 minutes : .%"):
        with pytest.raises(ParseError):
            system.parse_cpu(text)


def test_memory_is_that_of_now_and_not_of_the_hours_below() -> None:
    (pool,) = facts(system.parse_memory(ANSWERS["show memory"]), MemoryPool)
    assert isinstance(pool, MemoryPool)
    assert (pool.used_percent, pool.total_bytes) == (31.49, 8099840 * 1024)
    for sizes in ("0 0 0", "100 200 0"):
        with pytest.raises(ParseError):
            system.parse_memory(f"total(KB) used(KB) free(KB)\n{sizes}\n")


def test_ports_have_the_state_of_their_link_and_a_zone_may_have_two_words() -> None:
    ports = {
        one.name: one
        for one in facts(system.parse_interfaces(ANSWERS["show interface"]), Interface)
        if isinstance(one, Interface)
    }
    assert {name: (one.admin_status, one.oper_status) for name, one in ports.items()} == {
        "aggregate1": ("up", "up"),
        "tunnel1": ("up", "up"),
        "vswitchif1": ("up", "down"),
        "ethernet0/0": ("up", "up"),
        "ethernet0/1": ("up", "down"),
        "ethernet0/2": ("down", "down"),
        "xethernet0/6": ("up", "up"),
    }
    assert ports["aggregate1"].addresses == ("192.0.2.1/24", "2001:db8::1/64")
    assert ports["xethernet0/6"].addresses == ()
    assert (ports["aggregate1"].alias, ports["tunnel1"].alias) == ("到核心交换机 core", "")
    assert [ports[name].type for name in ("aggregate1", "vswitchif1", "xethernet0/6")] == [
        "ieee8023adLag",
        "propVirtual",
        "ethernetCsmacd",
    ]


def test_the_table_of_earlier_releases_has_fewer_columns() -> None:
    (port,) = facts(
        system.parse_interfaces(
            "Interface name  IP address/mask  Zone name  H A L P MAC address     Description\n"
            "ethernet0/0:1   192.0.2.1/24     trust      U U K U 001c.5400.0031  ------\n"
        ),
        Interface,
    )
    assert isinstance(port, Interface)
    assert (port.name, port.oper_status, port.alias, port.mac) == (
        "ethernet0/0:1",
        "up",
        "",
        "00:1c:54:00:00:31",
    )
    with pytest.raises(ParseError):
        system.parse_interfaces("Interface name\n")


def test_a_supply_that_failed_is_critical_and_ranges_are_the_device_s_own() -> None:
    rows = hardware.parse_environment(
        ANSWERS["show environment"].replace("PS1                       Fine", "PS1  Fail/No power")
    )
    states = {one.name: one.state_outcome for one in sensors(rows) if one.kind == "state"}
    assert states == {"Fan": Outcome.OK, "PS0": Outcome.OK, "PS1": Outcome.CRITICAL}
    measured = {(one.kind, one.name): one for one in sensors(rows) if one.kind != "state"}
    assert measured["temperature", "CPU"].limits.high_critical == 90
    assert measured["temperature", "CPU"].limits.low_critical is None
    voltage = measured["voltage", "CPU"]
    assert (voltage.value, voltage.limits.low_critical, voltage.limits.high_critical) == (1.004, 0.97, 1.03)


def test_columns_with_one_blank_between_them_are_read_too() -> None:
    rows = hardware.parse_environment(
        "Fan information:\nDescription Status\n------\nFan Fine\nFan2 wobbling\n"
        "Power information:\nPS1 Fail/No power\n"
    )
    assert {one.name: one.state_outcome for one in sensors(rows)} == {
        "Fan": Outcome.OK,
        "Fan2": Outcome.UNSUPPORTED,
        "PS1": Outcome.CRITICAL,
    }


@pytest.mark.parametrize(("word", "outcome"), [("normal", Outcome.OK), ("abnormal", Outcome.CRITICAL)])
def test_a_device_without_a_fan_tray_has_a_word_for_all(word: str, outcome: Outcome) -> None:
    (sensor,) = sensors(hardware.parse_environment(f"{word} state\n"))
    assert sensor.state_outcome is outcome
    with pytest.raises(ParseError):
        hardware.parse_environment("Description Status\n")


def test_an_empty_slot_is_neither_a_module_nor_a_fault() -> None:
    rows = hardware.parse_modules(
        ANSWERS["show module"] + "\n3    slot3        Offline      SSM-80  1705533000000431\n"
    )
    assert [one.name for one in facts(rows, Component) if isinstance(one, Component)] == [
        "slot1",
        "slot12",
        "slot3",
    ]
    assert {one.name: one.state_outcome for one in sensors(rows)} == {
        "slot1": Outcome.OK,
        "slot12": Outcome.OK,
        "slot3": Outcome.CRITICAL,
    }


def test_a_dark_module_has_no_light_and_keeps_its_warnings() -> None:
    text = ANSWERS["show transceiver"].replace("Rx optical power: -6.69", "Rx optical power: -40.00")
    measured = {(one.kind, one.name): one for one in sensors(hardware.parse_transceivers(text))}
    assert ("dbm", "xethernet0/6 receive") not in measured
    light = measured["dbm", "xethernet0/6 transmit"]
    assert (light.value, light.limits.low_warning, light.limits.high_warning) == (-2.55, -11, -2)
    bias = measured["current", "xethernet0/6 bias"]
    assert (bias.value, bias.limits.low_warning, bias.limits.high_warning) == (0.00559, 0.002, 0.014)
    assert hardware.parse_transceivers("Transceiver status information is shown as below:\n") == ()
    with pytest.raises(ParseError):
        hardware.parse_transceivers("something else")


def test_the_sessions_of_the_whole_device_count_and_its_size_is_the_limit() -> None:
    rows = system.parse_sessions(ANSWERS["show session generic"])
    assert [(one.kind, one.value, one.limits.high_critical) for one in sensors(rows)] == [
        ("count", 41250, 3825000),
        ("percent", 1.08, None),
    ]
    wrapped = "Device: max 100, alloc 100, deny session 0, free 0, tunnel 0,\nalloc failed 9\n"
    assert [one.value for one in sensors(system.parse_sessions(wrapped))] == [100, 100]
    for text in ("Device: max 0, alloc 0, deny session 0", "Device: max 5, alloc 9, deny session 0", ""):
        with pytest.raises(ParseError):
            system.parse_sessions(text)


def test_licences_end_with_a_day_or_count_days_and_permanent_ones_do_not_end() -> None:
    heading = "Feature State Type Expiration Resource\n-----\n"
    rows = system.parse_licences(
        f"{heading}URL DB Authorized Service license 2020/03/05(Upgrade effective time expired) 1\n"
        "APP signature Authorized Service license 2030/10/02(Upgrade effective time)\n"
        "VSYS Authorized Permanent license Permanent 5\nQoS Expired Trial license 0 days left NULL\n"
    )
    assert facts(rows, Licence) == [
        Licence("URL DB", datetime(2020, 3, 5, tzinfo=UTC)),
        Licence("APP signature", datetime(2030, 10, 2, tzinfo=UTC)),
        Licence("QoS", None, days_left=0),
    ]
    assert len(rows) == 4
    assert system.parse_licences(heading) == ()
    with pytest.raises(ParseError):
        system.parse_licences("something else")
