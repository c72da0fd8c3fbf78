"""How databases were asked before: answers to these texts are in kept transcripts and are read as ever."""

from __future__ import annotations

_POSTGRESQL = ", ".join(
    (
        "current_setting('server_version')",
        "current_setting('max_connections')",
        "(select count(*) from pg_stat_activity where backend_type = 'client backend')",
        "(select coalesce(round(100.0 * sum(blks_hit) / nullif(sum(blks_hit) + sum(blks_read), 0), 2), -1)"
        " from pg_stat_database)",
        "(select max(age(datfrozenxid)) from pg_database)",
        "(select count(*) from pg_stat_activity where state = 'active' and backend_type = 'client backend'"
        " and now() - query_start > interval '5 minutes')",
        "pg_is_in_recovery()",
        "case when not pg_is_in_recovery() then -1"
        " when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0"
        " else coalesce(round(extract(epoch from now() - pg_last_xact_replay_timestamp())), -1) end",
    )
)
POSTGRESQL = (
    "command -v psql >/dev/null || exit 0; "
    "for s in /var/run/postgresql/.s.PGSQL.[0-9]* /tmp/.s.PGSQL.[0-9]*; do "
    'case $s in *.lock) continue;; esac; [ -S "$s" ] || continue; echo "server: ${s##*.}"; '
    'psql -XAtqw -F "|" -h "${s%/*}" -p "${s##*.}" -d postgres '
    f'-c "select {_POSTGRESQL}" 2>&1 | head -n 1; done; true'
)

_MYSQL_NAMES = ", ".join(
    f"'{name}'"
    for name in (
        "version",
        "max_connections",
        "threads_connected",
        "slow_queries",
        "innodb_buffer_pool_read_requests",
        "innodb_buffer_pool_reads",
    )
)
MYSQL = (
    "command -v mysql >/dev/null || exit 0; "
    "for s in /var/run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do "
    '[ -S "$s" ] || continue; echo "server: $s"; '
    'mysql --connect-timeout=3 -NB -S "$s" '
    f'-e "show global variables where variable_name in ({_MYSQL_NAMES}); '
    f'show global status where variable_name in ({_MYSQL_NAMES})" 2>&1 | head -n 20; '
    'mysql --connect-timeout=3 -E -S "$s" -e "show slave status" 2>/dev/null '
    "| grep -E '_Running:|Seconds_Behind_Master:'; done; true"
)

REDIS = (
    "command -v redis-cli >/dev/null || exit 0; "
    'for p in 6379 6380; do o=$(redis-cli -p "$p" info 2>&1) || continue; '
    'case $o in *refused*) continue;; esac; echo "server: $p"; echo "$o" '
    "| grep -E '^(redis_version|connected_clients|maxclients|used_memory|maxmemory|role|master_link_status"
    "|master_last_io_seconds_ago|rdb_last_bgsave_status|aof_last_write_status"
    "|(NOAUTH|ERR|WRONGPASS|NOPERM) .*)(:|$)'; done; true"
)

PGBACKREST = (
    "command -v pgbackrest >/dev/null || exit 0; "
    'echo "now: $(date +%s)"; '
    "pgbackrest info --output=json --log-level-console=off --log-level-stderr=error 2>&1"
)
