"""The four categories' tables, by category."""

from __future__ import annotations

from servicedesk.tickets.workflow import Workflow
from servicedesk.tickets.workflows.change import CHANGE
from servicedesk.tickets.workflows.data_request import DATA_REQUEST
from servicedesk.tickets.workflows.fault import FAULT
from servicedesk.tickets.workflows.general import GENERAL

WORKFLOWS: dict[str, Workflow] = {w.category: w for w in (FAULT, GENERAL, DATA_REQUEST, CHANGE)}
