"""Switches, firewalls, boards and storage of further generations, by answers written after their MIBs."""

from __future__ import annotations

import pytest

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from collectors.platforms.snmp import detect
from tests.support.snmp_answers import states, told, under, values

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
ENTITY_NAME, IF_NAME = "1.3.6.1.2.1.47.1.1.1.1.7", "1.3.6.1.2.1.31.1.1.1.1"


def test_an_arubaos_cx_switch_names_its_boards_in_the_index() -> None:
    wired = "1.3.6.1.4.1.47196.4.1.1.3"
    board = "6.109.111.100.117.108.101.3.49.47.49"  # the texts "module" and "1/1", each after its length
    facts = told(
        "1.3.6.1.4.1.47196.4.1.1.1.1",
        "Aruba JL659A 6300M 48SR5 CL6 PoE 4SFP56 Swch FL.10.10.1010",
        *under(
            wired,
            f"22.1.0.1.1.3.{board}|66|17",
            f"22.1.0.1.1.4.{board}|66|34",
            f"22.1.0.1.1.6.{board}|66|5",
            "11.3.1.1.5.1.1.1.1|4|1/1-Inlet",
            "11.3.1.1.6.1.1.1.1|4|normal",
            "11.3.1.1.7.1.1.1.1|2|23500",
            "11.2.1.1.3.1.1|4|1/1",
            "11.2.1.1.7.1.1|2|92",
            "11.2.1.1.8.1.1|2|680",
            "11.2.1.1.11.1.1|2|3",
            "11.5.1.1.4.1.1.1|4|1/1/1",
            "11.5.1.1.8.1.1.1|2|4100",
            "11.5.1.1.10.1.1.1|2|4",
            "11.6.1.1.4.1.1|4|1/1",
            "11.6.1.1.6.1.1|4|ready",
            "15.1.1.1.0|4|fragment_inactive",
            "15.1.1.2.0|4|ring",
            "15.1.2.1.3.2|4|not_present",
            "15.1.2.1.7.2|4|SG00KN0001",
            "27.1.2.1.1.2.25|2|41",
            "27.1.2.2.1.12.25.1|4|0.5012",
            "27.1.2.2.1.12.25.2|4|0",
        ),
        f"{IF_NAME}.25|4|1/1/25",
        "1.3.6.1.2.1.2.2.1.1.25|2|25",
    )
    assert (facts.identity.platform, facts.identity.version) == ("arubaos-cx", "FL.10.10.1010")
    assert [(one.name, one.usage_percent) for one in facts.processors] == [("module 1/1", 17.0)]
    assert [(one.name, one.used_percent) for one in facts.memory] == [("module 1/1", 34.0)]
    found = values(facts)
    assert found["percent", "module 1/1 log partition"] == 5.0
    assert found["temperature", "1/1-Inlet"] == 23.5
    assert found["power", "Power supply 1/1"] == 92.0
    assert found["fan", "Fan 1/1/1"] == 4100.0
    assert found["temperature", "1/1/25 transceiver"] == 41.0
    assert round(found["dbm", "1/1/25 lane 1 Rx power"], 2) == -3.0
    assert ("dbm", "1/1/25 lane 2 Rx power") not in found  # no light
    assert states(facts) == {
        "1/1-Inlet": OK,
        "Power supply 1/1": CRITICAL,
        "Fan 1/1/1": OK,
        "Module 1/1": OK,
        "Stack topology": OK,
        "Stack state": CRITICAL,
        "Stack member SG00KN0001": CRITICAL,
    }


