"""Typed settings: the environment wins over an optional TOML file, which wins over the defaults."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ENV_PREFIX = "SERVICEDESK_"
LOCALES = ("zh_CN", "en")
LEASE_MIN_S = 4.0  # a batch looks about once a second whether to extend its leases
_DATABASES = ("postgresql+psycopg://", "sqlite:///")
_REDIS = ("redis://", "rediss://", "unix://")
REDIS_USER = "servicedesk"  # of the embedded server: its default user is off
_SOCKET_PATH_MAX = 100  # unix(7): 108 bytes on Linux, 104 elsewhere


class SettingsError(Exception):
    """A setting cannot be used; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process. Sizes in bytes, times in the unit of the name."""

    data: Path = Path("data")
    database_url: str = ""  # empty: SQLite in the data folder
    redis_url: str = ""  # empty: the embedded server's socket in the data folder
    base_url: str = "http://127.0.0.1:8000"
    locale: str = "zh_CN"
    timezone: str = "Asia/Shanghai"
    secure_cookies: bool = False  # set when served over HTTPS
    idle_logout_minutes: int = 60
    lockout_failures: int = 5
    lockout_minutes: int = 15
    password_min_length: int = 10
    upload_max_bytes: int = 20 * 1024 * 1024
    trusted_proxies: int = 0  # how many reverse proxies set X-Forwarded-*
    collect_threads: int = 25  # as a job has devices
    visit_deadline_s: float = 120.0
    visit_lease_s: float = 45.0  # after this time without a sign of life a visit is made again
    aaa_group_visits: int = 4  # devices of one AAA group visited at once
    zone_lease_s: float = 900.0  # the same for visits by collectors of other zones
    zone_redis_url: str = (
        ""  # where workers of zones find Redis, rediss://…; without a login they get their own
    )
    zone_redis_ca: str = ""  # a file with the authority of its certificate, handed out with it
    zone_port: int = 0  # the gate listens there with TLS for workers of zones; 0: there is no gate
    zone_host: str = "0.0.0.0"  # noqa: S104 - the gate is for other networks
    zone_names: str = ""  # DNS names and addresses zones know it by, the first is told them; with commas
    zone_cert: str = ""  # PEM files of the gate's certificate and key; empty: it makes its own authority
    zone_key: str = ""
    webhook_private_addresses: bool = False  # robots and webhooks within one's own network, also plain HTTP
    mail_in_max_bytes: int = 50 * 1024 * 1024
    mail_in_per_hour: int = 30  # messages of one sender; more is a loop
    testing: bool = False

    @property
    def effective_database_url(self) -> str:
        """The given URL with our driver's name, else SQLite in the data folder."""
        scheme, mark, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg{mark}{rest}"
        return self.database_url or f"sqlite:///{self.data.resolve() / 'servicedesk.db'}"

    @property
    def redis_socket(self) -> Path:
        """The embedded server's Unix socket: in the data folder, unless that path is too long for one."""
        path = self.data.resolve() / "redis.sock"
        if len(os.fsencode(path)) <= _SOCKET_PATH_MAX:
            return path
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"servicedesk-{os.getuid()}-{digest}" / "redis.sock"

    @property
    def redis_password_file(self) -> Path:
        """The password of our own login at the embedded server; made when that is started."""
        return self.data / "redis.key"

    @property
    def effective_redis_url(self) -> str:
        """The given URL, else the embedded server's Unix socket, with our login once there is one.

        Raises:
            SettingsError: other people can read its password.
        """
        if self.redis_url:
            return self.redis_url
        if not self.redis_password_file.exists():
            return f"unix://{self.redis_socket}"
        return f"unix://{REDIS_USER}:{key_file(self.redis_password_file)}@{self.redis_socket}"

    @property
    def has_gate(self) -> bool:
        """Whether zones reach the embedded server through a gate of ours."""
        return self.zone_port > 0 and not self.redis_url


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read settings from ``SERVICEDESK_*`` (and ``REDIS_URL``, ``DATABASE_URL``) and the TOML file.

    Raises:
        SettingsError: an unknown name in the file, or a value of the wrong form.
    """
    environ = os.environ if environ is None else environ
    raw: dict[str, object] = {}
    config_path = environ.get(f"{ENV_PREFIX}CONFIG")
    if config_path:
        raw.update(_read_toml(Path(config_path)))
    for name in ("REDIS_URL", "DATABASE_URL"):
        if environ.get(name):
            raw[name.lower()] = environ[name]
    for field in fields(Settings):
        value = environ.get(ENV_PREFIX + field.name.upper())
        if value is not None:
            raw[field.name] = value
    return _typed(raw)


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is not valid TOML: {error}.") from error


def _typed(raw: Mapping[str, object]) -> Settings:
    known = {field.name: field for field in fields(Settings)}
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise SettingsError(f"Unknown setting: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    values: dict[str, object] = {}
    for name, value in raw.items():
        values[name] = _convert(name, value, getattr(Settings(), name))
    settings = Settings(**values)  # type: ignore[arg-type]  # _convert gave each value its field's type
    for name in ("visit_lease_s", "zone_lease_s"):
        if getattr(settings, name) < LEASE_MIN_S:
            raise SettingsError(f"{name} must be {LEASE_MIN_S:g} or more, not {getattr(settings, name):g}.")
    if not 0 <= settings.zone_port < 65536:
        raise SettingsError(f"zone_port must be from 1 to 65535, not {settings.zone_port}.")
    if bool(settings.zone_cert) != bool(settings.zone_key):
        raise SettingsError("zone_cert and zone_key belong together: give both or neither.")
    # The URLs themselves are not repeated: they may hold a password.
    if settings.database_url and not settings.effective_database_url.startswith(_DATABASES):
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    if settings.redis_url and not settings.redis_url.startswith(_REDIS):
        raise SettingsError("REDIS_URL must begin with redis://, rediss:// or unix://.")
    if settings.zone_redis_url and not settings.zone_redis_url.startswith("rediss://"):
        raise SettingsError("zone_redis_url must begin with rediss://: it is for other networks.")
    if settings.locale not in LOCALES:
        raise SettingsError(f"locale must be one of {', '.join(LOCALES)}, not {settings.locale!r}.")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"timezone {settings.timezone!r} is not known; try Asia/Shanghai.") from error
    return settings


def _convert(name: str, value: object, default: object) -> object:
    try:
        match default:
            case bool():
                return _bool(value)
            case int():
                return int(str(value))
            case float():
                return float(str(value))
            case Path():
                return Path(str(value)).expanduser()
            case _:
                return str(value)
    except ValueError as error:
        kind = type(default).__name__
        raise SettingsError(f"{name} must be a value of type {kind}, not {value!r}.") from error


def _bool(value: object) -> bool:
    text = str(value).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError(text)


def key_file(path: Path, length: int = 48) -> str:
    """Read a secret from a 0600 file, making it on first use.

    Raises:
        SettingsError: other people can read the file, or it cannot be made.
    """
    try:
        if path.exists():
            if path.stat().st_mode & 0o077:
                raise SettingsError(f"{path} can be read by others. Run: chmod 600 {path}")
            return path.read_text(encoding="ascii").strip()
        path.parent.mkdir(parents=True, exist_ok=True)
        value = secrets.token_urlsafe(length)
        # Written aside and linked, so that two processes starting at once agree on one key.
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        aside.touch(mode=0o600)
        aside.write_text(value, encoding="ascii")
        try:
            os.link(aside, path)
        except FileExistsError:
            value = path.read_text(encoding="ascii").strip()
        finally:
            aside.unlink()
        return value
    except OSError as error:
        raise SettingsError(f"The key file {path} cannot be used: {error.strerror}.") from error
