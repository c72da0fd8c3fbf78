"""PostgreSQL on a host: asked as a visit asks it, of real servers in both roles, and pgBackRest."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.checks import judge
from collectors.errors import ParseError
from collectors.facts.database import Archive, Database, Part
from collectors.facts.linux.pgbackrest import parse_pgbackrest
from collectors.facts.linux.postgresql import parse_postgresql
from collectors.model import DeviceFacts, Finding, Target
from collectors.outcome import Outcome
from collectors.platforms.database_commands import PGBACKREST, PGBACKREST_PLACES, POSTGRESQL
from collectors.platforms.database_earlier import POSTGRESQL as EARLIER
from tests.support.postgres import Postgres, running_postgres

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL


def judged(*servers: Database) -> dict[tuple[str, str], Finding]:
    facts = DeviceFacts(extra={"databases": servers}, asked=frozenset({"databases"}))
    found = judge(facts, Target("h", "127.0.0.1", ()), datetime.now(UTC))
    return {(one.check, one.item): one for one in found if one.check.startswith("database_")}


@dataclass
class Servers:
    """A primary whose archiving fails, and its standby with a slot; a visit's answers of either."""

    primary: Postgres
    standby: Path

    def run(self, *words: str) -> str:
        return subprocess.run(
            self.primary._command(*words), check=True, capture_output=True, text=True, cwd="/"
        ).stdout

    def control(self, data: Path, action: str, folder: Path) -> None:
        assert self.primary.programs is not None
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c archive_mode=on -c archive_command=false"
        program = str(self.primary.programs / "pg_ctl")
        words = (program, "-D", str(data), "-w", "-m", "fast", "-l", f"{data}.log", "-o", options)
        subprocess.run(self.primary._command(*words, action), check=True, stdout=subprocess.DEVNULL, cwd="/")

    def answer(self, folder: Path, user: str = "postgres", command: str = POSTGRESQL) -> str:
        here = command.replace("/tmp/.s.PGSQL", f"{folder}/.s.PGSQL")
        assert here != command
        here = here.replace("/var/run/", "/nowhere/").replace("psql -XA", f"psql -U {user} -XA")
        return subprocess.run(
            ["sh", "-c", here], capture_output=True, text=True, timeout=30, check=True
        ).stdout

    def told(self, folder: Path, user: str = "postgres", command: str = POSTGRESQL) -> Database:
        (found,) = parse_postgresql(self.answer(folder, user, command))
        return found


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with running_postgres() as primary:
        assert primary.programs is not None
        both = Servers(primary, primary.folder / "standby")
        both.control(primary.folder / "data", "restart", primary.folder)
        primary.sql("CREATE ROLE plain LOGIN")
        copy = ("-D", str(both.standby / "data"), "-h", str(primary.folder), "-U", "postgres")
        both.run("mkdir", str(both.standby))
        both.run(str(primary.programs / "pg_basebackup"), *copy, "-R", "-C", "-S", "first", "-c", "fast")
        both.control(both.standby / "data", "start", both.standby)
        try:
            yield both
        finally:
            both.control(both.standby / "data", "stop", both.standby)


@pytest.mark.postgres
def test_a_real_server_tells_of_itself_and_a_refusal_is_in_its_words(servers: Servers) -> None:
    told = servers.told(servers.primary.folder)
    refused = servers.told(servers.primary.folder, "nobody-there")
    assert refused.version == ""
    assert "does not exist" in refused.refused or "failed" in refused.refused
    assert told.name == "5432"
    assert int(told.version.split(".")[0]) >= 13
    assert told.max_connections
    assert told.max_connections > (told.connections or 0) >= 1
    assert (told.slow, told.lag_s, told.withheld) == (0, None, "")  # no replica
    assert told.frozen_percent is not None
    assert told.frozen_percent < 1


@pytest.mark.postgres
def test_a_file_that_cannot_be_archived_is_named(servers: Servers) -> None:
    folder = servers.primary.folder
    servers.primary.sql("CREATE TABLE IF NOT EXISTS filled (x int)")
    servers.primary.sql("INSERT INTO filled VALUES (1)")
    servers.primary.sql("SELECT pg_switch_wal()")
    until(lambda: bool(servers.told(folder).archives[0].error))
    found = judged(servers.told(folder))["database_archive", "PostgreSQL 5432"]
    assert found.outcome is CRITICAL
    assert len(str(found.message.values["reason"])) == 24


