"""Definitions as data: what they mean, and what is wrong with broken ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.approvals import conditions
from servicedesk.approvals.conditions import OPERATORS, Comparison, Condition, Group, holds
from servicedesk.approvals.defaults import known_facts, shipped
from servicedesk.approvals.definition import (
    Chain,
    Node,
    Source,
    from_json,
    lint,
    node_to_json,
    read_chain,
    read_node,
    tally,
    to_json,
)
from servicedesk.core.errors import InvalidError
from tests.servicedesk.approvals.play import role, step

NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    NAMES,
    st.lists(NAMES, max_size=3),
    st.dictionaries(NAMES, NAMES),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
COMPARISONS = st.one_of(
    st.builds(Comparison, NAMES, st.sampled_from(("=", "!=", "contains")), NAMES),
    st.builds(Comparison, NAMES, st.sampled_from((">=", "<=")), st.integers(-(10**9), 10**9).map(str)),
    st.builds(Comparison, NAMES, st.just("in"), st.lists(NAMES, min_size=1, max_size=3).map(tuple)),
    st.builds(Comparison, NAMES, st.just("is set")),
)
CONDITIONS: st.SearchStrategy[Condition] = st.one_of(
    COMPARISONS,
    st.builds(
        Group,
        st.sampled_from(("all", "any")),
        st.lists(
            st.one_of(
                COMPARISONS,
                st.builds(Group, st.just("any"), st.lists(COMPARISONS, min_size=1, max_size=2).map(tuple)),
            ),
            min_size=1,
            max_size=3,
        ).map(tuple),
    ),
)
NODES = st.builds(
    Node,
    approvers=st.lists(
        st.sampled_from((Source("role", "supervisor"), Source("user", "7"), Source("field", "boss"))),
        min_size=1,
        unique=True,
    ).map(tuple),
    name_en=NAMES,
    rule=st.sampled_from(("any", "all", "percentage")),
    percent=st.integers(1, 100),
    condition=st.none() | CONDITIONS,
    limit_hours=st.integers(10, 500),
    remind_hours=st.sampled_from(((), (4,), (9, 1))),
    send_back=st.sampled_from(((), ("requester",), ("requester", "earlier"))),
    requester_may_approve=st.booleans(),
)


@given(st.lists(NODES, min_size=1, max_size=4).map(lambda nodes: Chain(tuple(nodes))))
def test_what_is_written_is_read_again(chain: Chain) -> None:
    assert from_json(json.loads(json.dumps(to_json(chain)))) == chain


@given(JSON)
def test_anything_else_is_refused_with_sentences(data: Any) -> None:
    chain, problems = read_chain(data)
    assert (chain is None) == bool(problems)
    with pytest.raises(InvalidError):
        read_node(data)


@given(
    st.sampled_from(sorted(step())) | st.just("condition") | st.just("limit_hours") | st.just("send_back"),
    JSON,
)
def test_one_broken_setting_never_breaks_the_reader(name: str, value: Any) -> None:
    chain, problems = read_chain([node_to_json(read_node(step())) | {name: value}])
    assert (chain is None) == bool(problems)


@given(CONDITIONS, st.dictionaries(NAMES, VALUES, max_size=4))
def test_a_condition_is_true_or_false_of_any_facts(condition: Condition, facts: dict[str, Any]) -> None:
    assert holds(condition, facts) in (True, False)


@given(CONDITIONS)
def test_what_nobody_stated_decides_nothing(condition: Condition) -> None:
    assert holds(condition, {}) is False


@given(st.integers(1, 50), st.data())
def test_a_tally_ends_as_soon_as_it_must_and_never_before(seats: int, data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(("all", "percentage", "any")))
    node = Node((), rule=rule, percent=data.draw(st.integers(1, 100)))
    approved = data.draw(st.integers(0, seats))
    rejected = data.draw(st.integers(0, seats - approved))
    needed = node.needed(seats)
    assert 1 <= needed <= seats
    found = tally(node, seats, approved, rejected)
    assert (found == "approved") == (approved >= needed)
    if rule != "any":
        assert (found == "rejected") == (seats - rejected < needed)
    if approved + rejected == seats:
        assert found != "open"


@pytest.mark.parametrize(
    ("seats", "percent", "needed"),
    [(3, 50, 2), (3, 67, 3), (3, 66, 2), (1, 1, 1), (200, 1, 2), (0, 60, 1), (5, 100, 5)],
)
def test_percentages_are_rounded_up(seats: int, percent: int, needed: int) -> None:
    assert Node((), rule="percentage", percent=percent).needed(seats) == needed


@pytest.mark.parametrize(
    ("field", "operator", "value", "facts", "expected"),
    [
        ("amount", ">=", "5000", {"amount": 5000}, True),
        ("amount", ">=", "5000", {"amount": "4999.99"}, False),
        ("amount", "<=", "10", {"amount": "much"}, False),
        ("amount", ">=", "10", {"amount": True}, False),
        ("amount", ">=", "10", {"amount": float("nan")}, False),
        ("day", ">=", "2026-03-01", {"day": "2026-03-02"}, True),
        ("day", "<=", "2026-03-01", {"day": "2026-03-02"}, False),
        ("risk", "=", "High", {"risk": " high "}, True),
        ("risk", "=", "5", {"risk": 5.0}, True),
        ("risk", "!=", "high", {"risk": "low"}, True),
        ("risk", "!=", "high", {"risk": ""}, False),
        ("risk", "in", ["high", "extreme"], {"risk": "Extreme"}, True),
        ("tags", "in", ["a"], {"tags": ["b", "A"]}, True),
        ("tags", "contains", "a", {"tags": ["ab"]}, False),
        ("text", "contains", "个人", {"text": "含个人信息"}, True),
        ("secret", "=", "true", {"secret": True}, True),
        ("boss", "is set", "", {"boss": 0}, True),
        ("boss", "is set", "", {"boss": []}, False),
    ],
)
def test_comparisons(field: str, operator: str, value: Any, facts: dict[str, Any], expected: bool) -> None:
    condition = conditions.from_json({"field": field, "operator": operator, "value": value})
    assert holds(condition, facts) is expected
    assert conditions.from_json(conditions.to_json(condition)) == condition


@pytest.mark.parametrize(
    "data",
    [
        {"field": "a", "operator": "like", "value": "b"},
        {"field": "", "operator": "=", "value": "b"},
        {"field": "a", "operator": "=", "value": ""},
        {"field": "a", "operator": ">=", "value": "much"},
        {"field": "a", "operator": "in", "value": []},
        {"field": "a", "operator": "=", "value": {"x": 1}},
        {"field": "a\x00", "operator": "=", "value": "b"},
        {"field": "a", "operator": "=", "value": "x" * 201},
        {"all": []},
        {"all": [{}]},
        {"all": [{"field": "a", "operator": "is set"}], "any": []},
        {"any": [{"field": "a", "operator": "is set"}] * 21},
        {
            "all": [
                {"all": [{"all": [{"all": [{"all": [{"all": [{"field": "a", "operator": "is set"}]}]}]}]}]}
            ]
        },
        "a = b",
        [1],
    ],
)
def test_broken_conditions_are_refused(data: Any) -> None:
    with pytest.raises(InvalidError):
        conditions.from_json(data)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"approvers": []}, "Say who approves"),
        ({"approvers": [{"kind": "user", "value": "²"}]}, "neither a role"),
        ({"approvers": [{"kind": "role", "value": "king"}]}, "neither a role"),
        ({"name_en": "", "name_zh": ""}, "Give the step a name"),
        ({"name_en": "a\nb"}, "one line"),
        ({"rule": "coin"}, "unknown value"),
        ({"percent": 0}, "1 to 100"),
        ({"percent": True}, "1 to 100"),
        ({"limit_hours": 0}, "whole numbers"),
        ({"limit_hours": 4, "remind_hours": [4]}, "longer one"),
        ({"remind_hours": [1]}, "longer one"),
        ({"limit_hours": 4, "at_end": "escalate"}, "escalation needs"),
        ({"at_end": "approve"}, "unknown value"),
        ({"send_back": ["nirvana"]}, "unknown value"),
        ({"working_time": "yes"}, "yes or no"),
        ({"surprise": 1}, "newer version"),
    ],
)
def test_what_is_wrong_with_a_step_is_said(change: dict[str, Any], sentence: str) -> None:
    chain, (problem,) = read_chain([step(), step() | change])
    assert chain is None
    assert problem.startswith("Step 2: ")
    assert sentence in problem


def test_the_linter_names_what_was_probably_not_meant() -> None:
    unknown = {"field": "cost", "operator": ">=", "value": "5"}
    chain = from_json([step(condition=unknown, send_back=["earlier"])])
    found = "\n".join(lint(chain, ("amount",)))
    for words in ("field cost", "Every step has a condition", "no time limit", "Step 1 cannot send back"):
        assert words in found
    assert list(lint(from_json([step(limit_hours=4)]), ())) == []


def test_the_products_own_definitions_are_sound() -> None:
    assert set(shipped()) == {
        "data_request",
        "change_normal",
        "change_high_risk",
        "change_emergency",
        "repair_cost",
    }
    for key, one in shipped().items():
        assert list(lint(one.chain, known_facts(key))) == []
        assert one.title_en
        assert one.title_zh
        assert all(node.name_en and node.name_zh for node in one.chain.nodes)


def test_larger_repair_costs_ask_the_change_authority_too() -> None:
    chain = shipped()["repair_cost"].chain
    assert chain.next_position(0, {"amount": 4999}) is None
    assert chain.next_position(0, {"amount": 5000}) == 1
    assert role("supervisor")["value"] == chain.nodes[0].approvers[0].value


def test_every_operator_has_words() -> None:
    from servicedesk.approvals.labels import OPERATORS as WORDS

    assert set(WORDS) == set(OPERATORS)
