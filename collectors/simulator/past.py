"""What a visit to a simulated device would have brought home at a moment of the past, without a network."""

from __future__ import annotations

from datetime import datetime, timedelta

from collectors.errors import VisitError
from collectors.files import section_for, without_secrets
from collectors.model import Access, Exchange, SnmpAccess, SshAccess, Target
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import SECTIONS
from collectors.platforms.linux_script import new_marker, split_output
from collectors.platforms.snmp import detect, roots_for
from collectors.simulator import mibs
from collectors.simulator.linux_host import Answer, SimulatedHost
from collectors.simulator.mib import Mib
from collectors.simulator.site import DeviceSpec, host_key_of
from collectors.transports import TransportResult
from collectors.transports.snmp_session import silence
from collectors.transports.ssh_keys import check_host_key, fingerprint, key_line
from collectors.transports.ssh_session import REFUSES

_SYSTEM = "1.3.6.1.2.1.1"
_BOOTED_BEFORE = timedelta(days=41)


class PastDevice:
    """One device of a site file.

    Args:
        since: the beginning of the time that will be asked for; error counters grow from there.
    """

    def __init__(self, spec: DeviceSpec, since: datetime) -> None:
        self.spec = spec
        self.since = since
        self._host = SimulatedHost(spec.name, spec.seed, set(), booted_at=since - _BOOTED_BEFORE)

    def visit(self, target: Target, access: Access, at: datetime) -> TransportResult:
        """As the transport's ``visit`` would answer: refusals and unapproved host keys too."""
        try:
            if isinstance(access, SshAccess):
                return self._ssh(target, access, at)
            if isinstance(access, SnmpAccess):
                return self._snmp(access, at)
        except VisitError as error:
            return TransportResult((), error.outcome, error.reason, self._shown(error.outcome))
        raise TypeError("simulated devices are asked over SSH or SNMP")

    def _shown(self, outcome: Outcome) -> dict[str, str]:
        if outcome is not Outcome.HOST_KEY_CHANGED:
            return {}
        key = host_key_of(self.spec.name, self.spec.seed)
        return {"host_key": key_line(key), "host_key_fingerprint": fingerprint(key.asbytes())}

    def _ssh(self, target: Target, access: SshAccess, at: datetime) -> TransportResult:
        check_host_key(host_key_of(self.spec.name, self.spec.seed), access)
        if self.spec.users.get(access.user) != access.password:
            raise VisitError(Outcome.AUTH_FAILED, REFUSES % {"user": access.user})
        self._host.faults = self.spec.active(at.timestamp())
        answers = self._host.sections(at)
        marker, files = new_marker(), section_for(target)
        sections = (*SECTIONS, files) if files is not None else SECTIONS
        stdout, stderr = [], []
        for name in (*(section.name for section in sections), "end"):
            answer = Answer() if name == "end" else answers.get(name, Answer(status="missing"))
            stdout.append(f"{answer.text}\n{marker} {name} {answer.status}\n")
            stderr.append(f"{answer.stderr}\n{marker} {name}\n")
        exchanges, _ended = split_output(
            "".join(stdout).encode(),
            "".join(stderr).encode(),
            marker,
            transport="ssh",
            duration_s=0.4,
            sections=sections,
        )
        if files is not None:
            exchanges = without_secrets(exchanges, files, target)
        return TransportResult(exchanges, session={"user": access.user}, platform="linux")

    def _snmp(self, access: SnmpAccess, at: datetime) -> TransportResult:
        if access.version != "3" and access.community != self.spec.community:
            raise silence(self.spec.address, access.port)
        lines = self._mib(at).lines()
        values = dict(line.split("|", 2)[::2] for line in lines if line.startswith(_SYSTEM))
        object_id, description = values.get(f"{_SYSTEM}.2.0", ""), values.get(f"{_SYSTEM}.1.0", "")
        exchanges = [_exchange(f"get {_SYSTEM}", lines, _SYSTEM)]
        exchanges += [_exchange(f"walk {root}", lines, root) for root in roots_for(object_id, description)]
        session = {"snmp.version": access.version}
        return TransportResult(tuple(exchanges), session=session, platform=detect(object_id, description))

    def _mib(self, at: datetime) -> Mib:
        t, spec = at.timestamp(), self.spec
        lasted = (
            times.active_s(self.since.timestamp(), t) for times in spec.faults if times.fault == "errors"
        )
        return mibs.build(spec.kind, spec.name, spec.seed, t, spec.active(t), error_s=sum(lasted))


def _exchange(question: str, lines: list[str], root: str) -> Exchange:
    prefix = f"{root}."
    answer = "".join(f"{line}\n" for line in lines if line.startswith(prefix))
    return Exchange("snmp", question, answer.encode(), duration_s=0.05)
