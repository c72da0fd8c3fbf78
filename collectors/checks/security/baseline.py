"""Accounts, SSH settings, certificates and cryptography."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.checks.spec import CheckSpec, Context
from collectors.facts.host import Account, Certificate, SshdSettings
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome


def _accounts(context: Context) -> tuple[Account, ...]:
    accounts = context.fact("accounts")
    return (
        tuple(item for item in accounts if isinstance(item, Account)) if isinstance(accounts, tuple) else ()
    )


def check_root_accounts(context: Context) -> Iterator[Finding]:
    """Only root may have uid 0."""
    accounts = _accounts(context)
    others = [account.name for account in accounts if account.uid == 0 and account.name != "root"]
    for name in others:
        yield context.state(name, Outcome.CRITICAL, N_("This account has the rights of root (uid 0)"))
    if accounts and not others:
        yield context.state("", Outcome.OK, N_("Only root has uid 0"))


def check_empty_passwords(context: Context) -> Iterator[Finding]:
    accounts = _accounts(context)
    empty = [account.name for account in accounts if account.password == "empty"]  # noqa: S105 - a state
    for name in empty:
        yield context.state(name, Outcome.CRITICAL, N_("This account has no password"))
    if accounts and not empty and any(account.password != "unknown" for account in accounts):  # noqa: S105 - a state, no password
        yield context.state("", Outcome.OK, N_("No account without a password"))


# keyword → (values that are safe, sshd's default, what is wrong else); OpenSSH sshd_config(5)
_SSHD: dict[str, tuple[frozenset[str], str, Outcome, str]] = {
    "permitrootlogin": (
        frozenset({"no", "prohibit-password", "without-password", "forced-commands-only"}),
        "prohibit-password",
        Outcome.WARNING,
        N_("root may log in with a password"),
    ),
    "permitemptypasswords": (
        frozenset({"no"}),
        "no",
        Outcome.CRITICAL,
        N_("Accounts without a password may log in"),
    ),
    "x11forwarding": (frozenset({"no"}), "no", Outcome.WARNING, N_("X11 forwarding is on")),
    "hostbasedauthentication": (frozenset({"no"}), "no", Outcome.WARNING, N_("Other hosts are trusted")),
    "ignorerhosts": (
        frozenset({"yes", "shosts-only"}),
        "yes",
        Outcome.WARNING,
        N_("rhosts files are honoured"),
    ),
}
_MAX_AUTH_TRIES = 6


def check_sshd_settings(context: Context) -> Iterator[Finding]:
    """A short security baseline of the SSH service."""
    settings = context.fact("sshd")
    if not isinstance(settings, SshdSettings):
        return
    for keyword, (safe, default, outcome, wrong) in _SSHD.items():
        value = settings.values.get(keyword, default).lower()
        if value in safe:
            outcome, template = Outcome.OK, "%(keyword)s %(value)s"
        else:
            template = wrong
        values: Mapping[str, str] = {"keyword": keyword, "value": value}
        yield context.state(keyword, outcome, template, values, evidence=settings.evidence)
    tries = settings.values.get("maxauthtries", str(_MAX_AUTH_TRIES))
    if tries.isdigit():
        outcome = Outcome.WARNING if int(tries) > _MAX_AUTH_TRIES else Outcome.OK
        template = N_("%(value)s attempts per connection")
        yield context.state("maxauthtries", outcome, template, {"value": tries}, evidence=settings.evidence)


def check_certificate_days(context: Context) -> Iterator[Finding]:
    certificates = context.fact("certificates")
    for certificate in certificates if isinstance(certificates, tuple) else ():
        if isinstance(certificate, Certificate):
            days = (certificate.not_after - context.observed_at).total_seconds() / 86400
            yield context.judge_lower(certificate.path, round(days, 1), evidence=certificate.evidence)


def check_legacy_crypto(context: Context) -> Iterator[Finding]:
    """Algorithms of our own SSH session that are no longer considered safe."""
    used = context.fact("ssh_legacy")
    if isinstance(used, tuple):
        if used:
            values = {"names": ", ".join(str(name) for name in used)}
            yield context.state(
                "ssh", Outcome.WARNING, N_("Outdated algorithms are in use: %(names)s"), values
            )
        else:
            yield context.state("ssh", Outcome.OK, N_("No outdated algorithm is in use"))


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "root_accounts",
        N_("Accounts with root's rights"),
        N_("Only root has uid 0"),
        ("accounts",),
        check_root_accounts,
        lists_abnormal=True,
    ),
    CheckSpec(
        "empty_passwords",
        N_("Accounts without a password"),
        N_("Every account has a password or is locked"),
        ("passwords",),
        check_empty_passwords,
        lists_abnormal=True,
    ),
    CheckSpec(
        "sshd_settings",
        N_("SSH service settings"),
        N_("No root login by password, no empty passwords, no forwarding of X11, no trusted hosts"),
        ("sshd",),
        check_sshd_settings,
    ),
    CheckSpec(
        "certificate_days",
        N_("Certificates"),
        N_("Valid for more than %(warning)s days; critical at %(critical)s days and below"),
        ("certificates",),
        check_certificate_days,
        "d",
        Levels(warning_lower=30, critical_lower=7),
    ),
    CheckSpec(
        "legacy_crypto",
        N_("Encryption of the management session"),
        N_("No SHA-1, CBC, 3DES or MD5 in the negotiated session"),
        ("ssh_legacy",),
        check_legacy_crypto,
    ),
)
