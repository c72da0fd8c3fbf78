"""Pages on which a report's texts are written, compared and taken back."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.differences import differences
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.web import form_number, wants_fragment
from servicedesk.reports.deep import texts
from servicedesk.reports.deep.documents import part_name
from servicedesk.reports.deep.models import DeepReport, DeepText
from servicedesk.reports.deep.presenting import class_name, drafted
from servicedesk.reports.deep.queries import get_visible_report
from servicedesk.reports.deep.sections import BY_KEY
from servicedesk.reports.deep.texts import SUMMARY, Slot
from servicedesk.reports.deep.views import data_of, require_reader
from servicedesk.runbooks.rendering import markdown

bp = Blueprint("deep_texts", __name__, url_prefix="/reports/deep")


def _report(report_id: int) -> tuple[DeepReport, Actor]:
    """A built report whose making the actor has a part in, or NotFoundError."""
    actor = require_reader()
    report = get_visible_report(report_id, actor)
    if not report.data_blob or not texts.is_inside(report, actor):
        raise NotFoundError
    return report, actor


@bp.get("/<int:report_id>/write/<chapter>")
@login_required
def write(report_id: int, chapter: str) -> ResponseReturnValue:
    """The texts of a chapter, to be written; each is kept as it is typed."""
    report, actor = _report(report_id)
    if not texts.may_write(report, actor):
        return redirect(url_for("deep_reports.one", report_id=report_id))
    data = data_of(report)
    slots = texts.slots_of(chapter, data)
    current, now = texts.current(report_id), utcnow()
    return render_template(
        "reports/deep/write.html",
        report=report,
        chapter=chapter,
        title=_title(chapter),
        chapters=[(SUMMARY, _("Summary"))]
        + [(key, one.title) for key, one in BY_KEY.items() if key in data["sections"]],
        slots=[(slot, name_of(slot), _shown(slot, current.get(slot.key), data)) for slot in slots],
        current=current,
        nearby=_nearby([current[slot.key] for slot in slots if slot.key in current], actor, now),
        markdown=markdown,
    )


def _title(chapter: str) -> str:
    return _("Summary") if chapter == SUMMARY else str(BY_KEY[chapter].title)


def name_of(slot: Slot) -> str:
    """Words of a text's place within its chapter."""
    if slot.chapter == SUMMARY:
        return _("Summary")
    part = part_name(slot.part)
    return f"{class_name(slot.subject)} · {part}" if slot.subject else part


def _shown(slot: Slot, last: DeepText | None, data: dict[str, object]) -> str:
    """What stands in the field: the written text, or the drafted one to begin with."""
    if last is not None and last.body:
        return last.body
    if slot.chapter == SUMMARY:
        return ""
    sentences = data["sections"][slot.chapter]["sentences"]  # type: ignore[index]  # JSON
    found = drafted(sentences).get(slot.subject, {}).get(slot.part, "")
    return "\n\n".join(found.splitlines())


def _nearby(found: list[DeepText], actor: Actor, now: datetime) -> list[str]:
    """Who else saved one of these texts a moment ago."""
    return sorted(
        {one.author for one in found if one.author_id != actor.user_id and now - one.saved_at < texts.NEARBY}
    )


@bp.post("/<int:report_id>/texts/<slot>")
@login_required
def save(report_id: int, slot: str) -> ResponseReturnValue:
    """Keep a text: while somebody types a part of the page answers, else the page is loaded anew.

    Whoever has seen what somebody else saved meanwhile and still wants theirs says over which revision.
    """
    report, actor = _report(report_id)
    where = texts.slot_named(slot, data_of(report))
    body, now = request.form.get("text", ""), utcnow()
    revision = form_number("over") or form_number("revision")
    refused, theirs, status = "", None, 200
    try:
        with unit_of_work():
            revision = texts.save(report_id, where, body, revision, actor=actor, now=now)
    except texts.TextConflictError as error:
        refused, theirs, status = str(error), error.latest, 409
    except DomainError as error:
        refused, status = str(error), error.status
    if not refused and not wants_fragment():
        flash(_("Saved."), "success")
        return redirect(url_for("deep_texts.write", report_id=report_id, chapter=where.chapter))
    page = "reports/deep/_kept.html" if wants_fragment() else "reports/deep/conflict.html"
    answer = render_template(
        page,
        report=get_visible_report(report_id, actor),
        slot=where,
        name=name_of(where),
        title=_title(where.chapter),
        text=body,
        revision=revision,
        refused=refused,
        theirs=theirs,
        lines=list(differences(theirs.body, body)) if theirs is not None else [],
        preview=markdown(body),
        kept_at=now if not refused else None,
    )
    return answer, status


@bp.get("/<int:report_id>/texts/<slot>")
@login_required
def history(report_id: int, slot: str) -> ResponseReturnValue:
    """All versions of a text, and what changed between two of them."""
    report, actor = _report(report_id)
    where = texts.slot_named(slot, data_of(report))
    found = texts.versions(report_id, where)
    if not found:
        raise NotFoundError
    by_number = {one.number: one for one in found}
    new = by_number.get(whole_number(request.args.get("new")) or found[0].number)
    wanted = whole_number(request.args.get("old"))
    if wanted is None and new is not None:
        wanted = new.number - 1
    old = by_number.get(wanted or 0)
    if new is None or (wanted and old is None):
        abort(404)
    return render_template(
        "reports/deep/history.html",
        report=report,
        slot=where,
        name=name_of(where),
        title=_title(where.chapter),
        versions=found,
        old=old,
        new=new,
        lines=list(differences(old.body if old is not None else "", new.body)),
        may_write=texts.may_write(report, actor),
    )


@bp.post("/<int:report_id>/texts/<slot>/restore")
@login_required
def restore(report_id: int, slot: str) -> ResponseReturnValue:
    """Go back to an older version."""
    report, actor = _report(report_id)
    where = texts.slot_named(slot, data_of(report))
    try:
        with unit_of_work():
            texts.restore(report_id, where, form_number("number"), actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("This version stands in the report again."), "success")
    return redirect(url_for("deep_texts.history", report_id=report_id, slot=slot))
