"""What a report's data propose: pure functions from its sections to items of the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.core.sentences import N_
from servicedesk.reports.deep.content import Section
from servicedesk.reports.deep.gathering.capacity import CAPACITY_SECTION
from servicedesk.reports.deep.gathering.reliance import RELIANCE
from servicedesk.reports.deep.gathering.repeats import REPEATS
from servicedesk.reports.deep.gathering.scope import COVERAGE
from servicedesk.reports.deep.gathering.verdicts import SECURITY
from servicedesk.reports.deep.gathering.versions import ENDED, SUPPORT, VERSIONS
from servicedesk.tickets.periods import Period

CAPACITY, LIFE, REPEATED, BASELINE = "capacity", "life", "repeated", "baseline"
CONTRACT, BARE, SINGLE, FAULTS = "contract", "bare", "single", "faults"
RULES: dict[str, LazyString] = {
    CAPACITY: _l("Capacity reaches its limit"),
    LIFE: _l("End of support or life"),
    REPEATED: _l("Repeated finding"),
    FAULTS: _l("Many faults of one device"),
    BASELINE: _l("Security baseline not kept"),
    CONTRACT: _l("Contract ends"),
    BARE: _l("No warranty or contract"),
    SINGLE: _l("Single point of failure"),
}
CAPACITY_DAYS = 183  # a limit that is reached within so many
SOON_DAYS = 61
MANY_DEPEND = 10
MOST_EVIDENCE = 20
Sections = Mapping[str, Mapping[str, Any]]
Words = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a report is about, as far as rules need it."""

    period: Period
    as_of: date

    @property
    def horizon(self) -> date:
        """The end of the next half-year."""
        return self.period.moved(1).last

    def after(self, days: int) -> date:
        """A due date so many days after the report's day."""
        return self.as_of + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Proposal:
    """``devices``: numbers and names; other fields as ``models.Improvement`` has them."""

    rule: str
    subject: str
    site_id: int | None
    devices: tuple[tuple[int, str], ...]
    title: Words
    reason: Words
    effect: Words
    priority: int
    due_on: date
    facts: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[dict[str, Any], ...] = ()


def propose(sections: Sections, frame: Frame) -> list[Proposal]:
    """All proposals, the most urgent first."""
    found = [one for rule in _RULES for one in rule(_Data(sections), frame)]
    return sorted(found, key=lambda one: (one.priority, one.due_on, one.rule, one.subject, one.devices))


def _say(template: str, **values: Any) -> Words:
    return {"template": template, "values": values}


