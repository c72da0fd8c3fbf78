"""The command ``replay``: what a kept transcript says, read and judged again without touching a device."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from collectors.cli import exit_status
from collectors.errors import ParseError
from collectors.model import Target, Visit

MAX_FILE_BYTES = 64 * 1024 * 1024


@click.command("replay")
@click.argument("transcript", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sha256", default="", help="The digest the record names; another one is refused.")
@click.option("--device-class", default="", help="switch, server, ups …: what may be missing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, as collect does.")
def replay(transcript: Path, sha256: str, device_class: str, as_json: bool) -> None:
    """Read TRANSCRIPT (of `collect --transcript`, or a blob) with today's parsers and rules.

    The digest is compared with --sha256, or with the file's name when that is one: what was kept is what
    is judged. Levels are the product's own. Exit status as of `collect`; 2 when the file is not intact.
    """
    from collectors import transcripts
    from collectors.runner import judge_transcript

    if transcript.stat().st_size > MAX_FILE_BYTES:
        raise click.UsageError(f"{transcript.name} is too large for a transcript.")
    try:
        found = transcripts.unpack(transcript.read_bytes())
    except ParseError as error:
        raise click.UsageError(f"{transcript.name}: {error}.") from error
    digest = transcripts.digest(found)
    wanted = sha256.strip().lower() or (transcript.name if _is_digest(transcript.name) else "")
    if wanted and wanted != digest:
        raise click.UsageError(
            f"{transcript.name} was altered or is another transcript: its digest is {digest}, "
            f"not {wanted[:64]}."
        )
    target = Target(
        key=found.target_key,
        address=found.address,
        accesses=(),
        name=found.address,
        device_class=device_class,
    )
    facts, findings = judge_transcript(found, target)
    visit = Visit(found, facts, findings)
    if as_json:
        from collectors.document import visit_document

        click.echo(json.dumps(visit_document(visit), ensure_ascii=False, indent=2))
    else:
        from collectors.display import show

        show(visit)
        click.echo(f"sha256 {digest}")
    sys.exit(exit_status(visit))


def _is_digest(name: str) -> bool:
    return len(name) == 64 and set(name) <= set("0123456789abcdef")
