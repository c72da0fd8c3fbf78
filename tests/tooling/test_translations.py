"""The check of translations finds what it is for."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel import Locale
from babel.support import Translations

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(tmp_path: Path) -> ModuleType:
    """The script, working on a copy with two messages."""
    spec = importlib.util.spec_from_file_location("translations_copy", ROOT / "scripts" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    for folder in ("servicedesk", "collectors", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "servicedesk" / "words.py").write_text('_("Save")\n_("Delete %(name)s?", name=1)\n')
    module.ROOT = tmp_path
    module.FOLDER = tmp_path / "servicedesk" / "translations"
    module.update()
    return module


def translate(tool: ModuleType, message: str, translation: str) -> None:
    path = tool.po_path("zh_CN")
    text = path.read_text(encoding="utf-8")
    old = f'msgid "{message}"\nmsgstr ""\n'
    assert old in text
    path.write_text(text.replace(old, f'msgid "{message}"\nmsgstr "{translation}"\n'), encoding="utf-8")


def test_a_complete_catalogue_has_no_problems_and_can_be_compiled(tool: ModuleType) -> None:
    translate(tool, "Save", "保存")
    translate(tool, "Delete %(name)s?", "删除 %(name)s？")
    assert list(tool.problems()) == []
    assert tool.compile_all() == 0
    assert tool.mo_path("zh_CN").stat().st_size > 0


def test_a_message_without_a_translation_is_found(tool: ModuleType) -> None:
    translate(tool, "Save", "保存")
    assert list(tool.problems()) == ["zh_CN: no translation of 'Delete %(name)s?'"]


def test_a_lost_placeholder_is_found(tool: ModuleType) -> None:
    translate(tool, "Save", "保存")
    translate(tool, "Delete %(name)s?", "删除吗？")
    assert list(tool.problems()) == ["zh_CN: other placeholders than in 'Delete %(name)s?'"]


def test_a_fuzzy_translation_is_found(tool: ModuleType) -> None:
    translate(tool, "Save", "保存")
    translate(tool, "Delete %(name)s?", "删除 %(name)s？")
    path = tool.po_path("zh_CN")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('msgid "Save"', '#, fuzzy\nmsgid "Save"'), encoding="utf-8")
    assert list(tool.problems()) == ["zh_CN: fuzzy translation of 'Save'"]


def test_an_obsolete_message_makes_the_catalogue_out_of_date(tool: ModuleType) -> None:
    translate(tool, "Save", "保存")
    translate(tool, "Delete %(name)s?", "删除 %(name)s？")
    (tool.ROOT / "servicedesk" / "words.py").write_text('_("Delete %(name)s?", name=1)\n')
    assert any("not up to date" in problem for problem in tool.problems())


def test_one_word_with_two_contexts_is_translated_twice(tool: ModuleType) -> None:
    (tool.ROOT / "servicedesk" / "more.py").write_text('pgettext("time", "Save")\n')
    translate(tool, "Save", "保存")
    translate(tool, "Delete %(name)s?", "删除 %(name)s？")
    tool.update()
    assert list(tool.problems()) == ["zh_CN: no translation of 'Save'"]


def test_the_compiled_catalogue_is_where_babel_looks_for_it(tool: ModuleType) -> None:
    translate(tool, "Save", "保存")
    tool.compile_all()
    assert Translations.load(str(tool.FOLDER), [Locale.parse("zh_CN")]).gettext("Save") == "保存"


def test_the_catalogues_of_the_product_are_complete() -> None:
    command = [sys.executable, "scripts/translations.py", "check"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def test_a_new_message_makes_the_catalogue_out_of_date(tool: ModuleType) -> None:
    translate(tool, "Save", "保存")
    translate(tool, "Delete %(name)s?", "删除 %(name)s？")
    (tool.ROOT / "servicedesk" / "more.py").write_text('_("Print")\n')
    assert any("not up to date" in problem for problem in tool.problems())


def test_an_update_keeps_what_was_translated(tool: ModuleType) -> None:
    translate(tool, "Save", "保存")
    (tool.ROOT / "servicedesk" / "more.py").write_text('_("Print")\n')
    tool.update()
    assert 'msgid "Save"\nmsgstr "保存"' in tool.po_path("zh_CN").read_text(encoding="utf-8")


def test_chinese_in_a_script_of_the_pages_is_found(tool: ModuleType) -> None:
    folder = tool.ROOT / "servicedesk" / "static" / "js"
    folder.mkdir(parents=True)
    (folder / "app.js").write_text('no.textContent = "取消";\n', encoding="utf-8")
    assert any("app.js:1" in problem for problem in tool.problems())


def test_chinese_in_the_source_is_found(tool: ModuleType) -> None:
    (tool.ROOT / "templates" / "page.html").write_text("<p>保存</p>\n", encoding="utf-8")
    assert any("outside the catalogue" in problem for problem in tool.problems())


def test_names_that_platform_definitions_give_are_messages(tool: ModuleType) -> None:
    folder = tool.ROOT / "collectors" / "platforms"
    folder.mkdir()
    (folder / "box.toml").write_text(
        """
[[platform]]
name = "box"
[[platform.sensors]]
name = ["{descr}", "Fan {index}"]
[[platform.states]]
name = "Battery Status"
[[platform.memory]]
name = "1.3.6.1.2.1.1.1@{i1}"
[[platform.memory]]
name = "{index}"
"""
    )
    assert sorted(tool.names_given()) == ["Battery Status", "Fan %(index)s"]
    tool.update()
    assert "zh_CN: no translation of 'Battery Status'" in list(tool.problems())
