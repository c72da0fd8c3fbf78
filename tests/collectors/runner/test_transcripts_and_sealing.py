"""What travels and what is kept: whole, or refused."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import jobs, sealing, transcripts
from collectors.errors import ParseError, SealError
from collectors.model import Exchange, LevelRule, LocalAccess, SnmpAccess, SshAccess, Target, Transcript
from collectors.outcome import Outcome

TRANSCRIPT = Transcript(
    target_key="device-7",
    address="10.0.0.1",
    started_at=datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
    duration_s=1.25,
    exchanges=(
        Exchange("ssh", "cat /proc/uptime", b"1.0 2.0\n", exit_status=0),
        Exchange("ssh", "who", b"\xff\x00\x80", Outcome.TIMEOUT, "late", None, b"x", 0.5, 1.0),
    ),
    outcome=Outcome.TIMEOUT,
    error="late",
    platform="linux",
    session={"kex": "curve25519-sha256"},
    collector="test",
)
TARGET = Target(
    key="7",
    address="10.0.0.1",
    accesses=(
        SnmpAccess(community="s3cret"),
        SshAccess(user="a", password="pa55", host_keys=("ssh-ed25519 AAAA",)),
        LocalAccess(),
    ),
    levels=(LevelRule("cpu_used", "site: Main", warning=70.0),),
    watched_interfaces=("eth*",),
)


def test_a_packed_transcript_comes_back_the_same() -> None:
    assert transcripts.unpack(transcripts.pack(TRANSCRIPT)) == TRANSCRIPT


def test_the_digest_is_of_the_content_alone() -> None:
    again = transcripts.unpack(transcripts.pack(TRANSCRIPT))
    assert transcripts.digest(again) == transcripts.digest(TRANSCRIPT)
    assert transcripts.digest(replace(TRANSCRIPT, platform="other")) != transcripts.digest(TRANSCRIPT)


@given(position=st.integers(0, 2000), bit=st.integers(0, 7))
@settings(max_examples=150)
def test_a_flipped_bit_is_noticed(position: int, bit: int) -> None:
    packed = bytearray(transcripts.pack(TRANSCRIPT))
    packed[position % len(packed)] ^= 1 << bit
    # zlib's own checksum covers the content; its two header bytes may hold harmless variants.
    try:
        assert transcripts.unpack(bytes(packed)) == TRANSCRIPT
    except ParseError as error:
        assert "transcript" in error.reason  # noqa: PT017 - either of two endings is right


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SDT1",
        b"SDT2" + zlib.compress(b"{}"),
        b"SDT1" + zlib.compress(b"{}"),
        b"SDT1" + zlib.compress(b"[1, 2]"),
        b"SDT1" + zlib.compress(b"\xff"),
        transcripts.pack(TRANSCRIPT)[:-5],
        transcripts.pack(TRANSCRIPT) + b"more",
    ],
)
def test_what_is_no_transcript_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        transcripts.unpack(data)


def test_a_bomb_is_refused_without_unpacking_it() -> None:
    bomb = transcripts.MAGIC + zlib.compress(b"0" * 10_000_000)
    with pytest.raises(ParseError, match="more than 1000000 bytes"):
        transcripts.unpack(bomb, max_bytes=1_000_000)


def test_a_sealed_target_comes_back_the_same_and_shows_nothing() -> None:
    key = Fernet.generate_key()
    sealed = sealing.seal(TARGET, key)
    assert sealing.open_sealed(sealed, key) == TARGET
    assert "pa55" not in sealed
    assert "10.0.0.1" not in sealed


def test_another_key_an_alteration_and_age_are_refused() -> None:
    key = Fernet.generate_key()
    sealed = sealing.seal(TARGET, key)
    with pytest.raises(SealError):
        sealing.open_sealed(sealed, Fernet.generate_key())
    with pytest.raises(SealError):
        sealing.open_sealed(sealed[:-8] + "AAAAAAA=", key)
    with pytest.raises(SealError):
        sealing.open_sealed(sealed, key, ttl_s=-1)


def test_a_sealed_text_of_something_else_is_refused() -> None:
    key = Fernet.generate_key()
    with pytest.raises(SealError):
        sealing.open_sealed(sealing.seal_bytes(b'{"key": 1}', key), key)
    with pytest.raises(SealError):
        sealing.seal(TARGET, b"short")


def test_secrets_are_not_in_the_representation() -> None:
    assert "pa55" not in repr(TARGET)
    assert "s3cret" not in repr(TARGET)


def test_a_job_takes_and_gives_sealed_text(monkeypatch: pytest.MonkeyPatch) -> None:
    key = Fernet.generate_key()
    monkeypatch.setenv("COLLECTOR_KEY", key.decode())
    target = Target("me", "127.0.0.1", (SshAccess(port=1, user="x", password="y"),))
    result = jobs.open_result(jobs.collect(sealing.seal(target, key)), key)
    assert (result.target_key, result.outcome) == ("me", Outcome.UNREACHABLE)


def test_a_worker_without_a_key_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLLECTOR_KEY", raising=False)
    monkeypatch.delenv("COLLECTOR_KEY_FILE", raising=False)
    with pytest.raises(SealError, match="COLLECTOR_KEY"):
        jobs.collector_key()
    monkeypatch.setenv("COLLECTOR_KEY_FILE", "/does/not/exist")
    with pytest.raises(SealError, match="cannot be read"):
        jobs.collector_key()
