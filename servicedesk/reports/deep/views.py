"""Pages of deep-inspection reports."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import options
from servicedesk.core.i18n import select_timezone
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import document as attachment
from servicedesk.reports.deep import (
    building,
    editions,
    jobs,
    layouts,
    queries,
    remarks,
    service,
    signing,
    texts,
)
from servicedesk.reports.deep.building import Data
from servicedesk.reports.deep.content import PARTS
from servicedesk.reports.deep.files import WRITERS, gathered
from servicedesk.reports.deep.forms import OrderForm, SignForm
from servicedesk.reports.deep.layouts import Layout
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.presenting import Presenter, as_address, class_name
from servicedesk.reports.deep.sections import BY_KEY
from servicedesk.reports.deep.states import BUILDING, FAILED, STATES, STEPS
from servicedesk.runbooks.rendering import markdown
from servicedesk.tickets.periods import parse_period

bp = Blueprint("deep_reports", __name__, url_prefix="/reports/deep")
HALVES = 6  # that may be chosen
ROWS = 500  # of a list behind a number


def require_reader() -> Actor:
    """Whoever sees reports of some place; 404 for everybody else."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.INSPECTION_VIEW):
        abort(404)
    return actor


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The reports one may see, newest first."""
    actor = require_reader()
    state, everything = request.args.get("state", ""), request.args.get("editions") == "all"
    rows = queries.report_rows(actor, state=state if state in STATES else "", all_editions=everything)
    order = Order((DeepReport.id,), ("id",))
    page = paginate(rows, order, request.args.get("cursor", ""))
    return render_template(
        "reports/deep/index.html",
        page=page,
        state=state,
        all_editions=everything,
        states=STATES,
        may_order=actor.allows_somewhere(Permission.REPORT_EDIT),
        may_lay_out=actor.allows_somewhere(Permission.REPORT_LAYOUT),
    )


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Order a report."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.REPORT_EDIT):
        abort(404)
    form, places = OrderForm(), queries.places(actor)
    form.place.choices = options([(value, words) for value, words, _client, _site in places])
    half = parse_period("", utcnow().astimezone(ZoneInfo(select_timezone())).date()).of_kind("half")
    halves = [half.moved(-step).text for step in range(HALVES)]
    form.period.choices = options([(text, text) for text in halves])
    if form.validate_on_submit():
        client_id, site_id = next((c, s) for value, _w, c, s in places if value == form.place.data)
        try:
            with unit_of_work():
                report = service.order(client_id, site_id, form.period.data, actor=actor, now=utcnow())
                report_id = report.id
        except DomainError as error:
            form.refuse(error)
        else:
            jobs.enqueue(report_id)
            return redirect(url_for("deep_reports.one", report_id=report_id))
    return render_template("reports/deep/new.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/<int:report_id>")
@login_required
def one(report_id: int) -> ResponseReturnValue:
    """The report, or how far it is."""
    actor = require_reader()
    report = queries.get_visible_report(report_id, actor)
    if report.state in (BUILDING, FAILED):
        done, total = jobs.progress_of(report.id) if report.state == BUILDING else (0, 0)
        template = "reports/deep/_building.html" if "poll" in request.args else "reports/deep/building.html"
        return render_template(template, report=report, states=STATES, done=done, total=total)
    if "poll" in request.args:
        return Response(headers={"HX-Refresh": "true"})
    return show(report, actor)


@dataclass(frozen=True, slots=True)
class Refused:
    """A form of the page that was refused: which, why, and what was typed."""

    at: str = ""  # sign, back or edition
    message: str = ""
    typed: str = ""


def show(report: DeepReport, actor: Actor, refused: Refused | None = None) -> ResponseReturnValue:
    """The page of a report that is built."""
    refused = refused or Refused()
    data, written = data_of(report), texts.bodies(report.id)
    layout = Layout(layouts.content_for(report))
    inside, made = texts.is_inside(report, actor), editions.editions_of(report)
    threads = remarks.by_chapter(report.id) if inside else {}
    page = render_template(
        "reports/deep/report.html",
        report=report,
        chapters=Presenter(report.timezone).chapters(data, written, layout),
        summary=written.get(texts.SUMMARY, ""),
        texts_sha256=texts.hash_of(written),
        may_write=texts.may_write(report, actor),
        is_inside=inside,
        threads=threads,
        open_remarks=remarks.open_among(threads),
        may_remark=remarks.may_remark(report, actor),
        markdown=markdown,
        period=parse_period(report.period, report.as_of),
        states=STATES,
        parts=PARTS,
        class_name=class_name,
        steps=STEPS,
        signatures={one.step: one for one in signing.signatures_of(report)},
        step=signing.next_step(report, actor),
        may_hand_back=signing.may_hand_back(report, actor),
        form=SignForm(formdata=None, data={"note": refused.typed if refused.at == "sign" else ""}),
        refused=refused,
        files=signing.files_of(report),
        editions=made,
        newer=editions.superseding(report, made),
        may_renew=editions.may_renew(report, made, actor),
    )
    return page, 422 if refused.at else 200


def data_of(report: DeepReport) -> Data:
    """What was gathered; a report whose file is gone or altered must not be shown as if it were whole."""
    try:
        return building.load(report, runtime().blobs)
    except (BlobMissingError, ValueError):
        abort(500)


@bp.post("/<int:report_id>/again")
@login_required
def again(report_id: int) -> ResponseReturnValue:
    """Build once more what failed."""
    actor = require_reader()
    report = queries.get_visible_report(report_id, actor)
    try:
        with unit_of_work():
            service.again(report, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        jobs.enqueue(report_id)
    return redirect(url_for("deep_reports.one", report_id=report_id))


@bp.get("/<int:report_id>/<section>/<table>")
@login_required
def rows(report_id: int, section: str, table: str) -> ResponseReturnValue:
    """The rows behind a number, as they were when the report was built; each leads to its record."""
    report = queries.get_visible_report(report_id, require_reader())
    chapter = BY_KEY.get(section)
    described = chapter.table(table) if chapter is not None else None
    if chapter is None or described is None or not report.data_blob:
        abort(404)
    found = data_of(report)["sections"].get(section, {}).get("tables", {}).get(table, [])
    for column in described.columns:
        wanted = request.args.get(column.key)
        if wanted is not None:
            place = described.place(column.key)
            found = [row for row in found if as_address(row[place]) == wanted]
    grid = Presenter(report.timezone).grid(described, found, ROWS)
    return render_template(
        "reports/deep/rows.html", report=report, section=chapter, grid=grid, count=len(found)
    )


@bp.get("/<int:report_id>/data.json")
@login_required
def annex(report_id: int) -> ResponseReturnValue:
    """The data annex, byte for byte as it was hashed."""
    report = queries.get_visible_report(report_id, require_reader())
    if not report.data_blob:
        abort(404)
    try:
        content = building.raw(report, runtime().blobs)
    except (BlobMissingError, ValueError):
        abort(500)
    name = f"deep-report-{report.period}-{report.id}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="application/json", headers=headers)


@bp.get("/<int:report_id>/texts.json")
@login_required
def written(report_id: int) -> ResponseReturnValue:
    """The texts as they were hashed for the signatures."""
    report = queries.get_visible_report(report_id, require_reader())
    if not report.data_blob:
        abort(404)
    name = f"deep-report-{report.period}-{report.id}-texts.json"
    return attachment(texts.raw(texts.bodies(report.id)), name, mimetype="application/json")


@bp.get("/<int:report_id>/report.<any(pdf, docx, xlsx):paper>")
@login_required
def document(report_id: int, paper: str) -> ResponseReturnValue:
    """As it was issued; before that in the reader's language. The spreadsheet is the annex of all rows."""
    report = queries.get_visible_report(report_id, require_reader())
    if not report.data_blob:
        abort(404)
    mimetype, write = WRITERS[paper]
    issued = signing.files_of(report).get(paper)
    name = f"deep-report-{report.period}-{report.id}.{paper}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    try:
        content = (
            runtime().blobs.get(issued.sha256)
            if issued is not None
            else write(gathered(report, runtime().blobs))
        )
    except (BlobMissingError, ValueError):
        abort(500)
    return Response(content, mimetype=mimetype, headers=headers)
