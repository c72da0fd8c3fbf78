"""The comparison with another system's readings is itself right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collectors.score import main, score, score_folder

RECORDING = """\
1.3.6.1.2.1.1.1.0|4|Linux host 6.1.0 #1 SMP x86_64
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10
1.3.6.1.2.1.2.2.1.2.1|4|eth0
1.3.6.1.2.1.2.2.1.3.1|2|6
1.3.6.1.2.1.25.3.3.1.2.1|2|5
1.3.6.1.2.1.33.1.2.4.0|2|90
1.3.6.1.2.1.33.1.2.7.0|2|21
"""
EXPECTED = {
    "os": [{"version": "6.1.0", "hardware": "Other", "serial": "<private>", "os": "linux"}],
    "processors": [
        {"processor_oid": ".1.3.6.1.2.1.25.3.3.1.2.1", "processor_usage": 5, "processor_descr": "CPU"}
    ],
    "ports": [
        {"ifIndex": 1, "ifName": "eth0", "ifDescr": "eth0", "ifAlias": "eth0", "ifType": "ethernetCsmacd"},
        {"ifIndex": 2, "ifName": "eth1"},
    ],
    "sensors": [
        {
            "sensor_class": "charge",
            "sensor_descr": "Battery charge",
            "sensor_oid": ".1.3.6.1.2.1.33.1.2.4.0",
            "sensor_current": 90,
        },
        {
            "sensor_class": "temperature",
            "sensor_descr": "Battery",
            "sensor_oid": ".1.2.3",
            "sensor_current": 21,
        },
        {"sensor_class": "charge", "sensor_descr": "None", "sensor_oid": ".1.2.4", "sensor_current": 1},
    ],
}


def test_found_missing_and_beyond_are_counted() -> None:
    groups = score(RECORDING.encode(), EXPECTED)
    assert (groups["identity"].found, groups["identity"].expected) == (2, 3)
    assert groups["identity"].missing == ["hardware: wanted 'Other', have 'Generic x86 64-bit'"]
    assert (groups["processors"].found, groups["ports"].found, groups["ports"].expected) == (1, 1, 2)
    assert (groups["sensors"].found, groups["sensors"].beyond) == (2, 0)
    assert groups["storage"].share_percent is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "snmp"
    inner.mkdir()
    (inner / "host.snmprec").write_text(RECORDING)
    (inner / "host.expected.json").write_text(json.dumps(EXPECTED))
    (inner / "lonely.snmprec").write_text(RECORDING)
    return tmp_path


def test_recordings_without_an_expectation_are_passed_over(folder: Path) -> None:
    assert list(score_folder(folder / "snmp")) == ["host"]
    assert score_folder(folder / "snmp", ["other"]) == {}


def test_the_table_and_the_document_say_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(folder), "--missing"]) == 0
    assert "hardware: wanted 'Other'" in capsys.readouterr().out
    assert main(["--data", str(folder), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["all"]["sensors"] == {"expected": 3, "found": 2, "beyond": 0, "share_percent": 66.7}
    assert document["recordings"]["host"]["ports"]["missing"] == ["ifIndex=2 ifName=eth1"]


def test_an_empty_folder_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert "--data" in capsys.readouterr().err


def test_differences_of_ports_pools_and_volumes_are_told_in_words() -> None:
    recording = (
        "1.3.6.1.2.1.2.2.1.2.1|4|eth0\n1.3.6.1.2.1.31.1.1.1.18.1|4|uplink\n"
        "1.3.6.1.2.1.25.2.3.1.2.1|6|1.3.6.1.2.1.25.2.1.2\n1.3.6.1.2.1.25.2.3.1.4.1|2|1\n"
        "1.3.6.1.2.1.25.2.3.1.5.1|2|100\n1.3.6.1.2.1.25.2.3.1.6.1|2|50\n"
    )
    expected = {
        "ports": [{"ifIndex": 1, "ifName": "eth0", "ifAlias": "downlink"}],
        "mempools": [
            {"mempool_descr": "RAM", "mempool_perc": 90, "mempool_total": 100},
            {"mempool_descr": "Swap", "mempool_perc": None, "mempool_total": 100},
        ],
        "storage": [{"storage_descr": "/", "storage_size": 1, "storage_used": 1}],
    }
    groups = score(recording.encode(), expected)
    assert groups["ports"].missing == ["ifIndex=1 ifName=eth0 ifAlias=downlink"]
    assert groups["memory"].missing == ["RAM 90 % of 100", "Swap None % of 100"]
    assert groups["storage"].missing == ["/ 1 of 1"]
