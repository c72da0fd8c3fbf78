"""What the gate is called, and what keeps it shut."""

from __future__ import annotations

import dataclasses
import socket
from pathlib import Path

import pytest

from servicedesk.config import Settings, SettingsError, load_settings
from servicedesk.gate import addresses, opening
from tests.support.ports import free_port


def settings(tmp_path: Path, **values: object) -> Settings:
    given = {"data": tmp_path, "zone_port": free_port(), "zone_host": "127.0.0.1", **values}
    return dataclasses.replace(Settings(), **given)  # type: ignore[arg-type]  # each of its own type


@pytest.mark.parametrize(
    ("names", "base_url", "url"),
    [
        ("", "https://desk.example.org/", "rediss://desk.example.org:6380"),
        ("", "http://[2001:db8::1]:8000", "rediss://[2001:db8::1]:6380"),
        ("192.0.2.7, gate.example.org", "https://desk.example.org", "rediss://192.0.2.7:6380"),
        ("2001:DB8::7", "https://desk.example.org", "rediss://[2001:db8::7]:6380"),
        ("Gate.Example.ORG\n", "https://desk.example.org", "rediss://gate.example.org:6380"),
        ("运维.example.org", "https://desk.example.org", "rediss://xn--6o0a585a.example.org:6380"),
    ],
)
def test_zones_are_told_the_first_name(tmp_path: Path, names: str, base_url: str, url: str) -> None:
    given = settings(tmp_path, zone_port=6380, zone_names=names, base_url=base_url)
    assert addresses.public_url(given) == url
    assert addresses.authority_file(given) == str(tmp_path / "gate" / "authority.pem")


def test_what_is_set_is_told_as_it_is(tmp_path: Path) -> None:
    given = settings(
        tmp_path, zone_redis_url="rediss://far.example.org:443", zone_names="near", zone_redis_ca="/ca"
    )
    assert addresses.public_url(given) == "rediss://far.example.org:443"
    assert addresses.authority_file(given) == "/ca"
    assert set(addresses.names(given)) == {"near", "far.example.org", "127.0.0.1"}
    own = settings(tmp_path, zone_cert="/cert", zone_key="/key")
    assert addresses.authority_file(own) == "", "the system's authorities know a certificate that was bought"
    for without in (Settings(), settings(tmp_path, redis_url="redis://x")):
        assert (addresses.public_url(without), addresses.authority_file(without)) == ("", "")


@pytest.mark.parametrize(
    "name", ["a b*", "*.example.org", "-x", "x-.org", "a..b", "x" * 64, "http://x", "x:1", "a/b"]
)
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="neither a DNS name nor an address"):
        opening.prepare(settings(tmp_path, zone_names=name))


def test_with_a_redis_of_ones_own_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Unset one of the two"):
        opening.prepare(settings(tmp_path, redis_url="redis://127.0.0.1"))
    assert list(tmp_path.iterdir()) == []


def test_a_login_for_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must not have one"):
        opening.prepare(settings(tmp_path, zone_redis_url="rediss://zones:secret@x"))


def test_a_port_that_is_taken_or_not_ours_is_said(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SettingsError, match="cannot listen on port"),
    ):
        opening.prepare(settings(tmp_path, zone_port=taken.getsockname()[1]))
    for host in ("192.0.2.1", "no.such.host.invalid"):
        with pytest.raises(SettingsError, match=f"of {host}"):
            opening.prepare(settings(tmp_path, zone_host=host))


def test_every_address_of_both_families_is_listened_to(tmp_path: Path) -> None:
    given = settings(tmp_path, zone_host="::")
    with opening.listener(given):
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, given.zone_port), 5).close()


@pytest.mark.parametrize("broken", ["missing", "text", "swapped", "another key"])
def test_files_of_ones_own_that_do_not_fit_are_said(tmp_path: Path, broken: str) -> None:
    certificate, key = opening.certificate(settings(tmp_path / "one"))
    other = opening.certificate(settings(tmp_path / "two"))
    text = tmp_path / "text.pem"
    text.write_text("text")
    files = {
        "missing": (tmp_path / "none", key),
        "text": (text, key),
        "swapped": (key, certificate),
        "another key": (certificate, other[1]),
    }[broken]
    with pytest.raises(SettingsError, match="cannot be used"):
        opening.prepare(settings(tmp_path, zone_cert=str(files[0]), zone_key=str(files[1])))
    opening.prepare(settings(tmp_path, zone_cert=str(certificate), zone_key=str(key)))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"SERVICEDESK_ZONE_PORT": "70000"}, "1 to 65535"),
        ({"SERVICEDESK_ZONE_PORT": "-1"}, "1 to 65535"),
        ({"SERVICEDESK_ZONE_PORT": "x"}, "type int"),
        ({"SERVICEDESK_ZONE_CERT": "/cert"}, "belong together"),
        ({"SERVICEDESK_ZONE_KEY": "/key"}, "belong together"),
    ],
)
def test_settings_that_cannot_be_are_refused(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load_settings(given)
