"""Past logins, and the kernel's own errors where no journal is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from collectors.facts.host import JournalErrors
from collectors.facts.linux import facts_from_linux, logins, services
from collectors.model import DeviceFacts, Evidence, Exchange
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import BY_NAME


def test_logins_of_three_kinds_of_last() -> None:
    (ops, root, tty) = logins.parse_last(
        "ops      pts/0        10.1.1.9         2026-11-26T17:11:03+08:00   still logged in\n"
        "root     pts/1        2001:db8::1      2026-11-25T07:00:00+0800 - 08:00  (01:00)\n"
        "root     tty1                          2026-11-24T07:00:00+08:00 - crash  (1+01:00)\n"
        "reboot   system boot  6.1.0-18-amd64   2026-11-24T06:59:00+08:00   still running\n"
        "\nwtmp begins 2026-11-01T10:38:19+00:00\n"
    )
    assert (ops.user, ops.terminal, ops.origin) == ("ops", "pts/0", "10.1.1.9")
    assert ops.at == datetime(2026, 11, 26, 9, 11, 3, tzinfo=UTC)
    assert (root.origin, root.at) == ("2001:db8::1", datetime(2026, 11, 24, 23, tzinfo=UTC))
    assert (tty.terminal, tty.origin) == ("tty1", "")
    east = timezone(timedelta(hours=8))
    (whole,) = logins.parse_last("ops  pts/0  h.example   Thu Nov 26 17:11:03 2026 - crash   (00:03)\n", east)
    assert (whole.origin, whole.at) == ("h.example", datetime(2026, 11, 26, 9, 11, 3, tzinfo=UTC))
    (wrong,) = logins.parse_last("ops  pts/0  h  2026-13-45T17:11:03+08:00\n", east)
    assert wrong.at is None
    (old,) = logins.parse_last("ops  pts/0  10.1.1.9   Thu Nov 26 17:11   still logged in\n")
    assert (old.user, old.origin, old.at) == ("ops", "10.1.1.9", None)
    (small,) = logins.parse_last(
        "USER  TTY  HOST  LOGIN  TIME\nroot  pts/0  10.1.1.9  Nov 26 17:11   00:03\n"
    )
    assert (small.user, small.origin, small.at) == ("root", "10.1.1.9", None)


def test_the_kernels_own_errors_of_the_last_day() -> None:
    text = (
        "[  100.5] ata1: old error\n[200000.25] ata1: new error\n"
        "<3>[200001.000001] EXT4-fs error\n<6>no time\n"
    )
    found = services.parse_dmesg(text, 200100.0)
    assert (found.count, found.samples[-1]) == (2, "<3>[200001.000001] EXT4-fs error")
    assert services.parse_dmesg("", 5.0).count == 0


def told(**answers: Exchange) -> DeviceFacts:
    return facts_from_linux(tuple(answers.values()))


def test_where_no_journal_is_kept_the_kernel_is_asked() -> None:
    def answer(name: str, text: str = "", outcome: Outcome = Outcome.OK, stderr: bytes = b"") -> Exchange:
        return Exchange("ssh", BY_NAME[name].command, text.encode(), outcome, "", 0, stderr)

    uptime = answer("uptime", "90000.00 1.00\n")
    none = answer("journal", outcome=Outcome.NOT_APPLICABLE)
    error = answer("dmesg", "[89999.0] I/O error, dev sda\n")
    assert told(uptime=uptime, journal=none, dmesg=error).extra["journal_errors"] == JournalErrors(
        1, False, ("[89999.0] I/O error, dev sda",), Evidence(2)
    )
    empty = answer("journal", stderr=b"No journal files were found.\n")
    assert told(uptime=uptime, journal=empty, dmesg=answer("dmesg")).extra["journal_errors"] == JournalErrors(
        0, False, (), Evidence(2)
    )
    denied = answer("dmesg", stderr=b"dmesg: read kernel buffer failed: Operation not permitted\n")
    found = told(uptime=uptime, journal=none, dmesg=denied)
    assert "journal_errors" not in found.extra
    assert [error.message for error in found.errors if error.fact == "journal_errors"] == [
        "The host keeps no journal."
    ]
    kept = answer("journal", "2026-11-26T10:00:00+0000 h kernel: oops\n")
    assert told(uptime=uptime, journal=kept, dmesg=error).extra["journal_errors"] == JournalErrors(
        1, False, ("2026-11-26T10:00:00+0000 h kernel: oops",), Evidence(1)
    )