@pytest.mark.postgres
def test_a_primary_sees_its_standby_and_what_its_slot_holds_back(servers: Servers) -> None:
    folder = servers.primary.folder
    until(lambda: bool(servers.told(folder).lags))
    told = servers.told(folder)
    (lag,) = told.lags
    assert lag.name.startswith("standby ")
    assert lag.value < 60
    assert [part.name for part in told.retained_gib] == ["slot first"]
    assert told.retained_gib[0].value < 1
    found = judged(told)
    assert found["database_lag", f"PostgreSQL 5432 {lag.name}"].outcome is OK
    assert found["database_retained", "PostgreSQL 5432 slot first"].outcome is OK


@pytest.mark.postgres
def test_a_standby_tells_its_lag_and_nothing_of_an_archiver_that_does_not_run(servers: Servers) -> None:
    told = servers.told(servers.standby)
    assert told.lag_s is not None
    assert told.lag_s < 60
    assert (told.archives, told.withheld, told.refused) == ((), "", "")


@pytest.mark.postgres
def test_a_plain_login_counts_every_connection_and_says_what_it_does_not_see(servers: Servers) -> None:
    folder = servers.primary.folder
    until(lambda: bool(servers.told(folder).lags))
    sessions = [psycopg.connect(f"host={folder} user=postgres dbname=postgres") for _ in range(3)]
    try:
        # A session that has ended is counted for a moment longer.
        until(lambda: servers.told(folder, "plain").connections == servers.told(folder).connections == 4)
        plain = servers.told(folder, "plain")
    finally:
        for session in sessions:
            session.close()
    assert (plain.slow, plain.lags) == (None, ())
    found = judged(plain)
    state = found["database_state", "PostgreSQL 5432 statistics"]
    assert state.outcome is Outcome.UNSUPPORTED
    assert "pg_monitor" in str(state.message)
    assert not any(check == "database_slow" for check, _item in found)


@pytest.mark.postgres
def test_names_of_before_version_10_are_asked_where_the_server_is_older(servers: Servers) -> None:
    """No server so old was at hand: its names are given to a present one."""
    sql = servers.primary.sql
    sql("CREATE SCHEMA IF NOT EXISTS old")
    for old, new in (
        ("pg_last_xlog_receive_location", "pg_last_wal_receive_lsn"),
        ("pg_last_xlog_replay_location", "pg_last_wal_replay_lsn"),
        ("pg_current_xlog_location", "pg_current_wal_lsn"),
    ):
        sql(f"CREATE OR REPLACE FUNCTION old.{old}() RETURNS pg_lsn LANGUAGE sql AS 'SELECT {new}()'")
    sql(
        "CREATE OR REPLACE FUNCTION old.pg_xlog_location_diff(pg_lsn, pg_lsn) RETURNS numeric LANGUAGE sql"
        " AS 'SELECT pg_wal_lsn_diff($1, $2)'"
    )
    sql(
        "CREATE OR REPLACE VIEW old.pg_stat_replication AS SELECT application_name, client_addr, state,"
        " replay_lsn AS replay_location FROM pg_catalog.pg_stat_replication"
    )
    sql(
        "CREATE OR REPLACE VIEW old.pg_replication_slots AS SELECT slot_name, active, restart_lsn"
        " FROM pg_catalog.pg_replication_slots"
    )
    sql("DROP ROLE IF EXISTS older")
    sql("CREATE ROLE older LOGIN SUPERUSER")
    sql("ALTER ROLE older SET search_path = old, pg_catalog")
    command = POSTGRESQL.replace("-ge 100000", "-ge 990000")
    assert command != POSTGRESQL
    told = servers.told(servers.primary.folder, "older", command)
    assert (told.refused, told.withheld, told.slow) == ("", "", 0)
    assert [part.name for part in told.retained_gib] == ["slot first"]
    assert told.archives


@pytest.mark.postgres
def test_what_was_asked_before_is_read_as_ever(servers: Servers) -> None:
    told = servers.told(servers.primary.folder, command=EARLIER)
    assert told.version
    assert (told.lags, told.retained_gib, told.archives, told.withheld) == ((), (), (), "")


# Written after the documentation of the views.
FIRST = "server: 5432\n13.14|100|7|98.50|9|0|f|-1\n"
STANDBY = "server: 5432\n13.14|100|7|98.50|9|0|t|5\n"
SIZE = 16 * 2**20


