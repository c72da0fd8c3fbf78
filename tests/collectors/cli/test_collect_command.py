"""``servicedesk collect`` as people and scripts use it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from collectors.cli import collect
from collectors.platforms.cli_dialects import dialects
from collectors.simulator.cli_device import CliDevice
from collectors.simulator.cli_persona import PERSONAS
from collectors.simulator.linux_host import SimulatedHost
from collectors.simulator.ssh_server import Quirks, SshServer
from collectors.transcripts import unpack

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "collect.schema.json").read_text())


@pytest.fixture
def server() -> Iterator[SshServer]:
    with SshServer(host=SimulatedHost("app01", faults={"disk_full"})) as running:
        yield running


def run(*words: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(collect, list(words))


def ssh_words(server: SshServer, *more: str) -> tuple[str, ...]:
    port = str(server.port)
    return ("127.0.0.1", "--ssh-port", port, "--user", "inspector", "--host-key", server.host_key_line, *more)


def test_a_visit_prints_what_the_device_says(server: SshServer) -> None:
    result = run(*ssh_words(server), COLLECT_PASSWORD="inspect-me")
    assert result.exit_code == 0, result.output
    assert "app01" in result.output
    assert "critical" in result.output
    assert "inspect-me" not in result.output


def test_the_json_document_follows_its_schema(server: SshServer) -> None:
    result = run(*ssh_words(server, "--json"), COLLECT_PASSWORD="inspect-me")
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["device"]["name"] == "app01"
    full = [
        row for row in document["findings"] if row["check"] == "filesystem_used" and row["item"] == "/data"
    ]
    assert [(row["outcome"], row["provenance"]) for row in full] == [("critical", "default")]
    assert full[0]["levels"]["critical_upper"] == 90


@pytest.mark.parametrize("platform", sorted(PERSONAS))
def test_network_gear_is_visited_by_its_command_line_and_follows_the_schema(platform: str) -> None:
    with SshServer(host=CliDevice.of(platform, "gear-1")) as running:
        result = run(*ssh_words(running, "--json"), COLLECT_PASSWORD="inspect-me")
        shown = run(*ssh_words(running), COLLECT_PASSWORD="inspect-me")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["device"]["platform"] == platform
    assert document["device"]["name"] == "gear-1"
    asked = {fact for entry in dialects()[platform].commands for fact in entry.facts}
    # How StoneOS tells of its clock is in no manual: what is not asked is not judged.
    clock = {"ntp_sync"} if platform != "hillstone_stoneos" else set()
    assert bool(clock) is not asked.isdisjoint({"clock", "time"})
    assert {"cpu_used", "memory_used", "interface_state", *clock} <= {
        row["check"] for row in document["findings"]
    }
    assert shown.exit_code == 0, shown.output
    assert "gear-1" in shown.output


def test_the_local_machine_follows_the_schema_too() -> None:
    result = run("--local", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["memory"][0]["total_bytes"] > 0
    assert document["processors"]


def test_the_password_comes_from_a_file_or_a_named_variable(server: SshServer, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("inspect-me\n")
    assert run(*ssh_words(server, "--password-file", str(secret))).exit_code == 0
    assert run(*ssh_words(server, "--password-env", "MINE"), MINE="inspect-me").exit_code == 0


def test_the_transcript_is_kept_and_holds_no_secret(server: SshServer, tmp_path: Path) -> None:
    path = tmp_path / "visit.sdt"
    run(*ssh_words(server, "--transcript", str(path)), COLLECT_PASSWORD="inspect-me")
    transcript = unpack(path.read_bytes())
    assert transcript.platform == "linux"
    assert not [exchange for exchange in transcript.exchanges if b"inspect-me" in exchange.answer]


def test_a_refused_login_is_status_5(server: SshServer) -> None:
    assert run(*ssh_words(server), COLLECT_PASSWORD="wrong").exit_code == 5


def test_an_unknown_host_key_is_status_5_and_shown(server: SshServer) -> None:
    words = ("127.0.0.1", "--ssh-port", str(server.port), "--user", "inspector")
    result = run(*words, COLLECT_PASSWORD="inspect-me")
    assert result.exit_code == 5
    assert "not yet approved" in result.output
    assert server.host_key_line.split()[1] in result.output.replace("\n", "")


def test_known_hosts_approves_a_key(server: SshServer, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {server.host_key_line}\n")
    words = ("127.0.0.1", "--ssh-port", str(server.port), "--user", "inspector", "--known-hosts", str(known))
    assert run(*words, COLLECT_PASSWORD="inspect-me").exit_code == 0


def test_a_closed_port_is_status_4() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = run("127.0.0.1", "--ssh-port", str(port), "--user", "x", COLLECT_PASSWORD="y")
    assert result.exit_code == 4


def test_half_an_answer_is_status_3() -> None:
    with SshServer(quirks=Quirks(half_output=True)) as server:
        assert run(*ssh_words(server), COLLECT_PASSWORD="inspect-me").exit_code == 3


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("127.0.0.1", "--ssh-port", "22"),
        ("127.0.0.1", "--snmp-version", "3"),
        ("127.0.0.1", "--v3-user", "x", "--v3-auth-protocol", "SHA"),
        ("127.0.0.1", "--user", "x", "--password-env", "NOT_THERE"),
        ("127.0.0.1", "--no-such-option"),
    ],
)
def test_wrong_use_is_status_2(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize("module", ["servicedesk.cli.collect", "collectors.__main__"])
def test_the_command_needs_neither_web_nor_database(module: str) -> None:
    code = f"import sys, {module}; sys.exit(bool({{'flask', 'sqlalchemy'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
