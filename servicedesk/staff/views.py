"""Pages of sign-in and accounts."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required, login_user, logout_user
from sqlalchemy.orm import joinedload, selectinload

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import anywhere, db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import NONE_CHOSEN, options
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import ROLE_LABELS, Permission, Role
from servicedesk.core.runtime import runtime
from servicedesk.core.web import search_text
from servicedesk.organisations.models import CLIENT, Department, Organisation, Site
from servicedesk.staff import queries, service
from servicedesk.staff.forms import (
    AccountForm,
    ChangePasswordForm,
    EmptyForm,
    GrantForm,
    NewAccountForm,
    SignInForm,
)
from servicedesk.staff.models import RoleGrant, User
from servicedesk.staff.sessions import current_account

bp = Blueprint("staff", __name__)


def safe_next(target: str | None) -> str:
    """Where to go after sign-in: a path of ours, never another host's."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and not any(ord(c) < 32 or c == "\\" for c in target):
            return target
    return url_for("main.index")


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """User name and password."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    form = SignInForm()
    if form.validate_on_submit():
        with unit_of_work():
            result = service.sign_in(
                form.username.data or "",
                form.password.data or "",
                now=utcnow(),
                settings=runtime().settings,
                address=request.remote_addr or "",
            )
        if result.user is not None:
            locale = session.get("locale")
            session.clear()  # nothing of a session from before the sign-in survives it
            if locale:
                session["locale"] = locale
            session.permanent = True
            login_user(result.user)
            session["seen"] = utcnow().timestamp()
            return redirect(safe_next(request.args.get("next")))
        form.form_errors.append(result.message)
    status = 422 if form.is_submitted() else 200
    return render_template("staff/sign_in.html", form=form), status


@bp.post("/sign-out")
@login_required
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("staff.sign_in"))


@bp.route("/account/password", methods=["GET", "POST"])
@login_required
def change_password() -> ResponseReturnValue:
    """Change one's own password; forced after a one-time password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                service.change_own_password(
                    current_account(),
                    form.current_password.data or "",
                    form.new_password.data or "",
                    actor=current_actor(),
                    now=utcnow(),
                    settings=runtime().settings,
                )
        except DomainError as error:
            form.refuse(error)
        else:
            login_user(current_account())  # the epoch changed: this session goes on, the others end
            flash(_("Your password was changed."), "success")
            return redirect(url_for("main.index"))
    status = 422 if form.is_submitted() else 200
    return render_template("staff/change_password.html", form=form), status