def archiver(last: str, age: float, written: int, failed: str = "", failed_age: float = -1) -> str:
    return f"a|on|{last}|{age}|{failed}|{failed_age}|{written}|{SIZE}\n"


def test_an_idle_server_archives_nothing_and_one_whose_files_wait_is_late() -> None:
    last = "0000000100000002000000FE"
    end = 2 * 2**32 + 0xFF * SIZE
    (idle,) = parse_postgresql(FIRST + archiver(last, 90000, end + SIZE))
    assert idle.archives == (Archive(age_s=0.0),)
    (late,) = parse_postgresql(FIRST + archiver(last, 2000, end + 2 * SIZE))
    found = judged(late)["database_archive", "PostgreSQL 5432"]
    assert (found.outcome, found.value) == (WARNING, 2000)
    (label,) = parse_postgresql(FIRST + archiver(f"{last}.00000028.backup", 9000, end + 2 * SIZE))
    assert judged(label)["database_archive", "PostgreSQL 5432"].outcome is CRITICAL
    (timeline,) = parse_postgresql(FIRST + archiver("00000002.history", 9000, end + 9 * SIZE))
    assert judged(timeline)["database_archive", "PostgreSQL 5432"].outcome is OK


def test_a_failure_that_was_made_good_since_is_none() -> None:
    last, next_one = "000000010000000000000001", "000000010000000000000002"
    (good,) = parse_postgresql(FIRST + archiver(next_one, 5, 3 * SIZE, next_one, 60))
    assert judged(good)["database_archive", "PostgreSQL 5432"].outcome is OK
    (bad,) = parse_postgresql(FIRST + archiver(last, 60, 3 * SIZE, next_one, 5))
    assert judged(bad)["database_archive", "PostgreSQL 5432"].message.values["reason"] == next_one
    (never,) = parse_postgresql(FIRST + archiver("", -1, 3 * SIZE, last, 5))
    assert judged(never)["database_archive", "PostgreSQL 5432"].outcome is CRITICAL
    (former,) = parse_postgresql(STANDBY + archiver(last, 60, -1, next_one, 5))
    assert former.archives == ()  # figures of the time when it was a primary
    (off,) = parse_postgresql(FIRST + f"a|off||-1||-1|{SIZE}|{SIZE}\n")
    assert off.archives == ()


def test_a_slot_that_nobody_reads_and_one_that_was_given_up() -> None:
    rows = f"s|branch|f|{60 * 2**30}|extended\ns|gone|f|-1|lost\ns|here|t|512|\n"
    (server,) = parse_postgresql(FIRST + rows)
    found = judged(server)
    assert found["database_retained", "PostgreSQL 5432 slot branch"].outcome is CRITICAL
    assert found["database_retained", "PostgreSQL 5432 slot here"].outcome is OK
    assert ("database_retained", "PostgreSQL 5432 slot gone") not in found
    assert found["database_state", "PostgreSQL 5432"].message.values["broken"] == "slot gone lost"


def test_standbys_are_judged_by_what_is_measured_of_them() -> None:
    rows = (
        "r|north|192.0.2.7|streaming|1900.5|8000000\n"
        "r|south||streaming|-1|0\n"  # all is there, and nothing is written
        "r|pg_receivewal||streaming|-1|-1\n"  # replays nothing
    )
    (server,) = parse_postgresql(FIRST + rows)
    assert server.lags == (Part("standby north 192.0.2.7", 1900.5), Part("standby south", 0.0))
    assert judged(server)["database_lag", "PostgreSQL 5432 standby north 192.0.2.7"].outcome is CRITICAL


def test_statements_that_a_login_does_not_see_are_not_none() -> None:
    (server,) = parse_postgresql(FIRST.replace("|9|0|f|", "|9|-1|f|"))
    assert server.slow is None
    assert "pg_monitor" in server.withheld


def test_an_error_of_one_statement_costs_the_others_nothing() -> None:
    (server,) = parse_postgresql(FIRST + "ERROR:  relation does not exist\ns|here|t|512|\n")
    assert server.retained_gib
    assert judged(server)["database_state", "PostgreSQL 5432 statistics"].outcome is Outcome.UNSUPPORTED


@given(st.lists(st.text(alphabet=st.sampled_from("asr|-1tfon0AF.ERO:"), max_size=60), max_size=6))
def test_whatever_follows_is_read_or_refused(lines: list[str]) -> None:
    try:
        (found,) = parse_postgresql(FIRST + "\n".join(lines))
    except ParseError:
        return
    assert found.version == "13.14"


