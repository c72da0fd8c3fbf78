"""How a device is asked; ``collectors.model`` offers it with all that travels between the layers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SnmpAccess:
    """How to ask an SNMP agent. ``version`` is "1", "2c" or "3".

    ``auth_protocol``: "", MD5, SHA, SHA224, SHA256, SHA384, SHA512.
    ``priv_protocol``: "", DES, 3DES, AES, AES192, AES256.
    """

    port: int = 161
    version: str = "2c"
    community: str = field(default="public", repr=False)
    user: str = ""
    auth_protocol: str = ""
    auth_key: str = field(default="", repr=False)
    priv_protocol: str = ""
    priv_key: str = field(default="", repr=False)
    context: str = ""
    timeout_s: float = 2.0  # for one request
    retries: int = 2
    max_repetitions: int = 50


@dataclass(frozen=True, slots=True)
class SshAccess:
    """How to log in over SSH. The host key must be known: ``host_keys`` holds the approved ones.

    ``host_keys``: "ssh-ed25519 AAAA…" lines as in known_hosts, without the host name. Empty means no
    key is approved yet: the visit stops with HOST_KEY_CHANGED unless ``accept_new_host_key``, and
    the key shown is in the transcript either way, for a person to approve.
    """

    port: int = 22
    user: str = ""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)  # OpenSSH or PEM text
    passphrase: str = field(default="", repr=False)
    enable_secret: str = field(default="", repr=False)
    host_keys: tuple[str, ...] = ()
    accept_new_host_key: bool = False
    legacy_crypto: bool = False  # allow SHA-1 key exchange, ssh-rsa, CBC: per device, and a finding
    connect_timeout_s: float = 8.0
    command_timeout_s: float = 30.0
    via: tuple[JumpHost, ...] = ()  # jump hosts, the one we reach ourselves first


@dataclass(frozen=True, slots=True)
class JumpHost:
    """A host that is asked for a connection onward.

    ``access`` says how to log in there; its ``via`` is empty. ``key``: what the caller knows it by.
    """

    key: str
    name: str
    address: str
    access: SshAccess


@dataclass(frozen=True, slots=True)
class LocalAccess:
    """The machine the collector itself runs on, read with psutil."""


Access = SnmpAccess | SshAccess | LocalAccess
