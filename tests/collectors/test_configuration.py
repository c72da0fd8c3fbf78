"""Configurations: secrets never leave the visit, volatile lines are no change, half of one is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import transcripts
from collectors.configuration import Configuration, hide_secrets, parse_configuration
from collectors.errors import ParseError
from collectors.model import SshAccess, Target, Visit
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import Configuring, dialects
from collectors.platforms.cli_guard import CommandRefusedError
from collectors.runner import judge_transcript, visit
from collectors.simulator.cli_device import CliDevice, Traps
from collectors.simulator.ssh_server import SshServer

KEY = b"k" * 32
PLATFORMS = [name for name, one in dialects().items() if one.configuring.ask]
# Every secret of ``collectors/simulator/cli``.
SECRETS = (
    "hx5rVt7rPNoS4wqbXKX7m0", "Q2hvc2VuRm9yQURlbW8u", "monitoring", "070C285F4D06", "121A0C041104", "zL0demo",
    "demoCommunity", "Zm9yVGVzdHM", "0822455D0A16", "0x70aa4c18", "ZGVtbw", "$1$", "$5$", "$6$", "$h$",
)  # fmt: skip


@contextmanager
def serving(device: CliDevice) -> Iterator[SshServer]:
    with SshServer(host=device, users={"inspector": "right"}) as server:
        yield server


def visited(device: CliDevice, platform: str, *, configuration: bool = True, key: bytes = KEY) -> Visit:
    with serving(device) as server:
        access = SshAccess(
            port=server.port, user="inspector", password="right", host_keys=(server.host_key_line,)
        )
        target = Target(
            "1", "127.0.0.1", (access,), platform=platform, device_class="switch",
            configuration=configuration, hiding_key=key.decode(),
        )  # fmt: skip
        return visit(target)


def configuration_in(found: Visit) -> Configuration:
    kept = found.facts.extra["configuration"]
    assert isinstance(kept, Configuration)
    return kept


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_secret_of_any_platform_leaves_the_visit(platform: str) -> None:
    found = visited(CliDevice.of(platform, "SW01"), platform)
    kept = configuration_in(found)
    assert "SW01" in kept.text
    assert "120" in kept.text or platform == "fortinet"
    packed = b"".join(one.answer + one.stderr for one in found.transcript.exchanges)
    assert [secret for secret in SECRETS if secret.encode() in packed] == []
    backup = next(one for one in found.findings if one.check == "configuration_backup")
    assert backup.outcome is Outcome.OK


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_same_configuration_read_again_is_the_same(platform: str) -> None:
    device = CliDevice.of(platform, "SW01")
    first, second = (configuration_in(visited(device, platform)) for _ in "ab")
    assert first.sha256 == second.sha256


def test_nothing_is_asked_where_nobody_wants_it() -> None:
    device = CliDevice.of("huawei_vrp", "SW01")
    found = visited(device, "huawei_vrp", configuration=False)
    assert "configuration" not in found.facts.extra
    assert not [line for line in device.typed if "current-configuration" in line]


def test_a_transcript_gives_the_same_again_offline() -> None:
    found = visited(CliDevice.of("cisco_ios", "SW01"), "cisco_ios")
    again = transcripts.unpack(transcripts.pack(found.transcript))
    facts, _findings = judge_transcript(again, Target("1", "127.0.0.1", (), device_class="switch"))
    assert facts.extra["configuration"] == found.facts.extra["configuration"]


def test_what_breaks_off_is_no_backup_and_nothing_of_it_is_kept() -> None:
    device = CliDevice.of("cisco_ios", "SW01", traps=Traps(closes_at="show running-config"))
    found = visited(device, "cisco_ios")
    assert "configuration" not in found.facts.extra
    packed = b"".join(
        one.answer for one in found.transcript.exchanges if one.question == "show running-config"
    )
    assert packed == b""
    backup = next(one for one in found.findings if one.check == "configuration_backup")
    assert backup.outcome not in (Outcome.OK, Outcome.NOT_APPLICABLE)


def test_a_right_that_is_missing_is_said() -> None:
    device = CliDevice.of("huawei_vrp", "SW01")
    device.outputs = {**device.outputs, "display current-configuration": device.persona.refusal}
    backup = next(
        one for one in visited(device, "huawei_vrp").findings if one.check == "configuration_backup"
    )
    assert backup.outcome is not Outcome.OK
    assert "permission" in str(backup.message)


def test_the_command_is_permitted_for_this_alone() -> None:
    for platform in PLATFORMS:
        grammar = dialects()[platform].grammar
        for command in dialects()[platform].configuring.ask:
            assert not grammar.permits(command)
            with pytest.raises(CommandRefusedError):
                grammar.require(command)
            grammar.require(command, configuration=True)
        for command in ("write memory", "show tech-support", "reload", "show running-config | redirect x"):
            with pytest.raises(CommandRefusedError):
                grammar.require(command, configuration=True)


LINES = [
    ("enable secret 9 $9$abc", "$9$abc"),
    ("username bob privilege 15 password 7 0822455D0A16", "0822455D0A16"),
    ("username bob secret plainWord", "plainWord"),
    ("snmp-server community SeCret RO 10", "SeCret"),
    ("snmp-server host 10.0.0.1 SeCret", "SeCret"),
    ("snmp-server host 10.0.0.1 traps version 2c SeCret", "SeCret"),
    ("snmp-server user u g v3 auth sha SeCret1 priv aes 128 SeCret2", "SeCret1"),
    ("snmp-server user u g v3 auth sha SeCret1 priv aes 128 SeCret2", "SeCret2"),
    ("radius-server key 7 SeCret", "SeCret"),
    ("tacacs-server host 10.0.0.1 key SeCret", "SeCret"),
    ("crypto isakmp key SeCret address 10.0.0.1", "SeCret"),
    (" neighbor 10.0.0.2 password 7 SeCret", "SeCret"),
    (" ip ospf message-digest-key 1 md5 7 SeCret", "SeCret"),
    (" ip ospf authentication-key SeCret", "SeCret"),
    (" key-string 7 SeCret", "SeCret"),
    (" wpa-psk ascii 0 SeCret", "SeCret"),
    (" standby 1 authentication md5 key-string SeCret", "SeCret"),
    ("super password level 3 cipher SeCret", "SeCret"),
    ("set authentication password cipher SeCret", "SeCret"),
    (" snmp-agent usm-user v3 u authentication-mode sha cipher SeCret", "SeCret"),
    (" snmp-agent community write SeCret", "SeCret"),
    (" radius-server shared-key cipher SeCret", "SeCret"),
    (" pre-shared-key cipher SeCret", "SeCret"),
    (" ospf authentication-mode md5 1 cipher SeCret", "SeCret"),
    (" password simple SeCret", "SeCret"),
    ('  secret "$9$SeCret"; ## SECRET-DATA', "SeCret"),
    ('  pre-shared-key ascii-text "$9$SeCret"; ## SECRET-DATA', "SeCret"),
    ('  authentication-key "$9$SeCret";', "SeCret"),
    ("  set passwd ENC SeCret", "SeCret"),
    ("  set psksecret ENC SeCret", "SeCret"),
    ('  set password "two words SeCret"', "SeCret"),
]


@pytest.mark.parametrize(("line", "secret"), LINES)
def test_secrets_of_every_form_are_hidden(line: str, secret: str) -> None:
    hidden = hide_secrets(line, Configuring(), KEY)
    assert secret not in hidden
    assert "<hidden" in hidden
    assert hidden.split()[0] == line.split()[0], "the rest of the line stays readable"


@pytest.mark.parametrize(
    "line",
    [
        "key chain ROUTING",
        "service password-encryption",
        "interface GigabitEthernet0/1",
        " description keyboard room",
        "ip route 0.0.0.0 0.0.0.0 10.0.0.1",
        "vlan 120",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert hide_secrets(line, Configuring(), KEY) == line


def test_a_changed_secret_is_a_change_and_the_same_one_is_not() -> None:
    same, again, other = (
        hide_secrets(f"enable secret 5 {word}", Configuring(), KEY) for word in ("a", "a", "b")
    )
    assert same == again != other
    assert hide_secrets("enable secret 5 a", Configuring(), b"another key") != same
    salted = replace(Configuring(), salted=True)
    assert hide_secrets("set passwd ENC a", salted, KEY) == hide_secrets("set passwd ENC b", salted, KEY)


def test_a_private_key_that_is_cut_off_is_hidden_to_the_end() -> None:
    text = 'set private-key "-----BEGIN RSA PRIVATE KEY-----\nabc\ndef'
    assert "abc" not in hide_secrets(text, Configuring(), KEY)


@pytest.mark.parametrize(
    ("text", "words"), [("", "no configuration"), ("a\nb", "no configuration"), ("a\nb\nc", "cut off")]
)
def test_half_a_configuration_is_refused(text: str, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse_configuration(text, dialects()["cisco_ios"].configuring)


@given(st.text(max_size=400))
def test_whatever_a_device_sends_ends_in_text_or_a_sentence(text: str) -> None:
    for name in PLATFORMS:
        configuring = dialects()[name].configuring
        hidden = hide_secrets(text, configuring, KEY)
        assert hide_secrets(hidden, configuring, KEY).count("<hidden") >= hidden.count("<hidden")
        try:
            assert parse_configuration(hidden, configuring).lines >= 3
        except ParseError:
            continue
