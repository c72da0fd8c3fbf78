"""One record of every kind for a client, by the names that addresses use for their numbers."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device, HostKey
from servicedesk.equipment.service import note_host_key
from servicedesk.inspections.models import Finding, InspectionRecord
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.runs import start_site
from servicedesk.notifications.models import Channel, Delivery, Notification, NotificationEvent
from servicedesk.organisations.service import add_department
from servicedesk.staff.models import User
from servicedesk.tickets.attachments import attach
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import comment
from tests.servicedesk.world import SYSTEM, World

REQUESTERS = {"north": "rita", "south": "rolf"}


@dataclass(slots=True)
class Belongings:
    """``ids`` by the argument's name in the addresses; ``words`` no stranger may ever read."""

    client: str
    ids: dict[str, int]
    words: tuple[str, ...]
    device: Device
    ticket: Ticket
    host_key: HostKey
    person: User

    @classmethod
    def make(cls, world: World, client: str, site: str = "1") -> Belongings:
        """Everything a client can own, named after it and its site."""
        place = world.sites[f"{client}-{site}"]
        name = f"{client}box{site}"
        person = world.users[REQUESTERS[client]]
        device = world.device(name, f"{client}-{site}", protocol="ssh")
        ticket = world.ticket(
            person.username, device_id=device.id, description=f"described by {name}", details={}
        )
        with unit_of_work() as session:
            ticket.title = f"ticket about {name}"
            entry = comment(ticket, f"written about {name}", internal=False, actor=SYSTEM, now=world.now)
            (file,) = attach(entry, [(f"photo of {name}.txt", b"text")], blobs=runtime().blobs, now=world.now)
            access = device.accesses[0]
            host_key = note_host_key(
                access, f"ssh-ed25519 {name}", f"SHA256:{name}fingerprint", now=world.now
            )
            plan = save_plan(
                None, PlanData(site_id=place.id, name=f"plan of {name}"), actor=SYSTEM, now=world.now
            )
            add_department(
                world.organisations[client], name=f"department {name}", actor=SYSTEM, now=world.now
            )
            run = start_site(place, actor=SYSTEM, now=world.now)
            session.flush()
            record = session.query(InspectionRecord).filter_by(run_id=run.id).one()
            session.add(
                Finding(
                    client_id=device.client_id,
                    site_id=device.site_id,
                    device_id=device.id,
                    check="cpu_used",
                    item=f"of {name}",
                    outcome="warning",
                    message={"template": f"hot {name}"},
                    first_at=world.now,
                    last_at=world.now,
                    last_record_id=record.id,
                    ticket_id=ticket.id,
                )
            )
            # Somebody of the client is told, and a robot of the client's own hears of it too.
            robot = Channel(
                client_id=device.client_id,
                kind="wecom",
                name=f"robot of {name}",
                public={},
                created_at=world.now,
            )
            session.add(robot)
            event = session.query(NotificationEvent).filter_by(subject_id=ticket.id).order_by("id").first()
            assert event is not None
            session.flush()
            row = Notification(event_id=event.id, recipient_id=person.id, created_at=world.now)
            delivery = Delivery(
                event_id=event.id,
                kind="wecom",
                channel_id=robot.id,
                client_id=device.client_id,
                target=f"channel:{robot.id}",
                state="failed",
                rank=1,
                not_before=world.now,
                created_at=world.now,
            )
            session.add_all([row, delivery])
            session.flush()
            grants = [grant.id for grant in person.grants]
            ids = {
                "organisation_id": world.organisations[client].id,
                "site_id": place.id,
                "user_id": person.id,
                "grant_id": grants[0],
                "device_id": device.id,
                "access_id": access.id,
                "credential_id": access.credential_id or 0,
                "host_key_id": host_key.id,
                "ticket_id": ticket.id,
                "attachment_id": file.id,
                "plan_id": plan.id,
                "run_id": run.id,
                "record_id": record.id,
                "notification_id": row.id,
                "delivery_id": delivery.id,
                "channel_id": robot.id,
                "contract_id": world.contract.id if world.contract else 0,
            }
        return cls(client, ids, (name, person.display_name), device, ticket, host_key, person)


# Arguments that are no number of a record.
OTHER_VALUES = {"check": "cpu_used", "act": "sign", "decision": "approve", "name": "start"}


def addresses(app: Flask, ids: dict[str, int], method: str = "GET") -> list[str]:
    """Every address of the application that takes ``method`` and names a record by its number."""
    urls = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and any(name.endswith("_id") for name in rule.arguments):
            values = {name: ids.get(name, OTHER_VALUES.get(name, 0)) for name in rule.arguments}
            found.append(urls.build(rule.endpoint, values, method=method))
    return sorted(set(found))


def lists(app: Flask) -> list[str]:
    """Every address that is read without naming a record."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "main.healthz"
    )
