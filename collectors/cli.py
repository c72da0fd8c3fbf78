"""The command ``collect``: visit one device without queue or database and print what it says."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from collectors.model import Access, LocalAccess, SnmpAccess, SshAccess, Target, Visit
from collectors.outcome import Outcome

EXIT_VISITED, EXIT_USAGE, EXIT_PARTLY, EXIT_UNREACHABLE, EXIT_REFUSED = 0, 2, 3, 4, 5

_AUTH = ("MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512")
_PRIV = ("DES", "3DES", "AES", "AES192", "AES256")


@click.command("collect", context_settings={"show_default": True})
@click.argument("address", required=False, default="")
@click.option("--local", is_flag=True, help="Read this machine instead of a device.")
@click.option("--ssh-port", type=click.IntRange(1, 65535), help="Log in over SSH at this port (22).")
@click.option("--user", default="", help="SSH user name; SSH is used when it is given.")
@click.option(
    "--password", envvar="COLLECT_PASSWORD", default="", help="SSH password; better by environment."
)
@click.option("--password-env", default="", help="Name of the environment variable that holds the password.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--ask-password", is_flag=True, help="Ask for the SSH password.")
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="SSH private key file."
)
@click.option("--passphrase-env", default="COLLECT_PASSPHRASE", help="Variable with the key's passphrase.")
@click.option("--host-key", multiple=True, help="An approved host key: 'ssh-ed25519 AAAA…'.")
@click.option("--known-hosts", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--accept-new-host-key", is_flag=True, help="Go on although no host key is approved yet.")
@click.option("--legacy-crypto", is_flag=True, help="Allow SHA-1, ssh-rsa and CBC for an old device.")
@click.option("--snmp-port", type=click.IntRange(1, 65535), help="Ask over SNMP at this port (161).")
@click.option("--snmp-version", type=click.Choice(["1", "2c", "3"]), default="2c")
@click.option("--community", envvar="COLLECT_COMMUNITY", default="", help="SNMP community; SNMP is used.")
@click.option("--v3-user", default="", help="SNMPv3 user; SNMP version 3 is used.")
@click.option("--v3-auth-protocol", type=click.Choice(_AUTH, case_sensitive=False))
@click.option("--v3-auth-key", envvar="COLLECT_V3_AUTH_KEY", default="")
@click.option("--v3-priv-protocol", type=click.Choice(_PRIV, case_sensitive=False))
@click.option("--v3-priv-key", envvar="COLLECT_V3_PRIV_KEY", default="")
@click.option("--v3-context", default="")
@click.option("--snmp-timeout", type=click.FloatRange(0.1), default=2.0, help="Seconds for one request.")
@click.option("--snmp-retries", type=click.IntRange(0, 10), default=2)
@click.option("--max-repetitions", type=click.IntRange(1, 100), default=50)
@click.option("--deadline", type=click.FloatRange(1), default=120.0, help="Seconds for the whole visit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--transcript", type=click.Path(dir_okay=False, path_type=Path), help="Keep the raw answers here."
)
def collect(address: str, as_json: bool, transcript: Path | None, **options: Any) -> None:
    """Visit the device at ADDRESS, print what it says and how that is judged.

    Exit status: 0 visited, 3 visited in part, 4 unreachable, 5 login or host key refused, 2 wrong
    use.
    """
    target = _target(address, options)
    visit = _visit_with_spinner(target, quiet=as_json)
    if transcript is not None:
        from collectors.transcripts import pack

        transcript.write_bytes(pack(visit.transcript))
    if as_json:
        from collectors.document import visit_document

        click.echo(json.dumps(visit_document(visit), ensure_ascii=False, indent=2))
    else:
        from collectors.display import show

        show(visit)
    sys.exit(exit_status(visit))


def exit_status(visit: Visit) -> int:
    """One number for scripts; see ``collect``."""
    outcome = visit.transcript.outcome
    if outcome is Outcome.OK:
        return EXIT_VISITED
    if any(exchange.outcome is Outcome.OK for exchange in visit.transcript.exchanges):
        return EXIT_PARTLY
    refused = outcome in (Outcome.AUTH_FAILED, Outcome.HOST_KEY_CHANGED)
    return EXIT_REFUSED if refused else EXIT_UNREACHABLE


def _visit_with_spinner(target: Target, *, quiet: bool) -> Visit:
    from rich.console import Console

    from collectors import runner

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        return runner.visit(target)
    with console.status(f"Visiting {target.address} …"):
        return runner.visit(target)


def _target(address: str, options: dict[str, Any]) -> Target:
    accesses: list[Access] = []
    if options["local"]:
        accesses.append(LocalAccess())
        address = address or "localhost"
    elif not address:
        raise click.UsageError("Give the device's ADDRESS, or --local for this machine.")
    wants_ssh = options["user"] or options["ssh_port"] or options["key"]
    wants_snmp = options["community"] or options["v3_user"] or options["snmp_port"]
    if wants_ssh:
        accesses.append(_ssh(address, options))
    if wants_snmp or not accesses:
        accesses.append(_snmp(options))
    return Target(
        key=address, address=address, accesses=tuple(accesses), name=address, deadline_s=options["deadline"]
    )


def _ssh(address: str, options: dict[str, Any]) -> SshAccess:
    if not options["user"]:
        raise click.UsageError("SSH needs --user.")
    port = options["ssh_port"] or 22
    host_keys = list(options["host_key"])
    if options["known_hosts"] is not None:
        host_keys += _known_host_keys(options["known_hosts"], address, port)
    return SshAccess(
        port=port,
        user=options["user"],
        password=_password(options),
        private_key=options["key"].read_text() if options["key"] else "",
        passphrase=os.environ.get(options["passphrase_env"], ""),
        host_keys=tuple(host_keys),
        accept_new_host_key=options["accept_new_host_key"],
        legacy_crypto=options["legacy_crypto"],
        command_timeout_s=max(30.0, options["deadline"]),
    )


def _password(options: dict[str, Any]) -> str:
    if options["password_env"]:
        if options["password_env"] not in os.environ:
            raise click.UsageError(f"The environment has no variable {options['password_env']}.")
        return os.environ[options["password_env"]]
    if options["password_file"] is not None:
        path: Path = options["password_file"]
        return path.read_text().rstrip("\r\n")
    given: str = options["password"]
    if not given and (options["ask_password"] or (options["key"] is None and sys.stdin.isatty())):
        asked: str = click.prompt("SSH password", hide_input=True, err=True)
        return asked
    return given


def _known_host_keys(path: Path, address: str, port: int) -> list[str]:
    import paramiko

    known = paramiko.HostKeys(str(path))
    name = address if port == 22 else f"[{address}]:{port}"
    return [f"{kind} {key.get_base64()}" for kind, key in (known.lookup(name) or {}).items()]


def _snmp(options: dict[str, Any]) -> SnmpAccess:
    version = "3" if options["v3_user"] else options["snmp_version"]
    if version == "3" and not options["v3_user"]:
        raise click.UsageError("SNMP version 3 needs --v3-user.")
    for name in ("auth", "priv"):
        if bool(options[f"v3_{name}_protocol"]) != bool(options[f"v3_{name}_key"]):
            raise click.UsageError(f"Give --v3-{name}-protocol and --v3-{name}-key together.")
    return SnmpAccess(
        port=options["snmp_port"] or 161,
        version=version,
        community=options["community"] or "public",
        user=options["v3_user"],
        auth_protocol=(options["v3_auth_protocol"] or "").upper(),
        auth_key=options["v3_auth_key"],
        priv_protocol=(options["v3_priv_protocol"] or "").upper(),
        priv_key=options["v3_priv_key"],
        context=options["v3_context"],
        timeout_s=options["snmp_timeout"],
        retries=options["snmp_retries"],
        max_repetitions=options["max_repetitions"],
    )
