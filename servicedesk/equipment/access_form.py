"""The form of how a device is asked, with what may be chosen."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.forms import NONE_CHOSEN, TO_CHOOSE
from servicedesk.core.permissions import Permission
from servicedesk.equipment import jump_hosts
from servicedesk.equipment.forms import AccessForm
from servicedesk.equipment.models import Credential, Device


def access_form(found: Device, actor: Actor, protocol: str = "") -> AccessForm | None:
    """With the credentials and jump hosts of the device's client; None: this actor may not change it.

    Args:
        protocol: of the way that is changed: the form begins with what is recorded.
    """
    if not actor.allows(Permission.DEVICE_EDIT, found.client_id, found.site_id):
        return None
    form = AccessForm(obj=next((one for one in found.accesses if one.protocol == protocol), None))
    credentials = db.session.execute(
        sa.select(Credential.id, Credential.name)
        .where(Credential.client_id == found.client_id)
        .order_by(Credential.name)
    )
    found_credentials = [(one.id, one.name) for one in credentials]
    form.credential_id.offer(found_credentials, empty=TO_CHOOSE if found_credentials else None)
    hops = [(one.id, one.name) for one in jump_hosts.of_client(found.client_id)]
    form.jump_host_id.offer(hops, empty=NONE_CHOSEN)
    return form
