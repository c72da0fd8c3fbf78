"""Storage of NetApp: shelves, mirrors, servers, licences. Answers written after the texts of the MIBs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.model import SensorLimits
from collectors.outcome import Outcome
from tests.support.snmp_answers import limits_of, states, told, under, values

OK, WARNING, CRITICAL, UNSUPPORTED = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL, Outcome.UNSUPPORTED
NETAPP = "1.3.6.1.4.1.789.1"
FILER = ("1.3.6.1.4.1.789.2.5", "NetApp Release 9.8P9: Thu Mar 17 02:57:38 UTC 2022")


@pytest.mark.parametrize(
    ("failed", "outcome"),
    [("4|", OK), ("4|2", CRITICAL), ("4|1, 2", CRITICAL), ("4|12", CRITICAL), ("4|melted", UNSUPPORTED)],
)
def test_a_shelf_lists_the_numbers_of_what_failed(failed: str, outcome: Outcome) -> None:
    shelf = under(f"{NETAPP}.21.1.2.1", "2.1|2|3", "3.1|4|0a.shelf1", f"18.1|{failed}", "15.1|4|")
    assert states(told(*FILER, *shelf)) == {
        "Shelf 0a.shelf1": OK,
        "Shelf 0a.shelf1 fans": outcome,
        "Shelf 0a.shelf1 power supplies": OK,
    }


def test_disks_that_are_rebuilt_or_about_to_fail_are_warnings_by_their_limits() -> None:
    facts = told(*FILER, *under(f"{NETAPP}.6.4", "3.0|2|1", "11.0|2|0"))
    assert values(facts) == {("count", "Disks being rebuilt"): 1.0, ("count", "Disks about to fail"): 0.0}
    assert limits_of(facts, "count", "Disks being rebuilt") == SensorLimits(high_warning=1.0)


def test_a_mirror_has_a_lag_and_a_source_has_none() -> None:
    facts = told(
        *FILER,
        *under(
            f"{NETAPP}.9.20.1",
            *("3.1|4|dr:vol_db", "5.1|2|2", "6.1|67|540000"),
            *("3.2|4|dr:vol_old", "5.2|2|3", "6.2|67|0"),
            *("3.3|4|lab:vol", "5.3|2|5", "6.3|67|0"),
        ),
    )
    assert states(facts) == {"Mirror dr:vol_db": OK, "Mirror dr:vol_old": WARNING, "Mirror lab:vol": OK}
    lags = values(facts)
    assert lags["duration", "Mirror dr:vol_db lag"] == pytest.approx(1.5)
    assert ("duration", "Mirror lab:vol lag") not in lags


def test_servers_of_data_that_stand_still_and_licences_that_end() -> None:
    facts = told(
        *FILER,
        *under(
            f"{NETAPP}.27.1.1",
            *("2.1|4|svm1", "15.1|2|0", "16.1|2|0", "2.2|4|svm2", "15.2|2|0", "16.2|2|1"),
            *("2.3|4|node-1", "15.3|2|2", "16.3|2|1"),
        ),
        *under(
            f"{NETAPP}.25.4.1",
            *("3.2.49.49.7|4|cluster1", "4.2.49.49.7|4|FlexClone License", "6.2.49.49.7|4x|07ea081f00000000"),
            *("4.2.49.49.8|4|NFS License", "6.2.49.49.8|4x|0000000000000000"),
        ),
    )
    assert states(facts) == {"Storage server svm1": OK, "Storage server svm2": WARNING}
    (licence,) = facts.extra["licences"]
    assert (licence.name, licence.ends) == ("FlexClone License cluster1", datetime(2026, 8, 31, tzinfo=UTC))
