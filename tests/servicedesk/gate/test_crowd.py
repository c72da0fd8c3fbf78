"""How many may be at the gate, and who is not listened to."""

from __future__ import annotations

import pytest

from servicedesk.gate import crowd as at_gate
from servicedesk.gate.crowd import Bounds, Crowd, source_of


def test_places_are_counted_by_source_and_together() -> None:
    crowd = Crowd(Bounds(connections=5, of_source=3, waiting=3, waiting_of_source=2))
    assert [crowd.enter("a", 0.0) for _ in range(3)] == ["", "", at_gate.FULL_FROM_THERE]
    assert [crowd.enter("b", 0.0) for _ in range(2)] == ["", at_gate.FULL]
    crowd.waits_no_more("a")
    crowd.waits_no_more("a")
    assert [crowd.enter("a", 0.0) for _ in range(2)] == ["", at_gate.FULL_FROM_THERE]
    crowd.waits_no_more("b")
    assert crowd.enter("b", 0.0) == ""
    crowd.waits_no_more("b")
    assert crowd.sizes == (5, 1)
    assert crowd.enter("c", 0.0) == at_gate.FULL
    crowd.leave("b", waiting=False)
    assert crowd.enter("c", 0.0) == ""
    for source, waiting in (("a", False), ("a", False), ("a", True), ("b", False), ("c", True)):
        crowd.leave(source, waiting=waiting)
    assert crowd.sizes == (0, 0)


def test_where_many_wait_the_source_with_most_gives_way_to_one_with_fewer() -> None:
    crowd = Crowd(Bounds(connections=5, waiting=4, waiting_of_source=3))
    for source in "aaab":
        assert crowd.gives_way(source) == "", "there is room"
        assert crowd.enter(source, 0.0) == ""
    assert [crowd.gives_way(source) for source in "abc"] == ["", "a", "a"]
    crowd.waits_no_more("a")
    assert crowd.enter("c", 0.0) == ""
    assert [crowd.gives_way(source) for source in "abc"] == ["", "", ""], "no connection is left at all"
    crowd.leave("a", waiting=False)
    assert [crowd.gives_way(source) for source in "abc"] == ["", "a", "a"]


def test_refusals_of_long_ago_are_forgotten_and_others_are_not_punished() -> None:
    crowd = Crowd(Bounds(failures=2, failures_s=10.0))
    crowd.failed("a", 0.0)
    crowd.failed("a", 11.0)
    assert crowd.enter("a", 12.0) == ""
    crowd.failed("a", 13.0)
    assert crowd.enter("a", 22.9) == at_gate.REFUSED_TOO_OFTEN
    assert crowd.enter("b", 22.9) == ""
    assert crowd.enter("a", 23.0) == ""


def test_ever_new_addresses_take_no_more_memory() -> None:
    crowd = Crowd()
    for number in range(10_000):
        crowd.failed(f"source {number}", 0.0)
        assert crowd.enter(f"source {number}", 0.0) == ""
        crowd.leave(f"source {number}", waiting=True)
    assert len(crowd._failures) == 4096
    assert (len(crowd._inside), len(crowd._waiting)) == (0, 0)


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("somewhere", "somewhere"),
    ],
)
def test_one_customer_has_many_ipv6_addresses_and_is_one_source(host: str, source: str) -> None:
    assert source_of(host) == source
