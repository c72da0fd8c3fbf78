"""The scanner of a stock-taking: shown where a camera may be asked for, and what is wrong is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, expect

from servicedesk.core.db import db
from servicedesk.equipment.stocktaking import service
from tests.browser.conftest import Screen
from tests.conftest import program
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


def film(path: Path, labels: list[str], seconds: int = 2) -> Path:
    """What a camera sees: each label for so long on a table, three grey pictures a second (YUV4MPEG2)."""
    width, height = 640, 480
    grey = bytes([128]) * (width // 2 * (height // 2) * 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F3:1 Ip A1:1 C420mpeg2\n".encode())
        for label in labels:
            dots = [
                [int(dark) for dark in row] for row in segno.make_qr(label, error="m").matrix_iter(border=4)
            ]
            size = 240 // len(dots)
            picture = bytearray([150]) * (width * height)
            for y in range(len(dots) * size):
                line = b"".join(bytes([30 if dark else 230]) * size for dark in dots[y // size])
                at = (y + 100) * width + 200
                picture[at : at + len(line)] = line
            file.write((b"FRAME\n" + bytes(picture) + grey) * (3 * seconds))
    return path


@pytest.fixture
def filmed(chromium: Browser, tmp_path: Path) -> Iterator[Browser]:
    """A browser without a detector of its own, as Debian's is, whose camera sees two labels in turn."""
    seen = film(tmp_path / "camera.y4m", ["https://desk.example/r/not-ours", "sw1"])
    browser = chromium.browser_type.launch(
        executable_path=program("chromium"),
        args=[
            *("--no-sandbox", "--disable-dev-shm-usage", "--use-fake-ui-for-media-stream"),
            *("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={seen}"),
        ],
    )
    yield browser
    browser.close()


@pytest.mark.parametrize("width", [1440, 390], ids=["desktop", "phone"])
def test_a_camera_reads_labels_without_a_detector_of_the_browser(
    filmed: Browser, base_url: str, world: World, width: int
) -> None:
    world.device("sw1")
    taking = begun(world, None)
    screen = Screen(filmed, base_url, width)
    page = screen.sign_in("sue", PASSWORD)
    page.goto(f"/equipment/stock-taking/{taking.id}")
    assert not page.evaluate("'BarcodeDetector' in window")
    page.get_by_role("button", name="Scan on this page").click()
    told = page.locator("[data-scan-told]")
    expect(told).to_have_text("sw1 is here.", timeout=20_000)
    expect(told).to_contain_text("No device has the label", timeout=20_000)
    with page.expect_navigation():
        page.get_by_role("button", name="Stop scanning").click()
    expect(page.locator(".figure b").first).to_have_text("1 / 1")
    assert {text for text in screen.complaints if "422" not in text} == set()


def test_where_no_camera_may_be_asked_for_there_is_no_button(screen: Screen, world: World) -> None:
    world.device("sw1")
    taking = begun(world, None)
    page = screen.sign_in("sue", PASSWORD)
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined});")
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
