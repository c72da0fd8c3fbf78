"""Licences that end and signatures that age; answers written after the makers' command references."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collectors.checks import judge
from collectors.errors import ParseError
from collectors.facts.cli import facts_from_cli
from collectors.facts.cli.comware import licences as comware
from collectors.facts.cli.fortinet.system import parse_versions
from collectors.facts.cli.huawei import licences as huawei
from collectors.facts.cli.paloalto.licences import parse_license as parse_pan_licences
from collectors.facts.cli.paloalto.system import parse_info
from collectors.facts.cli.rows import Rows
from collectors.facts.dates import day_of, day_of_octets
from collectors.facts.host import Licence, SignatureSet
from collectors.model import DeviceFacts, Exchange, Finding, Target
from collectors.outcome import Outcome

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def findings(check: str, fact: str, *items: object) -> list[Finding]:
    facts = DeviceFacts(extra={fact: items} if items else {}, asked=frozenset({fact}))
    return [one for one in judge(facts, Target("7", "192.0.2.1", ()), NOW) if one.check == check]


def told(rows: Rows) -> list[object]:
    return [fact for row in rows for fact in row.facts]


# --- licences ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "outcome"),
    [(400, Outcome.OK), (29, Outcome.WARNING), (6, Outcome.CRITICAL), (-3, Outcome.CRITICAL)],
)
def test_a_licence_is_judged_by_the_days_that_are_left(days: int, outcome: Outcome) -> None:
    dated, counted = Licence("AV", NOW + timedelta(days=days)), Licence("IPS", None, days_left=days)
    found = findings("licence_days", "licences", dated, counted)
    assert [(one.item, one.outcome, one.value) for one in found] == [
        ("AV", outcome, days),
        ("IPS", outcome, days),
    ]


def test_of_several_of_one_name_the_first_to_end_counts_unless_it_was_renewed() -> None:
    ended, soon, late = (Licence("AV", NOW + timedelta(days=days)) for days in (-40, 20, 900))
    assert [one.value for one in findings("licence_days", "licences", late, soon)] == [20]
    assert [one.value for one in findings("licence_days", "licences", ended, late)] == [900]
    long_ago = Licence("AV", NOW - timedelta(days=400))
    assert [one.value for one in findings("licence_days", "licences", long_ago, ended)] == [-40]


def test_no_licence_with_an_end_is_nothing_to_judge() -> None:
    assert [one.outcome for one in findings("licence_days", "licences")] == [Outcome.NOT_APPLICABLE]


def test_packages_of_fortios_have_the_end_of_their_contract_and_the_day_of_their_update() -> None:
    output = """AV Engine
---------
Version: 6.00285 signed
Contract Expiry Date: Sat Mar 23 2024
Last Updated using scheduled update on Sat Jan 20 10:00:00 2024
Result: Updates Installed

Attack Definitions
---------
Version: 6.00741
Contract Expiry Date: n/a
Last Updated using manual update on Tue Dec  1 02:30:00 2015
"""
    rows = parse_versions(output)
    assert [row.facts for row in rows] == [
        (
            Licence("AV Engine", datetime(2024, 3, 23, tzinfo=UTC)),
            SignatureSet("AV Engine", datetime(2024, 1, 20, 10, tzinfo=UTC)),
        ),
        (),  # no contract: no updates are due
    ]
    assert rows[1].details["package"] == "Attack Definitions"
    with pytest.raises(ParseError):
        parse_versions("Unknown action 0")


def test_services_of_a_huawei_firewall_end_and_those_that_are_off_do_not() -> None:
    output = """Device ESN is: 210235G7LN0000000001
The file activated is: hda1:/lic_usg.dat
The time when activated is: 2025/08/26 10:11:12
Number of VSYS                : 10
IPS Update                    : Enabled; service expire time: 2026/08/25
Antivirus Update              : Enabled; service expire time: 2026/03/20
URL Remote Query              : Disabled; service expire time: 2020/01/01
"""
    assert told(huawei.parse_license(output)) == [
        Licence("IPS Update", datetime(2026, 8, 25, tzinfo=UTC)),
        Licence("Antivirus Update", datetime(2026, 3, 20, tzinfo=UTC)),
    ]


def test_a_huawei_switch_shows_its_features_in_blocks() -> None:
    output = """Active license     : flash:/lic.dat
