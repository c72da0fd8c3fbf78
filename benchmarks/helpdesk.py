"""django-helpdesk with as many tickets on SQLite, in an environment of its own for one run.

Its queue is a page that then asks for 25 rows; both are counted, as whoever opens it waits for both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = "django-helpdesk"
_INSTALL_S, _RUN_S = 300, 900

# A project of its own as django-helpdesk's installation page describes, with fewer optional applications.
_SETTINGS = """
SECRET_KEY = "bench"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.sites", "django.contrib.messages", "django.contrib.staticfiles",
    "django.contrib.humanize", "rest_framework", "helpdesk",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
    "context_processors": ["django.template.context_processors.request",
                           "django.contrib.auth.context_processors.auth",
                           "django.contrib.messages.context_processors.messages"]}}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "desk.sqlite3"}}
STATIC_URL = "/static/"
SITE_ID = 1
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
HELPDESK_TEAMS_MODE_ENABLED = HELPDESK_ACTIVATE_API_ENDPOINT = False
HELPDESK_KBITEM_TEAM_GETTER = lambda item: None
"""
_URLS = """
from django.contrib import admin
from django.urls import include, path
urlpatterns = [path("admin/", admin.site.urls), path("", include("helpdesk.urls", namespace="helpdesk"))]
"""
_RUN = """
import json, os, re, statistics, sys, time
from datetime import timedelta
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
call_command("migrate", verbosity=0)
from helpdesk.models import FollowUp, Queue, Ticket
from helpdesk.query import query_to_base64

given = json.loads(sys.argv[1])
staff = User.objects.create_superuser("staff", "staff@example.org", "bench")
queue = Queue.objects.create(title="Faults", slug="flt")
now = timezone.now()
for start in range(0, given["tickets"], 5000):
    numbers = range(start + 1, start + 5001)
    Ticket.objects.bulk_create(Ticket(
        id=n, queue=queue, title=f"{given['words'][n % len(given['words'])]} {n}", secret_key=str(n),
        created=now - timedelta(minutes=n), modified=now, status=4 if n % 20 else 1,
        assigned_to=staff if n % 40 == 0 else None, submitter_email="rita@example.org") for n in numbers)
    FollowUp.objects.bulk_create(
        FollowUp(ticket_id=n, title="Comment", comment=f"Answer {turn} of {n}", date=now)
        for n in numbers for turn in range(5))
client = Client()
client.force_login(staff)

def rows(**params):
    query = {"filtering": {}, "filtering_null": {}, "sorting": "created", "sortreverse": False,
             "search_string": "", **params}
    return f"/datatables_ticket_list/{query_to_base64(query)}?draw=1&start=0&length=50"

pages = {
    "queue": ["/tickets/", rows(filtering={"status__in": [1, 2]})],
    "all": ["/tickets/?status=1", rows()],
    "search": ["/tickets/?q=" + given["word"], rows(search_string=given["word"])],
    "ticket": ["/tickets/50000/"],
}
medians = {}
for name, paths in pages.items():
    times = []
    for _ in range(given["rounds"]):
        began = time.perf_counter()
        for path in paths:
            answer = client.get(path)
            if answer.status_code != 200:
                sys.exit(f"{path}: {answer.status_code}")
        times.append(time.perf_counter() - began)
    medians[name] = statistics.median(times)
print(json.dumps(medians))
"""


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """Seconds by page ("queue", "all", "search", "ticket"); ``missing`` says why there are none."""

    medians: dict[str, float] = field(default_factory=dict)
    missing: str = ""


def run_helpdesk(folder: Path, tickets: int, words: tuple[str, ...], word: str, rounds: int) -> Helpdesk:
    """Install it, fill it alike, and time one user's requests through the whole application."""
    python = folder / "environment" / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(folder / "environment")],
        [str(python), "-m", "pip", "install", "--quiet", PACKAGE],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
        if done.returncode:
            return Helpdesk(missing=f"not installed: {done.stderr.strip().splitlines()[-1:]}")
    for name, text in (("settings", _SETTINGS), ("urls", _URLS), ("run", _RUN)):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    given = {"tickets": tickets, "words": words, "word": word, "rounds": rounds}
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [str(python), "run.py", json.dumps(given)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_RUN_S,
        check=False,
    )
    if done.returncode:
        return Helpdesk(missing=f"failed: {done.stderr.strip().splitlines()[-1:]}")
    return Helpdesk(json.loads(done.stdout.splitlines()[-1]))