@pytest.mark.postgres
@pytest.mark.pgbackrest
def test_a_real_repository_tells_of_its_backups(servers: Servers) -> None:
    folder = servers.primary.folder
    for name in ("repo", "logs", "locks"):
        servers.run("mkdir", str(folder / name))
    (folder / "backup.conf").write_text(
        f"[global]\nrepo1-path={folder}/repo\nlog-path={folder}/logs\nlock-path={folder}/locks\n"
        f"[main]\npg1-path={folder}/data\npg1-socket-path={folder}\npg1-user=postgres\n"
    )
    command = ("pgbackrest", f"--config={folder}/backup.conf")

    def told() -> Database:
        here = PGBACKREST.replace("pgbackrest info", f"{' '.join(command)} info")
        here = here.replace(PGBACKREST_PLACES, f"{folder}/backup.conf")
        assert here != PGBACKREST
        (found,) = parse_pgbackrest(servers.run("sh", "-c", here))
        return found

    servers.run(*command, "--stanza=main", "stanza-create")
    empty = told()
    assert judged(empty)["database_backup", "pgBackRest main"].outcome is WARNING
    servers.run(*command, "--stanza=main", "--no-archive-check", "--repo1-retention-full=1", "backup")
    full = told()
    assert (full.item, full.refused, full.broken) == ("pgBackRest main", "", "")
    assert full.backup_age_h is not None
    assert full.backup_age_h < 1
    assert judged(full)["database_backup", "pgBackRest main"].outcome is OK
    assert not list((folder / "logs").glob("*info*"))  # a visit leaves no trace


def stanza(code: int, message: str, *backups: dict[str, object], repository: str = "") -> str:
    told = {
        "backup": backups,
        "db": [{"id": 1, "version": "16"}] if backups else [],
        "name": "main",
        "repo": [{"key": 1, "status": {"code": code, "message": repository or message}}],
        "status": {"code": code, "message": message},
    }
    return f"now: 1000000\n{json.dumps([told])}\n"


def backup(label: str, stop: int, *, error: bool = False) -> dict[str, object]:
    return {"label": label, "timestamp": {"start": stop - 60, "stop": stop}, "error": error, "type": "incr"}


def test_the_newest_backup_counts_and_its_damaged_pages_are_told() -> None:
    new, old = backup("20261125F_20261126I", 1000000 - 40 * 3600, error=True), backup("20261125F", 5)
    (server,) = parse_pgbackrest(stanza(0, "ok", new, old))
    found = judged(server)
    assert (found["database_backup", "pgBackRest main"].outcome, server.backup_age_h) == (WARNING, 40)
    assert found["database_state", "pgBackRest main"].outcome is CRITICAL
    (mended,) = parse_pgbackrest(stanza(0, "ok", backup("F", 5, error=True), backup("I", 999000)))
    assert mended.broken == ""


def test_a_repository_without_a_backup_or_out_of_reach_is_not_normal() -> None:
    (missing,) = parse_pgbackrest(stanza(1, "missing stanza path"))
    found = judged(missing)
    assert found["database_backup", "pgBackRest main"].outcome is WARNING
    assert found["database_state", "pgBackRest main"].outcome is Outcome.UNSUPPORTED
    (closed,) = parse_pgbackrest(stanza(99, "other", repository="unable to list: [13] Permission denied"))
    (nameless,) = parse_pgbackrest(stanza(99, "other").replace('"main"', '"[invalid]"'))
    assert nameless.item == "pgBackRest"
    assert closed.refused == "unable to list: [13] Permission denied"
    words = "ERROR: [041]: unable to open file for read: [13] Permission denied"
    (unread,) = parse_pgbackrest(f"now: 5\n{words}\n")
    assert (unread.item, unread.refused) == ("pgBackRest", words)
    (apart,) = parse_pgbackrest(stanza(5, "database mismatch across repos", backup("F", 999000)))
    assert judged(apart)["database_state", "pgBackRest main"].outcome is CRITICAL
    assert parse_pgbackrest("") == parse_pgbackrest("now: 5\n[]\n") == ()


@pytest.mark.parametrize("text", ["[]", "now: x\n[]", 'now: 5\n[{"name": 1}]', "now: 5\n[7]", "now: 5\n[["])
def test_an_answer_of_another_form_is_no_answer(text: str) -> None:
    with pytest.raises(ParseError):
        parse_pgbackrest(text)
