"""What every page needs: security headers, request ids, idle logout, error pages."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

from flask import Flask, Response, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from servicedesk.core.clock import utcnow
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import whole_number
from servicedesk.core.runtime import runtime
from servicedesk.core.uploads import safe_name

CSP = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "img-src 'self' data: blob:",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Reachable while a password change is due.
_ALLOWED_BEFORE_PASSWORD_CHANGE = {"staff.change_password", "staff.sign_out", "static", "main.set_locale"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class RecordNumber(IntegerConverter):
    """``<int:…>`` in addresses: numbers a record can have, so that none overflows a database column."""

    regex = "[1-9][0-9]{0,8}"


def init_web(app: Flask) -> None:
    """Register the hooks and error pages; before the domains' addresses."""
    app.url_map.converters["int"] = RecordNumber
    app.before_request(_begin)
    app.before_request(_end_idle_session)
    app.before_request(_require_password_change)
    app.after_request(_add_headers)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(IntegrityError, _saved_at_once)
    app.register_error_handler(Exception, _unexpected)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_urlsafe(12)
    # PostgreSQL stores no NUL; nobody types one into an address.
    if "\x00" in request.path or any("\x00" in text for texts in request.args.listvalues() for text in texts):
        abort(404)


def _end_idle_session() -> ResponseReturnValue | None:
    if request.endpoint == "static" or not current_user.is_authenticated:
        return None
    now = utcnow()
    seen = session.get("seen")
    limit = timedelta(minutes=runtime().settings.idle_logout_minutes)
    if isinstance(seen, (int, float)) and now - datetime.fromtimestamp(seen, UTC) > limit:
        logout_user()
        session.clear()
        flash(_("You were signed out after a while without activity. Please sign in again."), "info")
        return not_signed_in()
    # A page that refreshes itself is no activity, and the cookie need not change every second.
    if not _polled() and (not isinstance(seen, (int, float)) or now.timestamp() - seen > 30):
        session["seen"] = now.timestamp()
    return None


def _polled() -> bool:
    return request.headers.get("HX-Trigger-Name") == "poll" or "poll" in request.args


def not_signed_in() -> ResponseReturnValue:
    """Send whoever is not signed in to do so, and back afterwards.

    A part of a page that asks for itself must not get the sign-in page into its place: a poll gets nothing,
    and what somebody clicked takes the whole page there.
    """
    if not wants_fragment():
        return redirect(url_for("staff.sign_in", next=request.full_path if request.method == "GET" else None))
    answer = Response(status=204)
    if not _polled():
        answer.headers["HX-Redirect"] = url_for("staff.sign_in")
    return answer


def _require_password_change() -> ResponseReturnValue | None:
    if (
        request.endpoint not in _ALLOWED_BEFORE_PASSWORD_CHANGE  # first: files are sent without a query
        and current_user.is_authenticated
        and current_user.must_change_password
    ):
        return redirect(url_for("staff.change_password"))
    return None


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if runtime().settings.secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers["X-Request-ID"] = getattr(g, "request_id", "")
    return response


def document(
    content: bytes, name: str, *, mimetype: str = "application/pdf", shown: bool = False
) -> Response:
    """A file that was made for this reader; no proxy keeps it.

    Args:
        shown: the browser may show it instead of saving it.
    """
    answer = Response(content, mimetype=mimetype)
    name_file(answer, name, shown=shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def name_file(answer: Response, name: str, *, shown: bool = False) -> None:
    """Say what an answer is called when it is saved.

    Headers are ASCII: a web server refuses to send others. Names in other scripts go as RFC 8187 says, beside
    what is left of them for old browsers.
    """
    kept = safe_name(name.replace("/", "-"))
    plain = kept.encode("ascii", "ignore").decode().strip()
    if not plain.partition(".")[0].strip():
        plain = f"file{plain.strip(' ')}"
    names = {"filename": plain}
    if plain != kept:
        names["filename*"] = f"UTF-8''{quote(kept, safe='')}"
    answer.headers.set("Content-Disposition", "inline" if shown else "attachment", **names)


def search_text() -> str:
    """What somebody searches for in a list (``?q=``)."""
    return request.args.get("q", "").strip()[:200]


def day_arg(name: str) -> date | None:
    """A day of the address; None for none, or anything that is no day."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 1990 < day.year < 9000 else None


def moment_of(day: date | None) -> datetime | None:
    """When a day begins for the reader."""
    if day is None:
        return None
    return datetime.combine(day, time.min, get_timezone()).astimezone(UTC)


def form_number(name: str) -> int:
    """A number sent with a form; 0, which no record has, for anything else."""
    return whole_number(request.form.get(name)) or 0


def wants_fragment() -> bool:
    """Whether htmx asked for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def _page(status: int, message: str) -> ResponseReturnValue:
    db.session.rollback()
    if request.accept_mimetypes.best == "application/json":
        return {"error": message, "request_id": g.get("request_id", "")}, status
    shown = status if status in {400, 403, 404, 413, 422, 429, 500} else (500 if status >= 500 else 400)
    return render_template(
        f"errors/{shown}.html", message=message, request_id=g.get("request_id", "")
    ), status


def _domain_error(error: DomainError) -> ResponseReturnValue:
    return _page(error.status, str(error))


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    return _page(400, _("This page was open too long. Go back, reload it and send it again."))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    return _page(error.code, "")


def _database_busy(error: OperationalError) -> ResponseReturnValue:
    from flask import current_app

    current_app.logger.error("database: %s", error.orig)
    return _page(
        503, _("The database does not answer at the moment. Nothing was lost; please try again shortly.")
    )


def _saved_at_once(error: IntegrityError) -> ResponseReturnValue:
    """Two people saved what may be there only once; services have checked all that one alone can do wrong."""
    from flask import current_app

    current_app.logger.warning("saved at once: %s", error.orig)
    return _page(
        409, _("Somebody saved the same thing at this moment. Go back, look at it again, then save.")
    )


def _unexpected(error: Exception) -> ResponseReturnValue:
    from flask import current_app

    current_app.logger.exception("unexpected error, request %s", g.get("request_id", ""))
    return _page(500, "")
