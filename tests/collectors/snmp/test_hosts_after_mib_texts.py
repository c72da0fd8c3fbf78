"""Hypervisors, hosts with net-snmp and printers: answers written after the texts of the MIBs."""

from __future__ import annotations

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
ESXI = ("1.3.6.1.4.1.6876.4.1", "VMware ESXi 7.0.3 build-19193900 VMware, Inc. x86_64")
LINUX = ("1.3.6.1.4.1.8072.3.2.10", "Linux db1 5.10.0-20-amd64 #1 SMP x86_64")
ENV = "1.3.6.1.4.1.6876.4.20"
UCD = "1.3.6.1.4.1.2021"


# --- VMware -----------------------------------------------------------------------------------------


def test_components_of_a_hypervisor_report_their_last_state() -> None:
    rows = under(
        ENV,
        *("100.0|2|2", "3.1.2.1|2|4", "3.1.3.1|2|2", "3.1.2.2|2|3", "3.1.3.2|2|5"),
        *("3.1.2.3|2|10", "3.1.3.3|2|1", "3.1.2.4|2|6", "3.1.3.4|2|3"),
    )
    assert states(told(*ESXI, *rows)) == {"Fan 1": OK, "Power supply 2": CRITICAL, "Memory 4": WARNING}


def test_entries_of_the_event_log_are_no_failures_of_today() -> None:
    rows = under(
        ENV,
        *("100.0|2|4", "3.1.2.17|2|3", "3.1.3.17|2|5", "3.1.4.17|4|PSU 2 Power Supply AC lost: Asserted"),
        *("3.1.2.18|2|3", "3.1.3.18|2|2", "3.1.4.18|4|PSU 2 Power Supply AC lost: Deasserted"),
    )
    assert states(told(*ESXI, *rows)) == {
        "Event log: Power supply 17: PSU 2 Power Supply AC lost: Asserted": WARNING
    }


def test_virtual_machines_are_told_and_none_is_a_fault() -> None:
    rows = under("1.3.6.1.4.1.6876.2.1.1", "2.8|4|mail", "6.8|4|powered on", "2.9|4|old", "6.9|4|powered off")
    facts = told(*ESXI, *rows, "1.3.6.1.4.1.6876.2.1.1.6.10|4|Suspended")
    assert states(facts) == {"mail": OK, "old": OK, "Virtual machine 10": OK}
    assert [one.state_text for one in facts.sensors] == ["powered on", "powered off", "suspended"]


# --- net-snmp ---------------------------------------------------------------------------------------


def test_what_the_administrator_set_to_be_watched() -> None:
    facts = told(
        *LINUX,
        *under(
            UCD,
            *("2.1.2.1|4|nginx", "2.1.5.1|2|4", "2.1.100.1|2|0"),
            *("2.1.2.2|4|backupd", "2.1.5.2|2|0", "2.1.100.2|2|1"),
            *("15.1.2.1|4|/var/log/app.log", "15.1.100.1|2|1"),
            *("8.1.2.1|4|raidcheck", "8.1.100.1|2|2"),
        ),
    )
    assert states(facts) == {
        "Process nginx": OK,
        "Process backupd": CRITICAL,
        "File /var/log/app.log": CRITICAL,
    }
    assert values(facts) == {
        ("count", "Processes nginx"): 4.0,
        ("count", "Processes backupd"): 0.0,
        ("count", "Exit status of raidcheck"): 2.0,
    }
    assert limits_of(facts, "count", "Exit status of raidcheck") == SensorLimits(high_warning=1.0)


def test_memory_beyond_two_tebibytes_is_in_the_objects_of_64_bits() -> None:
    tib = 2**30  # kilobytes
    stopped = ("4.5.0|2|2147483647", "4.6.0|2|2147483647", "4.15.0|2|2147483647")
    wide = (f"4.20.0|70|{4 * tib}", f"4.21.0|70|{tib}", f"4.26.0|70|{tib}")
    (pool,) = told(*LINUX, *under(UCD, *stopped, *wide)).memory
    assert (pool.total_bytes, pool.used_bytes, pool.used_percent) == (4 * 2**40, 2 * 2**40, 50.0)
    assert pool.evidence is not None
    assert pool.evidence.oid == f"{UCD}.4.20.0"


