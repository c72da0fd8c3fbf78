"""Reviews in the browser: draw, tick, end, figures and files."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import db
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.reviewing.models import RecordReview
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import OK, inspect, judged
from tests.servicedesk.inspections.reviewing.test_reviews import READINGS, accept, begin, items, look, sign
from tests.servicedesk.world import Browser, World, fresh

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def run(world: World) -> InspectionRun:
    run = inspect(world.device(protocol="ssh", device_class="server"), READINGS, world.now)
    sign(world, run)
    return run


def ticks(review: RecordReview, **changed: str) -> dict[str, str]:
    return {f"state-{one.id}": "checked" for one in items(review)} | changed


def test_from_the_record_to_the_end_of_the_review(app: Flask, run: InspectionRun) -> None:
    browser = Browser(app, "sam")
    assert "Begin the review" in browser.get(f"/inspections/{run.id}").text
    answer = browser.post(f"/inspections/{run.id}/review")
    assert answer.status_code == 302
    fresh()
    review = db.session.query(RecordReview).one()
    path = f"/inspections/reviews/{review.id}"
    page = browser.get(path).text
    assert review.seed in page
    assert "the same sample" in page
    assert "/evidence?exchange=0&amp;line=2" in page
    browser.post(f"{path}/accept", note="")
    assert "6 items of the sample were not looked at." in browser.get(path).text
    first = items(review)[0]
    refused = browser.post(path, **ticks(review, **{f"state-{first.id}": "objected"}))
    assert refused.status_code == 422
    assert refused.text.count("checked>") + refused.text.count(" checked") >= 6
    objected = {f"state-{first.id}": "objected", f"remark-{first.id}": EVIL}
    assert browser.post(path, **ticks(review, **objected)).status_code == 302
    assert browser.post(f"{path}/accept", note="seen").status_code == 302
    page = Browser(app, "erik").get(f"/inspections/{run.id}").text
    assert "To amend, as the review asks" in page
    assert EVIL not in page
    fresh()
    assert run.reviewed_by == "Sam"
    assert review.seed in browser.get(f"/inspections/board/{run.id}/record.csv").text
    assert browser.get(f"/inspections/board/{run.id}/record.pdf").data.startswith(b"%PDF")


def test_accepting_past_the_sample_is_no_longer_possible(app: Flask, run: InspectionRun) -> None:
    assert Browser(app, "sam").post(f"/inspections/{run.id}/accept", note="fine").status_code == 404
    fresh()
    assert run.reviewed_at is None


def test_handed_back_from_the_review(app: Flask, world: World, run: InspectionRun) -> None:
    review = begin(world, run)
    browser = Browser(app, "sam")
    assert browser.post(f"/inspections/{run.id}/hand_back", note="Again, please.").status_code == 302
    fresh()
    assert (review.state, run.signed_at) == ("handed_back", None)


def test_a_long_sample_goes_page_by_page(app: Flask, world: World) -> None:
    readings = [judged(READINGS[-1].outcome, f"/full{n}", 95.0) for n in range(60)]
    run = inspect(world.device(protocol="ssh"), readings, world.now)
    sign(world, run)
    review = begin(world, run)
    browser = Browser(app, "sam")
    path = f"/inspections/reviews/{review.id}"
    assert 'id="item-50"' in browser.get(path).text
    assert 'id="item-51"' not in browser.get(path).text
    answer = browser.post(path, **ticks(review))
    assert answer.location.endswith("?after=50")
    assert 'id="item-51"' in browser.get(f"{path}?after=50").text


@pytest.mark.parametrize(
    ("who", "sample", "figures"),
    [("sam", 200, 200), ("erik", 200, 404), ("rita", 404, 404), ("stan", 404, 200), ("carl", 200, 404)],
)
def test_who_sees_samples_and_figures(
    app: Flask, world: World, run: InspectionRun, who: str, sample: int, figures: int
) -> None:
    review = begin(world, run)
    look(world, review)
    accept(world, review)
    browser = Browser(app, who)
    assert browser.get(f"/inspections/reviews/{review.id}").status_code == sample
    page = browser.get("/inspections/reviews/")
    assert page.status_code == figures
    assert ('<td class="name">Erik' in page.text) == (who == "sam")


def test_others_tick_nothing(app: Flask, world: World, run: InspectionRun) -> None:
    review = begin(world, run)
    assert Browser(app, "stan").post(f"/inspections/reviews/{review.id}", **ticks(review)).status_code == 404
    answer = Browser(app, "emma").post(f"/inspections/reviews/{review.id}", **ticks(review))
    fresh()
    assert (answer.status_code, {one.state for one in items(review)}) == (422, {""})


def test_the_list_takes_as_many_queries_for_many_and_is_a_file(
    app: Flask, world: World, run: InspectionRun
) -> None:
    def end(found: InspectionRun) -> None:
        review = begin(world, found)
        look(world, review)
        accept(world, review)

    end(run)
    browser = Browser(app, "sam")
    browser.get("/inspections/reviews/")
    with Queries() as one:
        browser.get("/inspections/reviews/")
    for number in range(4):
        found = inspect(world.device(f"more{number}", protocol="ssh"), [judged(OK)], world.now)
        sign(world, found)
        end(found)
    with Queries() as many:
        page = browser.get("/inspections/reviews/")
    assert many.count == one.count
    assert page.text.count("accepted") >= 5
    lines = browser.get("/inspections/reviews/?format=csv&days=90").text.strip().splitlines()
    assert len(lines) == 6


def test_the_sample_page_takes_as_many_queries_for_many_items(
    app: Flask, world: World, run: InspectionRun
) -> None:
    small = inspect(world.device("small", protocol="ssh"), [judged(OK)], world.now)
    sign(world, small)
    browser, counts = Browser(app, "sam"), []
    for found in (small, run):
        review = begin(world, found)
        with Queries() as asked:
            browser.get(f"/inspections/reviews/{review.id}")
        counts.append(asked.count)
    assert counts[0] == counts[1]
