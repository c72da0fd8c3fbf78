"""Addresses and forms filled in by somebody who means ill: always a sentence, never a broken page."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.test import TestResponse

from servicedesk.core.db import unit_of_work
from servicedesk.core.permissions import Role
from servicedesk.staff.service import grant_role
from tests.servicedesk.belongings import Belongings, addresses, lists
from tests.servicedesk.world import SYSTEM, Browser, World

# Python refuses to read numbers of more than 4300 digits; the test client keeps forms over 500 kB in a file.
NUMBERS = ["0", "-1", "1.5", "x", "²", "٣", str(2**31), str(2**63), "9" * 4301]
TEXTS = ["\x00", "a\x00b", "x" * 3000, "😀" * 200, "%s %(x)s {0} {{7*7}}", "\r\nSet-Cookie: a=b", "NaN"]
NONSENSE = [*NUMBERS[1::2], *TEXTS]
QUERY: tuple[str, ...] = (
    "q",
    "cursor",
    "site",
    "class",
    "state",
    "outcome",
    "queue",
    "category",
    "device",
    "line",
)
QUERY += ("exchange", "item", "poll", "verify", "next", "place")
QUERY += ("show", "product", "of", "kind", "site_id", "room_id")
QUERY += ("endpoint", "_scheme", "_external", "_anchor", "_method")  # what url_for would obey
WORDS = """
username password current_password new_password repeat_password display_name department_id email
phone organisation_id locale role place active name kind address timezone number title client_id
service_id starts_on ends_on site_ids site_id device_class state room_id rack_id rack_unit height_u
vendor model serial software_version asset_tag responsible_id standby_id warranty_until
watched_interfaces notes protocol port credential_id snmp_version legacy_crypto community
auth_protocol auth_key priv_protocol priv_key private_key passphrase enable_secret description
device_id impact urgency detail_place detail_purpose detail_scope detail_sensitivity
detail_recipient detail_period detail_delivery detail_reason_for_change detail_plan
detail_backout_plan detail_subtype detail_window_start detail_window_end detail_cause detail_restored_at
detail_keep_until detail_topic kind number entry name query days quantity unit_price minutes day
text internal version reason resolution assignee_id
rating rating_comment note times weekdays window_minutes retries retry_gap_minutes all_devices
first_month opens_on open_days device_ids required back next ticket_id answer person_id source remark
spread_minutes aaa_group via_id max_visits jump_host_id key
product_id holder quantity known over_reason price bought_on maintenance_until warn_days version installed_on
"""
FIELDS = WORDS.split()
NEW_TICKETS = [f"/tickets/new/{category}" for category in ("fault", "general", "data_request", "change")]
# What people send when all is well; one field after the other is then made hostile.
GOOD: dict[str, dict[str, object]] = {
    "/tickets/new/fault": {"title": "x", "impact": "2", "urgency": "2"},
    "/organisations/new": {"name": "New", "kind": "client"},
    "/equipment/devices/new": {"name": "new", "device_class": "server", "state": "active", "height_u": "1"},
    "/equipment/credentials/new": {"name": "new", "kind": "snmp_community", "community": "c"},
    "/accounts/new": {"display_name": "New", "username": "new"},
}


def everybody_in_one(world: World) -> str:
    """An account that may do all, so that every form is reached."""
    with unit_of_work():
        for role in Role:
            grant_role(world.users["admin"], role, actor=SYSTEM, now=world.now)
    return "admin"


def posts(app: Flask, own: Belongings) -> list[str]:
    """Every address that takes a form, but for the sign-out."""
    plain = {r.rule for r in app.url_map.iter_rules() if "POST" in (r.methods or ()) and not r.arguments}
    return sorted({*addresses(app, own.ids, "POST"), *NEW_TICKETS, *plain} - {"/sign-out"})


def require_sentence(answer: TestResponse, path: str, what: object) -> None:
    """Refused with words, or taken; never broken."""
    assert answer.status_code < 500, f"{path} with {str(what)[:60]!r}: {answer.status_code}"
    if answer.status_code == 422:
        assert re.search(r"field-error|note-error", answer.text), (
            f"{path} with {str(what)[:60]!r}: no sentence"
        )


def test_numbers_in_addresses(app: Flask, world: World) -> None:
    own = Belongings.make(world, "north")
    browser = Browser(app, everybody_in_one(world))
    for rule in app.url_map.iter_rules():
        if not any(name.endswith("_id") for name in rule.arguments):
            continue
        for number in NUMBERS:
            path = re.sub(r"<int:\w+>", number, rule.rule)
            path = path.replace("<check>", "cpu_used").replace("<name>", "start")
            path = re.sub(r"<any\((\w+).*?>", r"\1", path)
            if "GET" in (rule.methods or ()):
                assert browser.get(path).status_code == 404, path
            else:
                assert browser.post(path).status_code in (404, 405), path
    assert own.ticket.state == "new"


def test_numbers_too_large_for_the_database(any_app: Flask, any_world: World) -> None:
    browser = Browser(any_app, everybody_in_one(any_world))
    for number in (2**31, 2**63, 10**30):
        for path in ("/tickets/{}", "/tickets/files/{}", "/equipment/devices/{}", "/accounts/{}"):
            assert browser.get(path.format(number)).status_code == 404, path


def test_words_and_numbers_in_the_query(any_app: Flask, any_world: World) -> None:
    own = Belongings.make(any_world, "north")
    browser = Browser(any_app, everybody_in_one(any_world))
    run, record, device = (own.ids[f"{name}_id"] for name in ("run", "record", "device"))
    paths = [*lists(any_app), *NEW_TICKETS, f"/inspections/{run}", f"/inspections/records/{record}/evidence"]
    paths.append(f"/inspections/trend/{device}/cpu_used")
    for value in NONSENSE:
        for path in paths:
            query = dict.fromkeys(QUERY, value)
            answer = browser.client.get(path, query_string=query)
            assert answer.status_code < 500, f"{path} with {value[:40]!r}"


def test_forms_with_nothing_in_them(any_app: Flask, any_world: World) -> None:
    own = Belongings.make(any_world, "north")
    browser = Browser(any_app, everybody_in_one(any_world))
    for path in posts(any_app, own):
        require_sentence(browser.post(path), path, "nothing")


def test_forms_with_the_same_nonsense_everywhere(app: Flask, world: World) -> None:
    own = Belongings.make(world, "north")
    browser = Browser(app, everybody_in_one(world))
    for value in NONSENSE:
        for path in posts(app, own):
            require_sentence(browser.post(path, **dict.fromkeys(FIELDS, value)), path, value)


def test_good_forms_with_one_field_gone_wrong(any_app: Flask, any_world: World) -> None:
    """One wrong field among right ones comes further than a form that is wrong everywhere."""
    north, service = any_world.organisations["north"].id, any_world.organisations["service"].id
    own = Belongings.make(any_world, "north")
    browser = Browser(any_app, everybody_in_one(any_world))
    shared = {"site_id": any_world.sites["north-1"].id, "client_id": north, "organisation_id": north}
    shared |= {"service_id": service}
    for path, good in GOOD.items():
        page = browser.get(path).text
        names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page)) & {*FIELDS}
        assert names, path
        for name in sorted(names):
            for value in ("a\x00b", "x" * 30_000, str(2**31), "9" * 400, "²"):
                answer = browser.post(path, **{**shared, **good, name: value})
                require_sentence(answer, path, (name, value))
    ticket = f"/tickets/{own.ids['ticket_id']}"
    for value in ("\x00", "a\x00b", "x" * 30_000, "😀" * 300):
        for path, field in (
            (f"{ticket}/comment", "text"),
            (f"{ticket}/do/cancel", "reason"),
            (f"{ticket}/do/assign", "reason"),
            (f"/inspections/{own.ids['run_id']}/sign", "note"),
        ):
            fields = {field: value, "assignee_id": any_world.users["emma"].id}
            require_sentence(browser.post(path, **fields), path, (field, value))


def test_a_plan_of_change_with_control_characters_is_refused(any_app: Flask, any_world: World) -> None:
    ticket = any_world.ticket("rita", "change", details={"reason_for_change": "x", "subtype": "normal"})
    browser = Browser(any_app, "rita")
    fields = {"detail_plan": "a\x00b", "detail_backout_plan": "back"}
    require_sentence(browser.post(f"/tickets/{ticket.id}/do/submit", **fields), "submit", "NUL")
    assert browser.get(f"/tickets/{ticket.id}").status_code == 200


def test_methods_and_paths_that_do_not_exist_get_a_page(app: Flask, world: World) -> None:
    browser = Browser(app, "rita")
    for path in ("/nowhere", "/tickets/%00", "/static/../servicedesk.db", "/static/..%2f..%2fmaster.key"):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "<h1>" in answer.text
    wrong = browser.client.delete("/tickets/", headers={"X-CSRFToken": browser.token})
    assert wrong.status_code in (400, 405)
    assert "<h1>" in wrong.text
