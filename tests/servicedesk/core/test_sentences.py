"""Sentences that collectors stored in English are read in Chinese, and nothing else is touched."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

import collectors
from collectors.errors import ParseError
from collectors.facts.cli.values import STATE_WORDS
from collectors.platforms.definitions import definitions
from servicedesk.core import sentences
from servicedesk.core.filters import message
from servicedesk.core.sentences import Sentences, Template, render, template_of, translate
from servicedesk.inspections.runs import NO_ACCESS

PO = sentences.TRANSLATIONS / "zh_CN" / "LC_MESSAGES" / "messages.po"
TRANSLATE = Path(__file__).resolve().parents[3] / "scripts" / "translations.py"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")

SILENT = (
    "10.0.0.9 UDP port 161 stays silent: wrong community, version or address. Check them, the device's list"
    " of allowed managers, and the firewall."
)
REFUSED = "The device refuses the login of root: check user name and credential. It was tried once only."
FELL_SILENT = "The agent answered at first and then fell silent."


def catalogue() -> dict[str, str]:
    """The Chinese messages as people keep them."""
    with PO.open("rb") as file:
        messages = [one for one in read_po(file, locale="zh_CN") if one.id and one.context is None]
    return {one.id: str(one.string) for one in messages if isinstance(one.id, str)}


@pytest.fixture(scope="module")
def chinese() -> Sentences:
    return Sentences(catalogue())


def marked() -> list[str]:
    """Every template of the collectors that has placeholders."""
    found: set[str] = set()
    for path in Path(collectors.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "N_":
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
                found.add(str(node.args[0].value))
    return sorted(text for text in found if PLACEHOLDER.search(text))


def example(template: str) -> dict[str, str]:
    """Values such as collectors put in."""
    names = PLACEHOLDER.findall(template)
    own = {"reason": FELL_SILENT, "address": "fe80::1", "user": "net admin"}
    return {name: own.get(name, "17" if name in sentences._NUMBERS else f"/a/{name}-1") for name in names}


def test_a_silent_device_is_told_in_chinese(chinese: Sentences) -> None:
    told = chinese.translate(SILENT)
    assert told.startswith("10.0.0.9 的 UDP 端口 161 无应答")
    assert told.endswith("防火墙。")


def test_a_refused_password_keeps_the_name_of_the_user(chinese: Sentences) -> None:
    assert chinese.translate(REFUSED).startswith("设备拒绝 root 登录：")


def test_a_user_named_like_a_button_keeps_the_name(chinese: Sentences) -> None:
    assert "Save" in catalogue()
    assert "设备拒绝 Save 登录" in chinese.translate(REFUSED.replace("root", "Save"))


def test_the_sentences_of_two_accesses_are_both_translated(chinese: Sentences) -> None:
    assert chinese.translate(f"{REFUSED} {SILENT}") == chinese.translate(REFUSED) + chinese.translate(SILENT)


def test_a_value_at_the_end_does_not_swallow_the_next_sentence(chinese: Sentences) -> None:
    told = chinese.translate(f"The host cannot tell: sudo: no. {FELL_SILENT}")
    assert told == "主机无法给出：sudo: no. 代理起初有应答，随后无应答。"


def test_a_sentence_within_a_sentence_is_translated(chinese: Sentences) -> None:
    told = chinese.translate("10.0.0.9 port 22 cannot be reached: No route to host.")
    assert told == "无法连接 10.0.0.9 的端口 22：没有到主机的路由。"
    assert chinese.translate(f"Not visited: {REFUSED}").count("设备拒绝 root 登录") == 1


@pytest.mark.parametrize(
    ("told", "shown"), [("Not visited", "未采集"), ("Jump host bastion-1", "跳板机 bastion-1")]
)
def test_a_reason_of_several_sentences_stays_behind_what_it_explains(
    chinese: Sentences, told: str, shown: str
) -> None:
    reason = (
        "The host key is not yet approved: the device shows ssh-ed25519 SHA256:ab. Compare it with the device"
        " and approve it; nothing was sent to the device."
    )
    known = (
        "主机密钥尚未批准：设备出示的是 ssh-ed25519 SHA256:ab。请与设备核对后批准；没有向设备发送任何内容。"
    )
    assert chinese.translate(f"{told}: {reason}") == f"{shown}：{known}"


def test_a_clause_is_no_name(chinese: Sentences) -> None:
    assert chinese.translate("R-2026-7 sent to Acme") == "R-2026-7 送 Acme"
    text = "Compare both; nothing was sent to the device."
    assert chinese.translate(text) == text


def test_the_words_of_a_system_we_do_not_know_stay_within(chinese: Sentences) -> None:
    told = chinese.translate("10.0.0.9 port 22 cannot be reached: Protocol not available.")
    assert told == "无法连接 10.0.0.9 的端口 22：Protocol not available。"


@pytest.mark.parametrize("question", ["walk 1.3.6.1.2.1.2.2", "awk '{print: $1}' /proc/stat"])
def test_a_question_stays_in_front_of_what_went_wrong(chinese: Sentences, question: str) -> None:
    assert chinese.translate(f"{question}: {FELL_SILENT}") == f"{question}: 代理起初有应答，随后无应答。"


def test_a_line_of_an_answer_that_cannot_be_read(chinese: Sentences) -> None:
    error = ParseError("expected ten columns", 3)
    assert str(error) == "line 3: expected ten columns"
    assert chinese.translate(f"chronyc sources: {error}") == "chronyc sources: 第 3 行：应为十列"


def test_names_that_definitions_give_are_translated_with_their_number(chinese: Sentences) -> None:
    assert chinese.translate("Fan 3") == "风扇 3"
    assert chinese.translate("Fan of the left") == "Fan of the left"
    assert chinese.translate("Physical Memory") == "物理内存"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "GigabitEthernet0/0/1",
        "notSupply",
        "10.0.0.9 refuses TCP port 22",
        "10.0.0.9 refuses TCP port many: is the SSH service running there?",
        " refuses TCP port 22: is the SSH service running there?",
        "the device refuses the login of root: check user name and credential. It was tried once only.",
        "router: up: ok",
        f"{FELL_SILENT} And then something nobody wrote.",
        "x" * 5000,
        f"{'a: ' * 900}end",
    ],
)
def test_what_only_looks_similar_is_left_alone(chinese: Sentences, text: str) -> None:
    assert chinese.translate(text) == text


@pytest.mark.parametrize(
    "value", ["100%", "%s", "%(user)s", "%(reason)d %%", "(((", "[a-z]+$", "\\1", "{0}", "\n"]
)
def test_hostile_values_come_out_as_they_went_in(chinese: Sentences, value: str) -> None:
    told = chinese.translate(REFUSED.replace("root", value))
    assert told == f"设备拒绝 {value} 登录：请检查用户名和凭据。只尝试了一次。"
    assert chinese.translate(value) == value


@pytest.mark.parametrize("template", marked())
def test_every_template_of_the_collectors_is_found_again(chinese: Sentences, template: str) -> None:
    values = example(template)
    told = chinese.translate(template % values)
    expected = {**values, "reason": chinese.translate(FELL_SILENT)}
    assert told == catalogue()[template] % expected


def test_a_repeated_value_must_be_the_same_everywhere() -> None:
    known = Sentences({"%(name)s is not %(name)s": "%(name)s！"})
    assert known.translate("x is not x") == "x！"
    assert known.translate("x is not y") == "x is not y"


def test_a_percent_sign_of_a_template_is_one_in_the_sentence() -> None:
    known = Sentences({"%(value)s %% are in use": "已用 %(value)s%%", "50 %% at most": "最多 50%%"})
    assert known.translate("9 % are in use") == "已用 9%"
    assert known.translate("50 % at most") == "最多 50%"


def test_the_template_with_most_words_of_its_own_wins() -> None:
    known = Sentences({"%(a)s answers late": "甲", "%(a)s of the agent answers late": "乙"})
    assert known.translate("port 3 of the agent answers late") == "乙"


def test_a_template_without_words_explains_nothing() -> None:
    known = Sentences({"%(name)s: %(text)s": "错", "%(name)s %(text)s": "错"})
    assert known.translate("one: two") == "one: two"


def test_a_list_of_messages_takes_few_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[str] = []
    fillings = Template.fillings

    def counted(self: Template, text: str) -> Any:
        attempts.append(text)
        return fillings(self, text)

    monkeypatch.setattr(Template, "fillings", counted)
    known = Sentences(catalogue())
    texts = [SILENT.replace("0.9", f"0.{number}") for number in range(50)]
    assert len({known.translate(text) for text in texts}) == 50
    assert len(attempts) <= 4 * len(texts)
    attempts.clear()
    assert [known.translate(text) for text in texts]
    assert attempts == []


def test_a_hostile_text_is_given_up_after_few_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    one = Sentences._one

    def counted(self: Sentences, text: str) -> str | None:
        calls.append(text)
        return one(self, text)

    monkeypatch.setattr(Sentences, "_one", counted)
    text = "Is it? " * 280
    assert Sentences(catalogue()).translate(text) == text
    assert len(calls) < 20


def test_english_readers_get_what_was_stored(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert translate(SILENT) == SILENT
        assert message(SILENT) == SILENT
        assert render("Not visited: %(reason)s", {"reason": REFUSED}) == f"Not visited: {REFUSED}"


def test_without_a_reader_there_is_no_translation() -> None:
    assert translate(SILENT) == SILENT


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch, chinese: Sentences) -> None:
    """Compiled catalogues are not part of the source."""
    monkeypatch.setattr(sentences, "sentences_for", {"zh_Hans_CN": chinese, "en": None}.get)


@pytest.mark.usefixtures("in_chinese")
def test_filters_show_stored_sentences_in_the_readers_language(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_CN"):
        assert message(NO_ACCESS) != NO_ACCESS
        stored = {"template": "Anything: %(reason)s", "values": {"reason": REFUSED, "other": "Save"}}
        assert "设备拒绝 root 登录" in message(stored)
        assert message({"template": "", "values": {}}) == ""
        assert message({"template": "%(lost)s is gone", "values": {"other": 1}}) == "%(lost)s is gone"
        assert app.jinja_env.from_string("{{ text|sentence }}").render(text=None) == ""
        shown = app.jinja_env.from_string("{{ text|sentence }}").render(text=REFUSED.replace("root", "<b>"))
        assert "拒绝 &lt;b&gt; 登录" in shown


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The compiled catalogue is not part of the source; what asks for it has it made."""
    subprocess.run([sys.executable, str(TRANSLATE), "compile"], check=True)


