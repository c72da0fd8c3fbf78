"""Host keys that were approved, and private keys we log in with."""

from __future__ import annotations

import base64
import hashlib
import io

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from collectors.errors import VisitError
from collectors.messages import N_
from collectors.model import SshAccess
from collectors.outcome import Outcome


def key_line(key: paramiko.PKey) -> str:
    """``ssh-ed25519 AAAA…`` as in known_hosts, without the host's name."""
    return f"{key.get_name()} {key.get_base64()}"


def fingerprint(key_bytes: bytes) -> str:
    """``SHA256:…`` as ``ssh-keygen -l`` prints it."""
    digest = base64.b64encode(hashlib.sha256(key_bytes).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def approved_keys(access: SshAccess) -> frozenset[tuple[str, str]]:
    """(type, base64) of every approved key; comments and malformed lines are dropped."""
    pairs = (line.split() for line in access.host_keys)
    return frozenset((words[0], words[1]) for words in pairs if len(words) >= 2)


def check_host_key(key: paramiko.PKey, access: SshAccess) -> None:
    """Accept only a key a person approved; nothing is ever added here.

    Raises:
        VisitError: HOST_KEY_CHANGED, with one sentence for a first sight and another for a change.
    """
    approved = approved_keys(access)
    if (key.get_name(), key.get_base64()) in approved:
        return
    shown = f"{key.get_name()} {fingerprint(key.asbytes())}"
    if approved:
        raise VisitError(
            Outcome.HOST_KEY_CHANGED,
            N_(
                "The host key has CHANGED: the device shows %(key)s, which is not the approved one. "
                "Find out why before approving it; nothing was sent to the device."
            )
            % {"key": shown},
        )
    if not access.accept_new_host_key:
        raise VisitError(
            Outcome.HOST_KEY_CHANGED,
            N_(
                "The host key is not yet approved: the device shows %(key)s. "
                "Compare it with the device and approve it; nothing was sent to the device."
            )
            % {"key": shown},
        )


def load_private_key(text: str, passphrase: str) -> paramiko.PKey:
    """Load an OpenSSH or PEM private key: Ed25519, RSA or ECDSA.

    Raises:
        VisitError: AUTH_FAILED; the sentence tells a wrong passphrase from an unknown format.
    """
    secret = passphrase.encode() or None
    data = text.strip().encode() + b"\n"
    load = load_ssh_private_key if b"BEGIN OPENSSH PRIVATE KEY" in data else load_pem_private_key
    try:
        key = load(data, secret)
    except TypeError as error:  # cryptography's answer to a missing or needless passphrase
        needless = N_("The private key's passphrase does not match a key without one.")
        words = needless if secret else N_("The private key's passphrase is missing.")
        raise VisitError(Outcome.AUTH_FAILED, words) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        words = N_("The private key cannot be read: wrong passphrase, or not an OpenSSH or PEM key.")
        raise VisitError(Outcome.AUTH_FAILED, words) from error
    plain = io.StringIO(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode())
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return paramiko.Ed25519Key.from_private_key(plain)
    if isinstance(key, rsa.RSAPrivateKey):
        return paramiko.RSAKey.from_private_key(plain)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return paramiko.ECDSAKey.from_private_key(plain)
    words = N_("The private key's type is not supported: use Ed25519, RSA or ECDSA.")
    raise VisitError(Outcome.AUTH_FAILED, words)