def test_huawei_probes_bring_the_devices_own_limits() -> None:
    state = "1.3.6.1.4.1.2011.5.25.31.1.1"
    facts = told(
        "1.3.6.1.4.1.2011.2.62.2",
        "NE40E Huawei Versatile Routing Platform Software VRP (R) software",
        *under(
            state,
            "8.1.5.3.0.1.1|2|2",
            "8.1.6.3.0.1.1|2|71",
            "8.1.7.3.0.1.1|2|70",
            "8.1.8.3.0.1.1|2|80",
            "9.1.5.3.0.2.1|2|1",
            "9.1.7.3.0.2.1|2|3312",
            "9.1.9.3.0.2.1|2|3000",
            "9.1.11.3.0.2.1|2|3600",
        ),
    )
    assert values(facts) == {
        ("temperature", "Slot 3 sensor 0.1.1"): 71.0,
        ("voltage", "Slot 3 sensor 0.2.1"): 3.312,
    }
    limits = {one.kind: one.limits for one in facts.sensors}
    assert limits["temperature"] == SensorLimits(high_warning=70.0, high_critical=80.0)
    assert limits["voltage"] == SensorLimits(low_warning=3.0, high_warning=3.6)
    assert states(facts) == {
        "Slot 3 sensor 0.1.1 temperature": WARNING,
        "Slot 3 sensor 0.2.1 voltage": OK,
    }


def test_lanes_of_a_huawei_transceiver_stand_in_one_text_and_bias_in_either_unit() -> None:
    optics = "1.3.6.1.4.1.2011.5.25.31.1.1.3.1"
    facts = told(
        "1.3.6.1.4.1.2011.2.239.1",
        "CE6850 Huawei Versatile Routing Platform Software",
        *under(
            optics,
            "7.11|2|6120",
            "7.12|2|6",
            "7.13|2|-255",
            "32.11|4|-231,-244,-250,-4000",
            "32.12|4|-231",
        ),
        f"{ENTITY_NAME}.11|4|40GE1/0/1",
        f"{ENTITY_NAME}.12|4|10GE1/0/2",
    )
    assert values(facts) == {
        ("current", "40GE1/0/1"): 0.00612,
        ("current", "10GE1/0/2"): 0.006,
        ("dbm", "40GE1/0/1 lane 1 Rx"): -2.31,
        ("dbm", "40GE1/0/1 lane 2 Rx"): -2.44,
        ("dbm", "40GE1/0/1 lane 3 Rx"): -2.5,
    }


def test_transceivers_and_power_supplies_of_ruijie() -> None:
    management = "1.3.6.1.4.1.4881.1.1.10.2"
    facts = told(
        "1.3.6.1.4.1.4881.1.1.10.1.260",
        "Ruijie Full 25G Switch(S6250-48XS8CQ) By Ruijie Networks",
        *under(
            management,
            "105.1.1.1.2.5|4|TFGigabitEthernet 0/5",
            "105.1.1.1.15.5|2|1",
            "105.1.1.1.17.5|2|38",
            "105.1.1.1.18.5|2|3",
            "105.1.1.1.19.5|2|3291",
            "105.1.1.1.21.5|2|7000",
            "105.1.1.1.76.5|2|-231",
            "105.1.1.1.81.5|2|-10000",
            "105.1.1.1.93.5|2|-1400",
            "105.1.1.1.15.6|2|2",
            "105.1.1.1.76.6|2|-100",
            "1.1.41.1.3.1.2|2|5",
            "1.1.41.1.11.1.1|2|224",
        ),
    )
    assert values(facts) == {
        ("temperature", "TFGigabitEthernet 0/5"): 38.0,
        ("voltage", "TFGigabitEthernet 0/5"): 3.291,
        ("current", "TFGigabitEthernet 0/5 bias"): 0.007,
        ("dbm", "TFGigabitEthernet 0/5 Rx"): -2.31,
        ("voltage", "Power supply 1/1"): 224.0,
    }
    rx = next(one for one in facts.sensors if one.kind == "dbm")
    assert rx.limits.low_critical == -14.0
    assert states(facts) == {
        "TFGigabitEthernet 0/5 temperature": WARNING,
        "Power supply 1/2": CRITICAL,
    }


