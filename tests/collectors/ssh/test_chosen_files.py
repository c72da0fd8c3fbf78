"""Chosen files read from a real OpenSSH server: read whole, secrets hidden, nothing else ever read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ssh_helpers import access_to_sshd

from collectors import runner, transcripts
from collectors.files import ChosenFiles, chosen_files, section_for, without_secrets
from collectors.model import Exchange, Target, Visit
from collectors.outcome import Outcome
from collectors.platforms import linux_script
from collectors.platforms.file_guard import MAX_FILE_BYTES, NEVER, matches, never_read, permitted, refuse_path
from collectors.platforms.linux_files import files_section
from collectors.platforms.sections import Section
from collectors.sealing import document_of, target_of
from tests.support.sshd import Sshd

SECRET = "Tr0ub4dor-planted"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """A folder whose name the grammar takes."""
    folder = tmp_path / "etc"
    folder.mkdir()
    return folder


def read(sshd: Sshd, *paths: object) -> tuple[Visit, ChosenFiles]:
    target = Target(
        "1", "127.0.0.1", (access_to_sshd(sshd),), files=tuple(map(str, paths)), hiding_key="k" * 32
    )
    found = runner.visit(target)
    told = found.facts.extra["chosen_files"]
    assert isinstance(told, ChosenFiles)
    return found, told


def texts(told: ChosenFiles) -> dict[str, str]:
    return {Path(one.path).name: one.text for one in told.files if one.outcome is Outcome.OK}


def reasons(told: ChosenFiles) -> dict[str, str]:
    return {Path(one.path).name: one.reason for one in told.files if one.outcome is not Outcome.OK}


@pytest.mark.sshd
def test_files_and_patterns_are_read_and_secrets_never_leave_the_visit(sshd: Sshd, etc: Path) -> None:
    (etc / "app.conf").write_text(f"listen 80\npassword = {SECRET}\n# Generated 2026-01-02 10:00:00\n\n\n")
    (etc / "conf.d").mkdir()
    (etc / "conf.d" / "a.conf").write_text(
        f"url=redis://u:{SECRET}@h/0\n=file /etc/forged\n=end /etc/forged\n"
    )
    (etc / "conf.d" / "b.conf").write_bytes("名称 = 机房\n".encode("gbk"))
    (etc / "conf.d" / "c.txt").write_text("not chosen\n")
    found, told = read(sshd, etc / "app.conf", etc / "conf.d/*.conf")
    assert found.transcript.outcome is Outcome.OK
    assert reasons(told) == {}
    assert sorted(texts(told)) == ["a.conf", "app.conf", "b.conf"]
    assert texts(told)["app.conf"].startswith("listen 80\npassword = <hidden ")
    assert "Generated" not in texts(told)["app.conf"]
    assert texts(told)["a.conf"].endswith("@h/0\n=file /etc/forged\n=end /etc/forged\n")
    assert told.listed == (str(etc / "conf.d/*.conf"),)
    assert texts(told)["b.conf"] == "名称 = 机房\n"
    packed = transcripts.unpack(transcripts.pack(found.transcript))
    assert SECRET not in repr(packed)
    assert SECRET not in repr(found)
    judged = {one.item: one.outcome for one in found.findings if one.check == "chosen_files"}
    assert judged == dict.fromkeys(
        (str(etc / "app.conf"), str(etc / "conf.d/a.conf"), str(etc / "conf.d/b.conf")), Outcome.OK
    )


@pytest.mark.sshd
def test_what_is_not_read_says_why(sshd: Sshd, etc: Path) -> None:
    (etc / "large.conf").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    (etc / "binary.conf").write_bytes(b"a\x00b\n")
    (etc / "folder.conf").mkdir()
    os.mkfifo(etc / "pipe.conf")
    (etc / "sly.conf").symlink_to("/etc/shadow")
    (etc / "sly2.conf").symlink_to("/proc/self/environ")
    (etc / "sly3.conf").symlink_to(etc / "dir")
    (etc / "dir").symlink_to("/proc/self")
    (etc / "both.pem").write_text("-----BEGIN PRIVATE KEY-----\nx\n")
    (etc / "empty.conf").write_text("")
    names = ("large", "binary", "folder", "pipe", "sly", "sly2", "absent", "empty")
    found, told = read(sshd, *(etc / f"{name}.conf" for name in names), etc / "both.pem", etc / "dir/status")
    told_why = reasons(told)
    assert texts(told) == {"empty.conf": ""}
    assert "larger than 256 KB" in told_why["large.conf"]
    assert "no text" in told_why["binary.conf"]
    assert "folder" in told_why["folder.conf"]
    assert "no plain file" in told_why["pipe.conf"]
    for name in ("sly.conf", "sly2.conf", "both.pem", "status"):
        assert "never read" in told_why[name]
    assert "no such file" in told_why["absent.conf"]
    kept = b"".join(one.answer for one in found.transcript.exchanges if one.question.startswith("file "))
    assert kept == b""


@pytest.mark.sshd
def test_a_pattern_of_too_many_files_and_files_too_large_together_are_said(sshd: Sshd, etc: Path) -> None:
    for number in range(52):
        (etc / f"n{number:02d}.conf").write_text("x\n")
    for number in range(6):
        (etc / f"big{number}.cfg").write_text("y" * 250_000)
    _found, told = read(sshd, etc / "*.conf", etc / "*.cfg", etc / "*.none", etc / "gone/*.cnf")
    why = reasons(told)
    assert "More than 50" in why["*.conf"]
    assert told.listed == (str(etc / "*.cfg"), str(etc / "*.none"))
    assert len([name for name in texts(told) if name.endswith(".conf")]) == 50
    assert len([name for name in texts(told) if name.startswith("big")]) == 4
    assert "together" in why["big5.cfg"]
    assert told.gone(str(etc / "old.cfg"))
    assert not told.gone(str(etc / "old.conf"))
    assert not told.gone(str(etc / "big0.cfg"))


def test_an_answer_that_did_not_arrive_whole_is_not_kept() -> None:
    target = Target("1", "h", (), files=("/etc/a", "/etc/b*"))
    section = files_section(target.files)
    raw = Exchange(
        "ssh", section.command, b"=file /etc/a\n=at /etc/a\n password=" + SECRET.encode(), Outcome.TIMEOUT
    )
    kept = without_secrets([raw], section, target)
    assert [(one.question, one.answer, one.outcome) for one in kept] == [
        ("file /etc/a", b"", Outcome.TIMEOUT),
        ("file /etc/b*", b"", Outcome.TIMEOUT),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        "=file /etc/shadow\n=at /etc/shadow\n root:x\n=end /etc/shadow\n",  # nobody asked for it
        "=file /etc/a\n=at /etc/shadow\n root:x\n=end /etc/a\n",  # a link the host did not refuse
        "=file /etc/a\n root:x\n=end /etc/a\n",  # not said where it leads
        "=file /etc/a\n=at /etc/a\n root:x\n",  # without its end
        "=file /etc/a\n=at /etc/a\n root:x\n=end /etc/b\n",
        "=what /etc/a\n",
        "",
    ],
)
def test_an_answer_that_is_not_ours_is_no_reading(answer: str) -> None:
    target = Target("1", "h", (), files=("/etc/a",))
    section = files_section(target.files)
    kept = without_secrets([Exchange("ssh", section.command, answer.encode())], section, target)
    assert "root:x" not in repr(kept)
    told = chosen_files(kept)
    assert told is not None
    assert [one.path for one in told.files] == ["/etc/a"]
    assert told.files[0].outcome is not Outcome.OK


@pytest.mark.parametrize(
    "path",
    [
        "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/SHADOW", "/etc/../etc/shadow", "/etc/./x",
        "etc/x", "", "/", "/proc/1/environ", "/sys/x", "/dev/sda", "/root/.ssh/config",
        "/etc/ssl/private/x.pem", "/etc/ssl/site.key", "/etc/krb5.keytab", "/etc/*/x.conf", "/etc/$(id)",
        "/etc/a b", "/etc/a;b", "/etc/`x`", "/etc/a\nb", "/etc/é", "/etc/{a,b}", "/etc/[ab]", "/etc/'x'",
        '/etc/"x"', "/etc/a\\b", "/etc/ssh/ssh_host_*_key", "/etc//x", "/etc/", "/etc/\x00",
        "/" + "a" * 300, "/home/x/.bash_history", "/etc/x.p12", "/etc/~x", "/etc/!x",
    ],
)  # fmt: skip
def test_these_paths_are_refused_with_a_sentence(path: str) -> None:
    assert refuse_path(path)
    assert permitted((path,)) == ()


@pytest.mark.parametrize(
    "path",
    [
        "/etc/ssh/sshd_config", "/etc/fstab", "/etc/hosts", "/etc/nginx/conf.d/*.conf", "/etc/my.cnf",
        "/etc/crontab", "/etc/security/limits.conf", "/etc/sysctl.d/9?-*.conf",
        "/etc/systemd/system/getty@.service", "/etc/sudoers",
    ],
)  # fmt: skip
def test_these_paths_are_read(path: str) -> None:
    assert refuse_path(path) == ""


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_whatever_passes_the_guard_is_one_plain_word_of_a_shell(text: str) -> None:
    path = f"/etc/{text}"
    if not refuse_path(path):
        assert not set(path) & set(" \t\n\r'\"\\$`;&|<>(){}[]!#~^\x00")
        assert ".." not in path.split("/")


def test_the_list_means_the_same_to_a_shell_and_to_us() -> None:
    samples = [one.replace("*", "x").replace("?", "y") for one in NEVER] + [
        "/etc/hosts",
        "/etc/ssh/sshd_config",
    ]
    script = "".join(f"case {one} in {'|'.join(NEVER)}) echo 1;; *) echo 0;; esac\n" for one in samples)
    answer = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert answer == ["1" if never_read(one) else "0" for one in samples]
    assert answer[-2:] == ["0", "0"]


def test_a_pattern_fits_as_a_shell_sees_it() -> None:
    assert matches("/etc/a.conf", "/etc/*.conf")
    assert matches("/etc/a", "/etc/a")
    assert not matches("/etc/.a.conf", "/etc/*.conf")
    assert not matches("/etc/x/a.conf", "/etc/*.conf")


def test_a_target_keeps_its_files_on_its_way() -> None:
    target = Target("1", "h", (), files=("/etc/a",))
    assert target_of(document_of(target)) == target
    old = document_of(target)
    del old["files"]
    assert target_of(old).files == ()


BUSYBOX = shutil.which("busybox")


def test_a_host_without_readlink_resolves_links_with_perl(etc: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "cat", "perl", "tr", "wc", "head", "sed", "grep"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (etc / "a.conf").write_text(f"token: {SECRET}\nlast\n")
    (etc / "real").write_text("behind a link\n")
    (etc / "b.conf").symlink_to(etc / "real")
    (etc / "c.conf").symlink_to("/etc/shadow")
    (etc / "d.conf").symlink_to(etc / "nowhere")
    target = Target("1", "h", (), files=(f"{etc}/*.conf", f"{etc}/none", f"{etc}"))
    section = section_for(target, "aix")
    assert section is not None
    assert section_for(target, "windows") is None
    told = _run(programs, section, target)
    assert texts(told) == {"a.conf": "token: <hidden>\nlast\n", "b.conf": "behind a link\n"}
    assert {name: reason[:20] for name, reason in reasons(told).items()} == {
        "c.conf": "It leads to a file t",
        "none": "The host has no such",
        "etc": "This is a folder. Ch",
    }


@pytest.mark.skipif(BUSYBOX is None, reason="the package busybox is not installed")
def test_a_busybox_reads_them_alike(etc: Path, tmp_path: Path) -> None:
    applets = tmp_path / "bin"
    applets.mkdir()
    subprocess.run([str(BUSYBOX), "--install", "-s", str(applets)], check=True)
    (etc / "a.conf").write_text(f"token: {SECRET}\nlast line without an end")
    (etc / "b.conf").symlink_to("/etc/shadow")
    target = Target("1", "h", (), files=(f"{etc}/*.conf", f"{etc}/none"))
    told = _run(applets, files_section(target.files), target)
    assert texts(told) == {"a.conf": "token: <hidden>\nlast line without an end\n"}
    assert set(reasons(told)) == {"b.conf", "none"}


def _run(programs: Path, section: Section, target: Target) -> ChosenFiles:
    """What a host says that has these programs and no others."""
    marker_line = linux_script.new_marker()
    script = linux_script.build_script(marker_line, [section])
    answer = subprocess.run(
        [str(programs / "sh"), "-c", 'eval "$(cat)"'],
        input=f"PATH={programs};{script[script.index(';') + 1 :]}".encode(),
        capture_output=True,
        timeout=60,
        env={"PATH": str(programs)},
    )
    exchanges, complete = linux_script.split_output(
        answer.stdout, answer.stderr, marker_line, transport="ssh", sections=[section]
    )
    assert complete
    told = chosen_files(without_secrets(exchanges, section, target))
    assert told is not None
    return told
