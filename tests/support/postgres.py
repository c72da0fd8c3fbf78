"""A PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.conftest import postgres_folder


class Postgres:
    """A PostgreSQL server of our own: one template, a database a test."""

    def __init__(self, folder: Path) -> None:
        self.programs = postgres_folder()
        self.folder = folder
        self.count = 0

    def _command(self, *words: str) -> list[str]:
        # PostgreSQL refuses to run as root.
        return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else list(words)

    def start(self) -> None:
        assert self.programs is not None
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = str(self.folder / "data")
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c full_page_writes=off"
        for words in (
            (
                str(self.programs / "initdb"),
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "--encoding=UTF8",
                "--locale=C",
            ),
            (
                str(self.programs / "pg_ctl"),
                "-D",
                data,
                "-l",
                str(self.folder / "log"),
                "-w",
                "-o",
                options,
                "start",
            ),
        ):
            subprocess.run(self._command(*words), check=True, stdout=subprocess.DEVNULL, cwd="/")

    def stop(self) -> None:
        assert self.programs is not None
        words = (str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        subprocess.run(self._command(*words), check=False, stdout=subprocess.DEVNULL, cwd="/")

    def sql(self, statement: str) -> None:
        with psycopg.connect(
            f"host={self.folder} user=postgres dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def new_database(self, template: str = "template1") -> str:
        self.count += 1
        name = f"test{self.count}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server that runs for the block and leaves nothing behind."""
    # Directly below /tmp: a Unix socket's path may have 107 bytes, and the user postgres must get there.
    folder = Path(tempfile.mkdtemp(prefix="sdpg"))
    folder.chmod(0o755)
    server = Postgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
