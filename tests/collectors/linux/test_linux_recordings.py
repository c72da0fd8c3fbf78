"""Our parsers against recordings of real hosts and what another parser read from them."""

from __future__ import annotations

import json
import os
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from collectors.errors import ParseError
from collectors.facts.aix import storage as aix_storage
from collectors.facts.linux import clock, logins, memory, network, security, services, storage, system, zfs

pytestmark = pytest.mark.recordings
FOLDER = Path(
    os.environ.get("SERVICEDESK_RECORDINGS", Path(__file__).resolve().parents[4] / "shared" / "data")
)
LINUX = FOLDER / "cli" / "linux"


def recording(name: str) -> tuple[str, Any]:
    path = LINUX / name
    if not path.exists():
        pytest.skip(f"the recordings of real devices are not beside the checkout ({path})")
    expected = path.with_suffix(".json") if path.suffix == ".out" else path.with_name(path.name + ".json")
    return path.read_text(encoding="utf-8", errors="surrogateescape"), json.loads(expected.read_text())


@pytest.mark.parametrize("name", ["pid_stat", "pid_stat_w_space_and_nl_in_comm", "pid_stat_hack"])
def test_a_process_whatever_its_name(name: str) -> None:
    text, expected = recording(f"linux-proc/{name}")
    assert services.parse_processes(text).total == 1
    # The kernel writes the state behind the name: let it be a zombie, which is told by name.
    name = expected["comm"].replace("\n", " ")
    found = services.parse_processes(
        text.replace(f") {expected['state']} {expected['ppid']} ", f") Z {expected['ppid']} ")
    )
    assert found.zombies == (f"{name} (pid {expected['pid']}, parent {expected['ppid']})",)


@pytest.mark.parametrize(
    "name",
    [
        "centos-7.7/last.out",
        "centos-7.7/last-w.out",
        "centos-7.7/last-wF.out",
        "centos-7.7/last-wixF.out",
        "fedora32/last.out",
        "freebsd12/last.out",
        "ubuntu-18.04/last.out",
    ],
)
def test_last(name: str) -> None:
    text, expected = recording(name)
    pseudo = ("reboot", "runlevel", "shutdown", "boot")
    people = [row for row in expected if not row["user"].startswith(pseudo)]
    found = logins.parse_last(text, UTC)
    assert [(one.user, one.terminal, one.origin) for one in found] == [
        # It writes CONSOLE before an X display's name, which the host does not.
        (row["user"], row["tty"], (row["hostname"] or "").removeprefix("CONSOLE"))
        for row in people
    ]
    # The other parser took the times for those of its own zone: the differences are the zone alone.
    told = [
        (one.at, row["login_epoch"]) for one, row in zip(found, people, strict=True) if "login_epoch" in row
    ]
    assert all(at is not None for at, _ in told)
    assert {round(at.timestamp() - epoch) for at, epoch in told if at} <= {-25200, -28800}


@pytest.mark.parametrize("name", ["v", "v2", "v4", "spares"])
def test_zpool_status(name: str) -> None:
    text, expected = recording(f"generic/zpool-status-{name}.out")
    found = zfs.parse_zpool(text)
    assert [one.name for one in found] == [row["pool"] for row in expected]
    for pool, row in zip(found, expected, strict=True):
        assert pool.state == row["state"]
        broken = [one for one in row["config"] if one["state"] not in ("ONLINE", "AVAIL")]
        assert set(pool.failed) <= {f"{one['name']} {one['state']}" for one in broken}
        assert bool(pool.failed) == (row["state"] != "ONLINE")


def test_meminfo() -> None:
    text, expected = recording("linux-proc/meminfo")
    found = memory.parse_meminfo(text)
    assert found.total_bytes == expected["MemTotal"] * 1024
    assert found.available_bytes == expected["MemAvailable"] * 1024
    assert found.swap_free_bytes == expected["SwapFree"] * 1024


def test_loadavg() -> None:
    text, expected = recording("linux-proc/loadavg")
    load = system.parse_loadavg(text)
    assert (load.one, load.five, load.fifteen) == (
        expected["load_1m"],
        expected["load_5m"],
        expected["load_15m"],
    )


def test_uptime() -> None:
    text, expected = recording("linux-proc/uptime")
    assert system.parse_uptime(text) == expected["up_time"]


