"""A whole site of simulated devices in one process, as a file describes it.

The file is a JSON list; each device is an object with:

``name``, ``seed`` (1), ``address`` ("127.0.0.1"), ``port`` (0: a free one), ``transport`` ("snmp" or
"ssh"), ``kind`` (snmp: of ``mibs.KINDS``; ssh: "linux" or of ``cli_persona.PERSONAS``, which have no
faults), ``faults`` (a list of ``{"fault": "port_down", "every_s": 600, "for_s": 200, "phase_s": 0}``;
without ``every_s`` the fault is always there), ``quirks`` (names and values of the server's ``Quirks``);
snmp: ``community`` ("public"; null for none) and ``v3`` (a list of ``{"name", "auth_protocol",
"auth_key", "priv_protocol", "priv_key"}``); ssh: ``users`` (name → password).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from typing import Any

import paramiko
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collectors.errors import ParseError
from collectors.simulator import linux_host, mibs, snmp_agent, ssh_server
from collectors.simulator.cli_device import CliDevice
from collectors.simulator.cli_persona import PERSONAS
from collectors.simulator.mib import Mib
from collectors.simulator.schedule import FaultTimes
from collectors.simulator.snmp_usm import V3User

_PRINTED = frozenset({"host_key"})  # what ``document`` adds may stand in a file again


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """One device of the file. See the module's docstring."""

    name: str
    transport: str = "snmp"
    kind: str = "switch"
    seed: int = 1
    address: str = "127.0.0.1"
    port: int = 0
    faults: tuple[FaultTimes, ...] = ()
    quirks: Mapping[str, Any] = field(default_factory=dict)
    community: str | None = "public"
    v3: tuple[V3User, ...] = ()
    users: Mapping[str, str] = field(default_factory=dict)

    def active(self, t: float) -> set[str]:
        """The faults there are at a moment."""
        return {times.fault for times in self.faults if times.active(t)}


def read_site(text: str) -> tuple[DeviceSpec, ...]:
    """Read the file's text.

    Raises:
        ParseError: not of the documented form; says which device.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ParseError(f"the site is not JSON: {error}") from error
    if not isinstance(document, list):
        raise ParseError("the site must be a list of devices")
    specs = []
    for number, item in enumerate(document, 1):
        label = item.get("name", f"number {number}") if isinstance(item, dict) else f"number {number}"
        try:
            specs.append(_spec(item))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise ParseError(f"device {label}: {error}") from error
    return tuple(specs)


def _spec(item: dict[str, Any]) -> DeviceSpec:
    given = {key: value for key, value in item.items() if key not in _PRINTED}
    given["faults"] = tuple(FaultTimes(**times) for times in item.get("faults", ()))
    given["v3"] = tuple(V3User(**user) for user in item.get("v3", ()))
    spec = DeviceSpec(**given)
    kinds, faults = {
        "snmp": (mibs.KINDS, mibs.FAULTS),
        # The command lines of network gear have no faults yet.
        "ssh": (("linux", *PERSONAS), linux_host.FAULTS if spec.kind == "linux" else frozenset()),
    }.get(spec.transport, ((), frozenset()))
    if not kinds:
        raise ValueError(f"transport {spec.transport} is neither snmp nor ssh")
    if spec.kind not in kinds:
        raise ValueError(f"kind {spec.kind} is none of {', '.join(kinds)}")
    if wrong := {times.fault for times in spec.faults} - faults:
        raise ValueError(f"unknown faults {', '.join(sorted(wrong))}")
    return spec


class Site:
    """Runs the devices of a file.

    Args:
        clock: seconds since the Unix epoch, for tests.
    """

    def __init__(self, specs: Sequence[DeviceSpec], *, clock: Callable[[], float] = time.time) -> None:
        self.specs = tuple(specs)
        self._clock = clock
        self._since = clock()
        self._agents = {
            spec.name: snmp_agent.SnmpAgent(
                partial(self._mib, spec),
                spec.community,
                v3_users=spec.v3,
                quirks=snmp_agent.Quirks(**spec.quirks),
                address=spec.address,
                port=spec.port,
            )
            for spec in self.specs
            if spec.transport == "snmp"
        }
        self._servers = {spec.name: self._ssh(spec) for spec in self.specs if spec.transport == "ssh"}
        if len(self._agents) + len(self._servers) != len(self.specs):
            raise ValueError("two devices have the same name and transport")
        self._agent_server = snmp_agent.AgentServer(self._agents.values())

    def start(self) -> Site:
        """Open every socket; returns itself. Raises OSError: an address or port cannot be had."""
        try:
            for server in self._servers.values():
                server.start()
            self._agent_server.start()
        except OSError:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Close every socket."""
        self._agent_server.stop()
        for server in self._servers.values():
            server.stop()

    def __enter__(self) -> Site:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def tick(self) -> None:
        """Let the faults of SSH hosts come and go; SNMP agents look at the clock by themselves."""
        now = self._clock()
        for spec in self.specs:
            if spec.transport == "ssh" and spec.faults:
                host = self._servers[spec.name].host
                assert isinstance(host, linux_host.SimulatedHost)
                host.faults = spec.active(now)

    def port_of(self, spec: DeviceSpec) -> int:
        """Where a device listens; known after ``start``."""
        if spec.transport == "ssh":
            return self._servers[spec.name].port
        return self._agents[spec.name].port

    def document(self, text: str) -> str:
        """The file's text as one line, with ports filled in and the host keys of SSH servers added."""
        document = json.loads(text)
        for item, spec in zip(document, self.specs, strict=True):
            item["port"] = self.port_of(spec)
            item["address"] = spec.address
            if spec.transport == "ssh":
                item["host_key"] = self._servers[spec.name].host_key_line
        return json.dumps(document, ensure_ascii=False)

    def _mib(self, spec: DeviceSpec) -> Mib:
        now = self._clock()
        error_s = sum(times.active_s(self._since, now) for times in spec.faults if times.fault == "errors")
        return mibs.build(spec.kind, spec.name, spec.seed, now, spec.active(now), error_s=error_s)

    def _ssh(self, spec: DeviceSpec) -> ssh_server.SshServer:
        host: linux_host.SimulatedHost | CliDevice
        if spec.kind in PERSONAS:
            host = CliDevice.of(spec.kind, spec.name)
        else:
            host = linux_host.SimulatedHost(spec.name, spec.seed, spec.active(self._clock()))
        return ssh_server.SshServer(
            spec.address,
            spec.port,
            host,
            spec.users or None,
            quirks=ssh_server.Quirks(**spec.quirks),
            host_key=host_key_of(spec.name, spec.seed),
        )


def host_key_of(name: str, seed: int) -> paramiko.PKey:
    """A host key that stays the same from run to run, so that it is approved once. It guards nothing."""
    secret = hashlib.sha256(f"simulated host key/{seed}/{name}".encode()).digest()
    pem = ed25519.Ed25519PrivateKey.from_private_bytes(secret).private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    return paramiko.Ed25519Key.from_private_key(StringIO(pem.decode()))
