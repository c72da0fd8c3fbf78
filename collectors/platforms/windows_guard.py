"""Which PowerShell people may have a Windows host asked: a reading cmdlet, and what is done with its rows.

Only what stands here is let through: cmdlets by name, parameters by name, plain words or text in single
quotes, and pipes to four cmdlets that choose, count or print. Nothing that PowerShell takes as its own
(variables, blocks, subexpressions, double quotes, redirections) is part of the grammar, and none of it can
stand in single quotes either. Whole objects are never printed as JSON: some hold environments and passwords.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.messages import N_
from collectors.platforms.cli_guard import CommandRefusedError

_MAX = 200
_WORD = r"\\?[A-Za-z0-9_.:*][A-Za-z0-9_.:*\\/,-]*"
_QUOTED = r"'[A-Za-z0-9 _.:*\\/,()%=<>@+-]*'"
_VALUE = rf"(?:{_WORD}|{_QUOTED})"
_PROPERTY = r"[A-Za-z][A-Za-z0-9]{0,60}"
_TOKENS = re.compile(rf"{_QUOTED}|[^\s']+")

# cmdlet: its parameters with a value; "" is the first value without a name. All only read.
_READS: dict[str, str] = {
    "Get-Service": " Name DisplayName",
    "Get-Process": " Name Id",
    "Get-CimInstance": " ClassName Filter Property",
    "Get-Volume": " DriveLetter FileSystemLabel",
    "Get-Disk": " Number",
    "Get-PhysicalDisk": " FriendlyName",
    "Get-Partition": " DiskNumber DriveLetter",
    "Get-VirtualDisk": " FriendlyName",
    "Get-StoragePool": " FriendlyName",
    "Get-NetAdapter": " Name",
    "Get-NetIPAddress": " AddressFamily InterfaceAlias",
    "Get-NetIPConfiguration": " InterfaceAlias",
    "Get-NetTCPConnection": " State LocalPort RemotePort LocalAddress",
    "Get-NetUDPEndpoint": " LocalPort",
    "Get-NetRoute": " DestinationPrefix AddressFamily",
    "Get-NetFirewallProfile": " Name",
    "Get-DnsClientServerAddress": " AddressFamily InterfaceAlias",
    "Get-HotFix": " Id",
    "Get-Date": " Format",
    "Get-TimeZone": "",
    "Get-Uptime": "",
    "Get-WinEvent": " LogName ProviderName MaxEvents",
    "Get-EventLog": " LogName Newest EntryType Source",
    "Get-Counter": " Counter MaxSamples",
    "Get-ScheduledTask": " TaskName TaskPath",
    "Get-ScheduledTaskInfo": " TaskName TaskPath",
    "Get-ChildItem": " Path Filter",
    "Get-Item": " Path",
    "Get-SmbShare": " Name",
    "Get-WindowsFeature": " Name",
    "Get-MpComputerStatus": "",
    "Get-LocalUser": " Name",
    "Get-LocalGroupMember": " Group",
    "Get-VM": " Name",
    "Get-VMReplication": " VMName",
    "Get-ClusterNode": " Name",
    "Get-ClusterGroup": " Name",
    "Get-ClusterResource": " Name",
}
_BY_SMALL = {name.lower(): name for name in _READS}
# How many rows at most must be said where there are without end.
_BOUNDED = {"Get-WinEvent": "maxevents", "Get-EventLog": "newest"}
# Querying Win32_Product repairs packages; Win32_Process shows command lines. So by a list.
_CLASSES = re.compile(
    r"(?i)Win32_(OperatingSystem|ComputerSystem|Processor|LogicalDisk|Volume|DiskDrive|DiskPartition|BIOS"
    r"|PhysicalMemory|PageFileUsage|NetworkAdapter|NetworkAdapterConfiguration|Service|QuickFixEngineering"
    r"|Battery|TemperatureProbe|Fan|VoltageProbe|NTEventlogFile|Share|Printer|PrintJob|TimeZone"
    r"|PerfFormattedData_[A-Za-z0-9_]+)"
)
_PATH = re.compile(r"(?i)(?:[A-Z]:\\|Cert:\\LocalMachine\\)[A-Za-z0-9 _.*\\()-]*")
_SECRET = re.compile(
    r"(?i)command_?line|environment|startinfo|argument|actions?$|passw|secret|credential|token|recovery|private"
    r"|\\\.ssh|\\config\\|ntds|unattend|pathname"
)
_COMPARES = frozenset({"eq", "ne", "gt", "ge", "lt", "le", "like", "notlike"})

_PLAIN = N_(
    "Only plain words and text in single quotes are sent: no variables, blocks, brackets or redirections."
)
_NOT_LISTED = N_("%(name)s is not one of the reading cmdlets: %(names)s.")
_PARAMETER = N_("%(cmdlet)s may not be asked with %(name)s.")
_HIDDEN = N_("%(name)s may show secrets.")
_PIPE = N_("Rows are passed on to Select-Object, Where-Object, Measure-Object and ConvertTo-Json alone.")
_JSON = N_("Choose the properties with Select-Object before ConvertTo-Json: whole objects may hold secrets.")


class _Refusal(Exception):  # noqa: N818 - never leaves this module
    """A sentence on its way out."""


@dataclass(frozen=True, slots=True)
class WindowsGrammar:
    """What people may have a Windows host asked; the same questions as ``cli_guard.Grammar`` answers."""

    verbs: frozenset[str] = frozenset(_READS)

    def refusal(self, command: str) -> str:
        """Why a command is not sent, or ""."""
        try:
            _require_plain(command)
            stages = [_TOKENS.findall(stage) for stage in _stages(command)]
            if not all(stages):
                raise _Refusal(_PIPE)
            _require_source(stages[0])
            chosen = False
            for stage in stages[1:]:
                chosen = _require_stage(stage, chosen=chosen)
        except _Refusal as refusal:
            return str(refusal)
        return ""

    def permits(self, command: str) -> bool:
        """Whether the command is one reading pipeline of the grammar."""
        return not self.refusal(command)

    def require(self, command: str) -> None:
        """Raises: CommandRefusedError: not permitted; the sentence holds no control characters."""
        if not self.permits(command):
            raise CommandRefusedError(f"not a permitted read-only command: {ascii(command)[:120]}")


_STAGE = rf"{_PROPERTY}(?:-{_PROPERTY})?(?: (?:-[A-Za-z]+|{_VALUE}))*"
_COMMAND = re.compile(rf"{_STAGE}(?: \| {_STAGE})*")


def _require_plain(command: str) -> None:
    if len(command) > _MAX:
        raise _Refusal(N_("The command is longer than %(count)s characters.") % {"count": _MAX})
    if not command.isascii() or _COMMAND.fullmatch(command) is None:
        raise _Refusal(_PLAIN)
    if ".." in command:
        raise _Refusal(N_("A path must not go up or stay in place (. and ..)."))


def _stages(command: str) -> list[str]:
    """The parts between pipes; a pipe cannot stand in quotes."""
    return command.split(" | ")


def _require_source(words: list[str]) -> None:
    name = _BY_SMALL.get(words[0].lower())
    if name is None:
        raise _Refusal(_NOT_LISTED % {"name": words[0], "names": ", ".join(sorted(_READS))})
    allowed = {one.lower() for one in _READS[name].split(" ")} if _READS[name] else set()
    given: dict[str, str] = {}
    for parameter, value in _parameters(words[1:]):
        if parameter.lower() not in allowed or parameter.lower() in given:
            raise _Refusal(_PARAMETER % {"cmdlet": name, "name": parameter or value})
        given[parameter.lower()] = value.strip("'")
    for value in given.values():
        if _SECRET.search(value) or value.startswith(("\\\\", "//")):
            raise _Refusal(_HIDDEN % {"name": value})
    first = given.get("", "")
    if name == "Get-CimInstance" and not _CLASSES.fullmatch(given.get("classname", first)):
        raise _Refusal(N_("This class is not one of those that are read without harm."))
    if name in ("Get-ChildItem", "Get-Item") and not _PATH.fullmatch(given.get("path", first)):
        raise _Refusal(N_(r"Write a whole path such as C:\Backup or Cert:\LocalMachine\My."))
    wanted = _BOUNDED.get(name)
    if wanted and not re.fullmatch(r"[1-9]\d{0,2}", given.get(wanted, "")):
        raise _Refusal(N_("Say how many rows at most (1 to 999): -%(name)s.") % {"name": wanted})


def _parameters(words: list[str]) -> list[tuple[str, str]]:
    """Pairs of parameter and value; the first value may stand alone."""
    pairs, rest = [], list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("-"):
            if not rest or rest[0].startswith("-"):
                raise _Refusal(N_("%(name)s needs a value.") % {"name": word})
            pairs.append((word[1:], rest.pop(0)))
        elif pairs:
            raise _Refusal(_PLAIN)
        else:
            pairs.append(("", word))
    return pairs


def _require_stage(words: list[str], *, chosen: bool) -> bool:
    """Looks at what follows a pipe; whether the rows hold chosen properties alone after it."""
    name, rest = words[0].lower(), words[1:]
    match name:
        case "select-object":
            return _require_select(rest)
        case "where-object":
            plain = len(rest) == 3 and re.fullmatch(_PROPERTY, rest[0]) is not None
            if not plain or rest[1][:1] != "-" or rest[1][1:].lower() not in _COMPARES or rest[2][0] == "-":
                raise _Refusal(N_("Where-Object takes one comparison: Status -eq 'Running'."))
            _require_properties(rest[0])
            return chosen
        case "measure-object":
            for word in rest:
                if word.startswith("-"):
                    if word.lower() not in ("-sum", "-average", "-maximum", "-minimum", "-property"):
                        raise _Refusal(_PARAMETER % {"cmdlet": words[0], "name": word})
                else:
                    _require_properties(word)
            return True
        case "convertto-json":
            if not chosen:
                raise _Refusal(_JSON)
            if not re.fullmatch(r"(?:-Compress ?)?(?:-Depth [1-3])?", " ".join(rest), re.IGNORECASE):
                raise _Refusal(_PARAMETER % {"cmdlet": words[0], "name": " ".join(rest)})
            return chosen
    raise _Refusal(_PIPE)


def _require_select(words: list[str]) -> bool:
    named, rest = False, list(words)
    expanded = any(word.lower() == "-expandproperty" for word in words)
    while rest:
        word = rest.pop(0)
        small = word.lower()
        if small in ("-first", "-last", "-skip"):
            if not rest or not rest.pop(0).isdigit():
                raise _Refusal(N_("%(name)s needs a value.") % {"name": word})
        elif small in ("-property", "-expandproperty", "-unique"):
            continue
        elif word.startswith("-"):
            raise _Refusal(_PARAMETER % {"cmdlet": "Select-Object", "name": word})
        else:
            _require_properties(word)
            named = True
    return named and not expanded  # what is expanded may be a whole object again


def _require_properties(word: str) -> None:
    for name in word.split(","):
        if not re.fullmatch(_PROPERTY, name):
            raise _Refusal(N_("Name each property; %(name)s is none.") % {"name": name or word})
        if _SECRET.search(name):
            raise _Refusal(_HIDDEN % {"name": name})


WINDOWS = WindowsGrammar()