def test_what_the_kernel_calls_available_counts_before_sums() -> None:
    rows = under(UCD, "4.5.0|2|1000", "4.6.0|2|100", "4.15.0|2|300", "4.27.0|70|250")
    (pool,) = told(*LINUX, *rows).memory
    assert pool.used_percent == 75.0


# --- printers ---------------------------------------------------------------------------------------

PRINTER = "1.3.6.1.2.1.43"
KYOCERA = ("1.3.6.1.4.1.1347.41", "KYOCERA Print System")


def test_alerts_of_a_printer_are_told_by_their_text_and_severity() -> None:
    facts = told(
        *KYOCERA,
        *under(
            PRINTER,
            "5.1.1.16.1|4|ECOSYS",
            *("18.1.1.2.1.7|2|3", "18.1.1.8.1.7|4|Paper jam in cassette 2"),
            *("18.1.1.2.1.9|2|5", "18.1.1.8.1.9|4|Toner is low: black"),
            *("18.1.1.2.1.11|2|1", "18.1.1.8.1.11|4|Ready"),
            "18.1.1.2.1.12|2|4",
        ),
    )
    assert states(facts) == {
        "Paper jam in cassette 2": CRITICAL,
        "Toner is low: black": WARNING,
        "Alert 1.12": WARNING,
    }


def test_a_marker_that_counts_hours_counts_no_pages() -> None:
    markers = under(f"{PRINTER}.10.2.1", "3.1.1|2|7", "4.1.1|65|12345", "3.1.2|2|11", "4.1.2|65|800")
    facts = told(*KYOCERA, f"{PRINTER}.5.1.1.16.1|4|ECOSYS", *markers)
    assert values(facts) == {("count", "Page count"): 12345.0}


def test_what_is_left_of_a_waste_box_is_the_space_in_it() -> None:
    rows = under(
        f"{PRINTER}.11.1.1",
        *("4.1.1|2|4", "5.1.1|2|4", "6.1.1|4|Waste toner box", "8.1.1|2|100", "9.1.1|2|100"),
        *("4.1.2|2|4", "5.1.2|2|4", "6.1.2|4|Waste toner box 2", "8.1.2|2|-2", "9.1.2|2|-3"),
    )
    box, other = told(*KYOCERA, *rows).supplies
    assert (box.used_percent, box.level, other.used_percent) == (0.0, 100, None)


# --- Synology ---------------------------------------------------------------------------------------

SYNOLOGY = "1.3.6.1.4.1.6574"


def test_expansion_units_and_a_pair_of_synology() -> None:
    facts = told(
        *LINUX,
        *under(
            SYNOLOGY,
            *("1.1.0|2|1", "1.8.0|2|2"),
            *("105.1.1.2.0|4|RX1217RP", "105.1.1.3.0|2|1", "105.1.1.4.0|2|3"),
            *("105.1.1.2.1|4|DX517", "105.1.1.3.1|2|2", "105.1.1.4.1|2|0"),
            *("106.3.0|2|2", "106.5.0|2|1", "106.6.0|2|2", "106.8.0|66|1250"),
        ),
    )
    assert states(facts) == {
        "System": OK,
        "Temperature of the system": CRITICAL,
        "RX1217RP 0 power": OK,
        "RX1217RP 0 redundant power": CRITICAL,
        "DX517 1 power": CRITICAL,
        "Automatic failover": WARNING,
        "Cluster": WARNING,
        "Heartbeat": CRITICAL,
    }
    assert values(facts) == {("delay", "Heartbeat latency"): 1.25}


def test_a_disk_of_synology_that_is_not_identified_and_spares_of_its_pool() -> None:
    disk = under(f"{SYNOLOGY}.2.1.1", "2.0|4|Disk 1", "3.0|4|HAT5300", "8.0|2|4", "10.0|2|1")
    pool = under(f"{SYNOLOGY}.3.1.1", "2.0|4|Volume 1", "6.0|2|1", "2.1|4|Storage Pool 1", "6.1|2|-1")
    facts = told(*LINUX, f"{SYNOLOGY}.1.1.0|2|1", *disk, *pool)
    assert values(facts) == {
        ("count", "Disk 1 HAT5300 connection retries"): 4.0,
        ("count", "Disk 1 HAT5300 identify failures"): 1.0,
        ("count", "Volume 1 spares"): 1.0,
    }
    limits = limits_of(facts, "count", "Disk 1 HAT5300 identify failures")
    assert limits == SensorLimits(high_warning=1.0)