def test_members_of_an_aruba_stack_and_models_of_small_switches() -> None:
    stack = "1.3.6.1.4.1.11.2.14.11.5.1.69.1"
    facts = told(
        "1.3.6.1.4.1.11.2.3.7.11.156",
        "HP 2920-24G Switch, revision WB.16.02.0012, ROM WB.16.03",
        *under(
            stack,
            "1.4.0|2|1",
            "3.1.9.1|2|3",
            "3.1.9.2|2|1",
            "3.1.15.1|2|9",
            "3.1.16.1|2|1000",
            "3.1.17.1|2|600",
        ),
    )
    assert states(facts) == {"Stack topology": OK, "Stack member 1": OK, "Stack member 2": CRITICAL}
    assert [(one.name, one.usage_percent) for one in facts.processors] == [("Stack member 1", 9.0)]
    assert [(one.name, one.used_percent) for one in facts.memory] == [("Stack member 1", 40.0)]
    small = told(
        "1.3.6.1.4.1.11.2.3.7.11.207",
        "Aruba Instant On 1930 24G 4SFP+ Switch JL682A, InstantOn_1930_2.6.0.0 (46)",
    )
    assert (small.identity.model, small.identity.version) == ("1930 24G 4SFP+ Switch JL682A", "2.6.0.0")


def test_virtual_chassis_and_coherent_optics_of_junos() -> None:
    facts = told(
        "1.3.6.1.4.1.2636.1.1.1.4.43",
        "Juniper Networks, Inc. ex4300-48t Ethernet Switch, kernel JUNOS 18.4R2-S9",
        *under(
            "1.3.6.1.4.1.2636.3",
            "40.1.4.1.1.1.2.0|4|PE3718010001",
            "40.1.4.1.1.1.3.0|2|1",
            "71.1.2.1.1.8.531|2|-1215",
            "71.1.2.1.1.39.531|2|45",
            "39.1.12.1.1.1.8.0|66|0",
        ),
        f"{IF_NAME}.531|4|et-0/0/48",
    )
    assert values(facts) == {("dbm", "et-0/0/48 Rx Power"): -12.15, ("temperature", "et-0/0/48 Module"): 45.0}
    assert states(facts) == {"Virtual chassis member PE3718010001": OK}


def test_virtual_domains_and_tunnels_of_newer_fortios() -> None:
    gate = "1.3.6.1.4.1.12356.101"
    facts = told(
        f"{gate}.1.1000",
        "",
        *under(
            gate,
            "3.2.1.1.2.1|4|root",
            "3.2.1.1.4.1|2|2",
            "3.2.1.1.5.1|66|31",
            "3.2.1.1.7.1|66|8120",
            "12.4.2.1.2.1|4|branch",
            "12.4.2.1.3.1|4|lan",
            "12.4.2.1.26.1|2|1",
            "9.2.1.1.3.1|65|4",
            "19.3.1.1.11.1|2|-71",
        ),
    )
    found = values(facts)
    assert found["percent", "Virtual domain root processor"] == 31.0
    assert found["count", "Virtual domain root sessions"] == 8120.0
    assert found["count", "root critical intrusions"] == 4.0
    assert found["signal", "LTE signal strength"] == -71.0
    assert states(facts) == {"VPN tunnel branch lan": CRITICAL, "Virtual domain root": OK}


def test_virtual_systems_and_panorama_of_a_palo_alto() -> None:
    common = "1.3.6.1.4.1.25461.2.1.2"
    facts = told(
        "1.3.6.1.4.1.25461.2.3.18",
        "Palo Alto Networks PA-3000 series firewall",
        *under(
            common,
            "3.2.0|2|262142",
            "3.3.0|2|9000",
            "3.9.1.2.1|4|vsys1",
            "3.9.1.3.1|66|12",
            "3.9.1.4.1|66|8100",
            "3.9.1.5.1|66|50000",
            "4.1.0|4|not-connected",
        ),
    )
    found = values(facts)
    assert found["load", "vsys1 session utilization"] == 12.0
    limits = {one.name: one.limits.high_critical for one in facts.sensors}
    assert limits["vsys1 sessions"] == 50000
    assert limits["Active Sessions"] == 262142
    assert states(facts) == {"Panorama server 1": WARNING}


