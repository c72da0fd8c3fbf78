"""Both languages, whole pages: nobody meets the other one."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import force_locale

from servicedesk.core.db import unit_of_work
from servicedesk.core.i18n import enumeration
from servicedesk.equipment.stocktaking import service as stocktaking
from tests.servicedesk.world import Browser, World

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PAGES = (
    "/",
    "/tickets/",
    "/tickets/new",
    "/tickets/new/change",
    "/inspections/",
    "/equipment/devices",
    "/accounts",
    "/approvals/",
    "/approvals/stand-ins",
    "/approvals/definitions/",
    "/approvals/definitions/new?key=change_high_risk",
    "/notifications/",
    "/notifications/preferences",
    "/equipment/stock-taking/",
    "/equipment/stock-taking/new",
    "/equipment/licences/",
    "/equipment/licences/new",
    "/equipment/software/",
    "/equipment/modules/",
    "/equipment/imports",
    "/equipment/discovery/",
    "/equipment/credentials/",
    "/equipment/jump-hosts/",
    "/equipment/stock/",
    "/equipment/documents/",
    "/inspections/files/",
    "/inspections/own-checks/",
    "/inspections/coverage/",
    "/inspections/levels/",
    "/repairs/",
    "/maintenance/due",
)
# Words that English has one of and Chinese several: the page, what it says, and what it means elsewhere.
SAME_IN_ENGLISH = (
    ("/equipment/stock-taking/new", "开始盘点", "开始执行"),
    ("/equipment/stock-taking/{taking}", "盘点时间", "出现次数"),
    ("/equipment/documents/", "现行", "启用"),
    ("/accounts", "正常", "未关闭"),
)


def words(html: str) -> str:
    """The text a reader sees."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", html.split("<body", 1)[1], flags=re.S)
    return re.sub(r"<[^>]+>", " ", body)


@pytest.mark.parametrize("path", PAGES)
def test_an_english_page_has_no_chinese_but_the_language_button(app: Flask, world: World, path: str) -> None:
    browser = Browser(app, "sue")
    browser.post("/language", locale="en")
    assert CHINESE.findall(words(browser.get(path).text).replace("中文", "")) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_chinese_page_has_no_english_sentence(app: Flask, world: World, path: str) -> None:
    browser = Browser(app, "sue")
    browser.post("/language", locale="zh_CN")
    text = words(browser.get(path).text)
    assert CHINESE.search(text)
    # Two English words in a row are a sentence nobody translated; names of things stand alone.
    known = ("North site", "South site", "Service Desk")
    pairs = re.findall(r"\b[A-Za-z]{3,} [a-z]{3,}\b", text)
    assert [pair for pair in pairs if not pair.startswith(known)] == []


@pytest.mark.parametrize(("path", "said", "elsewhere"), SAME_IN_ENGLISH)
def test_a_word_means_what_it_means_on_its_page(
    app: Flask, world: World, path: str, said: str, elsewhere: str
) -> None:
    world.device("sw1")
    with unit_of_work():
        taking = stocktaking.begin(world.sites["north-1"], None, actor=world.actor("emma"), now=world.now)
    browser = Browser(app, "sue")
    browser.post("/language", locale="zh_CN")
    text = words(browser.get(path.format(taking=taking.id)).text)
    assert said in text
    assert elsewhere not in text


def test_the_browser_chooses_the_language_of_the_sign_in_page(app: Flask, world: World) -> None:
    browser = Browser(app)
    assert "登录" in browser.get("/sign-in", Accept_Language="zh-CN,zh;q=0.9").text
    assert "Sign in" in browser.get("/sign-in", Accept_Language="en-GB").text


def test_an_error_page_speaks_the_language_too(app: Flask, world: World) -> None:
    browser = Browser(app, "sue")
    browser.post("/language", locale="zh_CN")
    answer = browser.get("/tickets/999999")
    assert answer.status_code == 404
    assert CHINESE.search(words(answer.text).replace("中文", ""))


@pytest.mark.parametrize(("locale", "language", "other"), [("zh_CN", "zh-CN", "en"), ("en", "en", "zh_CN")])
def test_a_page_names_its_language_and_offers_the_other(
    app: Flask, world: World, locale: str, language: str, other: str
) -> None:
    browser = Browser(app, "sue")
    browser.post("/language", locale=locale)
    page = browser.get("/").text
    assert f'<html lang="{language}">' in page
    assert f'name="locale" value="{other}"' in page


def test_the_form_library_speaks_the_language_too(app: Flask, world: World) -> None:
    browser = Browser(app, "sue")
    browser.post("/language", locale="zh_CN")
    answer = browser.post("/tickets/new/fault", title="")
    assert answer.status_code == 422
    assert "该字段是必填字段" in answer.text


def test_names_in_a_row_are_separated_as_the_language_does_it(app: Flask) -> None:
    with app.test_request_context():
        with force_locale("zh_CN"):
            assert enumeration(["故障诊断", "处理过程"]) == "故障诊断、处理过程"
        with force_locale("en"):
            assert enumeration(["Diagnosis", "What was done"]) == "Diagnosis, What was done"
        assert enumeration([]) == ""
