"""Events in a reader's words."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from servicedesk.core.sentences import N_
from servicedesk.notifications.models import NotificationEvent
from servicedesk.notifications.texts import headline


@pytest.mark.parametrize(("actor_id", "who"), [(None, "巡检"), (7, "inspection")])
def test_the_systems_own_names_are_translated_and_persons_names_are_not(
    app: Flask, actor_id: int | None, who: str
) -> None:
    event = NotificationEvent(
        actor_id=actor_id,
        actor_name="inspection",
        template=N_("%(actor)s registered %(number)s"),
        values={"actor": "inspection", "number": "FLT-000001"},
    )
    with app.test_request_context(), force_locale("zh_CN"):
        said = headline(event)
    assert said.startswith(f"{who} ")
    assert said.endswith("FLT-000001")
