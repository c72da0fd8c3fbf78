"""The first start of an installation: an administrator, an organisation, this machine as first device.

Running it again changes nothing and prints nothing.
"""

from __future__ import annotations

import socket
import sys
from datetime import datetime

import sqlalchemy as sa

from servicedesk import create_app
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.permissions import Role
from servicedesk.core.runtime import runtime
from servicedesk.core.sentences import N_
from servicedesk.equipment.service import DeviceData, save_access, save_device
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.runs import start_device
from servicedesk.organisations.models import CLIENT, OPERATOR, Organisation, Site
from servicedesk.staff.models import User
from servicedesk.staff.service import create_user, grant_role

ADMIN_ROLES = (
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
    Role.SUPERVISOR,
    Role.ENGINEER,
)


def first_start(now: datetime) -> str | None:
    """Make what an empty database needs; returns the administrator's one-time password, once."""
    if db.session.scalar(sa.select(User.id).limit(1)) is not None:
        return None
    actor = Actor.system(N_("first start"))
    settings = runtime().settings
    chinese = settings.locale == "zh_CN"
    operator = Organisation(kind=OPERATOR, name="系统运营方" if chinese else "Operator", created_at=now)
    client = Organisation(kind=CLIENT, name="本单位" if chinese else "Our organisation", created_at=now)
    db.session.add_all([operator, client])
    db.session.flush()
    site = Site(
        client_id=client.id,
        name="主站点" if chinese else "Main site",
        timezone=settings.timezone,
        created_at=now,
    )
    db.session.add(site)
    db.session.flush()
    admin, password = create_user(
        actor,
        organisation=operator,
        username="admin",
        display_name="管理员" if chinese else "Administrator",
        now=now,
    )
    db.session.flush()
    for role in ADMIN_ROLES:
        grant_role(admin, role, actor=actor, now=now)
    device = save_device(
        None,
        DeviceData(
            name=socket.gethostname()[:200] or "localhost",
            site_id=site.id,
            device_class="server",
            address="127.0.0.1",
            responsible_id=admin.id,
        ),
        actor=actor,
        now=now,
    )
    save_access(device, protocol="local", port=0, credential=None, actor=actor, now=now)
    plan_name = "每日巡检" if chinese else "Daily inspection"
    save_plan(None, PlanData(site_id=site.id, name=plan_name), actor=actor, now=now)
    start_device(device, actor=actor, now=now, trigger="first_start")
    return password


def main() -> int:
    """Called by the supervisor before the workers start, after the migrations."""
    app = create_app()
    with app.app_context():
        with unit_of_work():
            password = first_start(utcnow())
        if password is not None:
            sys.stdout.write(
                f"User name: admin\nOne-time password: {password}\nIt must be changed at the first sign-in.\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
