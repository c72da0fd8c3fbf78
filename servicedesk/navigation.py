"""The menu, as data: who sees which entry, in which group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import Flask, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString
from flask_login import current_user
from markupsafe import Markup

from servicedesk.approvals.queries import held_question, waiting_count
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, kept_by_thread
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.equipment.software.queries import ending_question as ending_licences
from servicedesk.equipment.support import ending_question
from servicedesk.notifications.queries import unread_question


@dataclass(frozen=True, slots=True)
class Entry:
    """``permission`` None: for everybody who is signed in."""

    label: LazyString
    endpoint: str
    icon: str
    permission: Permission | None = None
    prefix: str = ""  # endpoints that begin so make the entry active
    badge: str = ""  # which of ``Counts`` says how many things wait there


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for the reader, for menu and bell."""

    approvals: int = 0
    contracts: int = 0
    licences: int = 0
    unread: int = 0


MENU: tuple[tuple[LazyString, tuple[Entry, ...]], ...] = (
    (
        _l("Work"),
        (
            Entry(_l("Overview"), "main.index", "speedometer2"),
            Entry(_l("Tickets"), "tickets.index", "ticket-detailed", None, "tickets."),
            Entry(_l("Report or request"), "tickets.new", "plus-circle"),
            Entry(_l("Change calendar"), "tickets.calendar", "calendar-event", Permission.TICKET_VIEW),
            Entry(_l("Duty and absences"), "duty.index", "calendar-week", Permission.TICKET_WORK, "duty."),
            Entry(_l("Hand over"), "tickets.hand_over_list", "arrow-left-right", Permission.TICKET_ASSIGN),
            Entry(_l("Runbooks"), "runbooks.index", "journal-text", Permission.TICKET_WORK, "runbooks."),
            Entry(
                _l("Knowledge base"),
                "knowledge.index",
                "life-preserver",
                Permission.TICKET_CREATE,
                "knowledge.",
            ),
            Entry(_l("Service quality"), "quality.index", "graph-up", Permission.TICKET_WORK, "quality."),
            Entry(
                _l("Service report"),
                "reports.service",
                "file-earmark-text",
                Permission.TICKET_ASSIGN,
                "reports.",
            ),
            Entry(
                _l("My approvals"),
                "approvals.index",
                "shield-check",
                None,
                "approvals.",
                "approvals",
            ),
        ),
    ),
    (
        _l("Inspection"),
        (
            Entry(
                _l("Records"),
                "inspections.index",
                "clipboard-check",
                Permission.INSPECTION_VIEW,
                "inspections.run",
            ),
            Entry(_l("Findings"), "inspections.findings", "exclamation-triangle", Permission.INSPECTION_VIEW),
            Entry(
                _l("Plans"),
                "plans.index",
                "calendar-week",
                Permission.INSPECTION_VIEW,
                "plans.",
            ),
            Entry(
                _l("Days of inspection"), "days.index", "calendar-event", Permission.INSPECTION_VIEW, "days."
            ),
            Entry(_l("Board"), "board.index", "grid-3x3", Permission.INSPECTION_VIEW, "board."),
            Entry(
                _l("Half-yearly reports"),
                "deep_reports.index",
                "journal-text",
                Permission.INSPECTION_VIEW,
                "deep_",
            ),
            Entry(
                _l("Improvement plan"),
                "improvements.index",
                "list-check",
                Permission.IMPROVEMENT_VIEW,
                "improvements.",
            ),
            Entry(_l("Coverage"), "coverage.index", "list-check", Permission.INSPECTION_VIEW, "coverage."),
            Entry(
                _l("Reviews by sample"),
                "reviews.index",
                "list-check",
                Permission.INSPECTION_REVIEW,
                "reviews.",
            ),
            Entry(_l("Configurations"), "drift.index", "file-earmark-text", Permission.DEVICE_EDIT, "drift."),
            Entry(
                _l("Chosen files"),
                "chosen_files.index",
                "file-earmark-text",
                Permission.PLAN_EDIT,
                "chosen_files.",
            ),
            Entry(_l("Levels"), "levels.index", "sliders", Permission.INSPECTION_VIEW, "levels."),
            Entry(
                _l("History judged again"),
                "whatif.index",
                "arrow-repeat",
                Permission.INSPECTION_REVIEW,
                "whatif.",
            ),
            Entry(_l("Items by hand"), "manual_items.index", "eye", Permission.PLAN_EDIT, "manual_items."),
            Entry(
                _l("Required lists"),
                "required_lists.index",
                "list-check",
                Permission.PLAN_EDIT,
                "required_lists.",
            ),
            Entry(_l("Own checks"), "own_checks.index", "tools", Permission.PLAN_EDIT, "own_checks."),
        ),
    ),
    (
        _l("Equipment"),
        (
            Entry(_l("Devices"), "equipment.devices", "hdd-rack", Permission.DEVICE_VIEW, "equipment.device"),
            Entry(_l("Rooms and racks"), "places.rooms", "building", Permission.DEVICE_VIEW, "places.r"),
            Entry(_l("Topology"), "topology.index", "diagram-3", Permission.DEVICE_VIEW, "topology."),
            Entry(_l("Device models"), "places.models", "list", Permission.DEVICE_VIEW, "places.m"),
            Entry(
                _l("Networks and addresses"),
                "addressing.index",
                "link-45deg",
                Permission.DEVICE_VIEW,
                "addressing.",
            ),
            Entry(_l("Discovery"), "discovery.index", "search", Permission.DEVICE_EDIT, "discovery."),
            Entry(_l("Modules and parts"), "modules.index", "sliders", Permission.DEVICE_VIEW, "modules."),
            Entry(
                _l("Own fields of devices"),
                "custom_fields.index",
                "list-check",
                Permission.DEVICE_EDIT,
                "custom_fields.",
            ),
            Entry(
                _l("Vendor contracts"),
                "support.index",
                "file-earmark-text",
                Permission.DEVICE_VIEW,
                "support.",
                "contracts",
            ),
            Entry(_l("Software"), "software.index", "database", Permission.DEVICE_VIEW, "software."),
            Entry(
                _l("Licences"),
                "software.licence_list",
                "key",
                Permission.DEVICE_VIEW,
                "software.licence",
                "licences",
            ),
            Entry(
                lazy_pgettext("maintenance", "Maintenance"),
                "maintenance.due",
                "calendar-event",
                Permission.MAINTENANCE_VIEW,
                "maintenance.",
            ),
            Entry(_l("Repairs"), "repairs.index", "tools", Permission.REPAIR_VIEW, "repairs."),
            Entry(
                _l("Returns to suppliers"),
                "returns.index",
                "arrow-repeat",
                Permission.REPAIR_VIEW,
                "returns.",
            ),
            Entry(_l("Parts and stock"), "stock.index", "database", Permission.STOCK_VIEW, "stock."),
            Entry(
                _l("Stock-taking"),
                "stocktaking.index",
                "clipboard-check",
                Permission.DEVICE_EDIT,
                "stocktaking.",
            ),
            Entry(
                _l("Technical documents"),
                "technical_documents.index",
                "journal-text",
                Permission.DEVICE_VIEW,
                "technical_documents.",
            ),
            Entry(
                _l("Credentials"), "credentials.index", "key", Permission.CREDENTIAL_MANAGE, "credentials."
            ),
            Entry(
                _l("Jump hosts"), "jump_hosts.index", "router", Permission.CREDENTIAL_MANAGE, "jump_hosts."
            ),
            Entry(_l("Host keys"), "equipment.host_keys", "fingerprint", Permission.HOST_KEY_APPROVE),
        ),
    ),
    (
        _l("Administration"),
        (
            Entry(_l("Accounts"), "staff.accounts", "people", Permission.ACCOUNT_VIEW, "staff.account"),
            Entry(
                _l("Organisations"),
                "organisations.index",
                "building",
                Permission.ORGANISATION_MANAGE,
                "organisations.",
            ),
            Entry(
                _l("Lists"), "tickets.macro_list", "list-check", Permission.TICKET_LIST_EDIT, "tickets.list_"
            ),
            Entry(
                _l("Approvals"),
                "approval_definitions.index",
                "gear",
                Permission.APPROVAL_MANAGE,
                "approval_definitions.",
            ),
            Entry(
                _l("Messages"), "messages.deliveries", "envelope", Permission.NOTIFICATION_MANAGE, "messages."
            ),
            Entry(
                _l("Assignment"), "assignment.index", "person-gear", Permission.TICKET_ASSIGN, "assignment."
            ),
            Entry(_l("Service levels"), "sla.index", "clock", Permission.SLA_MANAGE, "sla."),
            Entry(
                _l("Retention"),
                "retention.index",
                "clock-history",
                Permission.ORGANISATION_MANAGE,
                "retention.",
            ),
            Entry(_l("Zones"), "zones.index", "hdd-rack", Permission.ORGANISATION_MANAGE, "zones."),
            Entry(_l("Audit trail"), "audit.index", "journal-text", Permission.AUDIT_VIEW),
        ),
    ),
)


