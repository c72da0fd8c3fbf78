"""What a visit asks the databases that run on a host: reading statements alone, as the account of the visit.

Each section looks for running servers, so that a host without one answers nothing. No password is asked for
and none is sent: the server lets the account in (peer, or a file of its own), or the record says that it did
not. Source: PostgreSQL's statistics views, MySQL's global status, Redis' INFO.
"""

from __future__ import annotations

# ``$b``, ``$m``, ``$w``, ``$l`` and ``$h`` (here: the place in the log) are the shell's: names that were
# others before PostgreSQL 10. Where the account may not see the sessions of others, they are told from the
# server's own processes by having a user.
# Rows are told apart by their first column; the first row has none and begins with the version.
_SERVER = ", ".join(
    (
        "current_setting('server_version')",
        "current_setting('max_connections')",
        "(select count(*) from pg_stat_activity where $b)",
        "(select coalesce(round(100.0 * sum(blks_hit) / nullif(sum(blks_hit) + sum(blks_read), 0), 2), -1)"
        " from pg_stat_database)",
        "(select max(age(datfrozenxid)) from pg_database)",
        "case when not $m then -1 else (select count(*) from pg_stat_activity where state = 'active' and $b"
        " and now() - query_start > interval '5 minutes') end",
        "pg_is_in_recovery()",
        "case when not pg_is_in_recovery() then -1"
        " when pg_last_${w}_receive_$l() = pg_last_${w}_replay_$l() then 0"
        " else coalesce(round(extract(epoch from now() - pg_last_xact_replay_timestamp())), -1) end",
    )
)
_ARCHIVER = ", ".join(
    (
        "'a'",
        "current_setting('archive_mode')",
        "coalesce(last_archived_wal, '')",
        "coalesce(round(extract(epoch from now() - last_archived_time)::numeric, 3), -1)",
        "coalesce(last_failed_wal, '')",
        "coalesce(round(extract(epoch from now() - last_failed_time)::numeric, 3), -1)",
        "case when pg_is_in_recovery() then -1 else pg_${w}_${l}_diff(pg_current_${w}_$l(), '0/0') end",
        "pg_size_bytes(current_setting('wal_segment_size')) from pg_stat_archiver",
    )
)
# A column that an older version lacks is empty when it is read from the row as JSON.
_SLOTS = (
    "select 's', slot_name, active, coalesce(pg_${w}_${l}_diff($h, restart_lsn), -1),"
    " coalesce(to_json(s)->>'wal_status', '') from pg_replication_slots s limit 50"
)
_STANDBYS = (
    "select 'r', replace(application_name, '|', '/'), coalesce(host(client_addr), ''), coalesce(state, ''),"
    " coalesce(round(extract(epoch from (to_json(r)->>'replay_lag')::interval)::numeric, 3), -1),"
    " coalesce(pg_${w}_${l}_diff($h, replay_$l), -1) from pg_stat_replication r limit 50"
)
_STATEMENTS = "\n".join((f"select {_SERVER};", f"select {_ARCHIVER};", f"{_SLOTS};", f"{_STANDBYS};"))
_ADMINISTRATOR = "(select usesuper from pg_user where usename = current_user)"
POSTGRESQL = (
    "command -v psql >/dev/null || exit 0; "
    "for s in /var/run/postgresql/.s.PGSQL.[0-9]* /tmp/.s.PGSQL.[0-9]*; do "
    'case $s in *.lock) continue;; esac; [ -S "$s" ] || continue; echo "server: ${s##*.}"; '
    'p() { psql -XAtqw -F "|" -h "${s%/*}" -p "${s##*.}" -d postgres "$@" 2>&1; }; '
    'o=$(p -c "show server_version_num"); n=$(echo "$o" | grep -E "^[0-9]{5,6}$" | head -n 1); '
    '[ -n "$n" ] || { echo "$o" | head -n 1; continue; }; '
    "b=\"(backend_type = 'client backend' or backend_type is null and usesysid is not null"
    " and datid is not null)\"; m=\"pg_has_role('pg_read_all_stats', 'usage')\"; w=wal; l=lsn; "
    '[ "$n" -ge 100000 ] || { b=true; w=xlog; l=location; '
    f'm="{_ADMINISTRATOR}"; }}\n'
    'h="case when pg_is_in_recovery() then pg_last_${w}_replay_$l() else pg_current_${w}_$l() end"\n'
    # Through a pipe: for a text within the program some shells write a file.
    f"printf '%s\\n' \"{_STATEMENTS}\" | p | grep -E '^([0-9]|[a-z][|]|ERROR:)' | head -n 120\ndone; true"
)

