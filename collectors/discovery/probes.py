"""Single questions to an address: an echo, a TCP connection, the first line of an SSH server."""

from __future__ import annotations

import ipaddress
import os
import select
import shutil
import socket
import struct
import subprocess
import time

_ECHO_4, _ECHO_6, _REPLY_4, _REPLY_6 = 8, 128, 0, 129
_PAYLOAD = b"servicedesk"
BANNER_BYTES = 2048  # RFC 4253: lines before the version are allowed; a flood of them is not read
BANNER_SHOWN = 200


def can_ping() -> bool:
    """Whether this machine lets us send echo requests at all."""
    asking = _echo_socket(4)
    if asking is not None:
        asking.close()
    return asking is not None or shutil.which("ping") is not None


def ping(address: str, timeout_s: float) -> bool:
    """Whether an echo request is answered: asked by an unprivileged socket (ping(7)) where the system allows
    it, by a raw one where we are privileged, else by the system's ping."""
    version = ipaddress.ip_address(address).version
    asking = _echo_socket(version)
    if asking is None:
        return _system_ping(address, timeout_s)
    with asking:
        try:
            return _echoed(asking, address, version, timeout_s)
        except OSError:
            return False


def _echo_socket(version: int) -> socket.socket | None:
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    protocol = socket.IPPROTO_ICMP if version == 4 else socket.IPPROTO_ICMPV6
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            return socket.socket(family, kind, protocol)
        except OSError:
            continue
    return None


def _echoed(asking: socket.socket, address: str, version: int, timeout_s: float) -> bool:
    until = time.monotonic() + timeout_s
    marks = os.urandom(4)  # identifier, which the kernel replaces in unprivileged sockets, and sequence
    kind, reply = (_ECHO_4, _REPLY_4) if version == 4 else (_ECHO_6, _REPLY_6)
    checksum = _checksum(bytes((kind, 0, 0, 0)) + marks + _PAYLOAD)
    asking.sendto(struct.pack("!BBH", kind, 0, checksum) + marks + _PAYLOAD, (address, 0))
    raw = asking.type == socket.SOCK_RAW
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([asking], [], [], left)[0]:
            return False
        answer, sender = asking.recvfrom(1024)
        if raw and version == 4:
            answer = answer[(answer[0] & 15) * 4 :]  # IPv4's raw sockets show the header as well
        here = ipaddress.ip_address(str(sender[0]).partition("%")[0]) == ipaddress.ip_address(address)
        ours = answer[6:8] == marks[2:] and (not raw or answer[4:6] == marks[:2])
        if here and ours and answer[0] == reply:
            return True


def _checksum(message: bytes) -> int:
    """RFC 1071."""
    words = struct.unpack(f"!{(len(message) + 1) // 2}H", message + b"\0" * (len(message) % 2))
    total: int = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _system_ping(address: str, timeout_s: float) -> bool:
    program = shutil.which("ping")
    if program is None:
        return False
    seconds = str(max(1, round(timeout_s)))
    done = subprocess.run(  # noqa: S603 - no shell, and the address was read as one before
        [program, "-n", "-c", "1", "-W", seconds, str(ipaddress.ip_address(address))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=timeout_s + 3,
        check=False,
    )
    return done.returncode == 0


def tcp_open(address: str, port: int, timeout_s: float) -> bool:
    """Whether a connection is accepted; it is closed at once, nothing is sent."""
    try:
        with socket.create_connection((address, port), timeout=timeout_s):
            return True
    except OSError:
        return False


def ssh_banner(address: str, port: int, timeout_s: float) -> str:
    """The version line of an SSH server, cleaned; "" when there is none. Nothing is sent."""
    until = time.monotonic() + timeout_s
    received = b""
    try:
        with socket.create_connection((address, port), timeout=timeout_s) as connected:
            while len(received) < BANNER_BYTES and b"\nSSH-" not in b"\n" + received.rpartition(b"\n")[0]:
                left = until - time.monotonic()
                if left <= 0:
                    break
                connected.settimeout(left)
                part = connected.recv(256)
                if not part:
                    break
                received += part
    except OSError:
        pass  # what came until then may hold the line
    lines = received[:BANNER_BYTES].decode("utf-8", "replace").splitlines()
    line = next((one for one in lines if one.startswith("SSH-")), "")
    return "".join(character if character.isprintable() else "?" for character in line)[:BANNER_SHOWN]
