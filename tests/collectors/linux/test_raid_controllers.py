"""RAID controllers of Linux hosts: what their programs print, how it is asked, and how it is judged."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.checks import judge
from collectors.errors import ParseError
from collectors.facts.linux import facts_from_linux, raid_states
from collectors.facts.linux.megacli import parse_megacli
from collectors.facts.linux.megaraid import parse_megaraid
from collectors.facts.linux.raid import Controllers
from collectors.facts.linux.smart_array import parse_smart_array
from collectors.model import DeviceFacts, Exchange, Finding, Target
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import BY_NAME

RECORDINGS = Path(__file__).parents[2] / "recordings/raid"
WARNING, CRITICAL, OK = Outcome.WARNING, Outcome.CRITICAL, Outcome.OK


def recorded(name: str) -> str:
    return (RECORDINGS / f"{name}.txt").read_text(encoding="utf-8")


def visited(section: str, answer: str, *, status: int = 0, complaint: str = "") -> DeviceFacts:
    exchange = Exchange(
        "ssh", BY_NAME[section].command, answer.encode(), Outcome.OK, "", status, complaint.encode()
    )
    return facts_from_linux([exchange])


def judged(facts: DeviceFacts) -> dict[tuple[str, str], Finding]:
    found = judge(facts, Target("h", "127.0.0.1", ()), datetime.now(UTC))
    return {(one.check, one.item): one for one in found}


def told(facts: DeviceFacts, check: str) -> dict[str, tuple[Outcome, str]]:
    return {
        item: (one.outcome, str(one.message)) for (name, item), one in judged(facts).items() if name == check
    }


def test_a_controller_that_is_well_has_nothing_abnormal_though_its_battery_charges() -> None:
    facts = visited("megaraid", recorded("storcli_one"))
    assert told(facts, "raid_state") == {"c0/v0 system": (OK, "State: Optimal (Optl)")}
    assert told(facts, "sensor_state") == {
        "c0 PERC H730P Mini": (OK, "State: Optimal"),
        "c0 BBU": (OK, "State: Dgd (Charging)"),
    }
    assert {one.name: one.value for one in facts.sensors if one.kind == "temperature"} == {
        "c0 ROC": 61,
        "c0 BBU": 34,
    }
    assert {item: outcome for item, (outcome, _) in told(facts, "smart").items()} == {
        f"c0/e32/s{slot}": OK for slot in range(4)
    }
    # A disk that sleeps says 0 degrees, which is no reading.
    assert set(told(facts, "smart_temperature")) == {"c0/e32/s0", "c0/e32/s1", "c0/e32/s3"}
    controller, first, *_ = facts.inventory
    assert (controller.model, controller.serial, controller.firmware) == (
        "PERC H730P Mini",
        "56A00FQ",
        "4.300.00-8364",
    )
    assert (first.kind, first.model, first.serial, first.firmware, first.vendor, first.parent) == (
        "disk",
        "ST1200MM0099",
        "WFK0A0",
        "ST31",
        "SEAGATE",
        "c0",
    )


def test_two_controllers_with_every_fault() -> None:
    facts = visited("megaraid", recorded("storcli_two"))
    assert told(facts, "raid_state") == {
        "c0/v0 system": (CRITICAL, "State: Degraded (Dgrd); rebuilding: c0/e252/s1 45 %"),
        "c0/v1 data": (
            CRITICAL,
            "Degraded: 2 of 3 members work, state Partially Degraded (Pdgd)",
        ),
        "c0/v2": (CRITICAL, "Degraded: 2 of 3 members work, state Offline (OfLn)"),
        "c0/v3 locked": (CRITICAL, "Degraded: 2 of 3 members work, state Blocked, Optimal (Optl)"),
    }
    assert told(facts, "smart") == {
        "c0/e252/s0": (CRITICAL, "The disk predicts its failure: replace it"),  # counted by the controller
        "c0/e252/s1": (WARNING, "State: Rebuild (Rbld)"),
        "c0/e252/s2": (CRITICAL, "The disk predicts its failure: replace it"),
        "c0/e252/s3": (WARNING, "Unreadable sectors: Media_Errors 12"),
        "c0/e252/s4": (CRITICAL, "State: Unconfigured Bad (UBad)"),
        "c0/e252/s5": (WARNING, "State: Foreign configuration, Unconfigured Good (UGood)"),
        "c0/e252/s6": (OK, "State: Dedicated Hot Spare (DHS)"),
        "c0/e252/s7": (WARNING, "State Zapped, whose meaning is not known"),
        "c1/s0": (OK, "State: JBOD"),
        "c1/s1": (OK, "State: JBOD"),
    }
    states = told(facts, "sensor_state")
    assert states["c0 AVAGO MegaRAID SAS 9361-8i"] == (WARNING, "State: Needs Attention")
    assert states["c0 CacheVault"] == (CRITICAL, "State: Failed")
    assert {one.name for one in facts.inventory if one.kind == "module"} == {"c0", "c1"}


def test_the_second_generation_tells_use_and_health_of_a_drive_apart() -> None:
    facts = visited("megaraid", recorded("storcli2"))
    assert told(facts, "raid_state") == {
        "c0/v239 system": (CRITICAL, "State: Degraded (Dgrd); rebuilding: c0/e306/s1 12 %"),
        "c0/v238": (OK, "State: Optimal (Optl)"),
    }
    assert [(one.active, one.expected) for one in parse_megaraid(recorded("storcli2")).arrays] == [
        (1, 2),
        (2, 2),
    ]
    assert told(facts, "smart") == {
        "c0/e306/s0": (WARNING, "Unreadable sectors: Media_Errors 7"),
        "c0/e306/s1": (WARNING, "State: Rebuild, Configured (Conf)"),
        "c0/e306/s2": (OK, "State: Good, Global Hot Spare (GHS)"),
        "c0/e306/s3": (CRITICAL, "State: Bad, Unconfigured (UConf)"),
        "c0/e306/s4": (CRITICAL, "State: Replace, Configured (Conf)"),
        "c0/e306/s5": (WARNING, "State: Online, Configured Shielded (ConfShld)"),
        "c0/e306/s6": (WARNING, "State Dozing, JBOD, whose meaning is not known"),
    }
    assert told(facts, "sensor_state")["c0 energy pack"] == (WARNING, "State: Need Attention")
    assert {one.name: one.value for one in facts.sensors if one.kind == "temperature"} == {
        "c0 Chip": 55,
        "c0 Board": 41,
        "c0 energy pack": 23,
    }
    disk = facts.inventory[1]
    assert (disk.serial, disk.firmware, disk.vendor) == ("WBM0K0", "ST58", "SEAGATE")
    assert [one.temperature_c for one in parse_megaraid(recorded("storcli2")).disks][:2] == [33, 34]


def test_controllers_of_both_generations_are_not_one() -> None:
    found = parse_megaraid(recorded("storcli_one") + recorded("storcli2"))
    assert [one.name for one in found.components if one.kind == "module"] == ["c0", "c0 (StorCLI 2)"]
    assert len({one.device for one in found.disks}) == 11
    assert {one.serial for one in found.disks} >= {"WFK0A0", "WBM0K0"}


def test_drives_are_known_by_their_details_where_the_list_is_missing() -> None:
    answer = json.loads(recorded("storcli2").split("\n}\n")[1] + "}")
    (disk, *_) = parse_megaraid(json.dumps(answer)).disks
    assert (disk.device, disk.serial) == ("c0/e306/s0", "WBM0K0")
    details = {
        "Drive /c0/s3": [{"EID:Slt": " :3", "State": "Onln"}],
        "Drive /c0/s3 - Detailed Information": {"Drive /c0/s3 Device attributes": {"SN": "X1"}},
    }
    first = {"Controllers": [{"Command Status": {"Controller": 0}, "Response Data": details}]}
    (disk,) = parse_megaraid(json.dumps(first)).disks
    assert (disk.device, disk.serial) == ("c0/s3", "X1")


def test_a_controller_that_cannot_be_asked_is_told_with_the_programs_words() -> None:
    facts = visited("megaraid", recorded("storcli_one_silent"))
    assert told(facts, "sensor_state")["c1"] == (WARNING, "State: Controller 1 is not responding")


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("megaraid", "storcli_none"),
        ("smart_array", "ssacli_none"),
        ("megacli", "megacli_none"),
        ("megaraid", ""),
    ],
)
def test_a_program_without_a_controller_is_no_fault(section: str, name: str) -> None:
    facts = visited(section, recorded(name) if name else "")
    assert facts.errors == ()
    assert "raid" not in facts.extra
    assert {outcome for outcome, _ in told(facts, "raid_state").values()} == {Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("section", "name", "words"),
    [
        ("megaraid", "storcli_refused", "the program says: Un-supported Command"),
        ("megacli", "hpacucli_busy", "the program says: Another instance"),
        ("smart_array", "hpacucli_busy", "Another instance of hpacucli is running! Stop it first."),
    ],
)
def test_a_refusal_is_not_taken_for_no_controller(section: str, name: str, words: str) -> None:
    facts = visited(section, recorded(name))
    assert {error.fact for error in facts.errors} == {"raid", "smart"}
    for error in facts.errors:
        assert error.outcome is Outcome.PARSE_FAILED
        assert words in error.message


@pytest.mark.parametrize("section", ["megaraid", "megacli", "smart_array"])
def test_an_account_that_may_not_ask_is_told_so(section: str) -> None:
    facts = visited(section, "", status=1, complaint="storcli64: only root may ask it\n")
    for check in ("raid_state", "smart"):
        ((outcome, words),) = told(facts, check).values()
        assert outcome is Outcome.UNSUPPORTED
        assert words == "Not read: The account may not read this: storcli64: only root may ask it"


def test_megacli_with_faults() -> None:
    facts = visited("megacli", recorded("megacli"))
    assert told(facts, "raid_state") == {
        "c0/v0 system": (CRITICAL, "State: Degraded"),
        "c0/v1": (OK, "State: Optimal"),
    }
    assert [one.level for one in parse_megacli(recorded("megacli")).arrays] == ["RAID1", "RAID10"]
    assert told(facts, "smart") == {
        "c0/e252/s0": (OK, "State: Online"),
        "c0/e252/s1": (CRITICAL, "The disk predicts its failure: replace it"),
        "c0/s2": (WARNING, "State: Foreign configuration, Unconfigured(good)"),
        "c0/e252/s3": (WARNING, "State: Rebuild"),
        "c0/e252/s4": (CRITICAL, "State: Unconfigured(bad)"),
        "c0/e252/s5": (OK, "State: Hotspare"),
    }
    assert told(facts, "sensor_state") == {"c0 BBU": (CRITICAL, "State: Replace")}
    assert {one.name: one.value for one in facts.sensors if one.kind == "temperature"} == {
        "c0 ROC": 65,
        "c0 BBU": 31,
    }
    controller, sas, _, sata, *_ = facts.inventory
    assert (controller.model, controller.serial) == ("LSI MegaRAID SAS 9260-8i", "SV13400001")
    assert (sas.vendor, sas.model, sas.serial, sas.firmware) == ("SEAGATE", "ST3300657SS", "6SJ00001", "0004")
    assert (sata.model, sata.serial) == ("SAMSUNG MZ7LH960HAJR-00005", "S45NNX0M400001")


def test_a_battery_of_megacli_that_learns_is_well() -> None:
    text = recorded("megacli").replace("required            : Yes", "required            : No")
    learning = text.replace("Active                      : No", "Active                      : Yes")
    assert told(visited("megacli", text), "sensor_state")["c0 BBU"] == (OK, "State: Operational")
    assert told(visited("megacli", learning), "sensor_state")["c0 BBU"] == (OK, "State: Learning")


def test_smart_arrays_with_faults() -> None:
    facts = visited("smart_array", recorded("ssacli_two"))
    assert told(facts, "raid_state") == {
        "slot 0 LD 1": (CRITICAL, "Degraded: 1 of 2 members work, state Interim Recovery Mode"),
        "slot 0 LD 2": (WARNING, "State: Recovering, 26% complete; rebuilding: 26%"),
    }
    assert told(facts, "smart") == {
        "slot 0 1I:1:1": (OK, "State: OK"),
        "slot 0 1I:1:2": (CRITICAL, "State: Failed"),
        "slot 0 1I:1:3": (OK, "State: OK"),
        "slot 0 1I:1:4": (WARNING, "State: Rebuilding"),
        "slot 0 1I:1:5": (CRITICAL, "The disk predicts its failure: replace it"),  # an SSD that is worn
        "slot 0 1I:1:6": (CRITICAL, "The disk predicts its failure: replace it"),
    }
    assert told(facts, "sensor_state") == {
        "slot 0 HPE Smart Array P408i-a SR Gen10": (OK, "State: OK"),
        "slot 0 cache": (WARNING, "State: Temporarily Disabled"),
        "slot 0 battery": (CRITICAL, "State: Failed (Replace Batteries/Capacitors)"),
        "slot 0 Internal Drive Cage 1I:1": (OK, "State: OK"),
        "slot 0 Internal Drive Cage 1I:1 Power Supply": (OK, "State: Not Redundant"),
        "slot 0 Storage Enclosure 2E:2": (OK, "State: OK"),
        "slot 0 Storage Enclosure 2E:2 Fan": (WARNING, "State: Degraded"),
        "slot 0 Storage Enclosure 2E:2 Temperature": (OK, "State: OK"),
        "slot 0 Storage Enclosure 2E:2 Power Supply": (OK, "State: Redundant"),
        "slot 4 Smart HBA H241": (OK, "State: OK"),
    }
    assert {one.name: one.value for one in facts.sensors if one.kind == "temperature"} == {
        "slot 0 Capacitor": 33,
        "slot 0 ASIC": 51,
        "slot 4 Controller": 58,
        "slot 4 Capacitor": 21,
    }
    disk = next(one for one in facts.inventory if one.name == "slot 0 1I:1:1")
    assert (disk.model, disk.serial, disk.firmware, disk.parent) == (
        "HPE EG001200JWJNQ",
        "WBN0AAAA",
        "HPD4",
        "slot 0",
    )


def test_an_older_program_tells_a_battery_that_charges() -> None:
    facts = visited("smart_array", recorded("hpacucli_p410"))
    assert told(facts, "raid_state") == {"slot 1 LD 1": (OK, "State: OK")}
    assert told(facts, "sensor_state")["slot 1 battery"] == (OK, "State: Recharging")
    assert [one.level for one in parse_smart_array(recorded("hpacucli_p410")).arrays] == ["RAID 1+0"]


def test_indented_answers_are_read_alike() -> None:
    text = recorded("ssacli_two")
    assert parse_smart_array(text.replace("\n", "\n\t")) == parse_smart_array(text)


@pytest.mark.parametrize(
    ("word", "states", "outcome"),
    [
        ("OfLn", raid_states.MEGARAID_ARRAYS, CRITICAL),
        ("Rec", raid_states.MEGARAID_ARRAYS, WARNING),
        ("Offln", raid_states.MEGARAID_DISKS, CRITICAL),
        ("Degraded (Learning)", raid_states.MEGARAID_BATTERIES, OK),
        ("Degraded (Needs Attention)", raid_states.MEGARAID_BATTERIES, WARNING),
        ("Permanently Disabled", raid_states.SMART_ARRAY_PARTS, CRITICAL),
        ("Not Configured", raid_states.SMART_ARRAY_PARTS, OK),
        ("OK (Not safe)", raid_states.SMART_ARRAY_PARTS, Outcome.UNSUPPORTED),
        ("", raid_states.SMART_ARRAY_ARRAYS, Outcome.UNSUPPORTED),
    ],
)
def test_words_of_states(word: str, states: raid_states.States, outcome: Outcome) -> None:
    assert raid_states.meaning(word, states)[1] is outcome


def test_a_disk_that_the_system_sees_itself_is_one_piece() -> None:
    def asked(section: str, answer: str) -> Exchange:
        return Exchange("ssh", BY_NAME[section].command, answer.encode(), Outcome.OK, "", 0)

    row = 'NAME="nvme0n1" TYPE="disk" SIZE="4000787030016" MODEL="INTEL" SERIAL="PHLJ0" ROTA="0"\n'
    facts = facts_from_linux([asked("lsblk", row), asked("megaraid", recorded("storcli_two"))])
    assert [one.name for one in facts.inventory if one.serial == "PHLJ0"] == ["nvme0n1"]


def test_an_array_that_tells_smartctl_nothing_is_told_by_its_disks() -> None:
    def asked(section: str, answer: str) -> Exchange:
        return Exchange("ssh", BY_NAME[section].command, answer.encode(), Outcome.OK, "", 0)

    smart = (
        "device: /dev/sda\nVendor: DELL\nProduct: PERC H730P Mini\n"
        "device: /dev/bus/0\nSmartctl open device: /dev/bus/0 failed: DELL or MegaRaid controller\n"
        "device: /dev/sdb\nDevice Model: ST1000\n"
        "device: /dev/sdc\nDevice Model: RAID edition\nSMART Health Status: OK\n"
    )
    alone = facts_from_linux([asked("smart", smart)])
    assert len(told(alone, "smart")) == 4
    both = facts_from_linux([asked("smart", smart), asked("megaraid", recorded("storcli_one"))])
    assert set(told(both, "smart")) == {"/dev/sdb", "/dev/sdc", *(f"c0/e32/s{slot}" for slot in range(4))}


def test_arrays_of_md_and_of_a_controller_stand_together() -> None:
    def asked(section: str, answer: str, outcome: Outcome = Outcome.OK) -> Exchange:
        return Exchange("ssh", BY_NAME[section].command, answer.encode(), outcome, "none", 0)

    md = "Personalities : [raid1]\nmd0 : active raid1 sda1[0] sdb1[1]\n      1 blocks [2/2] [UU]\n"
    both = facts_from_linux([asked("mdstat", md), asked("megaraid", recorded("storcli_one"))])
    assert set(told(both, "raid_state")) == {"md0", "c0/v0 system"}
    evidence = {item: one.evidence for (check, item), one in judged(both).items() if check == "raid_state"}
    assert {one.exchange for one in evidence.values() if one} == {0, 1}
    without = facts_from_linux(
        [asked("mdstat", "", Outcome.NOT_APPLICABLE), asked("megaraid", recorded("storcli_one"))]
    )
    assert set(told(without, "raid_state")) == {"c0/v0 system"}


def _parsed(text: str) -> None:
    for parse in (parse_megaraid, parse_megacli, parse_smart_array):
        with contextlib.suppress(ParseError):
            found = parse(text)
            assert isinstance(found, Controllers)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    "Controllers",
                    "Command Status",
                    "Response Data",
                    "Controller",
                    "PD LIST",
                    "VD LIST",
                    "TOPOLOGY",
                    "EID:Slt",
                    "DG/VD",
                    "DG",
                    "State",
                    "HwCfg",
                    "BBU_Info",
                    "Temp",
                    "Drives List",
                    "Drive Information",
                    "Drive Detailed Information",
                    "LU/NS Properties",
                    "Progress%",
                    "Status",
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(data=_JSON)
@settings(max_examples=80)
def test_any_json_is_parsed_or_refused(data: object) -> None:
    answer = {"Controllers": [{"Command Status": {"Controller": 0}, "Response Data": data}]}
    _parsed(json.dumps(answer))
    _parsed(json.dumps(data))


@given(
    name=st.sampled_from(("storcli_two", "storcli2", "megacli", "ssacli_two", "hpacucli_p410")),
    cut=st.floats(0, 1),
    put=st.text(max_size=20),
    length=st.integers(0, 300),
)
@settings(max_examples=150)
def test_a_damaged_answer_is_parsed_or_refused(name: str, cut: float, put: str, length: int) -> None:
    text = recorded(name)
    place = int(cut * len(text))
    _parsed(text[:place] + put + text[place + length :])
