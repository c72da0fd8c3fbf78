"""The button that tries a login, and its result in the same place."""

from __future__ import annotations

import logging

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import login_required
from redis import RedisError

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.equipment import queries
from servicedesk.inspections.logins import service

bp = Blueprint("logins", __name__, url_prefix="/inspections/logins")
log = logging.getLogger(__name__)


@bp.post("/devices/<int:device_id>/<any(ssh, snmp):protocol>")
@login_required
def begin(device_id: int, protocol: str) -> ResponseReturnValue:
    """Try it; the answer is a part of the page that asks for the result."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    try:
        with unit_of_work():
            number = service.begin(device, protocol, actor=actor, now=utcnow()).id
    except DomainError as error:
        return render_template("inspections/_login.html", trial=None, message=str(error)), 200
    try:
        Queues.connect(runtime().settings).enqueue_trial(number)
    except RedisError:
        log.warning("trial %d waits for the sweep: Redis does not answer", number)
    return render_template("inspections/_login.html", trial=service.get_visible(number, actor), message="")


@bp.get("/<int:trial_id>")
@login_required
def show(trial_id: int) -> ResponseReturnValue:
    """How it went, or that it goes on."""
    trial = service.get_visible(trial_id, current_actor())
    return render_template("inspections/_login.html", trial=trial, message="")