License state      : Demo
Feature name       : CRFEA1
Authorize type     : demo
Expired date       : 2026-04-01
Trial days         : 60
Feature name       : SVF
Authorize type     : comm
Expired date       : PERMANENT
"""
    rows = huawei.parse_license(output)
    assert [row.details["licence"] for row in rows] == ["CRFEA1", "SVF"]
    assert told(rows) == [Licence("CRFEA1", datetime(2026, 4, 1, tzinfo=UTC))]
    assert huawei.parse_license("Info: No license is activated.") == ()
    with pytest.raises(ParseError):
        huawei.parse_license("something else")


def test_licences_of_comware_are_restricted_to_dates_or_days() -> None:
    def licence(feature: str, *lines: str) -> str:
        return "\n".join((f"  Feature: {feature}", "  Registered at: 2025-01-02 03:04:05", *lines, ""))

    dated, days = "  License Type: Trial (date restricted)", "  License Type: Trial (days restricted)"
    held, gone = "  Current State: In use", "  Current State: Uninstalled"
    output = "Slot 1:\nflash:/license/1.ak\n" + "".join(
        (
            licence("IPS", dated, "  Validity Period: 2025-01-02 to 2026-05-01", held),
            licence("AV", days, "  Trial Time Left (days): 12", held),
            licence("ACG", "  License Type: Days restricted", "  Time Left (days): 3", gone),
            licence("VXLAN", "  License Type: Permanent", held),
        )
    )
    rows = comware.parse_license(output)
    assert [row.details["feature"] for row in rows] == ["IPS", "AV", "ACG", "VXLAN"]
    assert told(rows) == [
        Licence("IPS", datetime(2026, 5, 1, tzinfo=UTC)),
        Licence("AV", None, days_left=12),
    ]
    assert comware.parse_license("Slot 1:\n") == ()
    with pytest.raises(ParseError):
        comware.parse_license("something else")


def test_licences_of_pan_os_end_on_a_day_or_never() -> None:
    output = """Current GMT Date: March 01, 2026

License entry:
Feature: Threat Prevention
Expires: March 20, 2026
Expired?: no

License entry:
Feature: PA-VM
Expires: Never
Expired?: no
"""
    rows = parse_pan_licences(output)
    assert [row.details["feature"] for row in rows] == ["Threat Prevention", "PA-VM"]
    assert told(rows) == [Licence("Threat Prevention", datetime(2026, 3, 20, tzinfo=UTC))]
    assert parse_pan_licences("Current GMT Date: March 01, 2026\n") == ()
    with pytest.raises(ParseError):
        parse_pan_licences("something else")


# --- signatures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "outcome"), [(2, Outcome.OK), (14, Outcome.WARNING), (30, Outcome.CRITICAL), (-1, Outcome.OK)]
)
def test_signatures_are_judged_by_their_age_and_never_below_zero(days: int, outcome: Outcome) -> None:
    (found,) = findings("signature_age", "signatures", SignatureSet("IPS", NOW - timedelta(days=days)))
    assert (found.item, found.outcome, found.value) == ("IPS", outcome, max(days, 0))


def test_what_changes_when_there_is_reason_to_is_not_old() -> None:
    old = NOW - timedelta(days=900)
    names = ("AV Engine", "IPS Config Script", "Modem List", "Virus Definitions", "Extended set")
    found = findings("signature_age", "signatures", *(SignatureSet(name, old) for name in names))
    assert [one.item for one in found] == ["Virus Definitions", "Extended set"]


def test_of_two_sets_of_one_name_the_newest_counts() -> None:
    ages = (60, 3, 50)
    sets = (SignatureSet("IPS", NOW - timedelta(days=days)) for days in ages)
    assert [one.value for one in findings("signature_age", "signatures", *sets)] == [3]


HUAWEI_SDB = """ IPS SDB Update Information List:
----------------------------------------------------------------
  Current Version:
    Signature Database Version    : 2026021600
    Signature Database Size(byte) : 3028816
    Update Time                   : 12:02:10 2026/02/18
    Issue Time of the Update File : {issued}

  Backup Version:
    Signature Database Version    : 2020010100
    Update Time                   : 12:02:10 2020/01/02
    Issue Time of the Update File : 16:06:30 2020/01/01
