from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from snmp_helpers import Start, small_mib

from collectors.simulator.mib import Mib
from collectors.simulator.snmp_agent import AgentServer, Quirks, SnmpAgent
from collectors.simulator.snmp_usm import V3User


@pytest.fixture
def start() -> Iterator[Start]:
    """Start simulated agents; all are stopped at the end."""
    servers: list[AgentServer] = []

    def start_one(
        mib: Mib | None = None,
        *,
        users: tuple[V3User, ...] = (),
        community: str | None = "public",
        versions: tuple[int, ...] = (0, 1),
        **values: object,
    ) -> SnmpAgent:
        quirks = Quirks(**values)  # type: ignore[arg-type]  # tests name them
        agent = SnmpAgent(mib or small_mib(), community, v3_users=users, quirks=quirks, versions=versions)
        servers.append(AgentServer([agent]).start())
        return agent

    yield start_one
    for server in servers:
        server.stop()


@pytest.fixture(autouse=True)
def no_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transport alone: what is walked does not depend on the table of platforms."""
    monkeypatch.setitem(sys.modules, "collectors.platforms.snmp", None)
