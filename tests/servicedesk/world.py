"""The people and places tests play with: two clients, one service company, one operator."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from servicedesk.approvals import service as approvals
from servicedesk.approvals.models import ApprovalChain, ApprovalNodeRun, ApprovalSeat
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.permissions import Role
from servicedesk.core.runtime import runtime
from servicedesk.equipment.credentials import save_credential
from servicedesk.equipment.models import Device
from servicedesk.equipment.service import DeviceData, save_access, save_device
from servicedesk.organisations.models import OPERATOR, Contract, Organisation, Site
from servicedesk.organisations.service import save_contract, save_organisation, save_site
from servicedesk.staff.actors import actor_for
from servicedesk.staff.models import User
from servicedesk.staff.service import create_user, grant_role
from servicedesk.tickets.models import ListEntry, Ticket
from servicedesk.tickets.service import NewTicket, create_ticket

SYSTEM = Actor.system("test")
PASSWORD = "correct-horse-9"
_CSRF = re.compile(rb'name="csrf_token"[^>]*?value="([^"]+)"|name="csrf-token" content="([^"]+)"')

# user name -> (organisation key, roles, site key of the grant)
PEOPLE = {
    "admin": ("operator", (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN), ""),
    "rita": ("north", (Role.REQUESTER,), ""),
    "dora": ("north", (Role.DATA_OWNER, Role.REQUESTER), ""),
    "carl": ("north", (Role.CHANGE_AUTHORITY,), ""),
    "erik": ("service", (Role.ENGINEER,), "north-1"),
    "emma": ("service", (Role.ENGINEER,), ""),
    "sam": ("service", (Role.SUPERVISOR,), ""),
    "sue": ("service", (Role.SUPERVISOR, Role.ENGINEER), ""),
    "rolf": ("south", (Role.REQUESTER,), ""),
    "stan": ("south", (Role.SUPERVISOR, Role.ENGINEER), ""),
}


@dataclass(slots=True)
class World:
    """Everything by a short name; ``north`` is served by the service company, ``south`` by its own staff."""

    now: datetime
    organisations: dict[str, Organisation] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    contract: Contract | None = None

    @classmethod
    def make(cls, now: datetime) -> World:
        world = cls(now)
        with unit_of_work() as session:
            world.organisations["operator"] = Organisation(kind=OPERATOR, name="Operator", created_at=now)
            session.add(world.organisations["operator"])
            for key, kind in (("north", "client"), ("south", "client"), ("service", "service")):
                world.organisations[key] = save_organisation(
                    None, kind=kind, name=key.title(), active=True, actor=SYSTEM, now=now
                )
            session.flush()
            for client, number in (("north", 1), ("north", 2), ("south", 1)):
                world.sites[f"{client}-{number}"] = save_site(
                    None,
                    client=world.organisations[client],
                    name=f"{client.title()} site {number}",
                    address="",
                    timezone="Asia/Shanghai",
                    active=True,
                    actor=SYSTEM,
                    now=now,
                )
            world.contract = save_contract(
                None,
                client=world.organisations["north"],
                service=world.organisations["service"],
                number="C-1",
                title="Operations",
                starts_on=date(2026, 1, 1),
                ends_on=date(2027, 12, 31),
                actor=SYSTEM,
                now=now,
            )
            session.flush()
            for name, (organisation, roles, site) in PEOPLE.items():
                user, _password = create_user(
                    SYSTEM,
                    organisation=world.organisations[organisation],
                    username=name,
                    display_name=name.title(),
                    password=PASSWORD,
                    now=now,
                )
                session.flush()
                for role in roles:
                    grant_role(user, role, actor=SYSTEM, now=now, site=world.sites.get(site))
                world.users[name] = user
        return world

    @classmethod
    def load(cls, now: datetime) -> World:
        """What ``make`` made in this database before."""
        return cls(
            now,
            organisations={row.name.lower(): row for row in db.session.query(Organisation)},
            sites={row.name.lower().replace(" site ", "-"): row for row in db.session.query(Site)},
            users={row.username: row for row in db.session.query(User)},
            contract=db.session.query(Contract).one(),
        )

    def actor(self, name: str) -> Actor:
        """Somebody as services see them."""
        return actor_for(self.users[name], today=self.now.date())

    def device(
        self, name: str = "sw1", site: str = "north-1", *, protocol: str = "", **values: object
    ) -> Device:
        """A device; with ``protocol`` snmp or ssh also a credential and a way to ask it."""
        with unit_of_work() as session:
            data = DeviceData(name=name, site_id=self.sites[site].id, address="127.0.0.1", **values)  # type: ignore[arg-type]
            device = save_device(None, data, actor=SYSTEM, now=self.now)
            session.flush()
            if protocol:
                secret = {"community": "public"} if protocol == "snmp" else {"password": "inspect-me"}
                credential = save_credential(
                    None,
                    client_id=device.client_id,
                    name=f"of {name}",
                    kind="snmp_community" if protocol == "snmp" else "ssh_password",
                    username="" if protocol == "snmp" else "inspector",
                    secret=secret,
                    keyring=runtime().keyring,
                    actor=SYSTEM,
                    now=self.now,
                )
                session.flush()
                save_access(
                    device, protocol=protocol, port=16161, credential=credential, actor=SYSTEM, now=self.now
                )
        return device

    def ticket(self, who: str = "rita", category: str = "fault", **values: object) -> Ticket:
        """A ticket of somebody's own client."""
        client = self.users[who].organisation_id
        with unit_of_work():
            return create_ticket(
                NewTicket(client_id=client, category=category, title="Printer jams", **values),  # type: ignore[arg-type]
                actor=self.actor(who),
                now=self.now,
            )

    def decide(self, ticket: Ticket, who: str, decision: str = "approved", reason: str = "because") -> None:
        """Somebody decides at the seat they have in the ticket's approval.

        Raises:
            NoResultFound: they are not asked.
        """
        seat = db.session.scalars(
            sa.select(ApprovalSeat)
            .join(ApprovalSeat.run)
            .join(ApprovalNodeRun.chain)
            .where(
                ApprovalChain.subject_id == ticket.id,
                ApprovalSeat.user_id == self.users[who].id,
                ApprovalSeat.state == "open",
            )
        ).one()
        chain_id, seat_id = seat.run.chain_id, seat.id
        with unit_of_work():
            approvals.decide(chain_id, seat_id, decision, reason, actor=self.actor(who), now=self.now)

    @staticmethod
    def mended() -> dict[str, str]:
        """What the resolution of a fault asks for besides words: cause and handling of the lists."""
        first = sa.select(ListEntry.list_name, sa.func.min(ListEntry.id)).group_by(ListEntry.list_name)
        return {row[0]: str(row[1]) for row in db.session.execute(first)}


def csrf(response: TestResponse) -> str:
    """The token of a page."""
    found = _CSRF.search(response.data)
    assert found is not None, response.data[:500]
    return (found[1] or found[2]).decode()


class Browser:
    """A signed-in person; every POST carries the token as a page's form would."""

    def __init__(self, app: Flask, username: str = "", password: str = PASSWORD) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = csrf(self.client.get("/sign-in"))
        if username:
            answer = self.post("/sign-in", username=username, password=password)
            assert answer.status_code == 302, answer.text
            self.token = csrf(self.client.get("/account/password"))

    def get(self, path: str, **headers: str) -> TestResponse:
        answer = self.client.get(
            path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        # The web server refuses to send what this client takes: names of files in other scripts.
        assert all(value.isascii() and value.isprintable() for _name, value in answer.headers), answer.headers
        return answer

    def post(self, path: str, **fields: object) -> TestResponse:
        data = {"csrf_token": self.token, **fields}
        return self.client.post(path, data=data, content_type="multipart/form-data")


def fresh() -> None:
    """Forget what the session holds, so that the next read is of the database."""
    db.session.rollback()
    db.session.expire_all()
