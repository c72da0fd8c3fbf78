"""The gate's own authority and certificate: made once, renewed in time, refused when damaged."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store

from servicedesk.config import SettingsError
from servicedesk.gate import certificates

NOW = datetime(2026, 11, 26, tzinfo=UTC)
NAMES = ("desk.example.org", "192.0.2.7", "2001:db8::1")
DAY = timedelta(days=1)


def serial(folder: Path, names: tuple[str, ...] = NAMES, now: datetime = NOW) -> int:
    return loaded(certificates.ensure(folder, names, now=now)[0]).serial_number


def loaded(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_it_stands_before_a_strict_verifier(tmp_path: Path) -> None:
    """Python's from 3.13 on, and cryptography's own after the CA/Browser Forum's rules."""
    certificate, key = certificates.ensure(tmp_path / "gate", NAMES, now=NOW)
    authority = loaded(tmp_path / "gate" / "authority.pem")
    for subject in (x509.DNSName("desk.example.org"),):
        verifier = PolicyBuilder().store(Store([authority])).time(NOW).build_server_verifier(subject)
        assert len(verifier.verify(loaded(certificate), [])) == 2
    shown = loaded(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one.value) for one in shown] == list(NAMES)
    assert isinstance(loaded(certificate).public_key(), ec.EllipticCurvePublicKey)
    assert loaded(certificate).extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)


def test_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "gate"
    certificates.ensure(folder, NAMES, now=NOW)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o077 for path in folder.glob("*.key")} == {
        "authority.key": 0,
        "server.key": 0,
    }
    (folder / "server.key").chmod(0o640)
    with pytest.raises(SettingsError, match=r"chmod 600 .*server\.key"):
        certificates.ensure(folder, NAMES, now=NOW)


def test_it_stays_until_it_is_nearly_over_and_the_authority_stays_longer(tmp_path: Path) -> None:
    first, authority = serial(tmp_path), (tmp_path / "authority.pem").read_bytes()
    assert serial(tmp_path, now=NOW + 304 * DAY) == first
    second = serial(tmp_path, now=NOW + 306 * DAY)
    assert second != first
    assert serial(tmp_path, now=NOW + 29 * 365 * DAY) != second
    assert (tmp_path / "authority.pem").read_bytes() == authority
    late = NOW + 29.9 * 365 * DAY
    serial(tmp_path, now=late)
    assert loaded(tmp_path / "server.pem").not_valid_after_utc == NOW + 30 * 365 * DAY
    with pytest.raises(SettingsError, match="damaged or over"):
        certificates.ensure(tmp_path, NAMES, now=NOW + 31 * 365 * DAY)


def test_other_names_need_another_certificate(tmp_path: Path) -> None:
    first = serial(tmp_path)
    assert serial(tmp_path, tuple(reversed(NAMES))) == first
    assert serial(tmp_path, NAMES[:2]) != first


@pytest.mark.parametrize("name", ["server.pem", "server.key"])
@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_damaged_certificate_is_made_anew(tmp_path: Path, name: str, content: bytes | None) -> None:
    first = serial(tmp_path)
    damage(tmp_path / name, content)
    assert serial(tmp_path) != first


@pytest.mark.parametrize("name", ["authority.pem", "authority.key"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\x00"])
def test_a_damaged_authority_is_never_replaced_silently(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    serial(tmp_path)
    damage(tmp_path / name, content)
    with pytest.raises(SettingsError, match="Put them back from a backup"):
        certificates.ensure(tmp_path, NAMES, now=NOW)


def test_a_certificate_of_another_authority_is_not_taken(tmp_path: Path) -> None:
    first = serial(tmp_path / "one")
    serial(tmp_path / "two")
    for name in ("server.pem", "server.key"):
        (tmp_path / "two" / name).write_bytes((tmp_path / "one" / name).read_bytes())
    assert serial(tmp_path / "two") != first


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="cannot be used: "):
        certificates.ensure(tmp_path / "file", NAMES, now=NOW)


def damage(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
