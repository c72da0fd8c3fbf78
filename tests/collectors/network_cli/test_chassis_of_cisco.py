"""Modules, supervisors and extenders of Cisco: answers written after the command references."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.registry import parser_for
from collectors.facts.cli.rows import Member
from collectors.facts.cli.screen import render
from collectors.model import Sensor
from collectors.outcome import Outcome

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
CATALYST_6500 = """
Mod Ports Card Type                              Model              Serial No.
--- ----- -------------------------------------- ------------------ -----------
  1   48  CEF720 48 port 10/100/1000mb Ethernet  WS-X6748-GE-TX     SAL00000001
  2   24  CEF720 24 port 1000mb SFP              WS-X6824-SFP       SAL00000002
  5    2  Supervisor Engine 720 (Active)         WS-SUP720-3B       SAL00000003

Mod MAC addresses                       Hw    Fw           Sw           Status
--- ---------------------------------- ------ ------------ ------------ -------
  1  0011.2233.4400 to 0011.2233.442f   2.5   12.2(14r)S5  12.2(33)SXI  Ok
  2  0011.2233.4500 to 0011.2233.4517   1.0   12.2(18r)S1  12.2(33)SXI  PwrDown
  5  0011.2233.4600 to 0011.2233.4603   5.2   8.5(2)       12.2(33)SXI  Ok

Mod  Sub-Module                  Model              Serial       Hw     Status
---- --------------------------- ------------------ ----------- ------- -------
  1  Centralized Forwarding Card WS-F6700-CFC       SAL00000004  4.1    Ok
  5  Policy Feature Card 3       WS-F6K-PFC3B       SAL00000005  2.3    Other

Mod  Online Diag Status
---- -------------------
  1  Pass
  2  Not Available
  5  Minor Error
"""
CATALYST_4500 = """Chassis Type : WS-C4506-E

Power consumed by backplane : 0 Watts

Mod Ports Card Type                              Model              Serial No.
---+-----+--------------------------------------+------------------+-----------
 1     6  Sup 7-E 10GE (SFP+), 1000BaseX (SFP)   WS-X45-SUP7-E      CAT00000001
 2    48  10/100/1000BaseT Premium POE E Series  WS-X4648-RJ45V+E   CAT00000002

 M MAC addresses                    Hw  Fw           Sw               Status
--+--------------------------------+---+------------+----------------+---------
 1 0011.2233.4400 to 0011.2233.4405 2.0 15.0(1r)SG2  03.02.00.SG      Ok
 2 0011.2233.4500 to 0011.2233.452f 2.1                               Faulty

Mod  Redundancy role     Operating mode      Redundancy status
----+-------------------+-------------------+----------------------------------
 1   Active Supervisor   RPR                 Active
"""
DUPLEX = """Redundant System Information :
------------------------------
       Available system uptime = 1 year, 3 weeks, 2 days
Switchovers system experienced = 0
              Standby failures = 0
        Last switchover reason = none

                 Hardware Mode = Duplex
    Configured Redundancy Mode = sso
     Operating Redundancy Mode = sso
              Maintenance Mode = Disabled
                Communications = Up

Current Processor Information :
-------------------------------
               Active Location = slot 3
        Current Software state = ACTIVE
       Uptime in current state = 1 year, 3 weeks
                 Image Version = Cisco IOS Software, Catalyst L3 Switch Software
        Configuration register = 0x2102

Peer Processor Information :
----------------------------
              Standby Location = slot 4
        Current Software state = STANDBY HOT
       Uptime in current state = 1 year, 3 weeks
