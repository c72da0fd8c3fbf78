"""What zones call the gate, and what its certificate must name."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from servicedesk.config import Settings, SettingsError

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DNS_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST = 253  # RFC 1035


def folder(settings: Settings) -> Path:
    """Where the gate keeps its own authority and certificate."""
    return settings.data / "gate"


def authority_file(settings: Settings) -> str:
    """The authority workers are given: the file that is set, else the gate's own; empty: the system's."""
    if settings.zone_redis_ca or not settings.has_gate or settings.zone_cert:
        return settings.zone_redis_ca
    return str(folder(settings) / "authority.pem")


def public_url(settings: Settings) -> str:
    """Where workers find Redis, as it is set, else the gate; empty: nowhere.

    Raises:
        SettingsError: see ``names``.
    """
    if settings.zone_redis_url or not settings.has_gate:
        return settings.zone_redis_url
    host = names(settings)[0]
    return f"rediss://{f'[{host}]' if ':' in host else host}:{settings.zone_port}"


def names(settings: Settings) -> tuple[str, ...]:
    """Names and addresses the gate is called by: those that are set, then those of its URLs; none twice.

    Raises:
        SettingsError: one is neither a DNS name nor an address.
    """
    given = [one for one in re.split(r"[,\s]+", settings.zone_names) if one]
    for url in (settings.zone_redis_url, settings.base_url):
        try:
            given.append(urlsplit(url).hostname or "")
        except ValueError as error:
            raise SettingsError(f"base_url is not an address: {error}.") from error
    return tuple(dict.fromkeys(_checked(one) for one in given if one))


def _checked(name: str) -> str:
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        ascii_name = ""
    if len(ascii_name) > _LONGEST or not _DNS_NAME.fullmatch(ascii_name):
        raise SettingsError(
            f"zone_names: {name!r} is neither a DNS name nor an address. "
            "Write what the zones call this server: desk.example.org, 192.0.2.7"
        )
    return ascii_name.lower()
