"""The imaginary devices behind the simulated agents."""

from __future__ import annotations

import pytest
from snmp_helpers import Start, access_to, visit

from collectors.outcome import Outcome
from collectors.simulator.mibs import FAULTS, KINDS, build

T = 1_800_000_000.0


def values(kind: str, *faults: str, t: float = T, seed: int = 3, **more: float) -> dict[str, str]:
    lines = build(kind, "dev-1", seed, t, faults, **more).lines()  # type: ignore[arg-type]
    return {line.split("|")[0]: line.split("|", 2)[2] for line in lines}


@pytest.mark.parametrize("kind", KINDS)
def test_a_device_is_the_same_each_time_and_its_objects_are_in_order(kind: str) -> None:
    mib = build(kind, "dev-1", 3, T)
    assert mib.lines() == build(kind, "dev-1", 3, T).lines()
    names = [row[0] for row in mib.rows]
    assert names == sorted(set(names))
    assert values(kind)["1.3.6.1.2.1.1.5.0"] == "dev-1"


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_can_be_given_to_every_kind(kind: str) -> None:
    assert len(build(kind, "dev-1", 3, T, FAULTS)) > 50


@pytest.mark.parametrize("kind", KINDS)
def test_uptime_and_traffic_grow_with_time(kind: str) -> None:
    before, after = values(kind), values(kind, t=T + 60)
    assert int(after["1.3.6.1.2.1.1.3.0"]) - int(before["1.3.6.1.2.1.1.3.0"]) == pytest.approx(6000, abs=1)
    octets = [name for name in before if name.startswith("1.3.6.1.2.1.31.1.1.1.6.")]
    assert octets
    assert all(int(after[name]) >= int(before[name]) for name in octets)
    assert sum(int(after[name]) for name in octets) > sum(int(before[name]) for name in octets)


def test_two_devices_differ() -> None:
    assert build("switch", "a", 1, T).lines() != build("switch", "b", 2, T).lines()


@pytest.mark.parametrize(
    ("kind", "fault", "name", "normal", "faulty"),
    [
        ("ups", "on_battery", "1.3.6.1.2.1.33.1.4.1.0", "3", "5"),
        ("ups", "battery_old", "1.3.6.1.2.1.33.1.2.1.0", "2", "3"),
        ("printer", "toner_low", "1.3.6.1.2.1.25.3.5.1.2.1", "4x", "4x"),
        ("nas", "psu_failed", "1.3.6.1.4.1.6574.1.3.0", "1", "2"),
        ("nas", "fan_failed", "1.3.6.1.4.1.6574.1.4.1.0", "1", "2"),
        ("aircon", "fan_failed", "1.3.6.1.2.1.99.1.1.1.5.6", "1", "3"),
        ("switch-huawei", "fan_failed", "1.3.6.1.4.1.2011.5.25.31.1.1.10.1.7.0.1", "1", "2"),
        ("switch-huawei", "psu_failed", "1.3.6.1.4.1.2011.5.25.31.1.1.18.1.6.0.2", "1", "2"),
        ("switch-h3c", "fan_failed", "1.3.6.1.4.1.25506.2.6.1.1.1.1.19.21", "2", "41"),
        ("switch-h3c", "psu_failed", "1.3.6.1.4.1.25506.8.35.9.1.2.1.2.2", "1", "2"),
        ("switch-cisco", "fan_failed", "1.3.6.1.4.1.9.9.13.1.4.1.3.1021", "1", "3"),
        ("firewall", "psu_failed", "1.3.6.1.4.1.12356.101.4.3.2.1.4.3", "0", "1"),
    ],
)
def test_a_fault_shows_in_its_state(kind: str, fault: str, name: str, normal: str, faulty: str) -> None:
    if normal == "4x":
        assert values(kind)[name] != values(kind, fault)[name]
    else:
        assert (values(kind)[name], values(kind, fault)[name]) == (normal, faulty)


