"""The gate's own authority and certificate (X.509, EC P-256), for who brings none.

Workers are given the authority when they are enrolled, so it stays for thirty years; the certificate lasts
one and is made anew in time, or when the names change.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from collectors.zone.outbox import write_durably
from servicedesk.config import SettingsError

AUTHORITY_FOR, SERVER_FOR = timedelta(days=30 * 365), timedelta(days=365)
RENEWED_BEFORE_END = timedelta(days=60)
CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def ensure(folder: Path, names: Sequence[str], *, now: datetime) -> tuple[Path, Path]:
    """Certificate and key files of a server with these names, made where there are none that are good.

    Raises:
        SettingsError: the authority is damaged or over, or nothing can be written.
    """
    certificate, key = folder / "server.pem", folder / "server.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = _authority(folder, now)
        if not _is_good(_read(certificate, key), names, authority, now):
            _write(_issue(authority, names, now), certificate, key)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be used: {error.strerror}.") from error
    return certificate, key


def _authority(folder: Path, now: datetime) -> Pair:
    files = folder / "authority.pem", folder / "authority.key"
    if not any(path.exists() for path in files):
        _write(_found(now), *files)
    pair = _read(*files)
    if pair is None or pair.certificate.not_valid_after_utc <= now:
        # Never replaced silently: every worker would have to be enrolled again.
        raise SettingsError(
            f"{files[0]} and {files[1].name} are damaged or over. Put them back from a backup; "
            "or remove both, and enrol all workers of zones again."
        )
    return pair


def _found(now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Service desk gate {secrets.token_hex(4)}")
    builder = _builder(name, name, key, now, now + AUTHORITY_FOR)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def _issue(authority: Pair, names: Sequence[str], now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + SERVER_FOR, authority.certificate.not_valid_after_utc)
    builder = _builder(_name("Service desk gate"), authority.certificate.subject, key, now, until)
    builder = builder.add_extension(_alternatives(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Sequence[str]) -> x509.SubjectAlternativeName:
    made: list[x509.GeneralName] = []
    for name in names:
        try:
            made.append(x509.IPAddress(ip_address(name)))
        except ValueError:
            made.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(made)


def _is_good(pair: Pair | None, names: Sequence[str], authority: Pair, now: datetime) -> bool:
    if pair is None:
        return False
    certificate = pair.certificate
    try:
        certificate.verify_directly_issued_by(authority.certificate)
        shown = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    lasts = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEWED_BEFORE_END
    return lasts and set(shown) == set(_alternatives(names))


def _read(certificate: Path, key: Path) -> Pair | None:
    """What the files hold; None: one is not there, damaged, or they do not belong together.

    Raises:
        SettingsError: others can read the key.
    """
    try:
        if key.stat().st_mode & 0o077:
            raise SettingsError(f"{key} can be read by others. Run: chmod 600 {key}")
        made = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != made.public_key():
        return None
    return Pair(made, private)


def _write(pair: Pair, certificate: Path, key: Path) -> None:
    # The key first: a certificate is never there without its key.
    private = pair.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_durably(key, private.decode())
    write_durably(certificate, pair.certificate.public_bytes(serialization.Encoding.PEM).decode(), mode=0o644)
