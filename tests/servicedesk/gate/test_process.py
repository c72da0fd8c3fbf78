"""The gate as a process: its certificate is replaced while it works; what keeps it shut is one sentence."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from servicedesk.config import Settings
from servicedesk.gate import __main__ as program
from servicedesk.gate import opening
from servicedesk.gate.server import Gate
from tests.support.ports import free_port


def test_files_that_are_replaced_are_taken_and_damaged_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(program, "LOOK_S", 0.05)
    for name in ("one", "two"):
        opening.certificate(Settings(data=tmp_path / name, zone_port=1))
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"

    def put(name: str) -> None:
        shutil.copy(tmp_path / name / "gate" / "server.key", key)
        shutil.copy(tmp_path / name / "gate" / "server.pem", cert)

    async def replaced() -> None:
        put("one")
        settings = Settings(data=tmp_path, zone_port=1, zone_cert=str(cert), zone_key=str(key))
        first = opening.context((cert, key))
        gate = Gate(tmp_path / "redis.sock", first)
        keeping = asyncio.create_task(program._keep_certificate(gate, settings))
        await asyncio.sleep(0.3)
        assert gate.context is first, "nothing changed"
        cert.write_text("half writ")
        await asyncio.sleep(0.3)
        assert gate.context is first
        assert "cannot be replaced" in caplog.text
        key.unlink()
        await asyncio.sleep(0.3)
        assert not keeping.done(), "a file that is away for a moment does not end the gate"
        put("two")
        for _ in range(100):
            await asyncio.sleep(0.05)
            if gate.context is not first:
                break
        assert gate.context is not first
        keeping.cancel()

    asyncio.run(replaced())


def test_what_keeps_it_shut_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(program, "die_with_parent", lambda: None)
    monkeypatch.setenv("SERVICEDESK_DATA", str(tmp_path))
    monkeypatch.setenv("SERVICEDESK_ZONE_PORT", str(free_port()))
    monkeypatch.setenv("SERVICEDESK_ZONE_HOST", "192.0.2.1")
    assert program.main() == 1
    assert [record.getMessage() for record in caplog.records if "Choose another" in record.getMessage()]
    assert "Traceback" not in caplog.text
