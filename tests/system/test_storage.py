"""A disk that is full."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.simulator.site import Site
from tests.conftest import program
from tests.system import devices
from tests.system.conftest import Install
from tests.system.installation import until

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    mount, unmount = program("mount"), program("umount")
    if os.geteuid() != 0 or mount is None or unmount is None:
        pytest.skip("only root mounts a file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = (mount, "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder))
    if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("this root must not mount a file system")
    yield folder
    subprocess.run((unmount, "--lazy", str(folder)), check=True)


def test_visits_on_a_full_disk_are_recorded_when_there_is_room_again(
    small_disk: Path, install: Install, prepared: Path, slow_site: Site
) -> None:
    one = install()
    one.data = small_disk / "data"
    shutil.copytree(prepared, one.data)
    devices.record(one.data, slow_site)
    one.start()
    run_id = devices.begin_run(one.data)
    devices.visits_under_way(one, run_id)
    filler = small_disk / "filler"
    # Without a buffer: closing one would write what did not fit again, and fail outside of the try.
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65536))
        except OSError:
            pass
    until("a log tells", lambda: any("is full" in one.log(name) for name in ("collector", "worker")))
    filler.unlink(missing_ok=True)
    devices.completed(one, run_id)
    devices.is_sound(one)
