"""Databases on a host: one without any answers nothing; recordings are judged."""

from __future__ import annotations

import contextlib
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from collectors.checks import judge
from collectors.errors import ParseError
from collectors.facts.database import Database
from collectors.facts.linux import mysql, pgbackrest, postgresql, redis
from collectors.model import DeviceFacts, Finding, Target
from collectors.outcome import Outcome
from collectors.platforms.database_commands import MYSQL, PGBACKREST, POSTGRESQL
from collectors.platforms.linux_commands import BY_NAME


def printed(command: str) -> str:
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True
    ).stdout


def test_a_host_without_databases_answers_nothing() -> None:
    nowhere = POSTGRESQL.replace("/tmp/", "/nowhere/").replace("/var/run/", "/nowhere/")
    assert printed(nowhere) == ""
    assert printed(MYSQL.replace("/var/", "/nowhere/").replace("/tmp/", "/nowhere/")) == ""
    assert printed(BY_NAME["oracle"].command) == ""


def test_pgbackrest_is_asked_where_a_database_is_configured_or_might_be(tmp_path: Path) -> None:
    program = tmp_path / "bin/pgbackrest"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho [] $*\n")
    program.chmod(0o755)
    here = PGBACKREST.replace("/etc/", f"{tmp_path}/")
    assert here != PGBACKREST

    def asked() -> bool:
        answer = printed(f"PATH={program.parent}:$PATH\n{here}")
        assert answer == "" or re.fullmatch(r"now: \d+\n\[\] info .*\n", answer)
        return bool(answer)

    configuration = tmp_path / "pgbackrest.conf"
    configuration.write_text("[global]\nrepo1-path=/var/lib/pgbackrest\n#[main]\n#pg1-path=/srv\n")
    assert not asked()  # as the package brings it
    (tmp_path / "pgbackrest/conf.d").mkdir(parents=True)
    part = tmp_path / "pgbackrest/conf.d/main.conf"
    for line in ("pg1-path=/srv", "\tpg2-host = db2", "db-path=/srv"):
        part.write_text(f"[main]\n{line}\n")
        assert asked(), line
    part.write_text("[main]\n")
    assert not asked()
    configuration.unlink()
    configuration.symlink_to(tmp_path)  # cannot be read, as without a right to it
    assert asked()


MYSQL_ANSWER = """server: /var/run/mysqld/mysqld.sock
innodb_buffer_pool_size\t134217728
max_connections\t151
version\t10.11.6-MariaDB-0+deb12u1
Innodb_buffer_pool_read_requests\t1000000
Innodb_buffer_pool_reads\t5000
Slow_queries\t12
Threads_connected\t140
             Slave_IO_Running: Yes
            Slave_SQL_Running: No
        Seconds_Behind_Master: NULL
"""


def judged(*servers: Database) -> dict[str, Finding]:
    facts = DeviceFacts(extra={"databases": servers}, asked=frozenset({"databases"}))
    found = judge(facts, Target("h", "127.0.0.1", ()), datetime.now(UTC))
    return {one.check: one for one in found if one.check.startswith("database_")}


def test_a_mysql_server_with_a_stopped_replica_and_hardly_a_connection_left() -> None:
    (server,) = mysql.parse_mysql(MYSQL_ANSWER)
    assert (server.version, server.hit_percent) == ("10.11.6-MariaDB-0+deb12u1", 99.5)
    found = judged(server)
    assert found["database_state"].outcome is Outcome.CRITICAL
    assert found["database_state"].message.values["broken"] == "slave_sql_running"
    assert (found["database_connections"].outcome, found["database_connections"].value) == (
        Outcome.CRITICAL,
        92.7,
    )
    assert "database_lag" not in found  # NULL is no lag of zero
    (late,) = mysql.parse_mysql(MYSQL_ANSWER.replace("Master: NULL", "Master: 700"))
    assert judged(late)["database_lag"].outcome is Outcome.WARNING


def test_what_a_database_does_not_tell_is_not_good() -> None:
    (server,) = mysql.parse_mysql(
        "server: /tmp/mysql.sock\nERROR 1045 (28000): Access denied for user 'inspector'@'localhost'\n"
    )
    found = judged(server)
    assert [one.outcome for one in found.values()] == [Outcome.UNSUPPORTED]
    assert "Access denied" in str(found["database_state"].message.values["reason"])


def test_a_replica_that_lost_its_master_and_one_near_the_end_of_its_transactions() -> None:
    (orphan,) = redis.parse_redis(
        "server: 6379\nredis_version:7.2.4\nrole:slave\nmaster_link_status:down\n"
        "master_last_io_seconds_ago:-1\nused_memory:95\nmaxmemory:100\nconnected_clients:5\n"
    )
    found = judged(orphan)
    assert found["database_state"].message.values["broken"] == "master_link_status"
    assert (found["database_memory"].outcome, found["database_memory"].value) == (Outcome.CRITICAL, 95.0)
    (old,) = postgresql.parse_postgresql("server: 5432\n15.6 (Debian)|100|7|98.50|1600000000|3|t|42\n")
    found = judged(old)
    assert found["database_frozen"].outcome is Outcome.CRITICAL
    assert found["database_lag"].outcome is Outcome.OK
    assert found["database_slow"].value == 3


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [*MYSQL_ANSWER.splitlines(), "server: 5432", "15.6|100|7|98|1|3|t|42", "role:slave", "now: 5"]
            ),
            st.text(max_size=40),
        ),
        max_size=10,
    )
)
def test_damaged_answers_are_facts_or_a_parse_error(lines: list[str]) -> None:
    for parse in (
        postgresql.parse_postgresql,
        pgbackrest.parse_pgbackrest,
        mysql.parse_mysql,
        redis.parse_redis,
    ):
        with contextlib.suppress(ParseError):
            parse("\n".join(lines))