PGBACKREST_PLACES = "/etc/pgbackrest/pgbackrest.conf /etc/pgbackrest.conf"
# Reads the repository's list of backups: no lock, no log file. A package's own configuration names no
# database; only where that is read for certain is the question spared (grep's status 1, not 2).
PGBACKREST = (
    f"set --; for f in {PGBACKREST_PLACES} /etc/pgbackrest/conf.d/*.conf; do "
    '[ -e "$f" ] && set -- "$@" "$f"; done; '
    'grep -Eqs \'^[[:blank:]]*(pg|db)[0-9]*-\' "$@"; [ $? -eq 1 ] || { echo "now: $(date +%s)"; '
    "pgbackrest info --output=json --log-level-console=off --log-level-stderr=error 2>&1; }"
)

_MYSQL_NAMES = ", ".join(
    f"'{name}'"
    for name in (
        "version",
        "max_connections",
        "threads_connected",
        "connections",
        "aborted_connects",
        "aborted_clients",
        "questions",
        "slow_queries",
        "innodb_buffer_pool_read_requests",
        "innodb_buffer_pool_reads",
    )
)
# What replicas are asked has other names from MySQL 8.0.22 on, and these alone from 8.4 on; MariaDB shows
# every source since version 10. A server that refused is not asked again.
_BEFORE_8_0_22 = "|".join(
    f"*version?{pattern}"
    for pattern in ("5.*", "8.0.[0-9]", "8.0.[0-9][!0-9]*", "8.0.1[0-9]*", "8.0.2[01]", "8.0.2[01][!0-9]*")
)
_REPLICATION = "|".join(
    (
        "[*]+",
        "(Connection|Channel)_[Nn]ame:",
        "[A-Za-z]+_(IO|SQL)_Running:",
        "Seconds_Behind_(Master|Source):",
        "SQL_Delay:",
        "Last_(IO|SQL)_Errno:",
        "ERROR",
    )
)
MYSQL = (
    "c=mysql; if command -v mariadb >/dev/null; then c=mariadb; fi; command -v $c >/dev/null || exit 0; "
    "for s in /var/run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do "
    '[ -S "$s" ] || continue; echo "server: $s"; '
    'q() { "$c" --connect-timeout=3 -S "$s" "$@" 2>&1; }; '
    f'o=$(q -NB -e "show global variables where variable_name in ({_MYSQL_NAMES}); '
    f'show global status where variable_name in ({_MYSQL_NAMES})"); '
    'printf "%s\\n" "$o" | grep -v Deprecated | head -n 30; '
    f"case $o in {_BEFORE_8_0_22}) r=slave;; *MariaDB*) r='all slaves';; *max_connections*) r=replica;; "
    "*) continue;; esac; "
    f"q -E -e \"show $r status\" | grep -E '^ *({_REPLICATION})' | head -n 200; done; true"
)

_REDIS_FIELDS = "|".join(
    (
        "(redis|valkey)_version",
        "server_name",
        "executable",
        "connected_clients",
        "maxclients",
        "used_memory(_rss)?",
        "maxmemory(_policy)?",
        "total_connections_received",
        "rejected_connections",
        "evicted_keys",
        "role",
        "slave[0-9]+",
        "(master|slave|slave_read)_repl_offset",
        "master_link_status",
        "rdb_last_bgsave_status",
        "aof_last_write_status",
        "(NOAUTH|ERR|WRONGPASS|NOPERM) .*",
    )
)
# The process is looked at where it is the server's own: in a container it has another number.
REDIS = (
    "for c in redis-cli valkey-cli keydb-cli -; do command -v $c >/dev/null && break; done; "
    "[ $c != - ] || exit 0; "
    'for p in 6379 6380; do o=$($c -p "$p" info 2>&1) || continue; '
    'case $o in *refused*) continue;; esac; echo "server: $p"; '
    f"echo \"$o\" | grep -E '^({_REDIS_FIELDS})(:|$)' | head -n 80; "
    "n=$(echo \"$o\" | sed -n 's/^process_id:\\([0-9]*\\).*/\\1/p'); "
    'case $(cat "/proc/$n/comm" 2>/dev/null) in '
    'redis*|valkey*|keydb*) grep ^VmSwap: "/proc/$n/status";; esac; done; true'
)