class _Data:
    """Rows of a report's tables by the names of their columns."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections
        self.site_of: dict[int, int] = {
            row["device"][0]: row["site"][0] for row in self.rows(COVERAGE, "devices")
        }

    def rows(self, section: Section, key: str) -> Iterator[dict[str, Any]]:
        """Rows of one table; none when the report is older than the section."""
        table = section.table(key)
        if table is None or section.key not in self._sections:
            return
        names = [column.key for column in table.columns]
        for row in self._sections[section.key]["tables"].get(key, ()):
            yield dict(zip(names, row, strict=False))


def _cell(kind: str, value: Any) -> dict[str, Any]:
    return {"kind": kind, "value": value}


def _device(row: Mapping[str, Any]) -> tuple[int, str]:
    return row["device"][0], row["device"][1]


def _capacity(data: _Data, frame: Frame) -> Iterator[Proposal]:
    for row in data.rows(CAPACITY_SECTION, "crossing"):
        expected = row["expected"] or row["earliest"]
        if expected is None or date.fromisoformat(expected) > frame.after(CAPACITY_DAYS):
            continue
        earliest = date.fromisoformat(row["earliest"] or expected)
        soon = date.fromisoformat(expected) <= frame.after(SOON_DAYS)
        device = _device(row)
        named = {"name": device[1], "check": row["check"], "item": row["item"]}
        yield Proposal(
            CAPACITY,
            f"{row['check']}|{row['item']}",
            data.site_of.get(device[0]),
            (device,),
            _say(N_("%(name)s: make room, %(check)s %(item)s"), **named),
            _say(
                N_("Now %(now)s, limit %(limit)s: expected to be reached on %(day)s."),
                now=f"{row['now'][0]:g} {row['now'][1]}".strip(),
                limit=f"{row['limit'][0]:g} {row['limit'][1]}".strip(),
                day=expected,
            ),
            _say(N_("It stays below the limit, lower than it is now.")),
            2 if soon else 3,
            max(frame.after(14), earliest - timedelta(days=14)),
            {
                "check": row["check"],
                "item": row["item"],
                "now": row["now"][0],
                "limit": row["limit"][0],
                "unit": row["now"][1],
            },
            (_cell("measure", row["now"]), _cell("day", expected)),
        )


def _life(data: _Data, frame: Frame) -> Iterator[Proposal]:
    groups: dict[tuple[int | None, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in data.rows(VERSIONS, "devices"):
        day = row["support"] or row["life"]
        if day is not None and date.fromisoformat(day) <= frame.horizon:
            groups[data.site_of.get(row["device"][0]), row["model"], day].append(row)
    for (site_id, model, day), rows in groups.items():
        ended = rows[0]["phase"] == ENDED
        ends = date.fromisoformat(day)
        yield Proposal(
            LIFE,
            model,
            site_id,
            tuple(_device(row) for row in rows),
            _say(
                N_("Replace or upgrade %(model)s (%(count)s devices)"),
                model=model or rows[0]["device"][1],
                count=len(rows),
            ),
            _say(
                N_("The manufacturer's support ended on %(day)s.")
                if ended
                else N_("The manufacturer's support ends on %(day)s."),
                day=day,
            ),
            _say(N_("Models or versions in use are supported again.")),
            2 if ended else 3,
            max(frame.after(90), min(ends, frame.horizon)),
            {"model": model, "versions": {str(row["device"][0]): row["version"] for row in rows}},
            (_cell("day", day),),
        )


def _repeated(data: _Data, frame: Frame) -> Iterator[Proposal]:
    for row in data.rows(REPEATS, "clusters"):
        device = _device(row)
        named = {"name": device[1], "check": row["check"], "item": row["item"]}
        change = (_cell("ticket", row["change"]),) if row["change"] else ()
        yield Proposal(
            REPEATED,
            f"{row['check']}|{row['item']}",
            data.site_of.get(device[0]),
            (device,),
            _say(N_("%(name)s: find the root cause, %(check)s %(item)s"), **named),
            _say(
                N_("Found abnormal %(times)s times with %(relapses)s relapses in the half-year."),
                times=row["times"],
                relapses=row["relapses"],
            ),
            _say(N_("It is not found abnormal again within 30 days.")),
            2 if row["open"] == "yes" else 3,
            frame.after(60),
            {"check": row["check"], "item": row["item"]},
            (_cell("record", row["record"]), *change),
        )


def _faults(data: _Data, frame: Frame) -> Iterator[Proposal]:
    for row in data.rows(REPEATS, "devices"):
        device = _device(row)
        yield Proposal(
            FAULTS,
            "faults",
            data.site_of.get(device[0]),
            (device,),
            _say(N_("%(name)s: end the repeated faults"), name=device[1]),
            _say(N_("%(count)s faults were registered in the half-year."), count=row["faults"]),
            _say(N_("No fault of this device is registered within 30 days.")),
            2,
            frame.after(60),
            {"faults": row["faults"]},
        )


def _baseline(data: _Data, frame: Frame) -> Iterator[Proposal]:
    groups: dict[tuple[int | None, str], list[dict[str, Any]]] = defaultdict(list)
    for row in data.rows(SECURITY, "abnormal"):
        groups[data.site_of.get(row["device"][0]), row["check"]].append(row)
    for (site_id, check), rows in groups.items():
        critical = any(row["outcome"] == "critical" for row in rows)
        devices = sorted({_device(row) for row in rows}, key=lambda one: (one[1], one[0]))
        records = list(dict.fromkeys(row["record"] for row in rows))
        yield Proposal(
            BASELINE,
            check,
            site_id,
            tuple(devices),
            _say(N_("Keep the baseline: %(check)s (%(count)s devices)"), check=check, count=len(devices)),
            _say(N_("%(count)s items were abnormal at the last inspection."), count=len(rows)),
            _say(N_("The check is normal in three later inspections.")),
            2 if critical else 3,
            frame.after(30 if critical else 60),
            {"check": check},
            tuple(_cell("record", record) for record in records[:MOST_EVIDENCE]),
        )


def _contract(data: _Data, frame: Frame) -> Iterator[Proposal]:
    for row in data.rows(SUPPORT, "contracts"):
        ends = date.fromisoformat(row["ends"])
        if ends > frame.horizon:
            continue
        number, name = row["contract"]
        yield Proposal(
            CONTRACT,
            f"contract:{number}",
            None,
            (),
            _say(N_("Renew or replace the contract %(name)s"), name=name),
            _say(
                N_("It ends on %(day)s and covers %(count)s devices."), day=row["ends"], count=row["devices"]
            ),
            _say(N_("The devices are covered beyond that day.")),
            2 if ends < frame.after(SOON_DAYS) else 3,
            max(frame.after(14), ends - timedelta(days=30)),
            {"contract": number, "ends": row["ends"]},
            (_cell("contract", row["contract"]),),
        )


def _bare(data: _Data, frame: Frame) -> Iterator[Proposal]:
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in data.rows(SUPPORT, "bare"):
        groups[row["site"][0]].append(row)
    for site_id, rows in groups.items():
        site = rows[0]["site"][1]
        yield Proposal(
            BARE,
            "cover",
            site_id,
            tuple(_device(row) for row in rows),
            _say(N_("%(site)s: cover %(count)s devices by a contract"), site=site, count=len(rows)),
            _say(N_("They have neither a warranty nor a contract that is in force.")),
            _say(N_("A warranty or contract in force covers each of them.")),
            4,
            frame.after(180),
        )


def _single(data: _Data, frame: Frame) -> Iterator[Proposal]:
    for row in data.rows(RELIANCE, "points"):
        device = _device(row)
        yield Proposal(
            SINGLE,
            "single",
            row["site"][0],
            (device,),
            _say(N_("%(name)s: give it a second"), name=device[1]),
            _say(
                N_("%(count)s devices stop when it stops: %(named)s."),
                count=row["stopped"],
                named=row["named"],
            ),
            _say(N_("Fewer devices depend on it alone.")),
            2 if row["stopped"] >= MANY_DEPEND else 3,
            frame.after(180),
            {"stopped": row["stopped"]},
        )


_RULES: tuple[Callable[[_Data, Frame], Iterator[Proposal]], ...] = (
    _capacity,
    _life,
    _repeated,
    _faults,
    _baseline,
    _contract,
    _bare,
    _single,
)