def entries_for(actor: Actor) -> list[Entry]:
    """Every page of the menu that this actor may open."""
    return [
        entry
        for _label, entries in MENU
        for entry in entries
        if entry.permission is None or actor.allows_somewhere(entry.permission)
    ]


def counts(actor: Actor) -> Counts:
    """One query for every page; a second for the few who are asked for a decision."""
    now = utcnow()
    statement = _question(actor.anywhen, now.date())
    row = db.session.execute(statement, {"now": now}).one()
    return Counts(waiting_count(actor, now) if row.held else 0, row.contracts, row.licences, row.unread)


@kept_by_thread
def _question(actor: Actor, today: date) -> sa.Select[int, int, int, int]:
    return sa.select(
        held_question(actor, sa.bindparam("now")).label("held"),
        ending_question(actor, today).label("contracts"),
        ending_licences(actor, today).label("licences"),
        unread_question(actor).label("unread"),
    )


def menu(actor: Actor, waiting: Counts) -> Markup:
    """The groups and entries the signed-in user may open, as the frame of a page shows them."""
    endpoint = request.endpoint or ""
    shown, active = [], []
    for _label, entries in MENU:
        seen = [e for e in entries if e.permission is None or actor.allows_somewhere(e.permission)]
        matching = [e for e in seen if _match(e, endpoint)]
        # The longest match wins, so that "Report or request" does not light up "Tickets" too.
        best = max(matching, key=lambda e: len(_match(e, endpoint)), default=None)
        shown.append(tuple(e.endpoint for e in seen))
        active.append(best.endpoint if best else "")
    badges = replace(waiting, unread=0)  # the bell's, which is drawn elsewhere
    return _drawn(tuple(shown), tuple(active), badges, request.script_root, select_locale())