@bp.get("/accounts")
@login_required
def accounts() -> ResponseReturnValue:
    """The list of accounts."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.ACCOUNT_VIEW):
        abort(404)
    text = search_text()
    statement = queries.visible_users(actor).options(
        joinedload(User.organisation), joinedload(User.department), selectinload(User.grants)
    )
    if text:
        like = anywhere(text)
        columns = (User.username, User.display_name, User.email)
        statement = statement.where(sa.or_(*(c.ilike(like, escape="\\") for c in columns)))
    order = Order((User.username, User.id), ("username", "id"), descending=False)
    page = paginate(statement, order, request.args.get("cursor", ""), scalars=True)
    return render_template(
        "staff/accounts.html",
        page=page,
        text=text,
        role_labels=ROLE_LABELS,
        may_create=actor.allows_somewhere(Permission.ACCOUNT_MANAGE),
    )


@bp.route("/accounts/new", methods=["GET", "POST"])
@login_required
def new_account() -> ResponseReturnValue:
    """Make an account; its one-time password is shown once."""
    actor = current_actor()
    scope = actor.scope(Permission.ACCOUNT_MANAGE)
    if not scope:
        abort(404)
    form = NewAccountForm()
    organisations = sa.select(Organisation).where(Organisation.active).order_by(Organisation.name)
    if not scope.everything:
        organisations = organisations.where(
            Organisation.kind == CLIENT, Organisation.id.in_(scope.client_ids)
        )
    found = list(db.session.scalars(organisations))
    form.organisation_id.offer([(o.id, o.name) for o in found])
    departments = db.session.scalars(
        sa.select(Department)
        .where(Department.organisation_id.in_([o.id for o in found]))
        .options(joinedload(Department.organisation))
        .order_by(Department.organisation_id, Department.name)
    )
    form.department_id.offer(
        [(d.id, f"{d.organisation.name} / {d.name}") for d in departments], empty=NONE_CHOSEN
    )
    if form.validate_on_submit():
        try:
            with unit_of_work():
                user, one_time = _create(form)
        except DomainError as error:
            form.refuse(error)
        else:
            return render_template("staff/one_time_password.html", user=user, password=one_time)
    status = 422 if form.is_submitted() else 200
    return render_template("staff/account_form.html", form=form, user=None), status


def _create(form: NewAccountForm) -> tuple[User, str]:
    organisation = db.session.get(Organisation, form.organisation_id.data)
    if organisation is None:
        raise NotFoundError
    department = db.session.get(Department, form.department_id.data) if form.department_id.data else None
    user, one_time = service.create_user(
        current_actor(),
        organisation=organisation,
        username=form.username.data or "",
        display_name=form.display_name.data or "",
        department=department,
        email=form.email.data or "",
        phone=form.phone.data or "",
        badge=form.badge.data or "",
        locale=form.locale.data or "",
        now=utcnow(),
    )
    if form.role.data:
        db.session.flush()
        service.grant_role(user, Role(form.role.data), actor=current_actor(), now=utcnow())
    return user, one_time


@bp.route("/accounts/<int:user_id>", methods=["GET", "POST"])
@login_required
def account(user_id: int) -> ResponseReturnValue:
    """One account: its data and its roles."""
    actor = current_actor()
    user = queries.get_visible_user(user_id, actor)
    form = AccountForm(obj=user)
    departments = db.session.scalars(
        sa.select(Department)
        .where(Department.organisation_id == user.organisation_id)
        .order_by(Department.name)
    )
    form.department_id.offer([(d.id, d.name) for d in departments], empty=NONE_CHOSEN)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                department = (
                    db.session.get(Department, form.department_id.data) if form.department_id.data else None
                )
                service.update_user(
                    user,
                    actor=actor,
                    display_name=form.display_name.data or "",
                    email=form.email.data or "",
                    phone=form.phone.data or "",
                    badge=form.badge.data or "",
                    department=department,
                    active=bool(form.active.data),
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("staff.account", user_id=user.id))
    status = 422 if form.is_submitted() else 200
    return _account_page(user, form), status


def _account_page(user: User, form: AccountForm) -> str:
    actor = current_actor()
    grant_form = GrantForm()
    grant_form.place.choices = options(_places(user))
    manage = actor.scope(Permission.ACCOUNT_MANAGE)
    is_client = user.organisation.kind == CLIENT
    return render_template(
        "staff/account.html",
        user=user,
        form=form,
        grants=db.session.scalars(
            sa.select(RoleGrant)
            .where(RoleGrant.user_id == user.id)
            .options(joinedload(RoleGrant.client), joinedload(RoleGrant.site))
            .order_by(RoleGrant.id)
        ).all(),
        grant_form=grant_form,
        empty_form=EmptyForm(),
        role_labels=ROLE_LABELS,
        may_edit=manage.everything or (is_client and manage.covers(user.organisation_id)),
        may_grant=actor.allows_somewhere(Permission.GRANT_MANAGE),
    )


def _places(user: User) -> list[tuple[str, str]]:
    """Where a role can be granted: everywhere the organisation reaches, a client, a site."""
    actor = current_actor()
    scope = actor.scope(Permission.GRANT_MANAGE)
    places = [("", _("Wherever the organisation reaches"))]
    clients = sa.select(Organisation).where(Organisation.kind == CLIENT).order_by(Organisation.name)
    if user.organisation.kind == CLIENT:
        clients = clients.where(Organisation.id == user.organisation_id)
    covered = [client for client in db.session.scalars(clients) if scope.covers(client.id)]
    ids = [client.id for client in covered]
    sites = db.session.scalars(sa.select(Site).where(Site.client_id.in_(ids)).order_by(Site.name)).all()
    for client in covered:
        places.append((f"client:{client.id}", client.name))
        places += [(f"site:{s.id}", f"{client.name} / {s.name}") for s in sites if s.client_id == client.id]
    return places


@bp.post("/accounts/<int:user_id>/roles")
@login_required
def grant(user_id: int) -> ResponseReturnValue:
    """Grant a role."""
    actor = current_actor()
    user = queries.get_visible_user(user_id, actor)
    form = GrantForm()
    form.place.choices = options(_places(user))
    if not form.validate_on_submit():
        flash(_("Choose a role and a place from the lists."), "error")
        return redirect(url_for("staff.account", user_id=user.id))
    kind, _colon, number = (form.place.data or "").partition(":")
    with unit_of_work():
        client = db.session.get(Organisation, int(number)) if kind == "client" else None
        site = db.session.get(Site, int(number)) if kind == "site" else None
        service.grant_role(user, Role(form.role.data), actor=actor, now=utcnow(), client=client, site=site)
    flash(_("The role was granted."), "success")
    return redirect(url_for("staff.account", user_id=user.id))


@bp.post("/accounts/<int:user_id>/roles/<int:grant_id>/revoke")
@login_required
def revoke(user_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role back."""
    actor = current_actor()
    user = queries.get_visible_user(user_id, actor)
    with unit_of_work():
        found = db.session.get(RoleGrant, grant_id)
        if found is None or found.user_id != user.id:
            raise NotFoundError
        service.revoke_role(found, actor=actor, now=utcnow())
    flash(_("The role was taken back."), "success")
    return redirect(url_for("staff.account", user_id=user.id))


@bp.post("/accounts/<int:user_id>/reset-password")
@login_required
def reset_password(user_id: int) -> ResponseReturnValue:
    """Give a new one-time password."""
    actor = current_actor()
    user = queries.get_visible_user(user_id, actor)
    with unit_of_work():
        one_time = service.reset_password(user, actor=actor, now=utcnow())
    return render_template("staff/one_time_password.html", user=user, password=one_time)
