"""Secrets in servers' files: none is kept, whatever the file's form, and what is none stays readable."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import hiding
from collectors.configuration import marker
from collectors.files import without_secrets
from collectors.hiding import hide_in_file
from collectors.model import Exchange, Target
from collectors.outcome import Outcome
from collectors.platforms.linux_files import files_section

SHAPES = (
    'password = """\n{}\n"""',
    "PASSWORD='\n{}'",
    'token = "first\n{}"',
    '"passwords": [\n  "x",\n  "{}"\n]',
    "tokens:\n- {}\nuser: x",
    "secret {{\n  value {}\n}}",
    "password = {}", "password={}", "PASSWORD: {}", '  "password": "{}",', "DB_PASS='{}'",
    "export API_KEY={}", "<password>{}</password>", '<Resource password="{}" url="x"/>',
    '<property name="db.password" value="{}"/>', "define('DB_PASSWORD', '{}');", "'password' => '{}',",
    "url = mysql://user:{}@10.0.0.1/db", "rocommunity {} default", "rwcommunity {}",
    "com2sec ro default {}", "createUser bob SHA {} AES {}", "trapsink 10.0.0.1 {}", 'psk="{}"',
    "wpa_passphrase={}", ': PSK "{}"', 'user : EAP "{}"', "bindpw {}", "rootpw {}",
    "//srv/x /mnt cifs username=u,password={},uid=1 0 0",
    "30 2 * * * root mysqldump -uroot -p{} --all-databases", "sshpass -p {} ssh host",
    "redis-cli -a {} info", "curl -u bob:{} https://h/", "requirepass {}", "masterauth {}",
    "Authorization: Bearer {}", "https://h/robot/send?access_token={}", "https://h/send?key={}",
    "stats auth admin:{}", "PrivateKey = {}", "PresharedKey = {}", "ldap_default_authtok = {}",
    "sqlplus scott/{}@ORCL", "secret {};", "snmpwalk -v2c -c {} 10.0.0.1", "password:\n  {}",
    "password: |\n  {}\nuser: x", "PASSWORD=\\\n{}",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----", "<key>\n{}\n</key>",
    "-----BEGIN RSA PRIVATE KEY-----\n{}", "client_secret = {}", "Environment=TOKEN={}",
    "$db_passwd = \"{}\";", "spring.datasource.password={}", "sentinel auth-pass mymaster {}",
    "user:$6$salt${}:19000:0:99999:7:::", "userPassword: {{SSHA}}{}", "encryption_key = '{}'",
    "auth-user-pass-secret {}", "enable_password   {}",
)  # fmt: skip
PLANTED = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9#%+.=_~!-]{10,40}", fullmatch=True)


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=12)
@given(secret=PLANTED, indent=st.sampled_from(["", "  ", "\t"]))
def test_a_planted_secret_is_never_kept(shape: str, secret: str, indent: str) -> None:
    text = "".join(f"{indent}{line}\n" for line in shape.format(secret, secret).split("\n"))
    target = Target("1", "h", (), files=("/etc/a",), hiding_key="k" * 32)
    section = files_section(target.files)
    answer = (
        "=file /etc/a\n=at /etc/a\n" + "".join(f" {line}\n" for line in text.split("\n")) + "=end /etc/a\n"
    )
    kept = without_secrets([Exchange("ssh", section.command, answer.encode())], section, target)
    assert secret not in repr(kept)
    assert kept[0].outcome is Outcome.OK
    assert b"<hidden" in kept[0].answer


@pytest.mark.parametrize(
    "line",
    [
        "PasswordAuthentication no", "PermitRootLogin prohibit-password", "PASS_MAX_DAYS   99999",
        "UsePAM yes", "passwd:         files systemd", "password    requisite    pam_pwquality.so retry=3",
        "auth required pam_env.so", "proxy_pass http://backend;", "server_tokens off;",
        "HostKey /etc/ssh/host", "ssl_certificate_key /etc/nginx/site.pem;",
        "AuthorizedKeysFile .ssh/authorized_keys", "password_encryption = scram-sha-256",
        "UUID=1a-2b / ext4 defaults 0 1", "192.0.2.1 host alias", "include /etc/nginx/conf.d/*.conf;",
        "Defaults    timestamp_timeout=5",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays_readable(line: str) -> None:
    assert hide_in_file(line, marker(b"k")) == line


def test_what_follows_a_value_of_several_lines_is_readable_again() -> None:
    text = 'password = """\nabc\n"""\nuser: x\ntokens:\n- abc\nport: 22\n'
    hidden = hide_in_file(text, marker(b"k"))
    assert "abc" not in hidden
    assert "user: x\n" in hidden
    assert hidden.endswith("port: 22\n")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("change", [str, str.upper, str.title])
def test_lines_that_are_passed_over_quickly_hold_nothing(
    monkeypatch: pytest.MonkeyPatch, shape: str, change: Callable[[str], str]
) -> None:
    text = change(shape.format("Ab1-Cd2.Ef3+Gh4", "Ab1-Cd2.Ef3+Gh4"))
    quick = hide_in_file(text, marker(b"k"))
    monkeypatch.setattr(hiding, "_HINTS", ("",))
    assert hide_in_file(text, marker(b"k")) == quick


def test_a_changed_secret_is_a_change_and_the_same_one_none() -> None:
    one, same, other = (
        hide_in_file(f"password={word}\n", marker(b"k")) for word in ("a-b-c", "a-b-c", "a-b-d")
    )
    assert one == same != other
    assert hide_in_file(one, marker(b"k")) == one


@pytest.mark.parametrize("word", ["password", "mysql ", '"', "password=", "[|", "{sha", "a://", "1", " "])
def test_a_line_made_to_be_slow_is_not(word: str) -> None:
    hide_in_file(word * (200_000 // len(word)), marker(b"k"))
