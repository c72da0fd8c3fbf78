"""``python -m benchmarks.devices COUNT``: thousands of simulated devices in one process, for a load run.

Nine of ten are 48-port switches by SNMP, the others Linux hosts by SSH, each on a port of its own. SNMP
agents of one seed share one table of objects (with a name of their own), so that a device costs a socket and
little else; one thread answers all SNMP, one accepts all SSH. The first line of stdout is JSON, one object a
device; at SIGTERM a second line tells how often each was visited.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time

from collectors.simulator import mibs
from collectors.simulator.linux_host import SimulatedHost
from collectors.simulator.mib import Mib
from collectors.simulator.site import host_key_of
from collectors.simulator.snmp_agent import AgentServer, Quirks, SnmpAgent
from collectors.simulator.ssh_server import SshServer, SshServers
from collectors.transports.ber import Oid
from collectors.transports.snmp_message import GET, Pdu

SEEDS = 20  # different switches, and different hosts
FAULTY_EVERY = 10  # one switch of so many has a broken fan, for findings and their tickets
PASSWORD = "inspect-me"


class CountingAgent(SnmpAgent):
    """Counts visits: each begins with the one Get of the system group."""

    visits = 0

    def _found(self, mib: Mib, pdu: Pdu, names: list[Oid], version: int) -> list[bytes | None] | None:
        self.visits += pdu.kind == GET
        return super()._found(mib, pdu, names, version)


def _agents(count: int) -> list[CountingAgent]:
    now = time.time()
    tables = [
        mibs.build("switch", "switch", seed, now, ("fan_failed",) if seed % FAULTY_EVERY == 0 else ())
        for seed in range(1, min(SEEDS, count) + 1)
    ]
    for table in tables:
        for at in range(len(table)):
            table.encoded(at)  # once for all agents, before anybody is timed
    return [
        CountingAgent(tables[number % len(tables)], quirks=Quirks(gbk_name=f"switch-{number:05d}"))
        for number in range(count)
    ]


def _servers(count: int) -> list[SshServer]:
    hosts = [SimulatedHost(f"host{seed}", seed) for seed in range(1, SEEDS + 1)]
    key = host_key_of("bench", 1)
    users = {"inspector": PASSWORD}
    return [SshServer(host=hosts[number % SEEDS], users=users, host_key=key) for number in range(count)]


def main(count: int) -> None:
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    servers, agents = _servers(count // 10), _agents(count - count // 10)
    accepting = SshServers(servers).start()
    with AgentServer(agents):
        rows = [{"transport": "snmp", "port": agent.port} for agent in agents]
        rows += [
            {"transport": "ssh", "port": server.port, "host_key": server.host_key_line} for server in servers
        ]
        sys.stdout.write(json.dumps(rows) + "\n")
        sys.stdout.flush()
        stopping.wait()
    accepting.stop()
    visits = [agent.visits for agent in agents] + [server.logins for server in servers]
    sys.stdout.write(json.dumps(visits) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
