"""Own checks: defined by an administrator, tried by a worker, part of plans, records and evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.levels import resolve
from collectors.model import Exchange, SnmpAccess, Target, Transcript, Visit
from collectors.outcome import Outcome
from collectors.runner import judge_transcript
from collectors.simulator.mib import Mib, Row
from collectors.simulator.snmp_agent import AgentServer, SnmpAgent
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.inspections.levels.rules import rules_for
from servicedesk.inspections.levels.service import LevelData, save_level
from servicedesk.inspections.models import Finding, ReadingItem
from servicedesk.inspections.outcomes import check_title
from servicedesk.inspections.own import service, trials
from servicedesk.inspections.own.checks import own_checks_for
from servicedesk.inspections.own.models import OwnCheckDefinition, OwnCheckTrial
from servicedesk.inspections.own.service import OwnCheckData
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.required import RequiredItem
from servicedesk.inspections.runs import start_plan
from tests.servicedesk.inspections.play import finish, take
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

OID = "1.3.6.1.4.1.99.1.2"


def define(world: World, who: str = "sam", **values: object) -> OwnCheckDefinition:
    usual = {"title": "Battery room", "kind": "oid", "question": f"{OID}.0", "unit": "°C", "scale": 0.1}
    data = OwnCheckData(**(usual | {"warning": 27.0, "critical": 30.0} | values))  # type: ignore[arg-type]  # by name
    client = world.organisations["south" if who == "stan" else "north"]
    with unit_of_work():
        return service.save_own_check(None, client.id, data, actor=world.actor(who), now=world.now)


def answering(line: str) -> object:
    """A visitor that needs no device: it hears one SNMP answer."""

    def visit(target: Target) -> Visit:
        exchange = Exchange("snmp", f"walk {OID}", line.encode())
        told = {"snmp.outcome": "ok", "snmp.error": ""}
        transcript = Transcript(
            target.key, target.address, world_now, 0.5, (exchange,), Outcome.OK, session=told
        )
        return Visit(transcript, *judge_transcript(transcript, target))

    return visit


@pytest.fixture(autouse=True)
def _clock(world: World) -> None:
    global world_now
    world_now = world.now


def test_an_own_check_stands_in_plan_record_evidence_and_finding(app: Flask, world: World) -> None:
    device = world.device(protocol="snmp")
    own = define(world)
    with unit_of_work():
        plan = save_plan(
            None,
            PlanData(device.site_id, "Round", required=[RequiredItem(own.check)]),
            actor=SYSTEM,
            now=world.now,
        )
        run = start_plan(plan, actor=SYSTEM, now=world.now)
    claimed = take(run, world.now + timedelta(seconds=1))
    target: Target = claimed[1]
    assert [check.name for check in target.own_checks] == [own.check]
    visit = answering(f"{OID}.0|2|312")(target)  # type: ignore[operator]  # a visitor
    assert finish(claimed, visit, world.now + timedelta(seconds=2))
    fresh()
    finding = db.session.scalars(sa.select(Finding).where(Finding.check == own.check)).one()
    assert finding.ticket is not None
    assert "Battery room" in finding.ticket.title
    browser = Browser(app, "sam")
    record = browser.get(f"/inspections/records/{finding.last_record_id}").text
    assert "Battery room" in record
    assert "31.2" in record
    assert "the check&#39;s own definition" in record
    assert "exchange=0" in record
    assert "Battery room" in browser.get(f"/inspections/plans/{plan.id}").text


def test_a_level_of_the_ladder_can_be_set_for_an_own_check_but_not_for_another_clients(world: World) -> None:
    device = world.device(protocol="snmp")
    own, theirs = define(world), define(world, "stan")
    actor = world.actor("sam")
    with unit_of_work():
        data = LevelData("device", own.check, "cooler", warning=20, critical=22, device_id=device.id)
        save_level(None, device.client_id, data, actor=actor, now=world.now)
    claimed_levels = resolve(
        own_checks_for(device)[0].levels, own.check, "", rules_for(device, world.now.date())
    )
    assert (claimed_levels.warning_upper, claimed_levels.critical_upper) == (20, 22)
    too_high = LevelData("device", own.check, "no", warning=31, device_id=device.id)  # critical stays 30
    not_ours = LevelData("device", theirs.check, "no", warning=20, device_id=device.id)
    for data, field in ((too_high, "warning"), (not_ours, "check")):
        with pytest.raises(InvalidError) as refusal:
            save_level(None, device.client_id, data, actor=actor, now=world.now)
        assert refusal.value.field == field


def test_it_is_asked_of_the_devices_it_names_and_of_no_other_clients(world: World) -> None:
    mine = world.device("ups-1", model="SMT1500")
    other = world.device("sw-1", model="S5720")
    theirs = world.device("ups-2", "south-1", model="SMT1500")
    define(world, applies_to="smt*\n")
    assert [len(own_checks_for(device)) for device in (mine, other, theirs)] == [1, 0, 0]


def test_a_switched_off_check_is_not_asked(world: World) -> None:
    define(world, active=False)
    assert own_checks_for(world.device()) == ()


COMMAND = {
    "kind": "command",
    "question": "display clock",
    "dialects": ["huawei_vrp"],
    "pattern": "(?P<value>.)",
}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"question": "1.3.6"}, "question"),
        ({"question": "1.3.6.1.4.1.9; reboot"}, "question"),
        ({"names_oid": "nonsense"}, "names_oid"),
        ({"kind": "script"}, "kind"),
        ({"pattern": "(("}, "pattern"),
        ({"pattern": r"(?P<value>x)\1"}, "pattern"),
        ({"scale": 0.0}, "scale"),
        ({"scale": float("nan")}, "scale"),
        ({"warning": float("inf")}, "warning"),
        ({"warning": 40.0}, "warning"),
        ({"direction": "lower"}, "warning"),
        ({"direction": "both"}, "direction"),
        ({"states": "on"}, "states"),
        ({"states": "on = good"}, "states"),
        ({"states": "x = ok\n" * 51}, "states"),
        ({"applies_to": "\n \n"}, "applies_to"),
        (COMMAND | {"question": "reboot"}, "question"),
        (COMMAND | {"question": "display current-configuration"}, "question"),
        (COMMAND | {"question": "display clock | include x"}, "question"),
        (COMMAND | {"dialects": ["generic", "no such"]}, "question"),
        (COMMAND | {"dialects": []}, "dialects"),
        (COMMAND | {"pattern": ""}, "pattern"),
    ],
)
def test_what_would_not_only_read_or_cannot_work_is_refused_at_its_field(
    world: World, values: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        define(world, **values)
    assert refusal.value.field == field
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OwnCheckDefinition)) == 0


def test_two_checks_of_one_name_are_refused_but_not_those_of_two_clients(world: World) -> None:
    define(world)
    define(world, "stan")
    with pytest.raises(InvalidError):
        define(world)


@pytest.mark.parametrize("who", ["erik", "rita", "carl"])
def test_who_does_not_edit_plans_defines_nothing(world: World, who: str) -> None:
    with pytest.raises(NotAllowedError):
        define(world, who)


def test_a_change_raises_the_version_and_is_audited(world: World) -> None:
    own = define(world)
    data = OwnCheckData("Battery hall", "oid", OID, warning=26.0)
    with unit_of_work():
        service.save_own_check(own, own.client_id, data, actor=world.actor("sam"), now=world.now)
    assert own.version == 2
    entries = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action.like("own_check.%"))).all()
    assert [entry.action for entry in entries] == ["own_check.created", "own_check.updated"]
    assert check_title(own.check) == "Battery hall"


def trial(world: World, **values: object) -> OwnCheckTrial:
    device = world.device(protocol="snmp")
    data = OwnCheckData("Try", "oid", OID, **values)  # type: ignore[arg-type]  # by name
    with unit_of_work():
        return service.begin_trial(device, device.client_id, data, actor=world.actor("sam"), now=world.now)


def test_a_trial_asks_once_keeps_nothing_and_shows_what_was_heard(world: World) -> None:
    found = trial(world, scale=0.1)
    seen: list[Target] = []
    heard = answering(f"{OID}.0|2|312")

    def visitor(target: Target) -> Visit:
        seen.append(target)
        return heard(target)  # type: ignore[operator,no-any-return]  # a visitor

    assert trials.run_trial(found.id, runtime().keyring, visitor=visitor)
    assert not trials.run_trial(found.id, runtime().keyring, visitor=visitor)
    assert len(seen) == 1
    assert seen[0].only_own
    assert all(isinstance(access, SnmpAccess) for access in seen[0].accesses)
    fresh()
    assert (found.state, found.result and found.result["rows"][0]["value"]) == ("done", pytest.approx(31.2))
    for model in (OwnCheckDefinition, ReadingItem):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_a_trial_is_a_real_visit_that_asks_an_agent_for_this_alone(world: World) -> None:
    rows: list[Row] = [((1, 3, 6, 1, 2, 1, 1, 5, 0), 4, "room"), ((1, 3, 6, 1, 4, 1, 99, 1, 2, 0), 2, 312)]
    agent = SnmpAgent(Mib(rows), "public")
    server = AgentServer([agent]).start()
    try:
        found = trial(world, scale=0.1, critical=30.0)
        with unit_of_work():
            found.device.accesses[0].port = agent.port
        assert trials.run_trial(found.id, runtime().keyring)
    finally:
        server.stop()
    fresh()
    assert found.result is not None
    assert [(row["value"], row["outcome"]) for row in found.result["rows"]] == [
        (pytest.approx(31.2), "critical")
    ]
    assert [answer["question"] for answer in found.result["answers"]] == [
        "get 1.3.6.1.2.1.1",
        f"walk {OID}",
    ]


def test_a_trial_nobody_took_is_enqueued_again_and_an_interrupted_one_says_so(world: World) -> None:
    found = trial(world)
    later = world.now + trials.LOST_AFTER * 2
    with unit_of_work():
        assert trials.waiting(later) == [found.id]
        found.state, found.started_at = "running", world.now
        db.session.flush()
        assert trials.waiting(later) == []
    assert (found.state, found.result and found.result["outcome"]) == ("done", "not_inspected")


def test_a_device_without_that_access_cannot_be_tried(world: World) -> None:
    device = world.device(protocol="ssh")
    data = OwnCheckData("Try", "oid", OID)
    with pytest.raises(InvalidError) as refusal:
        service.begin_trial(device, device.client_id, data, actor=world.actor("sam"), now=world.now)
    assert refusal.value.field == "device_id"


def test_another_clients_device_cannot_be_tried(world: World) -> None:
    theirs = world.device("theirs", "south-1", protocol="snmp")
    data = OwnCheckData("Try", "oid", OID)
    client = world.organisations["north"].id
    with pytest.raises(NotAllowedError):
        service.begin_trial(theirs, client, data, actor=world.actor("sam"), now=world.now)


# --- pages -----------------------------------------------------------------------------------------


def fields(**values: object) -> dict[str, object]:
    usual = {"title": "Battery room", "kind": "oid", "question": OID, "active": "y", "scale": "0.1"}
    return usual | {"direction": "upper", "warning": "27", "critical": "30", "applies_to": "*"} | values


def test_it_is_defined_changed_and_tried_in_the_browser(app: Flask, world: World) -> None:
    device = world.device(protocol="snmp")
    browser = Browser(app, "sam")
    path = f"/inspections/own-checks/new?client={device.client_id}"
    tried = browser.post(path, **fields(**{"try": "1", "device_id": str(device.id)}))
    assert tried.status_code == 200
    assert "waits for a worker" in tried.text
    fresh()
    waiting = db.session.scalars(sa.select(OwnCheckTrial)).one()
    trials.run_trial(waiting.id, runtime().keyring, visitor=answering(f"{OID}.7|2|<b>312"))  # type: ignore[arg-type]  # a visitor
    part = browser.get(f"/inspections/own-checks/trials/{waiting.id}").text
    assert "hx-get" not in part
    assert "&lt;b&gt;312" in part
    assert browser.post(path, **fields()).status_code == 302
    fresh()
    own = db.session.scalars(sa.select(OwnCheckDefinition)).one()
    assert "Battery room" in browser.get("/inspections/own-checks/").text
    page = f"/inspections/own-checks/{own.id}"
    assert browser.get(page).status_code == 200
    assert browser.post(page, **fields(title="Hall")).status_code == 302


@pytest.mark.parametrize(
    "values",
    [
        {"title": ""},
        {"title": "x" * 101},
        {"title": "a\x00b"},
        {"question": "1.3.6.1.2.1.1 && reboot"},
        {"kind": "shell"},
        {"kind": "command", "question": "display clock"},
        {"kind": "command", "question": "display clock", "dialects": "linux"},
        {"scale": "nan"},
        {"scale": "ten"},
        {"warning": "1e999"},
        {"pattern": "(?P<value>" + "a" * 400},
        {"states": "on ok"},
        {"applies_to": ""},
        {"try": "1"},
        {"try": "1", "device_id": "99999999"},
    ],
)
def test_hostile_fields_are_refused_and_nothing_is_kept(
    app: Flask, world: World, values: dict[str, object]
) -> None:
    path = f"/inspections/own-checks/new?client={world.organisations['north'].id}"
    assert Browser(app, "sam").post(path, **fields(**values)).status_code == 422
    fresh()
    for model in (OwnCheckDefinition, OwnCheckTrial):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_other_clients_checks_and_trials_do_not_exist(app: Flask, world: World) -> None:
    own, tried = define(world, title="north's own"), trial(world)
    stan = Browser(app, "stan")
    assert "north&#39;s own" not in stan.get("/inspections/own-checks/").text
    for path in (
        f"/inspections/own-checks/{own.id}",
        f"/inspections/own-checks/trials/{tried.id}",
        f"/inspections/own-checks/new?client={own.client_id}",
    ):
        assert stan.get(path).status_code == 404
        assert Browser(app, "erik").get(path).status_code == 404
    assert f'value="{own.check}"' not in stan.get("/inspections/plans/new").text


def test_the_newest_file_is_judged_by_hours_and_asked_over_ssh(world: World) -> None:
    own = define(world, kind="newest", question="/backup/db/*.dmp", unit="GB", pattern="x", states="a = ok")
    assert (own.unit, own.scale, own.pattern, own.states, own.direction) == ("h", 1.0, "", [], "upper")
    device = world.device(protocol="snmp")
    data = OwnCheckData("Try", "newest", "/backup/db/*.dmp")
    with pytest.raises(InvalidError) as refusal:
        service.begin_trial(device, device.client_id, data, actor=world.actor("sam"), now=world.now)
    assert refusal.value.field == "device_id"


@pytest.mark.parametrize("path", ["backup/*.dmp", "/backup/$(id)", "/backup/*/x", "/b/../c", "/a b", ""])
def test_a_path_that_a_shell_would_take_apart_is_refused(world: World, path: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        define(world, kind="newest", question=path)
    assert refusal.value.field == "question"
