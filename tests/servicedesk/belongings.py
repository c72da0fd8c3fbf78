"""One record of every kind for a client, by the names that addresses use for their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from flask import Flask

from servicedesk.approvals.definitions import DefinitionData, save_definition
from servicedesk.approvals.models import ApprovalChain, ApprovalDelegation
from servicedesk.approvals.service import NewChain, start_chain
from servicedesk.approvals.stand_ins import set_stand_in
from servicedesk.core.db import unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment import documents
from servicedesk.equipment.access_rules.service import RuleData, save_rule
from servicedesk.equipment.custom_fields import FieldData, save_field
from servicedesk.equipment.custom_models import DeviceTag
from servicedesk.equipment.import_models import DeviceImport
from servicedesk.equipment.interfaces import add_interfaces
from servicedesk.equipment.models import Device, DeviceModel, HostKey, Rack, Room
from servicedesk.equipment.relations import relate
from servicedesk.equipment.service import note_host_key
from servicedesk.equipment.support import cover
from servicedesk.equipment.support_models import SupportContract
from servicedesk.inspections.levels.service import LevelData, save_level
from servicedesk.inspections.models import Finding, InspectionRecord
from servicedesk.inspections.own.models import OwnCheckTrial
from servicedesk.inspections.own.service import OwnCheckData, save_own_check
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.runs import start_site
from servicedesk.knowledge.models import Article, ArticleVersion, Handbook
from servicedesk.notifications.models import Channel, Delivery, Notification, NotificationEvent
from servicedesk.organisations.models import Site
from servicedesk.organisations.service import add_department
from servicedesk.reports.deep.models import DeepRemark, DeepReport
from servicedesk.reports.improvement.models import Improvement
from servicedesk.runbooks import library
from servicedesk.runbooks import service as runbooks
from servicedesk.runbooks.models import RunbookSchedule, RunbookText
from servicedesk.staff.models import User
from servicedesk.tickets.attachments import attach
from servicedesk.tickets.catalogue_models import CatalogueService
from servicedesk.tickets.models import (
    CalendarEntry,
    ChecklistItem,
    DataDelivery,
    ListEntry,
    Macro,
    SavedView,
    Ticket,
    TicketCost,
    TicketLink,
    WorkLog,
)
from servicedesk.tickets.service import comment
from tests.servicedesk.belongings_inspections import inspected
from tests.servicedesk.belongings_networks import networks
from tests.servicedesk.belongings_stock import kept
from tests.servicedesk.belongings_work import assignment, service_level
from tests.servicedesk.world import SYSTEM, World

REQUESTERS = {"north": "rita", "south": "rolf"}
WORKERS = {"north": "emma", "south": "stan"}
COLLEAGUES = {"rita": "dora", "rolf": "stan"}


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
            level = LevelData("device", "cpu_used", f"level of {name}", warning=50, device_id=device.id)
            defined = OwnCheckData(f"own check of {name}", "oid", "1.3.6.1.4.1.9.9", applies_to=name)
            own = save_own_check(None, device.client_id, defined, actor=SYSTEM, now=world.now)
            looked_at = inspected(run, world)
            trial = OwnCheckTrial(
                device_id=device.id, client_id=device.client_id, definition={}, created_at=world.now
            )
            setting = save_level(None, device.client_id, level, actor=SYSTEM, now=world.now)
            calendar, policy = service_level(world, client, name)
            chain, delegation = _approval(world, place, name, person)
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
            session.add_all([row, delivery, trial])
            session.flush()
            grants = [grant.id for grant in person.grants]
            asked = RuleData(access.protocol, access.credential_id or 0, tag=f"tag of {name}")
            rule, _changed = save_rule(None, device.client_id, asked, actor=SYSTEM, now=world.now)
            ids = {
                "organisation_id": world.organisations[client].id,
                "site_id": place.id,
                "user_id": person.id,
                "grant_id": grants[0],
                "device_id": device.id,
                "access_id": access.id,
                "credential_id": access.credential_id or 0,
                "access_rule_id": rule.id,
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
                "chain_id": chain.id,
                "definition_id": chain.version.definition_id,
                "delegation_id": delegation.id,
                "calendar_id": calendar.id,
                "policy_id": policy.id,
                "setting_id": setting.id,
                "own_check_id": own.id,
                **looked_at,
                "trial_id": trial.id,
            }
            following = runbooks.start(ticket, library.get("linux-disk-full"), actor=SYSTEM, now=world.now)
            text = RunbookText(
                key=following.key,
                client_id=device.client_id,
                site_id=device.site_id,
                number=1,
                source=following.version.source,
                author_name=name,
                created_at=world.now,
            )
            session.add(text)
            session.flush()
            ids |= {"following_id": following.id, "text_id": text.id}
        ids |= cls._of_ticket(world, ticket, person, name)
        ids |= assignment(world, place, name, world.users[WORKERS[client]])
        ids |= _equipment(world, place, device, name)
        ids |= _knowledge(world, place, name)
        ids |= networks(world, place, device, name)
        ids["finding_id"] = session.query(Finding).filter_by(device_id=device.id).one().id
        ids |= kept(world, place, device, ticket, name)
        return cls(client, ids, (name, person.display_name), device, ticket, host_key, person)

    @staticmethod
    def _of_ticket(world: World, ticket: Ticket, person: User, name: str) -> dict[str, int]:
        """What hangs on the ticket, and what its client maintains for tickets."""
        other = world.ticket(person.username, description=f"other of {name}")
        now = world.now
        rows = {
            "improvement_id": Improvement(
                client_id=ticket.client_id,
                site_id=ticket.site_id,
                period="2026-H2",
                title=f"Plan of {name}",
                reason=name,
                state="approved",
                due_on=now.date(),
                created_by=name,
                created_at=now,
                updated_at=now,
            ),
            "report_id": DeepReport(
                client_id=ticket.client_id,
                period="2026-H1",
                state="failed",
                as_of=now.date(),
                timezone="UTC",
                error=f"report of {name}",
                created_by=name,
                created_at=now,
            ),
            "link_id": TicketLink(
                ticket_id=ticket.id, other_id=other.id, kind="related", created_at=now, actor_name=name
            ),
            "cost_id": TicketCost(
                ticket_id=ticket.id,
                kind="part",
                description=f"part for {name}",
                quantity=Decimal(1),
                unit_price=Decimal(5),
                actor_name=name,
                created_at=now,
            ),
            "log_id": WorkLog(
                ticket_id=ticket.id, user_id=person.id, day=now.date(), minutes=5, note=f"work on {name}"
            ),
            "item_id": ChecklistItem(ticket_id=ticket.id, text=f"check {name}"),
            "handover_id": DataDelivery(
                ticket_id=ticket.id,
                name=f"data of {name}",
                content_type="text/plain",
                size_bytes=1,
                digest="0" * 64,
                blob_sha256="0" * 64,
                preview=f"preview of {name}",
                actor_name=name,
                created_at=now,
                expires_at=now,
            ),
            "window_id": CalendarEntry(
                client_id=ticket.client_id,
                site_id=ticket.site_id,
                kind="blackout",
                name=f"blackout of {name}",
                start_at=now,
                end_at=now + timedelta(hours=1),
                created_at=now,
            ),
            "entry_id": ListEntry(
                list_name="cause", client_id=ticket.client_id, name_zh=f"因 {name}", name_en=f"cause {name}"
            ),
            "service_id": CatalogueService(
                client_id=ticket.client_id,
                category="fault",
                title_zh=f"服务 {name}",
                title_en=f"service of {name}",
                created_at=now,
            ),
            "macro_id": Macro(
                client_id=ticket.client_id, title=f"macro of {name}", body="text", created_at=now
            ),
            "view_id": SavedView(
                user_id=person.id,
                client_id=ticket.client_id,
                name=f"view of {name}",
                query="queue=all",
                created_at=now,
            ),
        }
        with unit_of_work() as session:
            session.add_all(rows.values())
            session.flush()
            remark = DeepRemark(
                report_id=rows["report_id"].id, chapter="health", body=name, author=name, created_at=now
            )
            session.add(remark)
            session.flush()
            return {"remark_id": remark.id, **{key: int(row.id) for key, row in rows.items()}}


def _equipment(world: World, place: Site, device: Device, name: str) -> dict[str, int]:
    """A room with a rack, a model, an import, and a second device that needs the first."""
    made = {"client_id": place.client_id, "created_at": world.now}
    with unit_of_work() as session:
        room = Room(site_id=place.id, name=f"room of {name}", **made)
        model = DeviceModel(manufacturer=f"maker of {name}", name="M1", **made)
        brought = DeviceImport(actor_name=name, file_name=f"file of {name}", sha256="0" * 64, **made)
        brought.state = "done"
        other = Device(site_id=place.id, name=f"second {name}", state="planned", **made)
        session.add_all([room, model, brought, other])
        session.flush()
        rack = Rack(room_id=room.id, name=f"rack of {name}", **made)
        support = SupportContract(
            kind="warranty",
            vendor=f"vendor of {name}",
            number=f"W-{name}",
            starts_on=world.now.date(),
            ends_on=world.now.date(),
            warn_from=world.now.date(),
            **made,
        )
        session.add(support)
        session.flush()
        field = save_field(
            None, place.client_id, FieldData(f"field of {name}", "text"), actor=SYSTEM, now=world.now
        )
        session.add(DeviceTag(device_id=device.id, tag=f"tag of {name}"))
        ports = add_interfaces(
            device, f"port of {name}", kind="copper", speed_mbps=None, actor=SYSTEM, now=world.now
        )
        cover(support, [device.id], actor=SYSTEM, now=world.now)
        written = documents.DocumentData(f"document of {name}", "manual", place.id, f"note of {name}")
        paper = documents.save_document(None, place.client_id, written, actor=SYSTEM, now=world.now)
        documents.add_version(
            paper,
            (f"file of {name}.txt", b"text"),
            label=f"label of {name}",
            changes=f"changed by {name}",
            blobs=runtime().blobs,
            actor=SYSTEM,
            now=world.now,
        )
        documents.link(paper, device, actor=SYSTEM, now=world.now)
        relation = relate(other, device, "depends_on", actor=SYSTEM, now=world.now)
        session.add(rack)
        session.flush()
        return {
            "room_id": room.id,
            "rack_id": rack.id,
            "model_id": model.id,
            "import_id": brought.id,
            "relation_id": relation.id,
            "support_id": support.id,
            "document_id": paper.id,
            "interface_id": ports[0].id,
            "field_id": field.id,
        }


def _knowledge(world: World, place: Site, name: str) -> dict[str, int]:
    """An article with its first version, a handbook, and a runbook on schedule."""
    now = world.now
    with unit_of_work() as session:
        article = Article(client_id=place.client_id, created_at=now)
        handbook = Handbook(
            client_id=place.client_id,
            title=f"handbook of {name}",
            language="en",
            author_name=name,
            state="published",
            created_at=now,
        )
        schedule = RunbookSchedule(
            client_id=place.client_id,
            site_id=place.id,
            key="linux-disk-full",
            unit="week",
            weekdays="1",
            at="08:00",
            starts_on=now.date(),
            problem=f"schedule of {name}",
            created_at=now,
        )
        session.add_all([article, handbook, schedule])
        session.flush()
        version = ArticleVersion(
            article_id=article.id,
            number=1,
            state="published",
            audience="staff",
            language="en",
            title=f"article of {name}",
            body="text",
            author_name=name,
            created_at=now,
        )
        session.add(version)
        session.flush()
        return {
            "article_id": article.id,
            "version_id": version.id,
            "handbook_id": handbook.id,
            "schedule_id": schedule.id,
        }


def _approval(world: World, place: Site, name: str, person: User) -> tuple[ApprovalChain, ApprovalDelegation]:
    """Something the person asked for, by an approval of the client's own, and their stand-in."""
    client_id, key = place.client_id, f"of_{name}"
    steps = [{"name_en": f"step of {name}", "approvers": [{"kind": "role", "value": "supervisor"}]}]
    data = DefinitionData(key, client_id, f"approval of {name}", "", steps)
    save_definition(None, data, actor=SYSTEM, now=world.now)
    new = NewChain(key, "thing", place.id, f"asked by {name}", client_id, person.id, facts={"for": name})
    chain = start_chain(new, actor=SYSTEM, now=world.now)
    begin = world.now + timedelta(days=300 * place.id)
    delegation = set_stand_in(
        world.users[COLLEAGUES[person.username]].id,
        starts_at=begin,
        ends_at=begin + timedelta(days=300),
        reason=f"leave of {name}",
        actor=world.actor(person.username),
        now=world.now,
    )
    return chain, delegation


# Arguments that are no number of a record.
OTHER_VALUES = {
    "part": "serial",
    "what": "publish",
    "verb": "take_back",
    "number": 1,
    "check": "cpu_used",
    "act": "sign",
    "step": "undo",
    "deed": "remove",
    "decision": "approve",
    "name": "start",
    "kind": "csv",
    "how": "done",
    "ending": "take",
    "change": "save",
    "key": "linux-disk-full",
    "list_name": "cause",
    "section": "coverage",
    "chapter": "health",
    "slot": "health.state",
    "settled": "resolve",
    "ruling": "accept",
    "day": "2026-11-23",
    "table": "devices",
    "paper": "pdf",
    "map_kind": "power",
    "protocol": "snmp",
    "picture": "svg",
    "booking": "in",
    "turn": "pause",
}


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
