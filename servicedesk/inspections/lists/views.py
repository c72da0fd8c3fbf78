"""Pages of required lists: all of them with their gaps, one with its versions, and files."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import options, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.sheets import sheet_response
from servicedesk.inspections.levels.queries import clients_to_set
from servicedesk.inspections.lists import files, queries, service
from servicedesk.inspections.lists.forms import ListFileForm, ListForm
from servicedesk.inspections.lists.models import RequiredList
from servicedesk.inspections.lists.profiles import PROFILES
from servicedesk.inspections.manual.definitions import in_words
from servicedesk.inspections.manual.queries import items_of
from servicedesk.inspections.own.checks import all_checks
from servicedesk.organisations.models import Organisation
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("required_lists", __name__, url_prefix="/inspections/required-lists")


def _clients() -> list[Organisation]:
    """Clients that the actor plans for as a whole, or nothing is here."""
    actor = current_actor()
    found = [one for one in clients_to_set(actor) if actor.allows(Permission.PLAN_EDIT, one.id)]
    if not found:
        raise NotFoundError
    return found


def _client() -> Organisation:
    chosen = request.values.get("client", type=whole_number)
    found = next((one for one in _clients() if chosen in (None, one.id)), None)
    if found is None:
        raise NotFoundError
    return found


def _titles(client_id: int) -> dict[str, str]:
    """Names of all checks a list may hold, in the reader's language."""
    found = {name: _(spec.title) for name, spec in sorted(all_checks({client_id}).items())}
    for item in items_of({client_id}):
        found[item.check] = _("By hand") + " · " + in_words((item.title_en, item.title_zh))
    return found


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The lists of a client, and for each of its contracts what no plan covers."""
    client = _client()
    statement = queries.visible_lists(current_actor()).where(RequiredList.client_id == client.id)
    order = Order((RequiredList.profile, RequiredList.id), ("profile", "id"), descending=False)
    today = utcnow().date()
    contracts = [one for one in queries.contracts_of(client.id) if one.runs_on(today)]
    return render_template(
        "inspections/lists/index.html",
        client=client,
        client_chips=[(one.id, one.name) for one in _clients()],
        page=paginate(statement, order, request.args.get("cursor", ""), scalars=True),
        profiles=PROFILES,
        gaps=[(contract, queries.gaps(contract, today)) for contract in contracts],
        empty_form=EmptyForm(),
        file_form=ListFileForm(formdata=None),
    )


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:list_id>", methods=["GET", "POST"])
@login_required
def edit(list_id: int | None = None) -> ResponseReturnValue:
    """Make a list, or give one a new version."""
    actor = current_actor()
    found = queries.get_visible_list(list_id, actor) if list_id else None
    client = found.client if found is not None else _client()
    client_id, titles = client.id, _titles(client.id)
    form = ListForm(data={"checks": found.checks} if found is not None else None)
    if found is not None:
        del form.contract_id, form.profile
    else:
        form.contract_id.offer(
            [(one.id, f"{one.number} {one.title}") for one in queries.contracts_of(client_id)],
            empty=_("All contracts"),
        )
    gone = [check for check in (found.checks if found is not None else ()) if check not in titles]
    form.checks.choices = options([*titles.items(), *((check, check) for check in gone)])
    if form.validate_on_submit():
        contract_id = found.contract_id if found is not None else form.contract_id.data
        profile = found.profile if found is not None else form.profile.data
        try:
            with unit_of_work():
                service.save_list(
                    client_id,
                    contract_id,
                    profile,
                    form.checks.data or (),
                    note=form.note.data or "",
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved. Inspections that begin from now on require it so."), "success")
            return redirect(url_for("required_lists.index", client=client_id))
    return render_template(
        "inspections/lists/edit.html",
        form=form,
        found=found,
        client=client,
        titles=titles,
        profiles=PROFILES,
    ), 422 if form.is_submitted() else 200


@bp.post("/starter")
@login_required
def starter() -> ResponseReturnValue:
    """The product's lists for profiles that have none."""
    client_id = _client().id
    with unit_of_work():
        made = service.add_starter(client_id, actor=current_actor(), now=utcnow())
    flash(ngettext("%(num)s list added.", "%(num)s lists added.", made), "success")
    return redirect(url_for("required_lists.index", client=client_id))


@bp.get("/lists.<any(csv, xlsx):kind>")
@login_required
def sheet(kind: str) -> ResponseReturnValue:
    """A client's lists as a file that can be brought in again."""
    client = _client()
    return sheet_response(
        kind, f"required-lists-{client.id}", files.HEADING, files.rows(client.id, _titles(client.id))
    )


@bp.post("/bring-in")
@login_required
def bring_in() -> ResponseReturnValue:
    """Replace the lists that a file names."""
    client_id, limit = _client().id, runtime().settings.upload_max_bytes
    file = request.files.get("file")
    try:
        content = file.stream.read(limit + 1) if file else b""
        if len(content) > limit:
            raise DomainError(_("The file is larger than %(size)s MB.", size=limit // 1024**2))
        with unit_of_work():
            changed = files.bring_in(client_id, content, actor=current_actor(), now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(ngettext("%(num)s list changed.", "%(num)s lists changed.", changed), "success")
    return redirect(url_for("required_lists.index", client=client_id))
