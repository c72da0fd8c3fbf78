"""The runbooks that come with the product: right as far as a machine can tell, and found when needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from servicedesk.cli.runbook import runbook as command
from servicedesk.core.folders import top_folder
from servicedesk.inspections import on_demand
from servicedesk.runbooks import library, linting
from servicedesk.runbooks.definition import CATEGORIES, CAUSES
from servicedesk.runbooks.labels import CAUSES as CAUSE_LABELS
from servicedesk.runbooks.labels import ICONS, KINDS
from servicedesk.runbooks.library import Situation
from servicedesk.runbooks.rendering import markdown
from tests.servicedesk.runbooks.texts import EVERY_KIND

FILES = sorted(top_folder("runbooks").glob("*.md"))

# Checks that no runbook treats yet. Shorten this list, never lengthen it without a reason beside it.
WITHOUT = {
    "sensor_count",  # means something else on every device
    "sensor_energy",  # a meter
    "sensor_percent",  # means something else on every device
    "sensor_power_factor",  # a figure of the supply that nobody repairs, without levels of its own
    "sensor_signal",  # of radio links, none of which is on record
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_runbook_is_right(path: Path) -> None:
    found, problems = linting.lint_file(path, library.known())
    assert problems == []
    assert found is not None
    assert len(found.steps) >= 5
    assert found.sources
    for step in found.steps:
        for text in (step.body.en, step.body.zh):
            assert "<script" not in markdown(text)


def test_there_are_enough_and_all_are_offered() -> None:
    assert len(FILES) >= 30
    assert set(library.library()) == {path.stem for path in FILES}
    assert {runbook.category for runbook in library.library().values()} == set(CATEGORIES)


def test_checks_without_a_runbook_are_known() -> None:
    assert set(library.unserved(sorted(on_demand.checks()))) == WITHOUT


def test_commands_are_the_same_in_both_languages() -> None:
    """What is typed must not depend on the reader's language; words to be replaced and comments may."""

    def programs(text: str) -> list[str]:
        blocks = text.split("```")[1::2]
        return [line.split()[0] for block in blocks for line in block.splitlines()[1:] if line.split()]

    for runbook in library.library().values():
        for step in runbook.steps:
            english, chinese = programs(step.body.en), programs(step.body.zh)
            assert len(english) == len(chinese), (runbook.key, step.key)
            assert [word for word in english if not word.startswith(("#", "--"))] == [
                word for word in chinese if not word.startswith(("#", "--"))
            ], (runbook.key, step.key)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (Situation("fault", frozenset({"filesystem_used"}), "server"), "linux-disk-full"),
        (Situation("fault", frozenset({"interface_state"}), "switch"), "switch-port-down"),
        (Situation("fault", frozenset({"sensor_dbm"}), "switch"), "optic-power-low"),
        (Situation("fault", frozenset({"ups_minutes"}), "ups"), "ups-on-battery"),
        (Situation("fault", frozenset({"reachable"}), "router"), "device-unreachable"),
        (Situation("fault", words="三楼打印机缺墨粉"), "printer-supplies"),
        (Situation("fault", words="The toner is nearly empty"), "printer-supplies"),
        (Situation("general", words="新员工帐号开户"), "account-request"),
        (Situation("data_request", words="提取 2026 年门诊数据并脱敏"), "data-extraction"),
        (Situation("fault", frozenset({"raid_state"}), "server", "Hardware failure"), "raid-degraded"),
    ],
)
def test_the_runbook_that_fits_is_suggested(situation: Situation, expected: str) -> None:
    assert expected in [runbook.key for runbook in library.suggested(situation)]


@pytest.mark.parametrize(
    "situation",
    [
        Situation("fault"),
        Situation("fault", words="nothing anybody has heard of"),
        Situation("general", device_class="printer"),
        Situation("fault", frozenset({"toner_level"}), "printer"),
    ],
)
def test_nothing_is_suggested_by_the_category_or_class_alone(situation: Situation) -> None:
    assert library.suggested(situation) == []


def test_a_runbook_for_other_devices_is_not_suggested() -> None:
    keys = [one.key for one in library.suggested(Situation("fault", frozenset({"cpu_used"}), "switch"))]
    assert "switch-high-cpu" in keys
    assert "linux-high-load" not in keys


def test_every_word_has_its_label() -> None:
    assert set(CAUSES) == set(CAUSE_LABELS)
    assert set(KINDS) == set(ICONS)


def test_the_linter_names_file_and_line_and_fails(tmp_path: Path) -> None:
    good, bad = tmp_path / "every-kind.md", tmp_path / "other-name.md"
    good.write_text(EVERY_KIND, encoding="utf-8")
    bad.write_text(EVERY_KIND.replace("(approval)", "(aproval)"), encoding="utf-8")
    (tmp_path / "latin.md").write_bytes(b"\xff\xfe\x00")
    runner = CliRunner()
    fine = runner.invoke(command, ["lint", str(good)])
    assert (fine.exit_code, "8 steps" in fine.output) == (0, True), fine.output
    mixed = runner.invoke(
        command, ["lint", *(str(tmp_path / name) for name in (good.name, bad.name, "latin.md", "no.md"))]
    )
    line = EVERY_KIND[: EVERY_KIND.index("(approval)")].count("\n") + 1
    assert mixed.exit_code == 1
    assert f"other-name.md:{line}: unknown kind 'aproval'" in mixed.output
    assert "latin.md:1: it is not UTF-8 text" in mixed.output
    assert "no.md:1: it cannot be read" in mixed.output
    assert "4 files, 3 with problems" in mixed.output


def test_a_broken_file_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "every-kind.md").write_text(EVERY_KIND, encoding="utf-8")
    (tmp_path / "broken.md").write_text("nonsense", encoding="utf-8")
    monkeypatch.setattr(library, "top_folder", lambda _name: tmp_path)
    assert set(library.library.__wrapped__()) == {"every-kind"}
    assert "broken.md, line 1" in caplog.text
