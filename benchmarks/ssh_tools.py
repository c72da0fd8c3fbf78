"""Public tools that ask Linux hosts over SSH, each installed in an environment of its own for one run."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hosts import Hosts
from collectors.processes import VISITS_AT_ONCE

THREADS = VISITS_AT_ONCE  # as our product comes
_INSTALL_S, _RUN_S = 300, 180

_NORNIR = """
import json
import sys
from nornir import InitNornir
from nornir_netmiko.tasks import netmiko_send_command

def look(task):
    for command in json.load(open("commands.json")):
        # Its own advice for commands that are longer than the terminal's line.
        task.run(netmiko_send_command, command_string=command, read_timeout=30, cmd_verify=False)

runner = {"plugin": "threaded", "options": {"num_workers": int(sys.argv[1])}}
inventory = {"plugin": "SimpleInventory", "options": {"host_file": "hosts.yaml"}}
nornir = InitNornir(runner=runner, inventory=inventory, logging={"enabled": False})
answers = nornir.run(look)
sys.exit(len(answers.failed_hosts) and 1)
"""
_PYINFRA = """
import json
from pyinfra.operations import server

server.shell(commands=[f"{{ {one}\\n}} </dev/null; true" for one in json.load(open("commands.json"))])
"""
COMMANDS = (
    "uname -a",
    "cat /proc/meminfo",
    "cat /proc/loadavg",
    "cat /proc/uptime",
    "df -P",
    "cat /proc/net/dev",
    "cat /proc/mounts",
    "cat /etc/os-release",
)
_FACTS = (
    "server.Kernel",
    "server.LinuxDistribution",
    "server.Mounts",
    "server.Users",
    "hardware.Memory",
    "hardware.Cpus",
    "hardware.BlockDevices",
    "hardware.NetworkDevices",
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and the command that makes it ask every host.

    ``prepare`` writes what it needs; ``commands`` are those it is given, None: those that our visit ran.
    """

    name: str
    packages: tuple[str, ...]
    asks: str
    prepare: Callable[[Path, Hosts], None]
    command: Callable[[int], Sequence[str]]  # of so many hosts at once
    environment: Mapping[str, str] = field(default_factory=dict)
    commands: Sequence[str] | None = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """``missing`` says why there are no figures; else CPU and wall time of the whole run, in seconds."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    missing: str = ""


def _prepare_ansible(folder: Path, hosts: Hosts) -> None:
    lines = [
        f"h{port} ansible_host=127.0.0.1 ansible_port={port} ansible_user={hosts.user}"
        f" ansible_ssh_private_key_file={hosts.key_file} ansible_python_interpreter={sys.executable}"
        for port in hosts.ports
    ]
    (folder / "inventory").write_text("\n".join(lines) + "\n")


def _prepare_nornir(folder: Path, hosts: Hosts) -> None:
    (folder / "look.py").write_text(_NORNIR)
    extras = f"{{use_keys: true, key_file: {hosts.key_file}}}"
    lines = [
        f"h{port}: {{hostname: 127.0.0.1, port: {port}, username: {hosts.user}, platform: linux,"
        f" connection_options: {{netmiko: {{extras: {extras}}}}}}}"
        for port in hosts.ports
    ]
    (folder / "hosts.yaml").write_text("\n".join(lines) + "\n")


def _look(threads: int) -> Sequence[str]:
    return ["python", "look.py", str(threads)]


def _prepare_pyinfra(folder: Path, hosts: Hosts) -> None:
    data = f'"ssh_user": "{hosts.user}", "ssh_key": "{hosts.key_file}", "ssh_strict_host_key_checking": "off"'
    rows = "".join(
        f'    ("h{port}", {{"ssh_hostname": "127.0.0.1", "ssh_port": {port}, {data}}}),\n'
        for port in hosts.ports
    )
    (folder / "inventory.py").write_text(f"hosts = [\n{rows}]\n")
    (folder / "deploy.py").write_text(_PYINFRA)


_NORNIR_PACKAGES = ("nornir", "nornir-netmiko", "nornir-utils")
TOOLS = (
    Tool(
        "ansible-core",
        ("ansible-core",),
        "setup",
        _prepare_ansible,
        lambda threads: ["ansible", "all", "-i", "inventory", "-m", "setup", "-f", str(threads)],
        {
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            # The masters it leaves behind end by themselves, and soon.
            "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=5s",
        },
    ),
    Tool("nornir+netmiko", _NORNIR_PACKAGES, "the same commands", _prepare_nornir, _look, commands=None),
    Tool(
        "nornir+netmiko",
        _NORNIR_PACKAGES,
        f"{len(COMMANDS)} commands",
        _prepare_nornir,
        _look,
        commands=COMMANDS,
    ),
    Tool(
        "pyinfra",
        ("pyinfra",),
        "the same commands",
        _prepare_pyinfra,
        lambda threads: ["pyinfra", "-y", "--parallel", str(threads), "inventory.py", "deploy.py"],
        commands=None,
    ),
    Tool(
        "pyinfra",
        ("pyinfra",),
        f"{len(_FACTS)} facts",
        _prepare_pyinfra,
        lambda threads: ["pyinfra", "-y", "--parallel", str(threads), "inventory.py", "fact", *_FACTS],
        commands=COMMANDS,
    ),
)


def measure(tool: Tool, hosts: Hosts, folder: Path, threads: int, ours: Sequence[str]) -> Measured:
    """Install it, let it ask every host once, and count what it and its children used.

    Args:
        ours: the commands that our visit ran on such a host.
    """
    environment = folder / "venv"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=_INSTALL_S)
        pip = [
            str(environment / "bin/pip"),
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *tool.packages,
        ]
        subprocess.run(pip, check=True, capture_output=True, timeout=_INSTALL_S)
    except (OSError, subprocess.SubprocessError):
        return Measured(missing="cannot be installed here")
    tool.prepare(folder, hosts)
    (folder / "commands.json").write_text(json.dumps(list(ours if tool.commands is None else tool.commands)))
    program, *arguments = tool.command(threads)
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    settings = {
        **kept,
        "PATH": f"{environment / 'bin'}:{kept.get('PATH', '')}",
        "HOME": str(folder),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        **tool.environment,
    }
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    try:
        done = subprocess.run(
            [str(environment / "bin" / program), *arguments],
            cwd=folder,
            env=settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_RUN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Measured(missing=f"not done within {_RUN_S} s")
    wall_s, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        (Path(folder.parent) / f"{tool.name}.log").write_bytes(done.stdout + done.stderr)
        last = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()[-1:]
        return Measured(missing=f"failed: {' '.join(last)[:120]}")
    return Measured(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall_s)
