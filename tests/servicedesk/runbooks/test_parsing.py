"""Reading runbook files: what is right is read whole, what is wrong is told with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.runbooks.definition import KINDS
from servicedesk.runbooks.linting import Known, lint_text
from servicedesk.runbooks.parsing import MAX_BYTES, parse_runbook
from servicedesk.runbooks.rendering import markdown
from tests.servicedesk.runbooks.texts import EVERY_KIND, FRONT

KNOWN = Known(frozenset({"filesystem_used"}), frozenset({"server"}), ("df -Pkl || df -Pk",))


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_file_is_read_whole() -> None:
    runbook, problems = lint_text(EVERY_KIND, KNOWN, key="every-kind")
    assert problems == []
    assert runbook is not None
    assert (runbook.key, runbook.version, runbook.minutes, runbook.role) == ("every-kind", 3, 10, "engineer")
    assert [step.kind for step in runbook.steps] == [
        "collect", "decision", "input", "input", "approval", "message", "wait", "handoff",
    ]  # fmt: skip
    look, which, _photo, count = runbook.steps[:4]
    assert (look.checks, look.show) == (("filesystem_used",), ("df -P*",))
    assert "## not a step" in look.body.en
    assert [(o.key, o.target, o.label.zh) for o in which.options] == [
        ("logs", "photo", "日志"),
        ("other", "sign", "其他"),
    ]
    assert (count.least, count.most, count.unit, count.mandatory) == (10, 40, "°C", False)


def test_windows_line_ends_make_no_difference() -> None:
    runbook, problems = parse_runbook(EVERY_KIND.replace("\n", "\r\n"))
    assert problems == []
    assert runbook is not None
    assert len(runbook.steps) == 8


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("version: 3", "version: three", "version:", "whole number"),
        ("version: 3", "version: ３", "version:", "whole number"),
        ("minutes: 10\n", "minutes: 10\nminutes: 11\n", "minutes: 11", "twice"),
        ("category: fault", "colour: red", "colour:", "unknown name"),
        ("category: fault", "category: nonsense", "category:", "no such category"),
        ("checks: filesystem_used", "checks: filesystem_usd", "checks:", "filesystem_usd"),
        ("causes: capacity", "causes: bad_luck", "causes:", "bad_luck"),
        ("classes: server", "classes: toaster", "classes:", "toaster"),
        ("title_zh: 每种步骤各一个", "title_zh: in English", "title_zh:", "not Chinese"),
        ("## look (collect)", "## Look (collect)", "## Look", "a step begins with"),
        ("## look (collect)", "## look (collects)", "## look", "unknown kind"),
        ("## sign (approval)", "## look (approval)", "## look (approval)", "taken"),
        ("- by: supervisor", "- by: the boss", "## sign", "by: one of"),
        ("- by: supervisor\n", "", "## sign", "needs - by"),
        ("- to: requester", "- to: everybody", "## tell", "to: requester or internal"),
        ("- field: photo", "- field: smell", "## photo", "field: one of"),
        ("- minutes: 10", "- minutes: 0", "## again", "from 1 to 1440"),
        ("- minutes: 10", "- minutes: nan", "## again", "usable number"),
        ("- min: 10", "- min: 50", "## count", "larger than max"),
        ("| Logs | 日志", "| Logs", "- option: logs", "write - option"),
        ("logs -> photo", "logs -> look", "## which", "no later step 'look'"),
        ("logs -> photo", "logs -> nowhere", "## which", "no later step 'nowhere'"),
        ("logs -> photo |", "logs -> again |", "", ""),
        ("- show: df -P*", "- show: rm -rf *", "## look", "no visit asks 'rm -rf *'"),
        ("### zh: 查看\n", "", "## look", "has no ### zh"),
        ("### en: Look\n", "### de: Schau\n", "### de", "### en: Title"),
        ("### en: Which?", "stray words\n\n### en: Which?", "stray", "only settings"),
        ("We have begun.", "", "## tell", "needs the words of the message"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(old: str, new: str, at: str, words: str) -> None:
    assert old in EVERY_KIND
    text = EVERY_KIND.replace(old, new, 1)
    runbook, problems = lint_text(text, KNOWN, key="every-kind")
    if not words:
        assert runbook is not None
        return
    assert runbook is None
    assert (line_of(text, at), True) in {(p.line, words in p.message) for p in problems}, problems


def test_a_step_nobody_reaches_is_a_mistake() -> None:
    text = EVERY_KIND.replace("## sign (approval)\n", "## sign (approval)\n- next: end\n")
    _runbook, problems = lint_text(text, KNOWN)
    assert [problem.message for problem in problems] == ["no step leads to 'tell'"]


@pytest.mark.parametrize(
    "text",
    ["", "---", "no front matter", FRONT, "\x00" + EVERY_KIND, "\ufeff" + EVERY_KIND, "x" * (MAX_BYTES + 1),
     EVERY_KIND + "\n```\nnever closed", FRONT.replace("---\n", "---\n---\n", 1), "# " + "\u202e" * 50],
)  # fmt: skip
def test_hostile_or_broken_text_is_refused_with_a_reason(text: str) -> None:
    runbook, problems = parse_runbook(text)
    assert runbook is None
    assert problems
    assert problems[0].line >= 1


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300), st.integers(0, len(EVERY_KIND)))
@settings(max_examples=60)
def test_whatever_is_typed_somewhere_never_breaks_the_reader(piece: str, at: int) -> None:
    runbook, problems = parse_runbook(EVERY_KIND[:at] + piece + EVERY_KIND[at:])
    assert (runbook is None) == bool(problems)


def test_every_kind_is_in_the_example() -> None:
    runbook, _problems = parse_runbook(EVERY_KIND.replace("(approval)\n- by: supervisor", "(manual)"))
    assert runbook is not None
    assert {step.kind for step in runbook.steps} | {"approval"} == set(KINDS)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", "href"),
        ("[x](data:text/html,x)", "href"),
        ("![x](https://example.org/pixel.png)", "<img"),
        ('<a href="x" onclick="y">z</a>', "<a "),
        ("`<b>`", "<b>"),
    ],
)
def test_nothing_dangerous_is_rendered(text: str, absent: str) -> None:
    assert absent not in markdown(text)


def test_plain_markdown_is_rendered() -> None:
    assert "<code>df -h</code>" in markdown("`df -h`")
    assert '<a href="https://example.org/">' in markdown("[manual](https://example.org/)")
