"""Pages of organisations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import Form, options
from servicedesk.core.permissions import Permission
from servicedesk.organisations import service
from servicedesk.organisations.forms import (
    KIND_LABELS,
    ContractForm,
    DepartmentForm,
    OrganisationForm,
    SiteForm,
)
from servicedesk.organisations.models import CLIENT, SERVICE, Contract, Department, Organisation, Site

bp = Blueprint("organisations", __name__, url_prefix="/organisations")


def _require_manager() -> None:
    if not current_actor().allows_somewhere(Permission.ORGANISATION_MANAGE):
        abort(404)


def _get(organisation_id: int) -> Organisation:
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None or not current_actor().allows(Permission.ORGANISATION_MANAGE, organisation.id):
        raise NotFoundError
    return organisation


def _submit(form: Form, save: Callable[[], Any]) -> bool:
    """Validate and save; False leaves the form to be shown with its errors."""
    if not form.validate_on_submit():
        return False
    try:
        with unit_of_work():
            save()
    except DomainError as error:
        form.refuse(error)
        return False
    flash(_("Saved."), "success")
    return True


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All organisations, sites and contracts within reach."""
    _require_manager()
    scope = current_actor().scope(Permission.ORGANISATION_MANAGE)
    organisations = db.session.scalars(
        sa.select(Organisation)
        .where(scope.clause(Organisation.id))
        .order_by(Organisation.kind, Organisation.name)
    ).all()
    contracts = db.session.scalars(
        sa.select(Contract)
        .where(scope.clause(Contract.client_id))
        .options(joinedload(Contract.client), joinedload(Contract.service))
        .order_by(Contract.ends_on.desc(), Contract.id)
    ).all()
    counts = dict(
        db.session.execute(
            sa.select(Site.client_id, sa.func.count())
            .where(scope.clause(Site.client_id))
            .group_by(Site.client_id)
        ).all()
    )
    return render_template(
        "organisations/index.html",
        organisations=organisations,
        contracts=contracts,
        site_counts=counts,
        kind_labels=KIND_LABELS,
        may_create=scope.everything,
        today=utcnow().date(),
    )


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Make an organisation."""
    _require_manager()
    form = OrganisationForm()
    saved: list[Organisation] = []

    def save() -> None:
        saved.append(
            service.save_organisation(
                None,
                kind=form.kind.data,
                name=form.name.data or "",
                active=True,
                public_reports=form.public_reports.data or "",
                actor=current_actor(),
                now=utcnow(),
            )
        )

    if _submit(form, save):
        return redirect(url_for("organisations.detail", organisation_id=saved[0].id))
    status = 422 if form.is_submitted() else 200
    return render_template("organisations/form.html", form=form, title=_("New organisation")), status


@bp.route("/<int:organisation_id>", methods=["GET", "POST"])
@login_required
def detail(organisation_id: int) -> ResponseReturnValue:
    """One organisation with its departments and sites."""
    organisation = _get(organisation_id)
    form = OrganisationForm(obj=organisation)
    if organisation.kind not in (CLIENT, SERVICE):
        form.kind.choices = options([(organisation.kind, KIND_LABELS[organisation.kind])])

    def save() -> None:
        service.save_organisation(
            organisation,
            kind=form.kind.data,
            name=form.name.data or "",
            active=bool(form.active.data),
            public_reports=form.public_reports.data or "",
            actor=current_actor(),
            now=utcnow(),
        )

    if _submit(form, save):
        return redirect(url_for("organisations.detail", organisation_id=organisation.id))
    departments = db.session.scalars(
        sa.select(Department).where(Department.organisation_id == organisation.id).order_by(Department.name)
    ).all()
    sites = db.session.scalars(
        sa.select(Site).where(Site.client_id == organisation.id).order_by(Site.name)
    ).all()
    page = render_template(
        "organisations/detail.html",
        organisation=organisation,
        form=form,
        departments=departments,
        sites=sites,
        department_form=DepartmentForm(formdata=None),
        kind_labels=KIND_LABELS,
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/<int:organisation_id>/departments")
@login_required
def add_department(organisation_id: int) -> ResponseReturnValue:
    """Add a department."""
    organisation = _get(organisation_id)
    form = DepartmentForm()

    def save() -> None:
        service.add_department(organisation, name=form.name.data or "", actor=current_actor(), now=utcnow())

    if not _submit(form, save):
        flash(next(iter([*form.form_errors, *form.name.errors]), _("Write a name.")), "error")
    return redirect(url_for("organisations.detail", organisation_id=organisation.id))


@bp.route("/<int:organisation_id>/sites/new", methods=["GET", "POST"])
@bp.route("/<int:organisation_id>/sites/<int:site_id>", methods=["GET", "POST"])
@login_required
def site(organisation_id: int, site_id: int | None = None) -> ResponseReturnValue:
    """Make or change a site."""
    organisation = _get(organisation_id)
    found = db.session.get(Site, site_id) if site_id else None
    if site_id and (found is None or found.client_id != organisation.id):
        raise NotFoundError
    form = SiteForm(obj=found)

    def save() -> None:
        service.save_site(
            found,
            client=organisation,
            name=form.name.data or "",
            address=form.address.data or "",
            timezone=form.timezone.data or "",
            active=bool(form.active.data),
            actor=current_actor(),
            now=utcnow(),
        )

    if _submit(form, save):
        return redirect(url_for("organisations.detail", organisation_id=organisation.id))
    title = found.name if found else _("New site")
    status = 422 if form.is_submitted() else 200
    return render_template(
        "organisations/form.html", form=form, title=title, organisation=organisation
    ), status


@bp.route("/contracts/new", methods=["GET", "POST"])
@bp.route("/contracts/<int:contract_id>", methods=["GET", "POST"])
@login_required
def contract(contract_id: int | None = None) -> ResponseReturnValue:
    """Make or change a contract."""
    if not current_actor().scope(Permission.ORGANISATION_MANAGE).everything:
        abort(404)
    found = db.session.get(Contract, contract_id) if contract_id else None
    if contract_id and found is None:
        raise NotFoundError
    form = ContractForm(obj=found)
    organisations = db.session.scalars(sa.select(Organisation).order_by(Organisation.name)).all()
    form.client_id.offer([(o.id, o.name) for o in organisations if o.kind == CLIENT])
    form.service_id.offer([(o.id, o.name) for o in organisations if o.kind == SERVICE])
    sites = db.session.scalars(
        sa.select(Site).options(joinedload(Site.client)).order_by(Site.client_id, Site.name)
    )
    form.site_ids.choices = options((s.id, f"{s.client.name} / {s.name}") for s in sites)
    if found is not None and not form.is_submitted():
        form.site_ids.data = [s.id for s in found.sites]

    def save() -> None:
        client, company = (db.session.get(Organisation, f.data) for f in (form.client_id, form.service_id))
        if client is None or company is None or form.starts_on.data is None or form.ends_on.data is None:
            raise NotFoundError
        service.save_contract(
            found,
            client=client,
            service=company,
            number=form.number.data or "",
            title=form.title.data or "",
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            site_ids=form.site_ids.data or [],
            actor=current_actor(),
            now=utcnow(),
        )

    if _submit(form, save):
        return redirect(url_for("organisations.index"))
    title = found.number if found else _("New contract")
    status = 422 if form.is_submitted() else 200
    return render_template("organisations/form.html", form=form, title=title), status