def test_a_template_is_cut_at_its_placeholders() -> None:
    found = template_of("50%% of %(total)s: %(name)s", "")
    assert (found.pieces, found.names) == (("50% of ", ": ", ""), ("total", "name"))


STATES = "device state"


@pytest.mark.parametrize(
    ("template", "values", "shown"),
    [
        ("State: %(state)s", {"state": "low"}, "状态：低"),
        ("State: %(state)s", {"state": "batteryLow"}, "状态：电池电量低"),
        ("State: %(state)s", {"state": "door open, smoke"}, "状态：门打开, 有烟雾"),
        ("State: %(state)s", {"state": "Frobnicated"}, "状态：Frobnicated"),
        ("Does not run: %(state)s", {"state": "failed (auto-restart)"}, "故障 (自动重启中)"),
        ("Role %(role)s, state %(state)s", {"role": "master", "state": "–"}, "角色 主"),
    ],
)
@pytest.mark.usefixtures("compiled")
def test_a_known_state_is_told_in_the_readers_words(
    app: Flask, template: str, values: dict[str, str], shown: str
) -> None:
    with app.test_request_context(), force_locale("zh_CN"):
        assert shown in message({"template": template, "values": values})
        assert shown in translate(template % values)  # records keep some sentences filled in
        assert app.jinja_env.from_string("{{ word|state }}").render(word="batteryLow") == "电池电量低"
    with app.test_request_context(), force_locale("en"):
        assert message({"template": "State: %(state)s", "values": {"state": "OK"}}) == "State: OK"
        assert message({"template": "State: %(state)s", "values": {"state": "batteryLow"}}).endswith("low")


@pytest.mark.usefixtures("compiled")
def test_a_tickets_state_is_no_devices_state(app: Flask) -> None:
    template = "%(actor)s: %(act)s. %(number)s is now: %(state)s"
    values = {"actor": "Li", "act": "x", "number": "F-1", "state": "closed"}
    with app.test_request_context(), force_locale("zh_CN"):
        assert "closed" in render(template, values)


def test_the_sentences_with_states_are_the_checks_own() -> None:
    own = {text for text in marked() if "%(state)s" in text} | {"State: %(text)s"}
    assert own == sentences.STATED


def test_every_state_that_a_platform_maps_has_chinese_words() -> None:
    with PO.open("rb") as file:
        known = {one.id for one in read_po(file, locale="zh_CN") if one.context == STATES and one.string}
    mapped = {
        state[0]
        for platform in definitions().values()
        for table in platform.sensors
        for state in table.states.values()
    }
    words = {sentences.plain_state(word) for word in (*mapped, *STATE_WORDS)}
    assert len(words) > 500
    assert sorted(word for word in words if word and word not in known) == []