@pytest.mark.parametrize("name", ["net_dev"])
def test_net_dev(name: str) -> None:
    text, expected = recording(f"linux-proc/{name}")
    found = network.parse_net_dev(text)
    assert {row["interface"]: (row["r_bytes"], row["r_errs"], row["t_packets"]) for row in expected} == {
        interface: (count.in_octets, count.in_errors, count.out_packets) for interface, count in found.items()
    }


def test_an_old_kernels_stat_with_seven_columns() -> None:
    text, _ = recording("linux-proc/stat2")
    rows = "".join(line + "\n" for line in text.splitlines()[:2])  # the recording holds several hosts
    later = rows.replace("34250993", "34251043").replace("259246", "259296")
    assert [(row.name, row.usage_percent) for row in system.parse_cpu_samples(rows + later)] == [
        ("total", 50.0),
        ("cpu0", 50.0),
    ]


@pytest.mark.parametrize("name", ["ntpq-pn", "ntpq-p2"])
def test_ntpq(name: str) -> None:
    text, expected = recording(f"ubuntu-18.04/{name}.out")
    found = clock.parse_ntpq(text)
    followed = [row for row in expected if row["state"] == "*"]
    assert found.synchronised is bool(followed)
    if followed:
        assert found.source == followed[0]["remote"]
        assert found.offset_s == pytest.approx(-followed[0]["offset"] / 1000)
        assert found.stratum == followed[0]["st"] + 1


def test_timesync() -> None:
    text, _ = recording("generic/timedatectl-timesync-status.out")
    found = clock.parse_timesync(text)
    assert (found.source, found.stratum, found.offset_s) == ("216.239.35.8", 1, pytest.approx(0.005224))


@pytest.mark.parametrize("name", ["sshd-T", "sshd-T-2"])
def test_sshd(name: str) -> None:
    text, expected = recording(f"generic/{name}.out")
    values = security.parse_sshd(text).values
    for keyword in ("permitrootlogin", "passwordauthentication", "maxauthtries", "permitemptypasswords"):
        assert values[keyword] == str(expected[keyword])


@pytest.mark.parametrize("name", ["centos-7.7/who.out", "ubuntu-18.04/who.out"])
def test_who(name: str) -> None:
    text, expected = recording(name)
    found = logins.parse_who(text)
    assert [(login.user, login.terminal, login.since, login.origin) for login in found] == [
        (row["user"], row["tty"], row["time"], row.get("from", "")) for row in expected
    ]


@pytest.mark.parametrize("name", ["ubuntu-18.04/ss-sudo-tulpen.out", "centos-7.7/ss-sudo-a.out"])
def test_listening(name: str) -> None:
    text, expected = recording(name)
    found = {(row.protocol, row.port) for row in network.parse_listening(text)}
    wanted = {
        (row["netid"], int(row["local_port"]))
        for row in expected
        if row["netid"] in ("tcp", "udp") and str(row.get("local_port", "")).isdigit()
    }
    assert wanted
    assert wanted <= found | {(p, n) for p, n in wanted if row_is_established(expected, p, n)}


def row_is_established(expected: list[dict[str, Any]], protocol: str, port: int) -> bool:
    rows = [row for row in expected if row["netid"] == protocol and str(row.get("local_port")) == str(port)]
    return all(row["state"] not in ("LISTEN", "UNCONN") for row in rows)


@pytest.mark.parametrize("name", ["uname-a", "uname-a-different-proc"])
def test_uname(name: str) -> None:
    text, expected = recording(f"generic/{name}.out")
    assert system.parse_uname(text) == (
        expected["kernel_name"],
        expected["kernel_release"],
        expected["machine"],
    )


def test_human_readable_df_is_refused_rather_than_misread() -> None:
    text, _ = recording("centos-7.7/df-h.out")
    with pytest.raises(ParseError):
        storage.parse_df(text)


def test_the_list_of_mounts_of_a_process() -> None:
    text, expected = recording("linux-proc/pid_mountinfo")
    rows = "\n".join(
        f"{row['mount_source']} {row['mount_point']} {row['fs_type']} rw 0 0" for row in expected
    )
    assert text
    assert [mount.mount for mount in storage.parse_mounts(rows)] == [row["mount_point"] for row in expected]


def test_mounts_of_aix() -> None:
    text, expected = recording("aix-7.1/mount.out")
    found = aix_storage.parse_mount(text)
    assert [(one.source, one.mount, one.kind, list(one.options)) for one in found] == [
        (row["filesystem"], row["mount_point"], row["type"], row["options"]) for row in expected
    ]