"""


def read(platform: str, command: str, text: str) -> list[object]:
    parse = parser_for(platform, command)
    assert parse is not None
    return [fact for row in parse(render(text.encode(), command)) for fact in row.facts]


def states(text: str) -> list[tuple[str, str, Outcome | None]]:
    return [
        (one.name, one.state_text, one.state_outcome)
        for one in read("cisco_ios", "show module", text)
        if isinstance(one, Sensor)
    ]


def members(platform: str, command: str, text: str) -> list[tuple[str, str, Outcome]]:
    return [
        (one.name, one.state, one.outcome) for one in read(platform, command, text) if isinstance(one, Member)
    ]


def test_modules_of_a_chassis_their_pieces_and_their_own_tests() -> None:
    assert states(CATALYST_6500) == [
        ("Module 1 WS-X6748-GE-TX", "Ok", OK),
        ("Module 2 WS-X6824-SFP", "PwrDown", WARNING),
        ("Module 5 WS-SUP720-3B", "Ok", OK),
        ("Module 1 Centralized Forwarding Card", "Ok", OK),
        ("Module 5 Policy Feature Card 3", "Other", WARNING),
        ("Module 1 WS-X6748-GE-TX diagnostics", "Pass", OK),
        ("Module 5 WS-SUP720-3B diagnostics", "Minor Error", WARNING),
    ]


def test_modules_whose_columns_are_parted_by_a_plus() -> None:
    assert states(CATALYST_4500) == [
        ("Module 1 WS-X45-SUP7-E", "Ok", OK),
        ("Module 2 WS-X4648-RJ45V+E", "Faulty", CRITICAL),
    ]


def test_two_supervisors_that_are_ready_for_each_other() -> None:
    assert members("cisco_ios", "show redundancy", DUPLEX) == [
        ("Processor in slot 3", "ACTIVE", OK),
        ("Processor in slot 4", "STANDBY HOT", OK),
        ("Redundancy mode", "sso", OK),
    ]


def test_a_standby_that_is_cold_is_so_by_design_or_not() -> None:
    cold = DUPLEX.replace("STANDBY HOT", "STANDBY COLD").replace(
        "Operating Redundancy Mode = sso", "Operating Redundancy Mode = rpr"
    )
    assert [one[2] for one in members("cisco_ios", "show redundancy", cold)] == [OK, WARNING, WARNING]
    designed = cold.replace("Configured Redundancy Mode = sso", "Configured Redundancy Mode = rpr")
    assert [one[2] for one in members("cisco_ios", "show redundancy", designed)] == [OK, OK, OK]


def test_a_peer_that_is_gone_is_told_and_one_that_never_was_is_not_missed() -> None:
    gone = DUPLEX.partition("Peer Processor")[0] + (
        "Peer (slot: 4) information is not available because it is in 'DISABLED' state\n"
    )
    assert members("cisco_ios", "show redundancy", gone)[1] == ("Peer processor", "DISABLED", CRITICAL)
    alone = gone.replace("Hardware Mode = Duplex", "Hardware Mode = Simplex")
    assert members("cisco_ios", "show redundancy", alone) == [("Processor in slot 3", "ACTIVE", OK)]


def test_extenders_of_a_nexus() -> None:
    text = """
  FEX         FEX           FEX                       FEX
Number    Description      State            Model            Serial
------------------------------------------------------------------------
100        rack 3 left           Online   N2K-C2248TP-1GE   SSI00000001
101            FEX0101          Offline   N2K-C2248TP-1GE   SSI00000002
102            FEX0102   Image Download   N2K-C2232PP-10GE  SSI00000003
"""
    assert members("cisco_nxos", "show fex", text) == [
        ("FEX 100", "Online", OK),
        ("FEX 101", "Offline", CRITICAL),
        ("FEX 102", "Image Download", WARNING),
    ]
    assert members("cisco_nxos", "show fex", "") == []


@pytest.mark.parametrize("command", ["show module", "show redundancy"])
@pytest.mark.parametrize("text", ["", "% Invalid input detected at '^' marker.", "Mod\n---\n", "\x00" * 9])
def test_another_answer_is_refused(command: str, text: str) -> None:
    with pytest.raises(ParseError):
        read("cisco_ios", command, text)
