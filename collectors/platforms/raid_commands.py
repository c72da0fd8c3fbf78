"""What a visit asks RAID controllers of a Linux host: the makers' own programs, statements that show alone.

These programs open the controller's device and so need root; another account is told so without a start.
Of several programs the first that finds a controller is asked on. ``nolog``: StorCLI else writes a log into
the folder it runs in. Source: Broadcom StorCLI Reference Manual (Dell's PERC CLI is the same program), HPE
Smart Storage Administrator CLI guide.
"""

from __future__ import annotations

_IN_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_MEGARAID = ("storcli64", "storcli", "perccli64", "perccli")
_MEGARAID_FOLDERS = ("/opt/MegaRAID/storcli", "/opt/MegaRAID/perccli", "/opt/lsi/storcli")
_SMART_ARRAY = ("ssacli", "hpssacli", "hpacucli")
_SMART_ARRAY_FOLDERS = ("/opt/smartstorageadmin/ssacli/bin",)


def _places(folders: tuple[str, ...], programs: tuple[str, ...]) -> str:
    return " ".join(f"{folder}/{program}" for folder in (*folders, *_IN_PATH) for program in programs)


def _first(folders: tuple[str, ...], programs: tuple[str, ...], question: str, found: str) -> str:
    """Asks the programs in turn until one's answer, in ``o``, holds the pattern; its name is in ``p``."""
    return (
        f"PATH=$PATH:{':'.join(folders)}; p=; o=; for n in {' '.join(programs)}; do "
        "command -v $n >/dev/null || continue; p=$n; "
        '[ "$(id -u)" = 0 ] || { echo "$p: only root may ask it" >&2; exit 1; }; '
        f"o=$($p {question}); case $o in {found}) break;; esac; done; "
        '[ -n "$p" ] || exit 0; [ -n "$o" ] || exit 1; printf "%s\\n" "$o"'
    )


MEGARAID_PLACES = _places(_MEGARAID_FOLDERS, _MEGARAID)
# Drives without an enclosure have another address, and only a rebuild has progress.
MEGARAID = (
    _first(_MEGARAID_FOLDERS, _MEGARAID, "/call show all J nolog", "*'\"Success\"'*")
    + "; case $o in *'\"Success\"'*) ;; *) exit 0;; esac; $p /call/eall/sall show all J nolog; "
    "case $o in *'\" :'[0-9]*) $p /call/sall show all J nolog;; esac; "
    "case $o in *'\"Rbld\"'*) $p /call/eall/sall show rebuild J nolog;; esac; true"
)

SMART_ARRAY_PLACES = _places(_SMART_ARRAY_FOLDERS, _SMART_ARRAY)
SMART_ARRAY = (
    _first(_SMART_ARRAY_FOLDERS, _SMART_ARRAY, "ctrl all show config detail", "*'Status:'*") + "; true"
)