def test_first_hop_redundancy_rings_and_modems_of_cisco() -> None:
    cisco = "1.3.6.1.4.1.9.9"
    facts = told(
        "1.3.6.1.4.1.9.1.1208",
        "Cisco IOS Software, C2960X Software, Version 15.2(7)E",
        *under(
            cisco,
            "106.1.2.1.1.11.10.1|64|10.1.1.1",
            "106.1.2.1.1.15.10.1|2|1",
            "106.1.2.1.1.11.11.1|64|0.0.0.0",
            "106.1.2.1.1.15.11.1|2|1",
            "402.1.3.1.2.1|4|Module 1",
            "402.1.3.1.4.1|66|123400",
            "601.1.3.1.1.4.7|2|2",
            "661.1.3.1.1.6.13|2|3",
        ),
    )
    assert values(facts) == {("power", "PoE Budget Consumed - Module 1"): 123.4}
    assert states(facts) == {"HSRP 10.1.1.1": WARNING, "REP segment 7": CRITICAL, "Modem 13": OK}


@pytest.mark.parametrize(
    ("object_id", "description", "platform"),
    [
        ("1.3.6.1.4.1.9.1.2404", "Cisco Firepower Threat Defense, Version 7.0.1 (Build 84)", "ftd"),
        ("1.3.6.1.4.1.9.1.2404", "Cisco Adaptive Security Appliance Version 9.16(1)", "asa"),
        ("1.3.6.1.4.1.47196.4.1.1.1.243", "Aruba JL635A", "arubaos-cx"),
        ("1.3.6.1.4.1.789.2.5", "NetApp Release 9.9.1P2: Tue Sep 21", "netapp"),
        ("1.3.6.1.4.1.534.10.2", "", "eaton-ats"),
        ("1.3.6.1.4.1.534.10.1", "", "eatonups"),
    ],
)
def test_further_platforms_are_told(object_id: str, description: str, platform: str) -> None:
    assert detect(object_id, description) == platform


def test_a_storage_cluster_tells_volumes_of_more_than_two_terabytes() -> None:
    netapp = "1.3.6.1.4.1.789.1"
    facts = told(
        "1.3.6.1.4.1.789.2.5",
        "NetApp Release 9.9.1P2: Tue Sep 21 2021",
        *under(
            netapp,
            "1.2.0|4|NetApp Release 9.9.1P2: Tue Sep 21 2021",
            "1.5.0|4|AFF-A250",
            "2.1.3.0|2|14",
            "5.4.1.2.1|4|/vol/data/",
            "5.4.1.3.1|2|-1294967296",
            "5.4.1.29.1|70|6442450944",
            "5.4.1.30.1|70|3221225472",
            "2.4.2.0|2|1",
            "2.5.1.0|2|6",
            "2.3.1.0|2|1",
            "2.3.2.0|2|1",
            "6.4.7.0|2|0",
        ),
    )
    assert (facts.identity.version, facts.identity.model) == ("9.9.1P2", "AFF-A250")
    assert [(one.name, one.total_bytes, one.used_percent) for one in facts.storage] == [
        ("/vol/data/", 6442450944 * 1024, 50.0)
    ]
    assert [one.usage_percent for one in facts.processors] == [14.0]
    assert values(facts) == {("count", "Failed fans"): 1.0, ("count", "Failed disks"): 0.0}
    assert states(facts) == {"NVRAM battery": CRITICAL}  # a single node has no partner to fail over to


def test_arrays_and_older_volumes_of_qnap() -> None:
    nas = "1.3.6.1.4.1.24681"
    facts = told(
        nas,
        "Linux TS-853 4.5.4",
        *under(
            nas,
            "1.4.1.1.1.1.4.2.0|2|52",
            "1.4.1.1.1.2.1.2.1.4.1|4|5",
            "1.4.1.1.1.2.1.2.1.5.1|2|1",
            "1.2.17.1.2.1|4|[Volume Data, Pool 1]",
            "1.2.17.1.6.1|4|Degraded",
        ),
    )
    assert values(facts) == {("temperature", "CPU"): 52.0}
    assert states(facts) == {"RAID 1 level 5": CRITICAL, "[Volume Data, Pool 1]": CRITICAL}


