"""What of a client's inspections has a number in an address; part of ``belongings``."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.models import Credential
from servicedesk.inspections.amending.models import Amendment
from servicedesk.inspections.days.models import DayExplanation
from servicedesk.inspections.lists.models import RequiredList
from servicedesk.inspections.manual.definitions import of_item
from servicedesk.inspections.manual.models import ManualAnswer
from servicedesk.inspections.manual.service import ItemData, save_item
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.reviewing.models import RecordReview
from servicedesk.inspections.whatif.models import Rejudging
from servicedesk.inspections.zones.models import Zone, ZoneWorker
from tests.servicedesk.world import SYSTEM, World


def credential_of(client_id: int) -> int:
    """Any of the client's."""
    return (
        db.session.scalars(
            sa.select(Credential.id).where(Credential.client_id == client_id).order_by(Credential.id)
        ).first()
        or 0
    )


def inspected(run: InspectionRun, world: World) -> dict[str, int]:
    """An item by hand with its row in a round (whose photo is asked for has none, so nobody sees it), an
    amendment, a review, an explanation, a required list and a question about the history."""
    data = ItemData(f"Lamps of {run.id}", "L", "site", "number", warning_upper=1)
    item = save_item(None, run.client_id, data, actor=SYSTEM, now=world.now)
    name, day = f"inspected {run.id}", world.now.date()
    rows = {
        "answer_id": ManualAnswer(
            run_id=run.id, item_id=item.id, place_key="site", place_name="x", definition=of_item(item)
        ),
        "amendment_id": Amendment(
            run_id=run.id,
            number=1,
            before={},
            after={"remark": name},
            reason=name,
            signed_by=name,
            signed_at=world.now,
            previous_hash="0" * 64,
            content_hash="1" * 64,
        ),
        "review_id": RecordReview(
            run_id=run.id,
            content_hash="0" * 64,
            signed_by=name,
            seed="0" * 64,
            percent=10,
            minimum=1,
            population=1,
            begun_by=name,
            begun_at=world.now,
        ),
        "explanation_id": DayExplanation(
            client_id=run.client_id, site_id=run.site_id, day=day, kind="missed", asked_at=world.now
        ),
        "list_id": RequiredList(
            client_id=run.client_id,
            profile="server" if run.id % 2 else "network",
            changed_by=name,
            changed_at=world.now,
        ),
        "zone_id": Zone(
            name=f"zone-{run.id}", note=name, secret="x", key_changed_at=world.now, created_at=world.now
        ),
        "jump_host_id": JumpHost(
            client_id=run.client_id,
            name=name,
            address="192.0.2.1",
            credential_id=credential_of(run.client_id),
            created_at=world.now,
        ),
        "rejudging_id": Rejudging(
            client_id=run.client_id,
            site_id=run.site_id,
            first=day,
            last=day,
            occasion=name,
            ordered_by=name,
            ordered_at=world.now,
        ),
    }
    db.session.add_all(rows.values())
    db.session.flush()
    worker = ZoneWorker(zone_id=rows["zone_id"].id, name=name)
    db.session.add(worker)
    db.session.flush()
    return {"item_id": item.id, "worker_id": worker.id, **{key: row.id for key, row in rows.items()}}
