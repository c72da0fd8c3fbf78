"""The chapter about configurations: what was read when, and which changes nobody registered."""

from __future__ import annotations

from datetime import timedelta

from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import building
from tests.servicedesk.inspections.test_drift import FIRST, SECOND, looked
from tests.servicedesk.reports.deep.play import built
from tests.servicedesk.world import World

DAY = timedelta(days=1)


def test_backups_are_good_old_or_missing_and_changes_registered_or_not(any_world: World) -> None:
    fresh, old, _none = (
        any_world.device(name, protocol="ssh", device_class="switch") for name in ("fresh", "old", "none")
    )
    any_world.device("printer", device_class="printer")
    looked(fresh, FIRST, any_world.now - 40 * DAY)
    looked(fresh, SECOND, any_world.now - 3 * DAY)
    looked(old, FIRST, any_world.now - 32 * DAY)
    report = built(any_world)
    found = building.load(report, runtime().blobs)["sections"]["configurations"]
    assert found["figures"] == {"fresh": 1, "old": 1, "none": 1, "changes": 1, "unregistered": 1}
    rows = {row[0][1]: row[3:] for row in found["tables"]["devices"]}
    assert set(rows) == {"fresh", "old", "none"}  # nobody reads a printer's configuration
    assert rows["none"] == ["none", None, None, 0, 0]
    assert (rows["fresh"][0], rows["fresh"][2:]) == ("fresh", [3, 1, 1])
    assert (rows["old"][0], rows["old"][2:]) == ("old", [32, 0, 0])
    (change,) = found["tables"]["changes"]
    assert change[0] == [fresh.id, "fresh"]
    assert (change[1], change[3:7]) == (2, [1, 0, "no", None])
