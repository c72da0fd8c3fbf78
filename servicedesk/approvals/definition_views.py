"""Pages of definitions: the list, the editor, trying one out."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload, selectinload

from servicedesk.approvals import definitions as service
from servicedesk.approvals import editor, labels
from servicedesk.approvals.conditions import OPERATORS, holds
from servicedesk.approvals.defaults import Shipped, known_facts, shipped
from servicedesk.approvals.definition import Chain, lint, read_chain, to_json
from servicedesk.approvals.definitions import DefinitionData
from servicedesk.approvals.forms import DefinitionForm
from servicedesk.approvals.models import ApprovalDefinition
from servicedesk.approvals.panel import people_names, planned
from servicedesk.approvals.people import People
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotAllowedError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import ROLE_LABELS, Permission, Role
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.staff.models import User
from servicedesk.staff.queries import role_holders

bp = Blueprint("approval_definitions", __name__, url_prefix="/approvals/definitions")


def _require_manager() -> None:
    if not current_actor().allows_somewhere(Permission.APPROVAL_MANAGE):
        abort(404)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All that this actor may see, and what the product brings along unused."""
    _require_manager()
    actor = current_actor()
    found = db.session.scalars(
        service.visible_definitions(actor)
        .options(joinedload(ApprovalDefinition.client), selectinload(ApprovalDefinition.versions))
        .order_by(ApprovalDefinition.key, ApprovalDefinition.id)
        .limit(500)
    ).all()
    stored = {one.key for one in found if one.client_id is None}
    return render_template(
        "approvals/definitions.html",
        definitions=found,
        brought=[one for one in shipped().values() if one.key not in stored],
        in_language=labels.in_language,
    )


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:definition_id>", methods=["GET", "POST"])
@login_required
def form(definition_id: int | None = None) -> ResponseReturnValue:
    """The editor. Its buttons post the whole form; only "save" keeps anything."""
    _require_manager()
    actor = current_actor()
    found = service.get_visible_definition(definition_id, actor) if definition_id else None
    clients = _clients()
    page = DefinitionForm(data=_data(found))
    everywhere = actor.scope(Permission.APPROVAL_MANAGE).everything
    # The client of one that exists is not asked for.
    none = _("all clients") if everywhere or found is not None else None
    page.client_id.offer([(c.id, c.name) for c in clients], empty=none)
    page.active.offer([(1, _("go by this approval")), (2, _("do not use it"))])
    for field in (page.key, page.client_id, page.active):
        field.flags.required = True
    posted = page.is_submitted()
    act = request.form.get("do", "save")
    nodes = editor.changed(editor.draft(request.form), act) if posted else _nodes(found)
    chain, problems = read_chain(nodes)
    if act == "save" and page.validate_on_submit() and chain is not None:
        try:
            with unit_of_work():
                saved = service.save_definition(
                    found,
                    _definition_data(page, found, chain),
                    actor=actor,
                    now=utcnow(),
                    seen_version=whole_number(request.form.get("version")),
                )
        except NotAllowedError:
            raise
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("approval_definitions.form", definition_id=saved.id))
    refused = posted and act == "save"
    return _editor(found, page, nodes, chain, problems if refused else [], clients), 422 if refused else 200


def _editor(
    found: ApprovalDefinition | None,
    page: DefinitionForm,
    nodes: list[dict[str, Any]],
    chain: Chain | None,
    problems: list[str],
    clients: list[Organisation],
) -> str:
    key = found.key if found is not None else page.key.data or ""
    named = people_names(chain.nodes) if chain is not None else {}
    return render_template(
        "approvals/definition.html",
        form=page,
        definition=found,
        may_edit=found is None or service.may_edit(current_actor(), found.client_id),
        steps=editor.shown(nodes),
        heading=editor.heading,
        sources=_sources(found, clients, named),
        operators=[(name, labels.OPERATORS[name]) for name in OPERATORS],
        rules=labels.RULES,
        at_end=labels.AT_END,
        ways_back=labels.WAYS_BACK,
        facts=known_facts(key),
        problems=problems,
        warnings=list(lint(chain, known_facts(key))) if chain is not None else [],
        preview=[planned(p, node, "upcoming", named) for p, node in enumerate(chain.nodes)] if chain else [],
        versions=sorted(found.versions, key=lambda one: -one.number) if found is not None else [],
        in_language=labels.in_language,
    )


