"""The scanner of a stock-taking: shown where the browser can read labels, and what is wrong is said."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from servicedesk.core.db import db
from servicedesk.equipment.stocktaking import service
from tests.browser.conftest import Screen
from tests.servicedesk.equipment.stocktaking.test_stocktaking import begun
from tests.servicedesk.world import PASSWORD, World, fresh

# A detector that sees one label for a while, then another; a camera that is a drawing.
SEES = """
  window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["qr_code"]; }
    async detect() {
      window.looks = (window.looks ?? 0) + 1;
      return [{ rawValue: window.looks < 8 ? "sw1" : "not ours" }];
    }
  };
"""
DRAWING = """async () => {
  const canvas = document.createElement("canvas");
  setInterval(() => canvas.getContext("2d").fillRect(Math.random() * 90, 0, 9, 9), 50);
  return canvas.captureStream();
}"""


def camera(answer: str) -> str:
    return f"navigator.mediaDevices.getUserMedia = {answer};"


def refusal(name: str) -> str:
    return camera(f"async () => {{ throw new DOMException('', '{name}'); }}")


def test_without_a_detector_there_is_no_button(screen: Screen, world: World) -> None:
    world.device("sw1")
    taking = begun(world, None)
    page = screen.sign_in("sue", PASSWORD)
    page.add_init_script("delete window.BarcodeDetector;")
    page.goto(f"/equipment/stock-taking/{taking.id}")
    expect(page.locator("#count-form")).to_be_visible()
    expect(page.locator("#scanner")).to_be_hidden()


def test_labels_are_counted_one_after_the_other(screen: Screen, world: World) -> None:
    world.device("sw1")
    taking = begun(world, None)
    page = screen.sign_in("sue", PASSWORD)
    page.add_init_script(SEES + camera(DRAWING))
    page.goto(f"/equipment/stock-taking/{taking.id}")
    page.get_by_role("button", name="Scan on this page").click()
    expect(page.locator("[data-scan-told]")).to_have_text("sw1 is here.")
    expect(page.locator("[data-scan-told]")).to_contain_text("No device has the label")
    with page.expect_navigation():
        page.get_by_role("button", name="Stop scanning").click()
    expect(page.locator(".figure b").first).to_have_text("1 / 1")
    fresh()
    assert service.tally(db.session.merge(taking)) == {"here": 1, "missing": 0, "surplus": 0}
    # The label that is not ours is answered with a status the console speaks of.
    screen.complaints = [told for told in screen.complaints if "422" not in told]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "未允许本页使用摄像头"),
        ("NotFoundError", "此设备没有摄像头"),
        ("NotReadableError", "摄像头正被其他程序占用"),
        ("AbortError", "无法使用摄像头"),
    ],
)
def test_what_is_wrong_with_the_camera_is_said(screen: Screen, world: World, name: str, words: str) -> None:
    world.device("sw1")
    taking = begun(world, None)
    page = screen.sign_in("sue", PASSWORD, "zh-CN")
    page.add_init_script(SEES + refusal(name))
    page.goto(f"/equipment/stock-taking/{taking.id}")
    page.locator("[data-scan-begin]").click()
    expect(page.locator("[data-scan-told]")).to_contain_text(words)
    expect(page.locator("[data-scan-begin]")).to_be_visible()
