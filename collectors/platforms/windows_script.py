"""Everything a visit asks a Windows host with OpenSSH Server: one PowerShell program that only reads.

Each section is a pipeline of reading cmdlets whose result is printed as JSON, between lines with a marker
nobody can guess, in the form of ``linux_script``. Windows PowerShell 5.1 and PowerShell 7 both run it; it
writes no file, changes no setting and needs no administrator (what an ordinary account may not read is named
in the record).

Source: Win32 classes of the CIM (CIMWin32 provider), modules NetAdapter and NetTCPIP, the certificate
provider.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from collectors.platforms.sections import Section, names_of

SECTIONS: tuple[Section, ...] = (
    Section(
        "os",
        "Get-CimInstance Win32_OperatingSystem | Select-Object Caption,Version,BuildNumber,CSName,"
        "OSArchitecture,TotalVisibleMemorySize,FreePhysicalMemory,SizeStoredInPagingFiles,"
        "FreeSpaceInPagingFiles,NumberOfProcesses,"
        "@{n='UptimeS';e={[int64]($_.LocalDateTime-$_.LastBootUpTime).TotalSeconds}}",
    ),
    Section("time", "[DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()"),
    Section(
        "time_service", "Get-CimInstance Win32_Service -Filter \"Name='W32Time'\" | Select-Object Name,State"
    ),
    Section(
        "computer",
        "Get-CimInstance Win32_ComputerSystem | Select-Object Manufacturer,Model,Name,Domain,PartOfDomain",
    ),
    Section("bios", "Get-CimInstance Win32_BIOS | Select-Object SerialNumber,SMBIOSBIOSVersion"),
    Section(
        "cpu",
        "Get-CimInstance Win32_Processor | Select-Object DeviceID,Name,LoadPercentage,"
        "NumberOfLogicalProcessors",
    ),
    Section(
        "volumes",
        "Get-CimInstance Win32_LogicalDisk -Filter 'DriveType=3' | Select-Object DeviceID,VolumeName,"
        "FileSystem,Size,FreeSpace",
    ),
    Section(
        "disks",
        "Get-CimInstance Win32_DiskDrive | Select-Object DeviceID,Model,SerialNumber,Status,FirmwareRevision",
    ),
    # Services with a trigger stop by themselves when there is nothing to do: that is no failure.
    Section(
        "services",
        "Get-CimInstance Win32_Service -Filter \"StartMode='Auto' AND State<>'Running'\" | "
        "Where-Object {-not (Test-Path ('HKLM:\\SYSTEM\\CurrentControlSet\\Services\\'+$_.Name+"
        "'\\TriggerInfo'))} | "
        "Select-Object Name,DisplayName,State,ExitCode,DelayedAutoStart",
    ),
    Section(
        "events",
        "Get-WinEvent -FilterHashtable @{LogName='System','Application';Level=1,2;"
        "StartTime=(Get-Date).AddHours(-24)} -MaxEvents 201 -ErrorAction SilentlyContinue | "
        "Select-Object LogName,ProviderName,Id,@{n='Text';e={([string]$_.Message).Split([char]10)[0]}}",
    ),
    Section(
        "adapters",
        "Get-NetAdapter | Select-Object Name,InterfaceDescription,@{n='Index';e={$_.ifIndex}},MacAddress,"
        "MtuSize,ReceiveLinkSpeed,@{n='Admin';e={[int]$_.InterfaceAdminStatus}},"
        "@{n='Oper';e={[int]$_.InterfaceOperationalStatus}}",
    ),
    Section(
        "counters",
        "Get-NetAdapterStatistics | Select-Object Name,ReceivedBytes,SentBytes,ReceivedUnicastPackets,"
        "ReceivedMulticastPackets,ReceivedBroadcastPackets,SentUnicastPackets,SentMulticastPackets,"
        "SentBroadcastPackets,ReceivedPacketErrors,OutboundPacketErrors,ReceivedDiscardedPackets,"
        "OutboundDiscardedPackets",
    ),
    Section("addresses", "Get-NetIPAddress | Select-Object InterfaceIndex,IPAddress,PrefixLength"),
    Section(
        "reboot",
        "@{Required=(Test-Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based "
        "Servicing\\RebootPending') -or (Test-Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion"
        "\\WindowsUpdate\\Auto Update\\RebootRequired')}",
    ),
    Section(
        "hotfixes",
        "Get-CimInstance Win32_QuickFixEngineering | Select-Object HotFixID,Description,"
        "@{n='Installed';e={if($_.InstalledOn){$_.InstalledOn.ToString('yyyy-MM-dd')}}}",
    ),
    Section(
        "certificates",
        "Get-ChildItem Cert:\\LocalMachine\\My | Select-Object Subject,Thumbprint,"
        "@{n='NotAfter';e={$_.NotAfter.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')}}",
    ),
)
OWN = "own_"  # how names of sections begin that people added
NAMES = names_of(SECTIONS)

_HEAD = """\
$ErrorActionPreference='Stop'; $ProgressPreference='SilentlyContinue'
[Console]::OutputEncoding=New-Object System.Text.UTF8Encoding $false
function m($n,$r){[Console]::Out.Write("`nMARKER $n $r`n");[Console]::Error.Write("`nMARKER $n`n")}
function w($n,$b){
  try{[Console]::Out.Write((& ([scriptblock]::Create($b)) | Out-String -Width 400));m $n 0}
  catch{[Console]::Error.Write($_.Exception.Message);m $n 1}
}
function s($n,$b){
  try{$o=@(& $b);[Console]::Out.Write((ConvertTo-Json -InputObject $o -Compress -Depth 3));m $n 0}
  catch{[Console]::Error.Write($_.Exception.Message);m $n 1}
}
"""
# The program comes by stdin: a command line holds 8191 characters at most.
_BOOTSTRAP = "$p=[Console]::In.ReadToEnd(); Invoke-Expression $p"
INTERPRETER = (
    "powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand "
    + base64.b64encode(_BOOTSTRAP.encode("utf-16-le")).decode()
)


def build_script(marker: str, sections: Sequence[Section] = SECTIONS) -> str:
    """The whole program for ``INTERPRETER``'s standard input; what people added is printed as text."""
    body = "".join(map(_line, sections))
    return f"{_HEAD.replace('MARKER', marker)}{body}m 'end' 0\n"


def _line(section: Section) -> str:
    if not section.name.startswith(OWN):
        return f"s '{section.name}' {{{section.command}}}\n"
    # As text: what PowerShell cannot parse must not cost the other sections their answers.
    quoted = section.command.replace("'", "''")
    return f"w '{section.name}' '{quoted}'\n"
