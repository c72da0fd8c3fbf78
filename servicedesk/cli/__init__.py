"""The command ``servicedesk``: one group or command a module, imported only when it is called.

``servicedesk collect`` must start on a machine that has no database driver, so nothing is imported
here that a command does not need itself.
"""

from __future__ import annotations

import importlib

import click

import servicedesk

# command name -> (module in servicedesk.cli, attribute, one-line help)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "collect": ("collect", "collect", "Visit one device without a database and print what it says."),
    "rejudge": ("rejudge", "rejudge", "Which verdicts of a period would be others today."),
    "replay": ("replay", "replay", "Read and judge a kept transcript again, offline."),
    "audit": ("keys", "audit", "Check the audit trail's chain of hashes."),
    "inspect": ("inspect", "inspect", "Inspect a device or a site now, with progress."),
    "keys": ("keys", "keys", "Rotate the master key of stored credentials."),
    "mail": ("mail", "mail", "Take a mail from a mail server's pipe."),
    "user": ("users", "user", "List accounts, reset a password."),
    "runbook": ("runbook", "runbook", "Check runbook files."),
    "run": ("run", "run", "Start web server, workers, scheduler and, if needed, the embedded Redis."),
}


class LazyGroup(click.Group):
    """Loads a command's module on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"servicedesk.cli.{entry[0]}")
        command = getattr(module, entry[1])
        if not isinstance(command, click.Command):
            raise TypeError(f"servicedesk.cli.{entry[0]}.{entry[1]} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table, so that help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(servicedesk.__version__, prog_name="servicedesk")
def main() -> None:
    """Service desk, equipment and inspections for on-site IT operations teams."""