def test_bad_sectors_of_a_synology_are_counted_and_life_that_is_not_known_is_none() -> None:
    disk = "1.3.6.1.4.1.6574.2.1.1"
    facts = told(
        "1.3.6.1.4.1.8072.3.2.10",
        "Linux nas 4.4.180+",
        "1.3.6.1.4.1.6574.1.1.0|2|1",
        *under(disk, "2.0|4|Disk 1", "3.0|4|ST8000", "9.0|66|3", "11.0|2|-1"),
    )
    assert values(facts) == {("count", "Disk 1 ST8000 bad sectors"): 3.0}


def test_chassis_of_dell_blades() -> None:
    chassis = "1.3.6.1.4.1.674.10892"
    facts = told(
        f"{chassis}.2",
        "Dell CMC",
        *under(
            chassis,
            "2.3.1.6.1|2|5",
            "2.4.1.1.8.1|4|2210",
            "2.5.1.1.2.1|2|3",
            "2.5.1.1.5.1|4|SLOT-01",
            "2.5.1.1.6.1|2|1",
            "2.5.1.1.8.1|4|PowerEdge M630",
            "2.5.1.1.2.2|2|1",
        ),
    )
    assert values(facts) == {("power", "Chassis peak power"): 2210.0}
    assert states(facts) == {"Fans": CRITICAL, "Slot 1 PowerEdge M630": OK}


def test_powered_ports_and_connections_of_routeros() -> None:
    mikrotik = "1.3.6.1.4.1.14988.1.1"
    facts = told(
        "1.3.6.1.4.1.14988.1",
        "RouterOS CRS328-24P",
        *under(
            mikrotik,
            "15.1.1.2.4|4|ether4",
            "15.1.1.3.4|2|4",
            "15.1.1.4.4|2|531",
            "15.1.1.5.4|2|120",
            "19.1.1.2.25|4|sfp-sfpplus1",
            "19.1.1.3.25|2|1",
            "22.1.1.0|66|412",
        ),
    )
    assert values(facts) == {
        ("voltage", "ether4 PoE"): 53.1,
        ("current", "ether4 PoE"): 0.12,
        ("count", "Connections"): 412.0,
    }
    assert states(facts) == {"ether4 PoE": CRITICAL, "sfp-sfpplus1 Rx loss": WARNING}


def test_an_idle_board_is_known_by_its_memory_or_by_the_limit_of_its_processor() -> None:
    operating = "1.3.6.1.4.1.2636.3.1.13.1"
    junos = told(
        "1.3.6.1.4.1.2636.1.1.1.2.29",
        "Juniper Networks, Inc. mx240",
        *under(
            operating,
            "5.9.2.0.0|4|Routing Engine 1",
            "8.9.2.0.0|66|0",
            "11.9.2.0.0|66|0",
            "15.9.2.0.0|2|16384",
            "5.4.1.0.0|4|Fan Tray 0",
            "8.4.1.0.0|66|0",
            "11.4.1.0.0|66|0",
            "15.4.1.0.0|2|0",
        ),
    )
    assert [(one.name, one.usage_percent) for one in junos.processors] == [("Routing Engine 1", 0.0)]
    state = "1.3.6.1.4.1.2011.5.25.31.1.1.1.1"
    huawei = told(
        "1.3.6.1.4.1.2011.2.62.2",
        "NE40E Huawei Versatile Routing Platform Software",
        *under(state, "5.16|2|0", "6.16|2|80", "7.16|2|0", "5.17|2|0", "6.17|2|0", "7.17|2|0"),
        f"{ENTITY_NAME}.16|4|LPU 1",
        f"{ENTITY_NAME}.17|4|Port 1",
    )
    assert [(one.name, one.usage_percent) for one in huawei.processors] == [("LPU 1 Processor", 0.0)]
