"""The one address a new worker speaks to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, request
from flask.typing import ResponseReturnValue

from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.extensions import csrf
from servicedesk.inspections.zones import enrolment
from servicedesk.tickets.public_reports import source_of

bp = Blueprint("zone_enrolment", __name__, url_prefix="/zones")
MAX_BYTES = 4096


# No browser sends this and no session stands behind it: the token in the body is the only right, so there is
# nothing a foreign page could make somebody's browser do here.
@bp.post("/enrol")
@csrf.exempt
def enrol() -> ResponseReturnValue:
    """``{"token": …, "name": …}`` in, what the worker needs out; once."""
    if (request.content_length or MAX_BYTES + 1) > MAX_BYTES:
        abort(413)
    document: Any = request.get_json(silent=True)
    if not isinstance(document, dict):
        abort(400)
    token, name = str(document.get("token", "")), str(document.get("name", ""))
    here = runtime()
    redis = Queues.connect(here.settings).redis
    source = source_of(request.remote_addr or "", str(current_app.secret_key).encode())
    enrolment.require_few_failures(redis, source)
    try:
        with unit_of_work():
            given = enrolment.enrol(
                token, name, settings=here.settings, keyring=here.keyring, redis=redis, now=utcnow()
            )
    except enrolment.RefusedError:
        enrolment.count_failure(redis, source)
        raise
    return {"zone": given.zone, "name": given.name, "url": given.url, "key": given.key, "ca": given.ca}
