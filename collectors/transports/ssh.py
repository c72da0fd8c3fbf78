"""Visits a device over SSH, nothing changed: a host with one script, network gear command by command."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import paramiko

from collectors.errors import VisitError
from collectors.files import section_for, without_secrets
from collectors.messages import N_
from collectors.model import SshAccess, Target
from collectors.newest import newest_for
from collectors.outcome import Outcome
from collectors.own import commands_for
from collectors.platforms import linux_script, windows_script
from collectors.platforms.aix_commands import SECTIONS as AIX_SECTIONS
from collectors.platforms.linux_commands import BY_NAME as LINUX
from collectors.platforms.linux_commands import SECTIONS as LINUX_SECTIONS
from collectors.platforms.linux_script import new_marker, split_output
from collectors.platforms.sections import Section
from collectors.transports import TransportResult
from collectors.transports.ssh_cli import speaks_cli, visit_cli, wants_cli
from collectors.transports.ssh_jump import open_session
from collectors.transports.ssh_session import Session

UNAME = LINUX["uname"].command
_OWN_S = 10  # of one command that people added
_UNFINISHED = N_("The host did not finish the commands in time.")


def visit(target: Target, access: SshAccess, *, deadline: float) -> TransportResult:
    """Ask a device everything in its platform's table, in one session.

    Args:
        deadline: a moment of ``time.monotonic()`` at which everything has ended, whatever the host
            does.
    Returns:
        an exchange for each section or command; ``session`` names the negotiated algorithms, ``host_key`` and
        ``host_key_fingerprint`` as shown. Trouble is in ``outcome`` and ``error``, never raised.
    """
    info: dict[str, str] = {}
    try:
        with open_session(target, access, info, deadline=deadline) as session:
            if "windows" in session.transport.remote_version.lower():
                return _run_script(target, access, session, WINDOWS)
            if wants_cli(target, session.transport.remote_version):
                return visit_cli(target, access, session)
            try:
                found = _run_script(target, access, session, POSIX)
                if _is_aix(found):
                    session.socket.deadline = deadline
                    return _run_script(target, access, session, AIX)
                return found
            except _NoExecError:
                # The same session, never a second login: devices with OpenSSH greet as hosts do.
                session.socket.deadline = deadline
                return visit_cli(target, access, session)
    except VisitError as error:
        return TransportResult((), error.outcome, error.reason, info)
    except Exception as error:  # noqa: BLE001 - a peer's garbage surfaces from Paramiko as any type
        words = N_("The SSH answer cannot be understood (%(error)s).") % {"error": type(error).__name__}
        return TransportResult((), Outcome.PARSE_FAILED, words, info)


class _NoExecError(VisitError):
    """The server runs no programs: it refuses, or answers as a command line does."""


@dataclass(frozen=True, slots=True)
class Script:
    """One program that asks a host everything: how it is run, its text, its sections in order."""

    platform: str
    interpreter: str
    build: Callable[[str, Sequence[Section]], str]
    sections: Sequence[Section]


POSIX = Script("linux", linux_script.INTERPRETER, linux_script.build_script, LINUX_SECTIONS)
AIX = Script("aix", linux_script.INTERPRETER, linux_script.build_script, AIX_SECTIONS)
WINDOWS_TIME = next(one for one in windows_script.SECTIONS if one.name == "time")
WINDOWS = Script("windows", windows_script.INTERPRETER, windows_script.build_script, windows_script.SECTIONS)


def _sections(target: Target, script: Script) -> Sequence[Section]:
    """The platform's questions, and those that people added; of a trial these alone."""
    own = [
        Section(f"own_{number}", command, command.split(" ")[0], timeout_s=_OWN_S)
        for number, command in enumerate(commands_for(target, script.platform))
    ]
    own += newest_for(target, script.platform)
    first = WINDOWS_TIME if script is WINDOWS else LINUX["uname"]
    asked = [first] if target.only_own else list(script.sections)
    if script is WINDOWS:
        return [*asked, *own]  # last: PowerShell has no time limit for one command
    # Before the last, which is nearest to the moment the answer is printed.
    return [*asked[:-1], *own, asked[-1]] if own else asked


def _is_aix(found: TransportResult) -> bool:
    """Whether the POSIX program ran on AIX, which knows few of its commands."""
    return any(one.question == UNAME and one.answer.startswith(b"AIX ") for one in found.exchanges)


