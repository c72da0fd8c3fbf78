"""No Redis: work is done when a test says so."""

from __future__ import annotations

import pytest
from redis import RedisError

from servicedesk.reports.deep import jobs


@pytest.fixture(autouse=True)
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is done when a test says so."""

    def gone(*_args: object, **_kwargs: object) -> None:
        raise RedisError("no Redis in this test")

    monkeypatch.setattr(jobs.Queues, "connect", gone)