@pytest.mark.parametrize(
    ("kind", "fault", "name", "level"),
    [
        ("switch-huawei", "cpu_high", "1.3.6.1.4.1.2011.5.25.31.1.1.1.1.5.2", 90),
        ("switch-huawei", "memory_high", "1.3.6.1.4.1.2011.5.25.31.1.1.1.1.7.2", 90),
        ("switch-huawei", "hot", "1.3.6.1.4.1.2011.5.25.31.1.1.1.1.11.2", 66),
        ("switch-h3c", "cpu_high", "1.3.6.1.4.1.25506.2.6.1.1.1.1.6.2", 90),
        ("switch-cisco", "cpu_high", "1.3.6.1.4.1.9.9.109.1.1.1.1.8.1", 90),
        ("switch-ruijie", "cpu_high", "1.3.6.1.4.1.4881.1.1.10.2.36.1.1.3.0", 90),
        ("switch-ruijie", "memory_high", "1.3.6.1.4.1.4881.1.1.10.2.35.1.1.1.3.1", 90),
        ("firewall", "memory_high", "1.3.6.1.4.1.12356.101.4.1.4.0", 90),
        ("linux", "cpu_high", "1.3.6.1.2.1.25.3.3.1.2.196608", 90),
        ("aircon", "hot", "1.3.6.1.2.1.99.1.1.1.4.2", 30),
        ("pdu", "hot", "1.3.6.1.2.1.99.1.1.1.4.4", 40),
        ("ups", "hot", "1.3.6.1.2.1.33.1.2.7.0", 40),
    ],
)
def test_a_fault_raises_its_reading(kind: str, fault: str, name: str, level: int) -> None:
    assert int(values(kind)[name]) < level <= int(values(kind, fault)[name])


@pytest.mark.parametrize("kind", ["linux", "nas"])
def test_a_full_disk_is_fuller_than_nine_tenths(kind: str) -> None:
    found = values(kind, "disk_full")
    size, used = "1.3.6.1.2.1.25.2.3.1.5.", "1.3.6.1.2.1.25.2.3.1.6."
    shares = [
        int(found[used + name[len(size) :]]) / int(found[name]) for name in found if name.startswith(size)
    ]
    assert max(shares[-3:]) > 0.9


@pytest.mark.parametrize("kind", ["switch", "router", "firewall", "linux", "nas"])
def test_a_port_that_loses_its_link_stays_up_administratively(kind: str) -> None:
    def down(*faults: str) -> set[str]:
        found = values(kind, *faults)
        admin, oper = "1.3.6.1.2.1.2.2.1.7.", "1.3.6.1.2.1.2.2.1.8."
        indexes = (name[len(admin) :] for name in found if name.startswith(admin))
        return {i for i in indexes if (found[admin + i], found[oper + i]) == ("1", "2")}

    assert down() == set()
    assert len(down("port_down")) == 1


def test_error_counters_do_not_go_back_when_the_fault_goes() -> None:
    name = "1.3.6.1.2.1.2.2.1.14.1"
    during = values("switch", "errors", error_s=100.0)
    later = values("switch", t=T + 60, error_s=130.0)
    assert 0 < int(during[name]) < int(later[name])
    assert values("switch")[name] == "0"


def test_a_restart_begins_the_uptime_anew() -> None:
    assert int(values("switch", "rebooted")["1.3.6.1.2.1.1.3.0"]) < 100 * 700


def test_an_unknown_kind_or_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="toaster"):
        build("toaster", "x", 1, T)
    with pytest.raises(ValueError, match="on_fire"):
        build("switch", "x", 1, T, {"on_fire"})


def test_a_large_switch_is_read_whole_and_quickly(start: Start) -> None:
    mib = build("switch-huawei", "sw", 3, T)
    result = visit(access_to(start(mib), timeout_s=1.0, max_repetitions=50))
    assert result.outcome is Outcome.OK
    read = {line for exchange in result.exchanges for line in exchange.answer.decode().splitlines()}
    standard = {line for line in mib.lines() if line.startswith(("1.3.6.1.2.1.2.2.", "1.3.6.1.2.1.31."))}
    assert standard <= read
