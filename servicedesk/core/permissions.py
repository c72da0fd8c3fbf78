"""What may be done, and which role may do it. One table; services and query scopes both read it."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class Permission(StrEnum):
    """One thing a person may be allowed to do within a scope (everywhere, a client, a site)."""

    TICKET_CREATE = "ticket.create"
    TICKET_VIEW = "ticket.view"  # all tickets of the scope; one's own are always visible
    TICKET_WORK = "ticket.work"
    TICKET_ASSIGN = "ticket.assign"
    TICKET_APPROVE_DATA = "ticket.approve_data"
    TICKET_APPROVE_CHANGE = "ticket.approve_change"
    TICKET_LIST_EDIT = "ticket.list_edit"  # cause categories, handling methods
    CHANGE_CALENDAR_EDIT = "change_calendar.edit"
    SLA_MANAGE = "sla.manage"  # working calendars, promises, corrections of clocks
    DEVICE_VIEW = "device.view"
    DEVICE_EDIT = "device.edit"
    STOCK_VIEW = "stock.view"
    STOCK_MOVE = "stock.move"  # book parts in, out and from place to place
    STOCK_EDIT = "stock.edit"  # kinds of parts, places of storage
    STOCK_COUNT = "stock.count"  # set right what the books say
    STOCK_ORDER = "stock.order"  # is told when parts run low
    REPAIR_VIEW = "repair.view"
    REPAIR_WORK = "repair.work"
    MAINTENANCE_VIEW = "maintenance.view"
    MAINTENANCE_EDIT = "maintenance.edit"
    CREDENTIAL_MANAGE = "credential.manage"
    HOST_KEY_APPROVE = "host_key.approve"
    INSPECTION_VIEW = "inspection.view"
    INSPECTION_RUN = "inspection.run"
    INSPECTION_SIGN = "inspection.sign"
    INSPECTION_REVIEW = "inspection.review"
    PLAN_EDIT = "plan.edit"
    APPROVAL_MANAGE = "approval.manage"  # what approvals ask, and all approvals of the scope
    ORGANISATION_MANAGE = "organisation.manage"
    ACCOUNT_VIEW = "account.view"
    ACCOUNT_MANAGE = "account.manage"
    GRANT_MANAGE = "grant.manage"
    AUDIT_VIEW = "audit.view"
    SYSTEM_VIEW = "system.view"
    NOTIFICATION_MANAGE = "notification.manage"
    REPORT_EDIT = "report.edit"  # order and write deep-inspection reports
    REPORT_ISSUE = "report.issue"
    REPORT_LAYOUT = "report.layout"  # how reports of a client look
    IMPROVEMENT_VIEW = "improvement.view"  # without the next one: what was decided, or issued
    IMPROVEMENT_EDIT = "improvement.edit"
    IMPROVEMENT_APPROVE = "improvement.approve"


class Role(StrEnum):
    """Who somebody is within a scope; a person may hold several."""

    REQUESTER = "requester"
    ENGINEER = "engineer"
    SUPERVISOR = "supervisor"
    DATA_OWNER = "data_owner"
    CHANGE_AUTHORITY = "change_authority"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


ROLE_LABELS: dict[Role, LazyString] = {
    Role.REQUESTER: _l("Requester"),
    Role.ENGINEER: _l("Resident engineer"),
    Role.SUPERVISOR: _l("Supervisor"),
    Role.DATA_OWNER: _l("Data owner"),
    Role.CHANGE_AUTHORITY: _l("Change authority"),
    Role.SYSTEM_ADMIN: _l("System administrator"),
    Role.SECURITY_ADMIN: _l("Security administrator"),
    Role.AUDIT_ADMIN: _l("Audit administrator"),
}

_P = Permission
_REQUESTER = frozenset({_P.TICKET_CREATE})
_LOOK = frozenset({_P.TICKET_VIEW, _P.DEVICE_VIEW, _P.INSPECTION_VIEW})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.REQUESTER: _REQUESTER,
    Role.ENGINEER: _REQUESTER
    | _LOOK
    | {_P.TICKET_WORK, _P.DEVICE_EDIT, _P.INSPECTION_RUN, _P.INSPECTION_SIGN, _P.CREDENTIAL_MANAGE}
    | {_P.REPORT_EDIT, _P.IMPROVEMENT_VIEW, _P.IMPROVEMENT_EDIT}
    | {_P.STOCK_VIEW, _P.STOCK_MOVE, _P.STOCK_EDIT, _P.REPAIR_VIEW, _P.REPAIR_WORK}
    | {_P.MAINTENANCE_VIEW},
    Role.SUPERVISOR: _REQUESTER
    | _LOOK
    | {
        _P.TICKET_WORK,
        _P.TICKET_ASSIGN,
        _P.TICKET_LIST_EDIT,
        _P.CHANGE_CALENDAR_EDIT,
        _P.SLA_MANAGE,
        _P.DEVICE_EDIT,
        _P.INSPECTION_RUN,
        _P.INSPECTION_REVIEW,
        _P.PLAN_EDIT,
        _P.APPROVAL_MANAGE,
        _P.HOST_KEY_APPROVE,
        _P.CREDENTIAL_MANAGE,
        _P.ACCOUNT_VIEW,
        _P.REPORT_EDIT,
        _P.REPORT_ISSUE,
        _P.REPORT_LAYOUT,
        _P.IMPROVEMENT_VIEW,
        _P.IMPROVEMENT_EDIT,
        _P.IMPROVEMENT_APPROVE,
        _P.STOCK_VIEW,
        _P.STOCK_MOVE,
        _P.STOCK_EDIT,
        _P.STOCK_COUNT,
        _P.STOCK_ORDER,
        _P.REPAIR_VIEW,
        _P.REPAIR_WORK,
        _P.MAINTENANCE_VIEW,
        _P.MAINTENANCE_EDIT,
    },
    Role.DATA_OWNER: _REQUESTER | {_P.TICKET_APPROVE_DATA},
    Role.CHANGE_AUTHORITY: _REQUESTER
    | _LOOK
    | {_P.TICKET_APPROVE_CHANGE, _P.CHANGE_CALENDAR_EDIT, _P.REPORT_ISSUE, _P.IMPROVEMENT_VIEW}
    | {_P.REPAIR_VIEW},
    Role.SYSTEM_ADMIN: frozenset(
        {
            _P.ORGANISATION_MANAGE,
            _P.TICKET_LIST_EDIT,
            _P.SLA_MANAGE,
            _P.ACCOUNT_VIEW,
            _P.ACCOUNT_MANAGE,
            _P.DEVICE_VIEW,
            _P.DEVICE_EDIT,
            _P.PLAN_EDIT,
            _P.APPROVAL_MANAGE,
            _P.INSPECTION_VIEW,
            _P.SYSTEM_VIEW,
            _P.NOTIFICATION_MANAGE,
            _P.REPORT_LAYOUT,
        }
    ),
    Role.SECURITY_ADMIN: frozenset(
        {_P.ACCOUNT_VIEW, _P.GRANT_MANAGE, _P.HOST_KEY_APPROVE, _P.CREDENTIAL_MANAGE, _P.DEVICE_VIEW}
    ),
    Role.AUDIT_ADMIN: frozenset({_P.AUDIT_VIEW, _P.ACCOUNT_VIEW}),
}