@lru_cache(maxsize=256)
def _drawn(
    shown: tuple[tuple[str, ...], ...],
    active: tuple[str, ...],
    waiting: Counts,
    root: str,
    _locale: str,
) -> Markup:
    """Kept: it is a good part of what a page costs, and the same on most pages that somebody opens.

    Args:
        shown: endpoints of the entries, by group.
        active: of each group the endpoint that is open, or "".
    """
    groups = [
        {
            "label": label,
            "items": [
                {
                    "label": e.label,
                    "address": address(root, e.endpoint),
                    "icon": e.icon,
                    "active": e.endpoint == best,
                    "badge": getattr(waiting, e.badge) if e.badge else 0,
                }
                for e in entries
                if e.endpoint in endpoints
            ],
        }
        for (label, entries), endpoints, best in zip(MENU, shown, active, strict=True)
        if endpoints
    ]
    return Markup(render_template("_sidebar.html", groups=groups))  # noqa: S704 - escaped there


@lru_cache(maxsize=512)
def address(_root: str, endpoint: str) -> str:
    """Of a page of the menu: the same for everybody below one root."""
    return url_for(endpoint)


def _match(entry: Entry, endpoint: str) -> str:
    if endpoint == entry.endpoint:
        return endpoint
    return entry.prefix if entry.prefix and endpoint.startswith(entry.prefix) else ""


def menu_and_unread() -> tuple[Markup, int]:
    """What the frame of a page shows; parts of pages have no frame and do not ask."""
    if not current_user.is_authenticated or current_user.must_change_password:
        return Markup(), 0
    actor = current_actor()
    waiting = counts(actor)
    return menu(actor, waiting), waiting.unread


def register(app: Flask) -> None:
    """What every template is given."""

    @app.context_processor
    def _context() -> dict[str, Any]:
        return {
            "menu_and_unread": menu_and_unread,
            "locale": select_locale(),
            "site_name": _l("Service Desk"),
            "actor": current_actor(),
            "Permission": Permission,
        }
