"""A whole installation and a zone's worker: the installation is killed among the visits and started again."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from collectors.simulator.site import Site
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.inspections.zones import keys
from servicedesk.inspections.zones.service import save_zone
from servicedesk.organisations.models import Site as Place
from tests.support.redis import Authority, running_redis
from tests.system import devices
from tests.system.conftest import Install
from tests.system.installation import until
from tests.system.zone_worker import ZoneWorker

pytestmark = pytest.mark.redis


def test_an_installation_killed_while_its_zone_works_loses_and_doubles_nothing(
    install: Install, prepared: Path, slow_site: Site, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "ca")
    with running_redis(tmp_path / "redis", authority) as redis:
        installation = install(environment={"REDIS_URL": redis.url}, like=prepared)
        devices.record(installation.data, slow_site)
        with devices.application(installation.data), unit_of_work():
            place = db.session.scalars(sa.select(Place).where(Place.name == "Simulated")).one()
            zone = save_zone(
                None,
                name="branch",
                note="",
                active=True,
                site_ids=[place.id],
                keyring=runtime().keyring,
                actor=devices.SYSTEM,
                now=utcnow(),
            )
            key = tmp_path / "zone.key"
            key.write_bytes(keys.keys_of(zone, runtime().keyring)[0])
        certificate, private = authority.issue("client")
        given = ("--url", redis.tls_url_of_all, "--zone", "branch", "--key-file", str(key), "--name", "one")
        tls = ("--ca", str(authority.ca), "--cert", str(certificate), "--cert-key", str(private))
        worker = ZoneWorker(tmp_path / "worker", *given, *tls)
        try:
            installation.start()
            run_id = devices.begin_run(installation.data)
            worker.start()
            until("visits under way", lambda: len(list(worker.folder.glob("visits/*.visit"))) >= 4)
            installation.kill_everything()
            until("the visits end", lambda: not list(worker.folder.glob("visits/*.visit")))
            installation.start()
            devices.completed(installation, run_id, within_s=60)
            assert worker.stop() == 0
        finally:
            worker.close()
