"""What a visit asks RAID controllers of a Linux host: the makers' own programs, statements that show alone.

These programs open the controller's device and so need root; another account is told so without a start.
Of several programs the first that finds a controller is asked on. ``nolog``: StorCLI else writes a log into
the folder it runs in. Source: Broadcom StorCLI Reference Manual (Dell's PERC CLI is the same program), HPE
Smart Storage Administrator CLI guide.
"""

from __future__ import annotations

_IN_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
# The second generation's programs ask other controllers (9600, PERC 12) and count them from 0, too.
_MEGARAID = ("storcli64", "storcli", "perccli64", "perccli")
_MEGARAID_2 = ("storcli2", "perccli2")
_MEGARAID_FOLDERS = (
    *("/opt/MegaRAID/storcli", "/opt/MegaRAID/perccli", "/opt/lsi/storcli"),
    *("/opt/MegaRAID/storcli2", "/opt/MegaRAID/perccli2"),
)
_MEGACLI = ("MegaCli64", "MegaCli", "megacli")
_MEGACLI_FOLDERS = ("/opt/MegaRAID/MegaCli",)
_SMART_ARRAY = ("ssacli", "hpssacli", "hpacucli")
_SMART_ARRAY_FOLDERS = ("/opt/smartstorageadmin/ssacli/bin",)


def _places(folders: tuple[str, ...], programs: tuple[str, ...]) -> str:
    return " ".join(f"{folder}/{program}" for folder in (*folders, *_IN_PATH) for program in programs)


def _ask(programs: str, question: str, found: str) -> str:
    """Asks the programs in turn until one's answer, in ``o``, holds the pattern; its name is in ``p``."""
    return (
        f"p=; o=; for n in {programs}; do command -v $n >/dev/null || continue; p=$n; "
        '[ "$(id -u)" = 0 ] || { echo "$p: only root may ask it" >&2; exit 1; }; '
        f"o=$($p {question}); case $o in {found}) break;; esac; done; "
    )


MEGARAID_PLACES = _places(_MEGARAID_FOLDERS, (*_MEGARAID, *_MEGARAID_2))
# Drives without an enclosure have another address, and only a rebuild has progress.
MEGARAID = (
    f"PATH=$PATH:{':'.join(_MEGARAID_FOLDERS)}; f=0; "
    f"for g in '{' '.join(_MEGARAID)}' '{' '.join(_MEGARAID_2)}'; do "
    + _ask("$g", "/call show all J nolog", "*'\"Success\"'*")
    + '[ -n "$p" ] || continue; [ -n "$o" ] || { f=1; continue; }; printf "%s\\n" "$o"; '
    "case $o in *'\"Success\"'*) ;; *) continue;; esac; $p /call/eall/sall show all J nolog; "
    "case $o in *'\" :'[0-9]*) $p /call/sall show all J nolog;; esac; "
    "case $o in *'\"Rbld\"'*|*'\"Rebuild\"'*) $p /call/eall/sall show rebuild J nolog;; esac; done; exit $f"
)

MEGACLI_PLACES = _places(_MEGACLI_FOLDERS, _MEGACLI)
# The forerunner of both, asked where there is none of them.
MEGACLI = (
    f"PATH=$PATH:{':'.join((*_MEGARAID_FOLDERS, *_MEGACLI_FOLDERS))}; "
    f"for n in {' '.join((*_MEGARAID, *_MEGARAID_2))}; do command -v $n >/dev/null && exit 0; done; "
    + _ask(" ".join(_MEGACLI), "-AdpAllInfo -aALL -NoLog", "*'Adapter #'*")
    + '[ -n "$p" ] || exit 0; [ -n "$o" ] || exit 1; printf "%s\\n" "$o"; '
    "case $o in *'Adapter #'*) ;; *) exit 0;; esac; "
    "for q in '-LDInfo -Lall' -PDList '-AdpBbuCmd -GetBbuStatus'; do $p $q -aALL -NoLog; done; true"
)

SMART_ARRAY_PLACES = _places(_SMART_ARRAY_FOLDERS, _SMART_ARRAY)
SMART_ARRAY = (
    f"PATH=$PATH:{':'.join(_SMART_ARRAY_FOLDERS)}; "
    + _ask(" ".join(_SMART_ARRAY), "ctrl all show config detail", "*'Status:'*")
    + '[ -n "$p" ] || exit 0; [ -n "$o" ] || exit 1; printf "%s\\n" "$o"'
)
