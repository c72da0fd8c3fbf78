"""What a visit's page says of the sessions: each fact once, in words."""

from __future__ import annotations

from flask import Flask
from flask_babel import force_locale

from servicedesk.inspections.session_words import LABELS, told

SSH = {
    "ssh_server": "SSH-2.0-OpenSSH_9.2",
    "cipher": "aes128-gcm@openssh.com",
    "mac": "",
    "host_key": "ssh-ed25519 AA",
}
SNMP = {"snmp.version": "3", "snmp.auth_protocol": "SHA"}
SESSION = {
    **SSH,
    **{f"ssh.{name}": text for name, text in SSH.items()},
    "ssh.outcome": "ok",
    "ssh.error": "",
    **SNMP,
    **{f"snmp.{name}": text for name, text in SNMP.items()},
    "snmp.outcome": "auth_failed",
    "snmp.error": "The device refuses the login of root.",
    "snmp.of_later_versions": "x",
    "something": "else",
}


def test_each_fact_is_told_once_in_the_readers_language(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_CN"):
        lines = [(str(one.access), str(one.label), one.text) for one in told(SESSION)]
    assert lines == [
        ("SSH", "结果", "正常"),
        ("SSH", "服务端软件", "SSH-2.0-OpenSSH_9.2"),
        ("SSH", "加密方式", "aes128-gcm@openssh.com"),
        ("SNMP", "结果", "认证失败"),
        ("SNMP", "原因", "The device refuses the login of root."),
        ("SNMP", "版本", "3"),
        ("SNMP", "认证算法", "SHA"),
        ("SNMP", "of_later_versions", "x"),
    ]


def test_a_visit_that_reached_nobody_tells_nothing() -> None:
    assert list(told({})) == []
    assert list(told({"cipher": "x", "ssh.host_key": "k"})) == []
    assert "host_key" not in LABELS
