"""MySQL and MariaDB on a host: asked as a visit asks them; of a real MariaDB, and of recordings.

The recordings of MySQL are written after its manual: no server of Oracle's own was at hand.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.checks import judge
from collectors.facts.database import Database, Part
from collectors.facts.linux.mysql import parse_mysql
from collectors.model import DeviceFacts, Finding, Target
from collectors.outcome import Outcome
from collectors.platforms.database_commands import MYSQL
from collectors.platforms.database_earlier import MYSQL as EARLIER
from tests.conftest import program
from tests.support.ports import free_port


def judged(*servers: Database) -> dict[tuple[str, str], Finding]:
    facts = DeviceFacts(extra={"databases": servers}, asked=frozenset({"databases"}))
    found = judge(facts, Target("h", "127.0.0.1", ()), datetime.now(UTC))
    return {(one.check, one.item): one for one in found if one.check.startswith("database_")}


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.2)


def said(socket: Path, statement: str, user: str = "root") -> subprocess.CompletedProcess[str]:
    words = ["mariadb", "--no-defaults", "-S", str(socket), "-u", user, "-e", statement]
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)


def answer(socket: Path, user: str = "root", command: str = MYSQL) -> str:
    here = command.replace("/tmp/mysql.sock", str(socket)).replace("/var/", "/nowhere/")
    here = here.replace("--connect-timeout=3", f"--connect-timeout=3 -u {user}")
    assert f"-u {user}" in here
    return subprocess.run(["sh", "-c", here], capture_output=True, text=True, timeout=30, check=True).stdout


@contextmanager
def running(folder: Path, number: int, port: int) -> Iterator[Path]:
    """A server with its own data and socket in a folder."""
    user = ["--user=mysql"] if os.geteuid() == 0 else []
    data, socket = folder / f"data{number}", folder / f"{number}.sock"
    plain = ("--auth-root-authentication-method=normal", "--skip-test-db", f"--datadir={data}")
    subprocess.run(["mariadb-install-db", "--no-defaults", *user, *plain], check=True, capture_output=True)
    options = (
        *(f"--datadir={data}", f"--socket={socket}", f"--pid-file={folder}/{number}.pid"),
        *("--bind-address=127.0.0.1", f"--port={port}", f"--server-id={number}", "--log-bin=log"),
    )
    with (
        (folder / f"{number}.log").open("w") as log,
        subprocess.Popen(
            [program("mariadbd") or "mariadbd", "--no-defaults", *user, *options], stdout=log, stderr=log
        ) as process,
    ):
        try:
            until(lambda: said(socket, "select 1").returncode == 0)
            yield socket
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def sockets() -> Iterator[tuple[Path, Path]]:
    """A primary, and a replica of two sources of which one does not answer."""
    folder = Path(tempfile.mkdtemp(prefix="sdmy"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "mysql")
    port = free_port()
    try:
        with running(folder, 1, port) as primary, running(folder, 2, free_port()) as replica:
            said(primary, "create user copier@'%' identified by 'word'; create user plain@localhost")
            said(primary, "grant replication slave on *.* to copier@'%'")
            for name, at in (("east", port), ("west", 1)):
                said(
                    replica,
                    f"change master '{name}' to master_host='127.0.0.1', master_port={at}, "
                    "master_user='copier', master_password='word', master_use_gtid=no; "
                    f"start slave '{name}'",
                )
            yield primary, replica
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.mariadb
def test_a_real_primary_tells_of_itself(sockets: tuple[Path, Path]) -> None:
    (told,) = parse_mysql(answer(sockets[0]))
    assert "MariaDB" in told.version
    assert told.max_connections
    assert told.connections
    assert told.max_connections > told.connections
    assert told.hit_percent is not None
    assert (told.slow_percent, told.broken, told.withheld, told.lags) == (0.0, "", "", ())


@pytest.mark.mariadb
def test_a_real_replica_of_two_sources_tells_of_each(sockets: tuple[Path, Path]) -> None:
    replica = sockets[1]
    until(lambda: parse_mysql(answer(replica))[0].lags != () and "2003" in answer(replica))
    (told,) = parse_mysql(answer(replica))
    assert told.lags == (Part("channel east", 0.0),)
    assert told.broken == "west: slave_io_running (2003)"
    found = judged(told)
    assert found["database_state", told.item].outcome is Outcome.CRITICAL
    assert found["database_lag", f"{told.item} channel east"].outcome is Outcome.OK


@pytest.mark.mariadb
def test_a_plain_login_says_that_it_does_not_see_replication(sockets: tuple[Path, Path]) -> None:
    (told,) = parse_mysql(answer(sockets[1], "plain"))
    assert told.version
    found = judged(told)["database_state", f"{told.item} statistics"]
    assert found.outcome is Outcome.UNSUPPORTED
    assert "Access denied" in str(found.message.values["reason"])
    (stranger,) = parse_mysql(answer(sockets[1], "nobody_there"))
    assert (stranger.version, "Access denied" in stranger.refused) == ("", True)


@pytest.mark.mariadb
def test_what_was_asked_before_is_read_as_ever(sockets: tuple[Path, Path]) -> None:
    (told,) = parse_mysql(answer(sockets[0], command=EARLIER))
    assert "MariaDB" in told.version
    assert (told.broken, told.aborted_percent, told.slow_percent) == ("", (), None)


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("5.5.68-MariaDB", "slave"),
        ("5.7.44-48-log", "slave"),
        ("8.0.9", "slave"),
        ("8.0.21", "slave"),
        ("8.0.22", "replica"),
        ("8.0.36-28", "replica"),
        ("8.4.3", "replica"),
        ("9.1.0", "replica"),
        ("10.11.6-MariaDB-0+deb12u1", "all slaves"),
        ("11.4.2-MariaDB", "all slaves"),
        ("", ""),
    ],
)
def test_each_version_is_asked_for_its_replication_by_its_own_words(
    tmp_path: Path, version: str, asked: str
) -> None:
    """A program plays the client; where there is no version, the server has refused."""
    rows = rf"max_connections\t151\nversion\t{version}\nAborted_clients\t0" if version else "ERROR 1045"
    client = tmp_path / "mariadb"
    client.write_text(
        f'#!/bin/sh\ncase "$*" in *\' -E \'*) echo "$*" >> {tmp_path}/asked;;\n'
        f"*) printf '{rows}\\n';; esac\n"
    )
    client.chmod(0o755)
    socket = tmp_path / "s"
    # A socket stays a socket when nobody listens.
    subprocess.run(
        ["python3", "-c", f"import socket; socket.socket(socket.AF_UNIX).bind('{socket}')"], check=True
    )
    here = MYSQL.replace("/tmp/mysql.sock", str(socket)).replace("/var/", "/nowhere/")
    subprocess.run(["sh", "-c", f"PATH={tmp_path}:$PATH; {here}"], check=True, capture_output=True)
    written = tmp_path / "asked"
    statements = re.findall(r"show (.*) status", written.read_text()) if written.exists() else []
    assert statements == ([asked] if asked else [])


REPLICA_84 = """server: /var/run/mysqld/mysqld.sock
max_connections\t151
version\t8.4.3
Aborted_clients\t40
Aborted_connects\t900
Connections\t6000
Questions\t20000
Slow_queries\t50
Threads_connected\t14
*************************** 1. row ***************************
           Replica_IO_Running: Yes
          Replica_SQL_Running: Yes
        Seconds_Behind_Source: 4500
                Last_IO_Errno: 0
               Last_SQL_Errno: 0
                    SQL_Delay: 3600
                 Channel_Name: orders
