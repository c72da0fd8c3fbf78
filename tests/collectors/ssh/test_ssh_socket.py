"""The socket that ends by itself, and reads ahead of Paramiko."""

from __future__ import annotations

import os
import socket
import time

import pytest

from collectors.transports.ssh_socket import GuardedSocket, connect


class Peer:
    """Sends these pieces; then nothing within the time it is given."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.waits, self.timeout_s = list(pieces), [], 0.0

    def recv(self, size: int) -> bytes:
        self.waits.append(self.timeout_s)
        if not self.pieces:
            raise TimeoutError
        piece = self.pieces.pop(0)
        assert len(piece) <= size
        return piece

    def send(self, data: bytes) -> int:
        return len(data)

    def settimeout(self, seconds: float | None) -> None:
        self.timeout_s = seconds or 0.0

    def getpeername(self) -> object:
        return None

    def fileno(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing."""


def guard(peer: Peer, *, seconds: float = 60.0) -> GuardedSocket:
    guarded = GuardedSocket(peer, time.monotonic() + seconds)
    guarded.settimeout(0.5)
    return guarded


@pytest.mark.parametrize("sizes", [(4, 1, 7), (1,) * 12, (12,), (64, 64)])
def test_what_arrived_at_once_is_read_once_and_given_as_asked_for(sizes: tuple[int, ...]) -> None:
    peer = Peer(b"abcdefghijkl", b"mno")
    guarded = guard(peer)
    given = b"".join(guarded.recv(size) for size in sizes)
    assert given == b"abcdefghijklmno"[: len(given)]
    assert len(given) >= 12
    assert len(peer.waits) == (2 if sum(sizes) > 12 else 1)
    assert guarded.received_bytes == (15 if sum(sizes) > 12 else 12)


def test_after_the_deadline_nothing_is_given_not_even_what_was_read_ahead() -> None:
    guarded = guard(Peer(b"abc", b"def"))
    assert guarded.recv(1) == b"a"
    guarded.deadline = time.monotonic()
    assert guarded.recv(1) == b""
    assert guarded.expired
    assert not guarded.flooded


def test_a_flood_ends_after_what_was_read_before_the_limit() -> None:
    guarded = guard(Peer(b"abc", b"def"))
    guarded.limit_bytes = 2
    assert [guarded.recv(2), guarded.recv(2), guarded.recv(2)] == [b"ab", b"c", b""]
    assert guarded.flooded
    assert not guarded.expired


def test_no_wait_is_longer_than_the_time_that_is_left() -> None:
    peer = Peer()
    guarded = guard(peer, seconds=0.2)
    with pytest.raises(TimeoutError):
        guarded.recv(1)
    assert 0 < peer.waits[0] <= 0.2
    far = Peer()
    with pytest.raises(TimeoutError):
        guard(far).recv(1)
    assert far.waits == [0.5]


def test_the_end_of_the_peer_is_told() -> None:
    guarded = guard(Peer(b"a", b""))
    assert [guarded.recv(9), guarded.recv(9)] == [b"a", b""]
    assert not guarded.flooded


def test_what_the_server_sends_after_ours_is_acknowledged_at_once() -> None:
    """Else Linux waits 40 ms for something to send with it; a server with Nagle's algorithm waits, too."""

    def quick(ours: socket.socket) -> bool:
        return bool(ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK))

    with socket.create_server(("127.0.0.1", 0)) as server:
        plain = socket.create_connection(server.getsockname())
        guarded = connect("127.0.0.1", server.getsockname()[1], timeout_s=5, deadline=time.monotonic() + 60)
        peers = [server.accept()[0] for _ in range(2)]
        for ours, theirs in zip((plain, guarded), peers, strict=True):
            theirs.sendall(b"question")
            assert ours.recv(64) == b"question"
            ours.send(b"answer")
        assert not quick(plain)  # the system takes it for a conversation
        with socket.socket(fileno=os.dup(guarded.fileno())) as same:
            assert quick(same)
        for one in (plain, guarded, *peers):
            one.close()
