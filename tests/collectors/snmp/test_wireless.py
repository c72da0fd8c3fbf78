"""Controllers of access points: answers written after their MIBs, nothing recorded."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.checks import judge
from collectors.facts.host import Licence
from collectors.facts.snmp import facts_from_recording
from collectors.model import SensorLimits, Target
from collectors.outcome import Outcome
from collectors.platforms.snmp import detect, roots_for
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
AC6605 = ("1.3.6.1.4.1.2011.2.240.6", "Huawei AC6605 Huawei Versatile Routing Platform Software VRP")


def test_access_points_of_a_huawei_controller_have_their_names_and_states() -> None:
    table = "1.3.6.1.4.1.2011.6.139"
    facts = told(
        *AC6605,
        *under(
            table,
            *("12.1.2.1.0|66|2", "12.1.2.2.0|66|31"),
            *("13.3.3.1.4.2.0.94.0.1.1|4|floor1-ap1", "13.3.3.1.4.2.0.94.0.1.2|4|floor1-ap2"),
            *("13.3.3.1.4.2.0.94.0.1.3|4|store", "13.3.3.1.4.2.0.94.0.1.4|4|hall"),
            *("13.3.3.1.6.2.0.94.0.1.1|2|8", "13.3.3.1.6.2.0.94.0.1.2|2|4"),
            *("13.3.3.1.6.2.0.94.0.1.3|2|1", "13.3.3.1.6.2.0.94.0.1.4|2|11"),
            "13.3.3.1.6.2.0.94.0.1.5|2|99",
        ),
    )
    assert values(facts) == {("count", "Access points online"): 2, ("count", "Wireless clients"): 31}
    assert states(facts) == {
        "AP floor1-ap1": OK,
        "AP floor1-ap2": CRITICAL,
        "AP store": WARNING,
        "AP hall": OK,
        "Access point 2.0.94.0.1.5": Outcome.UNSUPPORTED,
    }


def test_a_down_access_point_is_a_finding_with_its_name() -> None:
    table = "1.3.6.1.4.1.2011.6.139.13.3.3.1"
    rows = under(table, "4.2.0.94.0.1.2|4|floor1-ap2", "6.2.0.94.0.1.2|2|4")
    found = judge(told(*AC6605, *rows), Target("7", "192.0.2.1", ()), datetime(2026, 3, 1, tzinfo=UTC))
    (finding,) = (one for one in found if one.check == "sensor_state")
    assert (finding.item, finding.outcome) == ("AP floor1-ap2", CRITICAL)


def test_an_h3c_controller_lists_apart_who_is_not_there() -> None:
    table = "1.3.6.1.4.1.25506.2.75.2.1"
    facts = told(
        "1.3.6.1.4.1.25506.1.1001",
        "H3C Comware Platform Software, Software Version 7.1.064",
        *under(
            table,
            *("1.1.4.3.65.65.49|2|5", "1.1.5.3.65.65.49|4|room-101"),  # serial number AA1
            *("1.1.4.3.65.65.50|2|3", "9.1.2.3.108.97.98|4|219801A0000000000001"),  # AA2; template lab
            "9.1.2.3.108.97.99|4|21980100000000000002",
        ),
    )
    assert states(facts) == {"AP room-101": OK, "AP AA2": WARNING, "AP lab": CRITICAL, "AP lac": CRITICAL}
    assert {one.state_text for one in facts.sensors if one.state_type == "hh3cDot11APIdleList"} == {"idle"}


def test_a_ruijie_controller_counts_who_is_offline() -> None:
    table = "1.3.6.1.4.1.4881.1.1.10.2.56"
    rows = under(
        table, "1.1.11.0|2|12", "1.1.80.0|2|1", "2.1.1.1.2.2.0.94.0.1.1|4|gym", "2.1.1.1.48.2.0.94.0.1.1|2|2"
    )
    facts = told(
        "1.3.6.1.4.1.4881.1.1.10.1.120", "Ruijie Wireless Controller (WS6008) By Ruijie Networks", *rows
    )
    assert states(facts) == {"AP gym": CRITICAL}
    assert values(facts)["count", "Access points offline"] == 1
    assert limits_of(facts, "count", "Access points offline") == SensorLimits(high_critical=1)


WLC = ("1.3.6.1.4.1.9.1.1069", "Cisco Controller")


def test_a_cisco_controller_tells_who_has_joined() -> None:
    airespace = "1.3.6.1.4.1.14179"
    facts = told(
        *WLC,
        *under(
            airespace,
            *("1.1.1.3.0|4|AIR-CT5508-K9", "1.1.1.4.0|4|FCW0000L000", "1.1.1.14.0|4|8.5.151.0"),
            *("1.1.5.1.0|2|3", "1.1.5.2.0|2|1000", "1.1.5.3.0|2|400", "2.3.1.13.0|2|34"),
            *("1.1.3.2.0|2|1", "1.1.3.3.0|2|0", "1.1.3.4.0|2|0", "1.1.3.5.0|2|0"),
            *("2.2.1.1.3.2.0.94.0.1.0|4|lobby", "2.2.1.1.6.2.0.94.0.1.0|2|1", "2.2.1.1.37.2.0.94.0.1.0|2|1"),
            *("2.2.1.1.3.2.0.94.0.2.0|4|attic", "2.2.1.1.6.2.0.94.0.2.0|2|2", "2.2.1.1.37.2.0.94.0.2.0|2|1"),
            *("2.2.1.1.3.2.0.94.0.3.0|4|off", "2.2.1.1.6.2.0.94.0.3.0|2|2", "2.2.1.1.37.2.0.94.0.3.0|2|2"),
        ),
        "1.3.6.1.4.1.9.9.618.1.8.4.0|66|2",
    )
    identity = facts.identity
    assert (identity.platform, identity.model, identity.serial, identity.version) == (
        "cisco-wlc",
        "AIR-CT5508-K9",
        "FCW0000L000",
        "8.5.151.0",
    )
    assert states(facts) == {"AP lobby": OK, "AP attic": CRITICAL, "Power supply 1": CRITICAL}
    assert values(facts) == {("count", "Access points online"): 2, ("temperature", "Controller"): 34}
    assert [one.usage_percent for one in facts.processors] == [3]
    assert [one.used_percent for one in facts.memory] == [60]


def test_an_aruba_controller_has_fans_licences_and_access_points() -> None:
    system, wlan = "1.3.6.1.4.1.14823.2.2.1.2.1", "1.3.6.1.4.1.14823.2.2.1.5.2.1"
    facts = told(
        "1.3.6.1.4.1.14823.1.1.49",
        "ArubaOS (MODEL: Aruba7030), Version 8.6.0.4",
        *under(
            system,
            *("3.0|4|Aruba7030", "28.0|4|8.6.0.4", "29.0|4|CT0000001", "13.1.3.1|2|7", "15.1.2.1|2|1000"),
            *("15.1.3.1|2|250", "14.1.2.1|2|1", "14.1.3.1|2|50", "14.1.4.1|2|5", "14.1.2.2|2|2"),
            *("14.1.3.2|2|400", "14.1.4.2|2|100", "14.1.5.2|4|/flash", "17.1.2.1|2|1", "17.1.2.2|2|2"),
            *("18.1.2.1|2|1", "20.1.4.1|4|2026-05-01 10:00:00", "20.1.6.1|4|Access Points: 64"),
            *("20.1.4.2|4|Never", "20.1.6.2|4|RF Protect: 64"),
        ),
        *under(wlan, "1.0|66|2", "2.0|66|9", "4.1.3.2.0.94.0.1.1|4|east", "4.1.19.2.0.94.0.1.1|2|1"),
        *under(wlan, "4.1.3.2.0.94.0.1.2|4|west", "4.1.19.2.0.94.0.1.2|2|2"),
    )
    assert (facts.identity.model, facts.identity.serial) == ("Aruba7030", "CT0000001")
    assert states(facts) == {
        "Fan 1": OK,
        "Fan 2": CRITICAL,
        "Power supply 1": OK,
        "AP east": OK,
        "AP west": CRITICAL,
    }
    assert values(facts) == {("count", "Access points online"): 2, ("count", "Wireless clients"): 9}
    assert [(one.name, one.used_percent) for one in facts.storage] == [("/flash", 25.0)]
    licences = facts.extra["licences"]
    assert isinstance(licences, tuple)
    assert [one.name for one in licences if isinstance(one, Licence)] == ["Access Points: 64"]


@pytest.mark.parametrize(
    ("object_id", "description", "root"),
    [
        (*AC6605, "1.3.6.1.4.1.2011.6.139.13.3.3.1.6"),
        (*WLC, "1.3.6.1.4.1.14179.2.2.1.1.6"),
        ("1.3.6.1.4.1.25506.1.1", "H3C Comware Software", "1.3.6.1.4.1.25506.2.75.2.1.1.1.4"),
    ],
)
def test_of_the_tables_of_access_points_only_columns_are_walked(
    object_id: str, description: str, root: str
) -> None:
    assert root in roots_for(object_id, description)


def test_a_switch_has_no_access_points() -> None:
    assert detect(*WLC) == "cisco-wlc"
    facts = facts_from_recording(
        "1.3.6.1.2.1.1.1.0|4|Huawei VRP S5720\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.2011.2.23\n"
    )
    assert not facts.sensors