----------------------------------------------------------------
"""


@pytest.mark.parametrize(
    ("issued", "dated"),
    [
        ("16:06:30 2026/02/15", datetime(2026, 2, 15, 16, 6, 30, tzinfo=UTC)),
        ("", datetime(2026, 2, 16, tzinfo=UTC)),
    ],
)
def test_the_set_in_use_of_a_huawei_firewall_has_its_issue(issued: str, dated: datetime) -> None:
    rows = huawei.parse_signatures(HUAWEI_SDB.format(issued=issued))
    assert told(rows) == [SignatureSet("IPS SDB", dated)]


def test_a_huawei_firewall_without_a_set_has_nothing_to_be_old() -> None:
    output = " AV SDB Update Information List:\n  Current Version:\n    Signature Database Version    :\n"
    assert huawei.parse_signatures(output) == ()
    with pytest.raises(ParseError):
        huawei.parse_signatures("Current Version: 1")


def test_the_set_in_use_of_a_comware_firewall_has_its_release() -> None:
    output = """IPS signature library information:
Type      SigVersion         ReleaseTime               Size
Current   1.0.299            Fri Feb 13 09:05:35 2026  71594
Last      -                  -                         -
Factory   1.0.0              Fri Sep 11 09:05:35 2020  71394
"""
    assert told(comware.parse_signatures(output)) == [
        SignatureSet("IPS", datetime(2026, 2, 13, 9, 5, 35, tzinfo=UTC))
    ]
    nothing = output.replace("1.0.299            Fri Feb 13 09:05:35 2026  71594", "- - -")
    assert told(comware.parse_signatures(nothing)) == []
    with pytest.raises(ParseError):
        comware.parse_signatures("something else")


def test_sets_of_pan_os_are_those_that_are_loaded() -> None:
    output = """hostname: fw
sw-version: 10.2.0
av-version: 4104-4565
av-release-date: 2026/02/20  01:02:03 PST
threat-version: 0
threat-release-date: unknown
wildfire-version: 0
wildfire-release-date: 2020/01/01 00:00:00 PST
url-filtering-version: 0000.00.00.000
"""
    sets = [one for one in told(parse_info(output)) if isinstance(one, SignatureSet)]
    assert sets == [SignatureSet("Antivirus", datetime(2026, 2, 20, 1, 2, 3, tzinfo=UTC))]


def test_one_kind_of_signatures_that_is_not_read_leaves_the_other() -> None:
    asked = {
        "display version ips-sdb": HUAWEI_SDB.format(issued=""),
        "display version av-sdb": "no such thing here",
    }
    exchanges = tuple(Exchange("ssh", command, text.encode()) for command, text in asked.items())
    facts = facts_from_cli(exchanges, "huawei_vrp")
    assert facts.extra["signatures"]
    assert not [one for one in facts.errors if one.fact == "signatures"]


# --- days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20260214.20031", datetime(2026, 2, 14, tzinfo=UTC)),
        ("2026021400", datetime(2026, 2, 14, tzinfo=UTC)),
        ("20260231", None),
        ("0000.00.00.000", None),
        ("8500-7083", None),
        ("March 08, 2026", datetime(2026, 3, 8, tzinfo=UTC)),
        ("2026/02/18 12:02:10 PST", datetime(2026, 2, 18, 12, 2, 10, tzinfo=UTC)),
        ("12:02:10 2026/02/18", datetime(2026, 2, 18, 12, 2, 10, tzinfo=UTC)),
    ],
)
def test_days_within_versions(text: str, day: datetime | None) -> None:
    assert day_of(text) == day


def test_date_and_time_of_snmp() -> None:
    octets = bytes((0x07, 0xEA, 8, 25, 23, 59, 59, 0))
    assert day_of_octets(octets) == datetime(2026, 8, 25, 23, 59, 59, tzinfo=UTC)
    assert day_of_octets(octets + b"+\x08\x00") == day_of_octets(octets)
    assert day_of_octets(bytes(8)) is None
    assert day_of_octets(octets[:5]) is None
