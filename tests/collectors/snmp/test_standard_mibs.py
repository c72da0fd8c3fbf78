"""Standard MIBs with the faults that real agents have; every recording here was written by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.checks import judge
from collectors.facts.host import Load
from collectors.facts.snmp import facts_from_recording, facts_from_snmp
from collectors.model import DeviceFacts, Evidence, Exchange, Interface, SensorLimits, Target
from collectors.outcome import Outcome

SYSTEM = """\
1.3.6.1.2.1.1.1.0|4|A device
1.3.6.1.2.1.1.2.0|6|.1.3.6.1.4.1.99999.1
1.3.6.1.2.1.1.3.0|67|123456
1.3.6.1.2.1.1.5.0|4|core-1
"""
IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"


def read(*lines: str) -> DeviceFacts:
    return facts_from_recording("\n".join(lines))


def port(*lines: str) -> Interface:
    (interface,) = read(*lines).interfaces
    return interface


def test_identity_of_an_unknown_device_is_what_the_system_group_says() -> None:
    identity = facts_from_recording(SYSTEM).identity
    assert (identity.name, identity.object_id, identity.uptime_s) == (
        "core-1",
        "1.3.6.1.4.1.99999.1",
        1234.56,
    )
    assert identity.platform == ""
    assert identity.evidence == Evidence(0, oid="1.3.6.1.2.1.1.1.0")


def test_uptime_is_not_fooled_by_an_agent_that_was_restarted_or_wrapped() -> None:
    facts = read(
        "1.3.6.1.2.1.1.3.0|67|100",
        "1.3.6.1.2.1.25.1.1.0|67|5000",
        "1.3.6.1.6.3.10.2.1.3.0|2|90000000",
        "1.3.6.1.2.1.1.5.0|4|x",
    )
    assert facts.identity.uptime_s == 90000000
    assert read("1.3.6.1.2.1.1.3.0|67|x").identity.uptime_s is None


def test_a_full_interface() -> None:
    interface = port(
        f"{IF}.1.3|2|3",
        f"{IF}.2.3|4|GigabitEthernet0/3",
        f"{IF}.3.3|2|6",
        f"{IF}.4.3|2|1500",
        f"{IF}.5.3|66|1000000000",
        f"{IF}.6.3|4x|0A0B0C0D0E0F",
        f"{IF}.7.3|2|1",
        f"{IF}.8.3|2|7",
        f"{IF}.9.3|67|500",
        f"{IF}.10.3|65|10",
        f"{IF}.11.3|65|2",
        f"{IF}.12.3|65|3",
        f"{IF}.13.3|65|4",
        f"{IF}.14.3|65|5",
        f"{IF}.16.3|65|20",
        f"{IF}.17.3|65|6",
        f"{IF}.20.3|65|7",
        f"{IFX}.1.3|4|Gi0/3",
        f"{IFX}.6.3|70|90000000000",
        f"{IFX}.18.3|4|to the roof",
        "1.3.6.1.2.1.4.20.1.2.192.0.2.9|2|3",
        "1.3.6.1.2.1.4.20.1.3.192.0.2.9|64|255.255.255.0",
    )
    assert (interface.name, interface.description, interface.alias) == (
        "Gi0/3",
        "GigabitEthernet0/3",
        "to the roof",
    )
    assert (interface.type, interface.admin_status, interface.oper_status) == (
        "ethernetCsmacd",
        "up",
        "lowerLayerDown",
    )
    assert (interface.mac, interface.mtu, interface.last_change_s) == ("0a:0b:0c:0d:0e:0f", 1500, 5)
    assert (interface.in_octets, interface.out_octets) == (90000000000, 20)
    assert (interface.in_packets, interface.out_packets) == (5, 6)
    assert (interface.in_errors, interface.in_discards, interface.out_errors) == (5, 4, 7)
    assert interface.addresses == ("192.0.2.9/24",)


@pytest.mark.parametrize(
    ("speed", "high", "expected"),
    [
        ("4294967295", "10000", 10_000_000_000),
        ("4294967295", None, None),
        ("1410065408", "10000", 10_000_000_000),  # let wrap by the agent
        ("100000000", "100", 100_000_000),
        ("0", "0", 0),
        ("0", "40000", 40_000_000_000),
        (None, None, None),
    ],
)
def test_speed_beyond_32_bits_is_taken_from_if_high_speed(
    speed: str | None, high: str | None, expected: int | None
) -> None:
    lines = [f"{IF}.2.1|4|eth0"]
    if speed is not None:
        lines.append(f"{IF}.5.1|66|{speed}")
    if high is not None:
        lines.append(f"{IFX}.15.1|66|{high}")
    assert port(*lines).speed_bps == expected


def test_names_fall_back_to_each_other() -> None:
    assert port(f"{IF}.2.1|4|eth0", f"{IFX}.1.1|4|").name == "eth0"
    assert port(f"{IF}.2.1|4|", f"{IFX}.1.1|4|wan1").description == "wan1"
    assert port(f"{IF}.1.7|2|7", f"{IF}.3.7|2|6").name == "7"
    assert read(f"{IF}.1.7|2|7").interfaces == ()


def test_a_mac_that_the_recording_wrote_as_text_is_still_one() -> None:
    assert port(f"{IF}.2.1|4|a", f"{IF}.6.1|4|ABCDEF").mac == "41:42:43:44:45:46"
    assert port(f"{IF}.2.1|4|a", f"{IF}.6.1|4|0a:0b:0c:0d:0e:0f").mac == "0a:0b:0c:0d:0e:0f"
    assert port(f"{IF}.2.1|4|a", f"{IF}.6.1|4x|000000000000").mac == ""
    assert port(f"{IF}.2.1|4|a", f"{IF}.6.1|4|").mac == ""


def test_counters_of_64_bits_are_preferred_unless_the_agent_leaves_them_at_zero() -> None:
    assert port(f"{IF}.2.1|4|a", f"{IF}.10.1|65|7", f"{IFX}.6.1|70|0").in_octets == 7
    assert port(f"{IF}.2.1|4|a", f"{IF}.10.1|65|7", f"{IFX}.6.1|70|4294967303").in_octets == 4294967303
    wide = [f"{IFX}.{number}.1|70|{number}" for number in (7, 8, 9)]
    assert port(f"{IF}.2.1|4|a", f"{IF}.11.1|65|1", *wide).in_packets == 24


def test_a_counter_that_the_agent_sends_as_a_signed_number_is_made_whole() -> None:
    assert port(f"{IF}.2.1|4|a", f"{IF}.10.1|2|-1").in_octets == 4294967295


def test_unknown_words_of_types_and_states_are_kept_visible() -> None:
    interface = port(f"{IF}.2.1|4|a", f"{IF}.3.1|2|1999", f"{IF}.7.1|2|9", f"{IF}.8.1|2|0")
    assert (interface.type, interface.admin_status, interface.oper_status) == ("1999", "unknown", "unknown")


def test_addresses_of_both_families_are_joined_to_their_interface() -> None:
    v6 = "2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"
    prefix = "1.3.6.1.2.1.4.32.1.5.4." + v6 + ".64"
    interface = port(
        f"{IF}.2.1|4|a",
        f"1.3.6.1.2.1.4.34.1.3.{v6}|2|1",
        f"1.3.6.1.2.1.4.34.1.5.{v6}|6|{prefix}",
        "1.3.6.1.2.1.4.34.1.3.1.4.192.0.2.1|2|1",
        "1.3.6.1.2.1.4.34.1.3.1.4.0.0.0.0|2|1",
        "1.3.6.1.2.1.4.34.1.3.16.2.9.9|2|1",  # a DNS name
        "1.3.6.1.2.1.4.34.1.3.1.4.999.0.2.1|2|1",
        "1.3.6.1.2.1.4.20.1.2.192.0.2.1|2|1",
        "1.3.6.1.2.1.4.20.1.3.192.0.2.1|64|255.0.255.0",
        "1.3.6.1.2.1.4.20.1.2.1|2|1",  # a cut row
    )
    assert interface.addresses == ("192.0.2.1", "2001:db8::1/64")


HR = "1.3.6.1.2.1.25"


def _storage(index: int, kind: int, name: str, unit: int, size: int, used: int) -> list[str]:
    table = f"{HR}.2.3.1"
    return [
        f"{table}.2.{index}|6|{HR}.2.1.{kind}",
        f"{table}.3.{index}|4|{name}",
        f"{table}.4.{index}|2|{unit}",
        f"{table}.5.{index}|2|{size}",
        f"{table}.6.{index}|2|{used}",
    ]


def test_storage_beyond_31_bits_wraps_to_negative_numbers() -> None:
    (volume,) = read(*_storage(1, 4, "/data", 4096, -1610612736, 1073741824)).storage
    assert volume.total_bytes == 2684354560 * 4096
    assert volume.used_bytes == 1073741824 * 4096
    assert volume.used_percent == 40
    assert volume.kind == "hrStorageFixedDisk"


def test_memory_and_volumes_are_told_apart_by_type_and_empty_drives_left_out() -> None:
    facts = read(
        *_storage(1, 2, "RAM", 1024, 1000, 250),
        *_storage(2, 3, "Virtual Memory", 1024, 2000, 500),
        *_storage(3, 7, "D:", 0, 0, 0),
        *_storage(4, 5, "A:", 512, 2880, 0),
        *_storage(5, 4, "C:", 512, 100, 50),
    )
    assert [(pool.name, pool.used_percent) for pool in facts.memory] == [("RAM", 25), ("Virtual Memory", 25)]
    assert [volume.name for volume in facts.storage] == ["C:"]


def test_what_linux_lends_to_caches_is_not_used_memory() -> None:
    facts = read(
        *_storage(1, 2, "Physical memory", 1024, 1000, 900),
        *_storage(6, 1, "Memory buffers", 1024, 1000, 100),
        *_storage(7, 1, "Cached memory", 1024, 500, 500),
        *_storage(10, 3, "Swap space", 1024, 100, 10),
    )
    pools = {pool.name: pool.used_percent for pool in facts.memory}
    assert pools == {"Physical memory": 30, "Memory buffers": 10, "Cached memory": 50, "Swap space": 10}
    assert "swap" in facts.asked


def test_the_kernels_own_word_on_available_memory_is_preferred() -> None:
    facts = read(
        *_storage(1, 2, "Physical memory", 1024, 1000, 900),
        *_storage(7, 1, "Cached memory", 1024, 500, 500),
        *_storage(11, 1, "Available memory", 1024, 450, 0),  # as Net-SNMP 5.9.3 has it
    )
    assert {pool.name: pool.used_percent for pool in facts.memory}["Physical memory"] == 55


def test_what_is_full_by_nature_is_no_full_volume() -> None:
    facts = read(
        *_storage(1, 4, "devfs: dev file system, mounted on: /dev", 1024, 1, 1),
        *_storage(2, 4, "/proc", 1024, 4, 4),
        *_storage(3, 4, "/dev/md1, mounted on: /junos", 1024, 100, 100),
        *_storage(4, 4, "/dev/shm", 1024, 100, 1),
    )
    assert [(one.name, one.read_only) for one in facts.storage] == [
        ("/dev/md1, mounted on: /junos", True),
        ("/dev/shm", False),
    ]


def test_caches_and_linux_virtual_memory_raise_no_alarm() -> None:
    lines = [
        *_storage(1, 2, "Physical memory", 1024, 1000, 990),
        *_storage(3, 3, "Virtual memory", 1024, 1100, 1090),
        *_storage(7, 1, "Cached memory", 1024, 960, 960),
    ]
    for swap in ([], _storage(10, 3, "Swap space", 1024, 100, 10)):
        facts = read(*lines, *swap)
        findings = judge(facts, Target("key", "192.0.2.1", ()), datetime(2026, 1, 1, tzinfo=UTC))
        judged = [one.item for one in findings if one.check in ("memory_used", "swap_used") and one.item]
        assert judged == ["Physical memory", *(["Swap space"] if swap else [])]


def test_a_file_system_that_is_mounted_read_only_says_so() -> None:
    lines = _storage(31, 4, "/", 4096, 100, 50)
    table = f"{HR}.3.8.1"
    lines += [f"{table}.7.1|2|31", f"{table}.4.1|6|{HR}.3.9.23", f"{table}.5.1|2|2"]
    (volume,) = read(*lines).storage
    assert (volume.read_only, volume.kind) == (True, "ext2")


def test_an_idle_processor_is_a_reading_and_a_mad_one_is_not() -> None:
    table = f"{HR}.3"
    facts = read(
        f"{table}.3.1.2.5|2|0",
        f"{table}.3.1.2.6|2|101",
        f"{table}.3.1.2.7|2|3",
        f"{table}.2.1.3.5|4|Some CPU",
        f"{table}.2.1.3.7|4|",
    )
    assert [(one.name, one.usage_percent) for one in facts.processors] == [
        ("Some CPU", 0),
        ("Processor 7", 3),
    ]


def test_an_agent_without_host_resources_tells_the_same_by_ucd_snmp_mib() -> None:
    ucd = "1.3.6.1.4.1.2021"
    facts = read(
        f"{ucd}.11.11.0|2|97",
        f"{ucd}.4.5.0|2|1000",
        f"{ucd}.4.6.0|2|200",
        f"{ucd}.4.14.0|2|100",
        f"{ucd}.4.15.0|2|300",
        f"{ucd}.4.3.0|2|0",
        f"{ucd}.9.1.2.1|4|/",
        f"{ucd}.9.1.6.1|2|100",
        f"{ucd}.9.1.8.1|2|25",
        f"{ucd}.10.1.3.1|4|0.50",
        f"{ucd}.10.1.3.2|4|0.40",
        f"{ucd}.10.1.3.3|4|0.30",
    )
    assert facts.processors[0].usage_percent == 3
    assert [(pool.name, pool.used_percent) for pool in facts.memory] == [("Physical memory", 40)]
    assert [(one.name, one.total_bytes, one.used_percent) for one in facts.storage] == [("/", 102400, 25)]
    load = facts.extra["load"]
    assert isinstance(load, Load)
    assert (load.one, load.fifteen, load.cores) == (0.5, 0.3, 1)


def test_disks_of_many_terabytes_come_in_two_columns() -> None:
    table = "1.3.6.1.4.1.2021.9.1"
    facts = read(
        f"{table}.2.1|4|/big",
        f"{table}.6.1|2|2147483647",
        f"{table}.11.1|66|0",
        f"{table}.12.1|66|2",
        f"{table}.15.1|66|4294967295",
        f"{table}.16.1|66|0",
    )
    (volume,) = facts.storage
    assert volume.total_bytes == 2 * 2**32 * 1024
    assert volume.used_bytes == (2**32 - 1) * 1024


def test_chips_without_anything_connected_are_no_sensors() -> None:
    table = "1.3.6.1.4.1.2021.13.16"
    facts = read(
        f"{table}.2.1.2.1|4|CPU Temp",
        f"{table}.2.1.3.1|66|45000",
        f"{table}.2.1.3.2|66|0",
        f"{table}.2.1.3.3|66|127000",
        f"{table}.2.1.3.4|66|4294840296",  # −127 °C as an unsigned number
        f"{table}.3.1.3.5|66|0",
        f"{table}.4.1.3.6|66|12096",
    )
    assert [(one.kind, one.value) for one in facts.sensors] == [
        ("temperature", 45),
        ("fan", 0),
        ("voltage", 12.096),
    ]


ENTITY, SENSOR = "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.2.1.99.1.1.1"


def _sensor(index: int, kind: int, scale: int, precision: int, value: int, status: int = 1) -> list[str]:
    numbers = (kind, scale, precision, value, status)
    return [f"{SENSOR}.{column}.{index}|2|{number}" for column, number in enumerate(numbers, 1)]


def test_sensor_values_come_in_base_units() -> None:
    facts = read(
        f"{ENTITY}.7.1|4|Inlet",
        f"{ENTITY}.2.2|4|Supply voltage",
        *_sensor(1, 8, 9, 1, 235),
        *_sensor(2, 4, 8, 0, 3290),
        *_sensor(3, 5, 7, 1, 61),  # microamperes, one decimal
        *_sensor(4, 6, 10, 0, 2),
    )
    found = [(one.kind, one.name, one.value, one.unit) for one in facts.sensors]
    assert found == [
        ("temperature", "Inlet", 23.5, "°C"),
        ("voltage", "Supply voltage", 3.29, "V"),
        ("current", "Sensor 3", pytest.approx(6.1e-6), "A"),
        ("power", "Sensor 4", 2000, "W"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        _sensor(1, 8, 9, 0, 0),  # 0 °C: an empty slot
        _sensor(1, 8, 9, 0, 2147483647),
        _sensor(1, 8, 9, 0, 40, status=2),  # unavailable
        _sensor(1, 8, 9, 0, 40, status=3),  # nonoperational
        _sensor(1, 14, 9, 0, -99),  # dBm of a dark port
        _sensor(1, 9, 9, 0, 0),  # no humidity
        _sensor(1, 12, 9, 0, 1),  # a truth value is no quantity
    ],
)
def test_fillers_of_entity_sensors_are_no_readings(row: list[str]) -> None:
    assert read(*row).sensors == ()


def test_cisco_sensors_bring_their_limits_and_replace_the_standard_table() -> None:
    own = "1.3.6.1.4.1.9.9.91.1.1.1.1"
    limits = "1.3.6.1.4.1.9.9.91.1.2.1.1"
    facts = read(
        *_sensor(7, 8, 9, 0, 31),
        *(f"{own}.{column}.7|2|{number}" for column, number in enumerate((8, 9, 0, 31, 1), 1)),
        f"{limits}.2.7.1|2|10",
        f"{limits}.3.7.1|2|4",
        f"{limits}.4.7.1|2|45",
        f"{limits}.2.7.2|2|20",
        f"{limits}.3.7.2|2|4",
        f"{limits}.4.7.2|2|60",
        f"{limits}.2.7.3|2|30",
        f"{limits}.3.7.3|2|4",
        f"{limits}.4.7.3|2|65",
        f"{limits}.2.7.4|2|30",
        f"{limits}.3.7.4|2|1",
        f"{limits}.4.7.4|2|-5",
        f"{limits}.2.7.5|2|1",  # severity "other"
        f"{limits}.3.7.5|2|4",
        f"{limits}.4.7.5|2|1",
    )
    (sensor,) = facts.sensors
    assert sensor.evidence == Evidence(0, oid=f"{own}.4.7")
    assert sensor.limits == SensorLimits(low_critical=-5, high_warning=45, high_critical=60)


def test_inventory_holds_pieces_and_not_every_socket() -> None:
    facts = read(
        f"{ENTITY}.5.1|2|3",
        f"{ENTITY}.7.1|4|Chassis",
        f"{ENTITY}.11.1|4|ABC123",
        f"{ENTITY}.13.1|4|MODEL-1",
        f"{ENTITY}.4.1|2|0",
        f"{ENTITY}.5.2|2|5",  # an empty container
        f"{ENTITY}.4.2|2|1",
        f"{ENTITY}.5.3|2|6",
        f"{ENTITY}.2.3|4|Power supply",
        f"{ENTITY}.4.3|2|2",
        f"{ENTITY}.5.4|2|8",
    )
    assert [(one.name, one.kind, one.parent) for one in facts.inventory] == [
        ("Chassis", "chassis", ""),
        ("Power supply", "powerSupply", "2"),
    ]
    assert (facts.identity.model, facts.identity.serial) == ("MODEL-1", "ABC123")


def test_neighbours_by_lldp_are_named_with_the_local_port() -> None:
    remote, local = "1.0.8802.1.1.2.1.4.1.1", "1.0.8802.1.1.2.1.3.7.1"
    facts = read(
        f"{IF}.2.1|4|ge-0/0/1",
        f"{local}.3.501|4|ge-0/0/1",
        f"{remote}.4.100.501.1|2|4",
        f"{remote}.5.100.501.1|4x|0A0B0C0D0E0F",
        f"{remote}.6.100.501.1|2|3",
        f"{remote}.7.100.501.1|4x|0A0B0C0D0E10",
        f"{remote}.8.100.501.1|4|uplink",
        f"{remote}.9.100.501.1|4|sw-2.example.net",
        "1.0.8802.1.1.2.1.4.2.1.3.100.501.1.1.4.192.0.2.7|2|2",
        "1.3.6.1.4.1.9.9.23.1.2.1.1.6.1.9|4|sw-2",  # the same neighbour by CDP
        "1.3.6.1.4.1.9.9.23.1.2.1.1.6.1.10|4|phone",
        "1.3.6.1.4.1.9.9.23.1.2.1.1.4.1.10|4x|c0000208",
    )
    lldp, cdp = facts.neighbours
    assert (lldp.local_interface, lldp.remote_name, lldp.remote_interface) == (
        "ge-0/0/1",
        "sw-2.example.net",
        "uplink",
    )
    assert (lldp.remote_chassis, lldp.remote_address) == ("0a:0b:0c:0d:0e:0f", "192.0.2.7")
    assert (cdp.protocol, cdp.remote_name, cdp.remote_address) == ("cdp", "phone", "192.0.2.8")


def test_printer_levels_below_zero_are_no_numbers() -> None:
    table = "1.3.6.1.2.1.43.11.1.1"
    lines: list[str] = []
    for index, (name, kind, cls, capacity, level) in enumerate(
        [
            ("Black toner", 3, 3, 200, 50),
            ("Drum", 9, 3, 100, -3),
            ("Fuser", 15, 3, -2, -2),
            ("Waste toner", 4, 4, 100, 90),
            ("", 5, 3, 100, 0),
        ],
        1,
    ):
        values = {4: (2, cls), 5: (2, kind), 6: (4, name), 8: (2, capacity), 9: (2, level)}
        lines += [f"{table}.{column}.1.{index}|{tag}|{value}" for column, (tag, value) in values.items()]
    lines += [f"{table}.3.1.5|2|1", "1.3.6.1.2.1.43.12.1.1.4.1.1|4|cyan"]
    lines += ["1.3.6.1.2.1.43.8.2.1.9.1.1|2|250", "1.3.6.1.2.1.43.8.2.1.10.1.1|2|-3"]
    supplies = read(*lines).supplies
    assert [(one.name, one.kind, one.used_percent) for one in supplies] == [
        ("Black toner", "toner", 75),
        ("Drum", "opc", None),
        ("Fuser", "fuser", None),
        ("Waste toner", "wasteToner", 10),  # RFC 3805: the space that remains
        ("cyan", "ink", 100),
    ]


# --- what was asked, and what failed ----------------------------------------------------------------


def test_evidence_counts_exchanges_and_failures_stay_visible() -> None:
    exchanges = (
        Exchange("snmp", "get 1.3.6.1.2.1.1", SYSTEM.encode()),
        Exchange(
            "snmp", "walk 1.3.6.1.2.1.2.2", f"{IF}.2.1|4|eth0\n".encode(), Outcome.TIMEOUT, "No answer."
        ),
        Exchange("snmp", "walk 1.3.6.1.2.1.31.1.1", b"", Outcome.UNSUPPORTED),
        Exchange("snmp", "walk 1.3.6.1.2.1.25.2", b""),
        Exchange("snmp", "walk 1.3.6.1.2.1.47.1.1.1", b"", Outcome.UNSUPPORTED),
    )
    facts = facts_from_snmp(exchanges)
    (interface,) = facts.interfaces
    assert interface.evidence == Evidence(1, oid=f"{IF}.2.1")
    assert [(error.fact, error.outcome) for error in facts.errors] == [
        ("interfaces", Outcome.TIMEOUT),
        ("inventory", Outcome.UNSUPPORTED),
    ]
    assert "No answer." in facts.errors[0].message
    assert {"identity", "uptime", "interfaces", "memory", "storage", "inventory"} <= facts.asked
    assert "supplies" not in facts.asked


def test_a_masked_line_is_told_and_the_others_are_read() -> None:
    facts = facts_from_recording(SYSTEM + "1.3.6.1.xx|2|1\n")
    assert facts.identity.name == "core-1"
    (error,) = facts.errors
    assert (error.fact, error.outcome) == ("answers", Outcome.PARSE_FAILED)
    assert error.evidence == Evidence(0, line=5)


def test_no_exchange_gives_no_fact() -> None:
    assert facts_from_snmp(()) == DeviceFacts()


def test_sensors_of_no_standard_kind_are_told_by_their_units() -> None:
    facts = read(
        *_sensor(1, 1, 9, 0, -7),
        f"{SENSOR}.6.1|4|dBm",
        *_sensor(2, 2, 9, 0, 4200),
        f"{SENSOR}.6.2|4|RPM",
        *_sensor(3, 1, 9, 0, 5),
        f"{SENSOR}.6.3|4|bananas",
        f"{ENTITY}.7.2|4|2",
        f"{ENTITY}.2.2|4|Fan of the second tray",
    )
    assert [(one.kind, one.name, one.value) for one in facts.sensors] == [
        ("dbm", "Sensor 1", -7),
        ("fan", "Fan of the second tray", 4200),
    ]


def test_storage_without_a_type_is_still_storage() -> None:
    table = f"{HR}.2.3.1"
    facts = read(f"{table}.3.1|4|Disk", f"{table}.4.1|2|1024", f"{table}.5.1|2|10", f"{table}.6.1|2|1")
    assert [(one.name, one.kind) for one in facts.storage] == [("Disk", "hrStorageOther")]


def test_paper_trays_that_count_their_sheets_are_supplies() -> None:
    tray, toner = "1.3.6.1.2.1.43.8.2.1", "1.3.6.1.2.1.43.11.1.1"
    facts = read(
        f"{tray}.9.1.1|2|500",
        f"{tray}.10.1.1|2|125",
        f"{tray}.13.1.1|4|",
        f"{tray}.18.1.1|4|Lower tray",
        f"{toner}.6.1.1|4|Toner",
        f"{toner}.7.1.1|2|19",  # percent
        f"{toner}.8.1.1|2|-2",
        f"{toner}.9.1.1|2|30",
        f"{toner}.6.1.2|4|Ink",
        f"{toner}.8.1.2|2|-2",
        f"{toner}.9.1.2|2|30",
    )
    assert [(one.name, one.used_percent) for one in facts.supplies] == [
        ("Toner", 70),
        ("Ink", None),
        ("Lower tray", 75),
    ]


def test_ucd_sizes_that_contradict_each_other_are_left_out() -> None:
    ucd = "1.3.6.1.4.1.2021"
    facts = read(
        f"{ucd}.4.5.0|2|100",
        f"{ucd}.4.6.0|2|200",
        f"{ucd}.9.1.2.1|4|/",
        f"{ucd}.9.1.6.1|2|100",
        f"{ucd}.9.1.8.1|2|101",
        f"{ucd}.13.16.2.1.3.1|66|x",
    )
    assert (facts.memory, facts.storage, facts.sensors) == ((), (), ())


def test_cores_of_one_model_have_names_of_their_own() -> None:
    table = f"{HR}.3"
    cores = [f"{table}.3.1.2.{core}|2|{core}" for core in (1, 2)]
    names = [f"{table}.2.1.3.{core}|4|Some CPU" for core in (1, 2)]
    assert [one.name for one in read(*cores, *names).processors] == ["Some CPU (1)", "Some CPU (2)"]
