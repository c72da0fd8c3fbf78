"""The audit trail: read by those who audit, changed by nobody."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.audit import labels, service
from servicedesk.audit.models import AuditEntry
from servicedesk.core.current import current_actor
from servicedesk.core.db import anywhere
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.web import search_text

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Entries, newest first; ``?verify=1`` walks the chain of hashes."""
    scope = current_actor().scope(Permission.AUDIT_VIEW)
    if not scope:
        abort(404)
    statement = sa.select(AuditEntry).where(scope.clause(AuditEntry.client_id))
    text = search_text()
    if text:
        like = anywhere(text)
        columns = (AuditEntry.actor_name, AuditEntry.action, AuditEntry.object_label)
        named = AuditEntry.action.in_(labels.actions_named(text))
        statement = statement.where(sa.or_(named, *(c.ilike(like, escape="\\") for c in columns)))
    page = paginate(statement, Order((AuditEntry.id,), ("id",)), request.args.get("cursor", ""), scalars=True)
    verification = service.verify() if request.args.get("verify") and scope.everything else None
    return render_template(
        "audit/index.html",
        page=page,
        text=text,
        verification=verification,
        may_verify=scope.everything,
        labels=labels,
    )
