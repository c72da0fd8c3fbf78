"""What a visit asks the Oracle databases that run on a host: fixed SELECT statements, nothing else.

Instances are found by their process monitor, programs by ``/etc/oratab``, else by the path. SQL*Plus runs
with ``-R 3`` (no host commands, no files, no login.sql) and ``-L`` (one try). It logs in as the operating
system says: as SYSDBA where the account is in the group dba, else as the user of the database that is
identified externally and needs SELECT_CATALOG_ROLE alone. No password is asked for and none is sent.

Source: Oracle Database Reference 19c (V$INSTANCE, V$DATABASE, V$RESOURCE_LIMIT, DBA_TABLESPACE_USAGE_METRICS,
V$RECOVERY_FILE_DEST, V$ARCHIVE_DEST, V$RMAN_BACKUP_JOB_DETAILS, V$ASM_DISKGROUP, V$DATAGUARD_STATS);
SQL*Plus User's Guide.
"""

from __future__ import annotations

from collections.abc import Iterable

# Name of the question, its statement. Rows are texts: a letter, then columns between bars.
_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("instance", "select 'i|'||instance_name||'|'||version||'|'||status||'|'||archiver from v$instance"),
    ("database", "select 'd|'||name||'|'||open_mode||'|'||database_role from v$database"),
    (
        "limits",
        "select 'l|'||trim(resource_name)||'|'||current_utilization||'|'||trim(limit_value)"
        " from v$resource_limit where resource_name in ('sessions', 'processes')",
    ),
    (
        "tablespaces",
        "select 't|'||m.tablespace_name||'|'||to_char(m.used_percent, 'FM99990.00')"
        " from dba_tablespace_usage_metrics m"
        " join dba_tablespaces t on t.tablespace_name = m.tablespace_name where t.contents = 'PERMANENT'",
    ),
    # From 12c on; before, there are no such views and that is no trouble.
    (
        "pluggable",
        "select 't|'||c.name||'.'||m.tablespace_name||'|'||to_char(m.used_percent, 'FM99990.00')"
        " from cdb_tablespace_usage_metrics m join v$containers c on c.con_id = m.con_id"
        " join cdb_tablespaces t on t.con_id = m.con_id and t.tablespace_name = m.tablespace_name"
        " where m.con_id > 2 and t.contents = 'PERMANENT'",
    ),
    (
        "archive",
        "select 'f|'||to_char(100 * (space_used - space_reclaimable) / space_limit, 'FM99990.00')"
        " from v$recovery_file_dest where space_limit > 0",
    ),
    # Those that are not used, or put off by somebody's word, are not asked for.
    (
        "destinations",
        "select 'h|'||dest_name||'|'||status||'|'||translate(nvl(error, '-'), '|'||chr(10), '/ ')"
        " from v$archive_dest where status not in ('INACTIVE', 'DEFERRED', 'ALTERNATE')",
    ),
    (
        "backup",
        "select 'b|'||nvl(to_char(24 * (sysdate - max(case when status like 'COMPLETED%' then end_time end)),"
        " 'FM999990.00'), '-')||'|'||nvl(max(status) keep (dense_rank last order by start_time), '-')"
        " from v$rman_backup_job_details where input_type like 'DB%'",
    ),
    (
        "diskgroups",
        "select 'a|'||name||'|'||state||'|'||offline_disks||'|'||"
        "to_char(100 * (1 - free_mb / nullif(total_mb, 0)), 'FM99990.00') from v$asm_diskgroup",
    ),
    (
        "standby",
        "select 's|'||name||'|'||value from v$dataguard_stats where name in ('transport lag', 'apply lag')",
    ),
)
_SETTINGS = (
    "set heading off feedback off pagesize 0 linesize 2000 trimspool on tab off echo off verify off"
    " define off"
)


def _asking(questions: Iterable[tuple[str, str]]) -> str:
    lines = (f"prompt q|{name}\n{statement};" for name, statement in questions)
    sql = "\n".join((_SETTINGS, *lines, "prompt q|end", "exit"))
    return (
        "ps -eo args= | sed -n 's/^ora_pmon_\\([A-Za-z0-9_]\\{1,30\\}\\)$/\\1/p' | head -n 8 | "
        "while read -r s; do "
        'echo "server: $s"; '
        'h=$(sed -n "s/^$s:\\([^:]*\\):.*/\\1/p" /etc/oratab 2>/dev/null | head -n 1); '
        '[ -x "$h/bin/sqlplus" ] || h=; q=${h:+$h/bin/}sqlplus; '
        'if ! command -v "$q" >/dev/null; then echo "SP2-0000: no sqlplus"; continue; fi; '
        "case \" $(id -nG) \" in *' dba '*) a='/ as sysdba';; *) a=/;; esac; "
        '( if [ -n "$h" ]; then ORACLE_HOME=$h; LD_LIBRARY_PATH=$h/lib; LIBPATH=$h/lib\n'
        "export ORACLE_HOME LD_LIBRARY_PATH LIBPATH; fi\n"
        "ORACLE_SID=$s; TWO_TASK=; SQLPATH=; ORACLE_PATH=; NLS_LANG=AMERICAN_AMERICA.AL32UTF8\n"
        "export ORACLE_SID TWO_TASK SQLPATH ORACLE_PATH NLS_LANG\n"
        f"\"$q\" -S -L -R 3 $a 2>&1 <<'SQL'\n{sql}\nSQL\n"
        ") | head -n 1500; done; true"
    )


ORACLE = _asking(_QUESTIONS)
EARLIER = _asking(question for question in _QUESTIONS if question[0] != "destinations")
