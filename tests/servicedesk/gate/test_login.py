"""The first command of a connection: read alike however it is cut, and nothing else passes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.gate.login import MAX_BYTES, Login, LoginError, read_login
from servicedesk.inspections.zones.logins import user_name


def pack(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


AUTH = pack(b"AUTH", b"zone_dmz_12", b"a\r\n")
HELLO = pack(b"HELLO", b"3", b"AUTH", b"zone_dmz_12", b"p", b"SETNAME", b"n")


@pytest.mark.parametrize(("sent", "is_hello"), [(AUTH, False), (HELLO, True)])
def test_a_login_is_read_however_it_is_cut(sent: bytes, is_hello: bool) -> None:
    for size in range(len(sent)):
        assert read_login(sent[:size]) is None
    assert read_login(sent + b"*1\r\n") == Login(sent, b"*1\r\n", is_hello)


def test_the_names_the_server_gives_are_those_that_pass() -> None:
    for zone, number in (("a", 1), ("branch-2", 40), ("z" * 31, 10**17)):
        assert read_login(pack(b"auth", user_name(zone, number).encode(), b"p")) is not None


@pytest.mark.parametrize(
    "user",
    [
        b"default", b"servicedesk", b"zone_", b"zone_a", b"zone_a_", b"zone_a_b", b"zone_A_1", b"zone_a_1\n",
        b"zone_a_1 ", b"\x00zone_a_1", b"zone_" + b"a" * 32 + b"_1", b"zone_a_" + b"1" * 19,
        "zone_域_1".encode(),
    ],
)  # fmt: skip
def test_no_other_name_passes(user: bytes) -> None:
    with pytest.raises(LoginError, match="no worker's"):
        read_login(pack(b"AUTH", user, b"p"))


@pytest.mark.parametrize("size", [1, 2, 50, 255, 256])
def test_words_of_any_size_up_to_the_limit_pass(size: int) -> None:
    found = read_login(pack(b"AUTH", b"zone_a_1", b"p" * size))
    assert found is not None
    assert len(found.command) <= MAX_BYTES


def test_one_that_is_too_long_is_refused_before_it_ends() -> None:
    with pytest.raises(LoginError):
        read_login(b"*3\r\n$4\r\nAUTH\r\n$257\r\n")
    many = b"*7\r\n" + b"$256\r\n" + b"x" * 256 + b"\r\n" + b"$256\r\n" + b"x" * 256 + b"\r\n" + b"$256\r\n"
    with pytest.raises(LoginError, match="too long"):
        read_login(many + b"x" * 256 + b"\r\n$256\r\n" + b"x" * 240)


def test_a_login_is_not_shown() -> None:
    assert "a\\r\\n" not in repr(read_login(AUTH + b"secret"))
    assert "secret" not in repr(read_login(AUTH + b"secret"))


@given(st.binary(max_size=1200))
def test_whatever_comes_is_refused_or_waited_for(data: bytes) -> None:
    with suppress(LoginError):
        assert read_login(data) is None
        assert len(data) < MAX_BYTES


@given(st.lists(st.binary(max_size=12), max_size=8), st.binary(max_size=30))
def test_what_passes_is_a_worker_and_goes_on_unchanged(words: list[bytes], rest: bytes) -> None:
    for named in (words, [b"AUTH", b"zone_a_1", *words], [b"HELLO", b"3", b"AUTH", b"zone_a_1", *words]):
        sent = pack(*named)
        try:
            found = read_login(sent + rest)
        except LoginError:
            continue
        if found is not None:
            assert (found.command, found.rest) == (sent, rest)
            assert b"zone_a_1" in named[1:4]


@given(st.data())
def test_a_login_that_is_altered_is_refused_or_still_a_workers(data: st.DataObject) -> None:
    sent = bytearray(data.draw(st.sampled_from([AUTH, HELLO])))
    sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_login(bytes(sent))
    except LoginError:
        return
    assert found is None or b"\r\nzone_" in found.command
