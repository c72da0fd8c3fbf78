"""Words for what the audit trail holds as codes. A code that is not here is shown as it is."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

ACTIONS: dict[str, LazyString] = {
    "sign_in": _l("Signed in"),
    "sign_in.failed": _l("Sign-in failed"),
    "account.created": _l("Account made"),
    "account.updated": _l("Account changed"),
    "account.locked": _l("Account locked after wrong passwords"),
    "account.password_changed": _l("Own password changed"),
    "account.password_reset": _l("Password reset"),
    "role.granted": _l("Role granted"),
    "role.revoked": _l("Role taken back"),
    "organisation.created": _l("Organisation made"),
    "organisation.updated": _l("Organisation changed"),
    "site.created": _l("Site made"),
    "site.updated": _l("Site changed"),
    "department.created": _l("Department made"),
    "contract.created": _l("Contract made"),
    "contract.updated": _l("Contract changed"),
    "device.created": _l("Device registered"),
    "device.updated": _l("Device changed"),
    "device.access_changed": _l("Access to a device changed"),
    "device.access_removed": _l("Access to a device removed"),
    "host_key.approved": _l("Host key approved"),
    "host_key.rejected": _l("Host key refused"),
    "channel.created": _l("Channel of notifications made"),
    "channel.updated": _l("Channel of notifications changed"),
    "channel.removed": _l("Channel of notifications removed"),
    "delivery.sent_again": _l("Message sent again"),
    "notification_rules.updated": _l("Recipient rules changed"),
    "credential.created": _l("Credential made"),
    "credential.updated": _l("Credential changed"),
    "credential.removed": _l("Credential removed"),
    "plan.created": _l("Inspection plan made"),
    "plan.updated": _l("Inspection plan changed"),
    "inspection.started": _l("Inspection begun"),
    "inspection.signed": _l("Inspection record signed"),
    "inspection.reviewed": _l("Inspection record reviewed"),
    "inspection.handed_back": _l("Inspection record handed back"),
    "sla_calendar.created": _l("Working calendar made"),
    "sla_calendar.updated": _l("Working calendar changed"),
    "sla_policy.created": _l("Service level promised"),
    "ticket.created": _l("Ticket registered"),
    "ticket.commented": _l("Wrote into the ticket"),
    "ticket.answer": _l("Answer and continue"),
    "ticket.approve": _l("Approve"),
    "ticket.ask": _l("Ask the requester"),
    "ticket.assign": _l("Assign"),
    "ticket.cancel": _l("Cancel the ticket"),
    "ticket.close": _l("Close without the requester"),
    "ticket.confirm": _l("Confirm and close"),
    "ticket.hand_over": _l("Hand over"),
    "ticket.reject": _l("Reject"),
    "ticket.reopen": _l("Reopen"),
    "ticket.resolve": _l("Resolve"),
    "ticket.send_back": _l("Send back"),
    "ticket.start": _l("Start work"),
    "ticket.submit": _l("Submit for approval"),
}

OBJECTS: dict[str, LazyString] = {
    "contracts": _l("Contract"),
    "credentials": _l("Credential"),
    "departments": _l("Department"),
    "devices": _l("Device"),
    "inspection_plans": _l("Inspection plan"),
    "inspection_runs": _l("Inspection record"),
    "notification_channels": _l("Channel of notifications"),
    "notification_deliveries": _l("Message"),
    "organisations": _l("Organisation"),
    "sites": _l("Site"),
    "sla_calendars": _l("Working calendar"),
    "sla_policies": _l("Service level"),
    "tickets": _l("Ticket"),
    "users": _l("Account"),
}

FIELDS: dict[str, LazyString] = {
    "active": _l("Active"),
    "always": _l("Round the clock"),
    "address": _l("Address"),
    "all_devices": _l("All active devices of the site"),
    "asset_tag": _l("Asset tag"),
    "assignee_id": _l("Assignee (number)"),
    "auth_protocol": _l("Authentication protocol"),
    "calendar_id": _l("Working calendar (number)"),
    "category": _l("Category"),
    "client_id": _l("Client (number)"),
    "content_hash": _l("Hash of the content"),
    "credential_id": _l("Credential (number)"),
    "days": _l("Single days"),
    "department_id": _l("Department (number)"),
    "device_class": _l("Class"),
    "device_id": _l("Device (number)"),
    "devices": _l("Devices"),
    "display_name": _l("Name"),
    "email": _l("E-mail"),
    "ends_on": _l("Last day"),
    "fingerprint": _l("Fingerprint"),
    "height_u": _l("Height in units"),
    "host": _l("Server"),
    "hours": _l("Working hours"),
    "internal": _l("Internal"),
    "kind": _l("Kind"),
    "legacy_crypto": _l("Allow outdated SSH algorithms"),
    "model": _l("Model"),
    "name": _l("Name"),
    "note": _l("Remark"),
    "notes": _l("Notes"),
    "number": _l("Number"),
    "organisation_id": _l("Organisation (number)"),
    "phone": _l("Telephone"),
    "port": _l("Port"),
    "priority": _l("Priority"),
    "priv_protocol": _l("Privacy protocol"),
    "protocol": _l("Protocol"),
    "rack_id": _l("Rack (number)"),
    "rack_unit": _l("Lowest unit"),
    "rating": _l("Rating"),
    "required": _l("Required items"),
    "resolution": _l("What was done"),
    "response_minutes": _l("Response time in minutes"),
    "responsible_id": _l("Responsible engineer (number)"),
    "restore_minutes": _l("Restore time in minutes"),
    "retries": _l("Further tries"),
    "retry_gap_minutes": _l("Minutes between tries"),
    "role": _l("Role"),
    "room_id": _l("Room (number)"),
    "secret": _l("Secret"),
    "security": _l("Encryption"),
    "sender": _l("Mail address"),
    "serial": _l("Serial number"),
    "service_id": _l("Service company (number)"),
    "shown": _l("Host of the address"),
    "signed_by": _l("Signed by"),
    "site_id": _l("Site (number)"),
    "snmp_version": _l("SNMP version"),
    "software_version": _l("Software version"),
    "standby_id": _l("Standby engineer (number)"),
    "starts_on": _l("First day"),
    "state": _l("State"),
    "text": _l("Text"),
    "times": _l("Times of day"),
    "timezone": _l("Time zone"),
    "title": _l("Title"),
    "username": _l("User name"),
    "version": _l("Version"),
    "vendor": _l("Vendor"),
    "warranty_until": _l("Warranty until"),
    "watched_interfaces": _l("Watched interfaces"),
    "weekdays": _l("Weekdays"),
    "window_minutes": _l("Window in minutes"),
}


def action_label(code: str) -> LazyString | str:
    """What was done."""
    return ACTIONS.get(code, code)


def object_label(code: str) -> LazyString | str:
    """What it was done to, by the name of its table."""
    return OBJECTS.get(code, code)


def field_label(code: str) -> LazyString | str:
    """The name of a column or of another value that was kept."""
    return FIELDS.get(code, code)


def value_text(value: Any) -> str:
    """A kept value: nothing is a dash, true and false are words, lists are separated by commas."""
    if value is None or value == "" or value == []:
        return "—"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(value_text(item) for item in value)
    return str(value)


def actions_named(text: str) -> list[str]:
    """Codes whose words, in the reader's language, contain a text."""
    wanted = text.casefold()
    return [code for code, label in ACTIONS.items() if wanted in str(label).casefold()]