*************************** 2. row ***************************
           Replica_IO_Running: Yes
          Replica_SQL_Running: No
        Seconds_Behind_Source: NULL
                Last_IO_Errno: 0
               Last_SQL_Errno: 1062
                    SQL_Delay: 0
                 Channel_Name: stock
"""


def test_names_of_mysql_8_4_and_a_delay_that_is_wanted() -> None:
    (server,) = parse_mysql(REPLICA_84)
    found = judged(server)
    item = server.item
    assert server.lags == (Part("channel orders", 900.0),)
    assert found["database_lag", f"{item} channel orders"].outcome is Outcome.WARNING
    assert found["database_state", item].message.values["broken"] == "stock: replica_sql_running (1062)"
    assert found["database_aborted", f"{item} connects"].outcome is Outcome.WARNING
    assert found["database_aborted", f"{item} connects"].value == 15.0
    assert found["database_aborted", f"{item} clients"].outcome is Outcome.OK
    assert found["database_slow_share", item].value == 0.25
    unnamed = REPLICA_84.partition("*************************** 2.")[0].replace("Name: orders", "Name: ")
    (single,) = parse_mysql(unnamed)
    assert (single.lag_s, single.lags) == (900.0, ())


def test_few_connections_are_no_share() -> None:
    (server,) = parse_mysql(REPLICA_84.replace("Connections\t6000", "Connections\t99"))
    assert server.aborted_percent == ()