def _clients() -> list[Organisation]:
    scope = current_actor().scope(Permission.APPROVAL_MANAGE)
    return list(
        db.session.scalars(
            sa.select(Organisation)
            .where(Organisation.kind == CLIENT, Organisation.active, scope.clause(Organisation.id))
            .order_by(Organisation.name)
        )
    )


def _copied() -> Shipped | None:
    """What a new definition begins with: one of the product's, by ``?key=``."""
    return shipped().get(request.args.get("key", ""))


def _data(found: ApprovalDefinition | None) -> dict[str, object]:
    source = found or _copied()
    if source is None:
        return {"active": 1}
    data: dict[str, object] = {"key": source.key, "title_en": source.title_en, "title_zh": source.title_zh}
    active = found.active if found is not None else True
    return data | {"active": 1 if active else 2, "client_id": found.client_id if found is not None else None}


def _nodes(found: ApprovalDefinition | None) -> list[dict[str, Any]]:
    copied = _copied()
    if found is not None:
        return list(service.latest(found).nodes)
    return to_json(copied.chain) if copied is not None else [dict(editor.NEW_STEP)]


def _definition_data(page: DefinitionForm, found: ApprovalDefinition | None, chain: Chain) -> DefinitionData:
    return DefinitionData(
        key=found.key if found is not None else page.key.data or "",
        client_id=found.client_id if found is not None else page.client_id.data,
        title_en=page.title_en.data or "",
        title_zh=page.title_zh.data or "",
        nodes=to_json(chain),
        active=page.active.data == 1,
    )


def _sources(
    found: ApprovalDefinition | None, clients: list[Organisation], named: dict[int, str]
) -> list[tuple[str, str]]:
    """Roles, then people who hold any but the requester's, and whoever is named already."""
    ids = [found.client_id] if found is not None and found.client_id else [c.id for c in clients]
    people = role_holders([role for role in Role if role != Role.REQUESTER], *ids)[:1000]
    offered = [(f"role:{role.value}", str(ROLE_LABELS[role])) for role in Role]
    people_by_id = named | {user.id: user.display_name for user in people}
    offered += [(f"user:{number}", name) for number, name in people_by_id.items()]
    return offered


@bp.get("/<int:definition_id>/try")
@login_required
def try_out(definition_id: int) -> ResponseReturnValue:
    """Which steps and people given facts would ask; nothing is kept."""
    _require_manager()
    actor = current_actor()
    found = service.get_visible_definition(definition_id, actor)
    (chain, _problems), clients = read_chain(service.latest(found).nodes), _clients()
    if chain is None:
        raise NotFoundError
    if found.client_id is not None:
        clients = [client for client in clients if client.id == found.client_id]
    chosen = whole_number(request.args.get("client")) or 0
    client = next((one for one in clients if one.id == chosen), clients[0] if clients else None)
    names = sorted({*known_facts(found.key), *chain.facts_read()})
    facts = {name: request.args.get(f"fact-{name}", "").strip()[:400] for name in names}
    steps = _tried(chain, facts, client) if client is not None and "try" in request.args else []
    return render_template(
        "approvals/try.html",
        definition=found,
        title=labels.in_language(found.title_en, found.title_zh),
        clients=clients,
        client=client,
        facts=facts,
        steps=steps,
    )


def _tried(chain: Chain, facts: dict[str, str], client: Organisation) -> list[tuple[Any, list[User], bool]]:
    """Each step with the people it would ask, and whether they are the fallback."""
    today = utcnow().date()
    people = People(client_id=client.id, site_id=None, requester_id=None, facts=facts, today=today)
    names, found = people_names(chain.nodes), []
    for position, node in enumerate(chain.nodes):
        applies = holds(node.condition, facts)
        asked = people.asked(node) if applies else {}
        fallback = applies and not asked
        users = [user for user, _source in (people.fallback() if fallback else asked).values()]
        found.append((planned(position, node, "upcoming" if applies else "skipped", names), users, fallback))
    return found