def _run_script(target: Target, access: SshAccess, session: Session, script: Script) -> TransportResult:
    marker = new_marker()
    started = time.monotonic()
    sections = _sections(target, script)
    files = None if target.only_own else section_for(target, script.platform)
    if files is not None:
        sections = [*sections[:-1], files, sections[-1]]
    # The device's time is its commands' time, but never beyond the visit's.
    session.socket.deadline = min(session.socket.deadline, started + max(access.command_timeout_s, 1.0))
    try:
        program = script.build(marker, sections)
        output = _execute(session, script.interpreter, program, target.max_output_bytes)
    except (paramiko.SSHException, EOFError, OSError) as error:
        if session.socket.expired or session.remaining_s() == 0:
            words = N_("The host did not start the commands in time.")
            raise VisitError(Outcome.TIMEOUT, words) from error
        words = N_("The host refuses to run commands: %(error)s.") % {"error": error}
        if isinstance(error, paramiko.SSHException) and session.transport.is_active():
            raise _NoExecError(Outcome.PARSE_FAILED, words) from error
        raise VisitError(Outcome.PARSE_FAILED, words) from error
    exchanges, complete = split_output(
        output.stdout,
        output.stderr,
        marker,
        transport="ssh",
        cut_short=output.cut_short,
        duration_s=time.monotonic() - started,
        sections=sections,
    )
    if files is not None:
        exchanges = without_secrets(exchanges, files, target)
    if script is not POSIX:
        session.info["script"] = script.platform
    outcome, words = output.cut_short or (Outcome.OK, "")
    if (
        script is POSIX
        and not complete
        and speaks_cli(output.stdout + output.stderr)
        and session.transport.is_active()
    ):
        raise _NoExecError(Outcome.PARSE_FAILED, N_("The device has a command line and no POSIX shell."))
    if not complete and outcome is Outcome.OK:
        outcome, words = (
            Outcome.PARSE_FAILED,
            N_("The host did not run the commands: it has no usable POSIX shell.")
            if script is not WINDOWS
            else N_("The host did not run the commands: it has no usable PowerShell."),
        )
    return TransportResult(exchanges, outcome, words, session.info, script.platform if complete else "")


class _Output:
    def __init__(self) -> None:
        self.stdout = b""
        self.stderr = b""
        self.cut_short: tuple[Outcome, str] | None = None


def _execute(session: Session, interpreter: str, script: str, limit_bytes: int) -> _Output:
    """Run the script and read both streams until the end, the limit or the deadline."""
    output = _Output()
    channel = session.transport.open_session(timeout=max(0.1, session.remaining_s()))
    channel.settimeout(max(0.1, session.remaining_s()))
    channel.exec_command(interpreter)
    try:
        channel.sendall(script.encode())
        channel.shutdown_write()
    except OSError:
        # A command line complains and closes before it has read anything: its words are still to be had.
        if not session.transport.is_active():
            raise
    parts: list[bytes] = []
    size = 0
    while True:
        channel.settimeout(max(0.05, session.remaining_s()))
        try:
            part = channel.recv(65536)
        except TimeoutError:
            output.cut_short = (Outcome.TIMEOUT, _UNFINISHED)
            break
        if not part:
            break
        parts.append(part)
        size += len(part)
        if size > limit_bytes:
            output.cut_short = (
                Outcome.TIMEOUT,
                N_("The host sent more than %(bytes)s bytes; the rest was not read.")
                % {"bytes": limit_bytes},
            )
            break
    output.stdout = b"".join(parts)[:limit_bytes]
    if output.cut_short is None:
        output.stderr = _read_stderr(channel)
        output.cut_short = _ended_early(session, channel)
    return output  # the session closes the channel with itself


def _read_stderr(channel: paramiko.Channel) -> bytes:
    parts: list[bytes] = []
    while channel.recv_stderr_ready():
        parts.append(channel.recv_stderr(65536))
    return b"".join(parts)


def _ended_early(session: Session, channel: paramiko.Channel) -> tuple[Outcome, str] | None:
    """A channel that closes without an exit status has not succeeded, whatever was printed."""
    if session.socket.expired:
        return (Outcome.TIMEOUT, _UNFINISHED)
    if session.socket.flooded:
        return (Outcome.TIMEOUT, N_("The host sent more data than allowed; the rest was not read."))
    channel.status_event.wait(min(2.0, session.remaining_s()))
    if not channel.exit_status_ready() or channel.exit_status == -1:
        return (Outcome.PARSE_FAILED, N_("The connection closed before the answer was complete."))
    return None
