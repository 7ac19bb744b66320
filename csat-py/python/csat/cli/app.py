"""The command line: report, due, inspect, explain, demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from csat._csat import __version__

from . import demo as simulation
from . import due, engine, inspect
from .run import Files, check_options, gather, policy_of, write_report
from .sections import Asked
from .trouble import Trouble

HELP = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=HELP)
@click.version_option(__version__, prog_name="csat")
def cli() -> None:
    """Service level, abandonment, waiting, satisfaction and quality from the files a contact centre has."""


def _form(json: bool, csv: bool) -> str:
    if json and csv:
        raise Trouble("--json and --csv: choose one")
    return "json" if json else "csv" if csv else "tables"


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--map", "map_file", metavar="FILE", help="Mapping file (TOML) that says which column is what.")
@click.option("--tz", metavar="ZONE", help="Zone of times that carry none, and of the report, such as Europe/Moscow.")
@click.option("--from", "since", metavar="TIME", help="From this date or time on.")
@click.option("--to", "until", metavar="TIME", help="Up to this date (included) or time (not included).")
@click.option("--queue", multiple=True, metavar="NAME", help="Only this queue; several times for several.")
@click.option(
    "--within",
    multiple=True,
    default=("20s",),
    show_default=True,
    metavar="TIME",
    help="Threshold of service level; several times for several.",
)
@click.option(
    "--short", metavar="TIME", help="Limit of short abandons, such as 5s, for definitions that leave them out."
)
@click.option(
    "--definition",
    multiple=True,
    metavar="ID",
    help="Definition of service level or (ab:…) abandonment; several, or all.",
)
@click.option(
    "--by",
    multiple=True,
    metavar="COLUMN",
    help="Break figures down by this column instead of the queue or touchpoint.",
)
@click.option(
    "--sla", metavar="FILE", help="Response targets: a TOML or JSON file, or a shipped name such as support_10_19."
)
@click.option("--as-of", "as_of", metavar="TIME", help="When what is still open is looked at; late by then is overdue.")
@click.option("--show-customers", is_flag=True, help="Show whose missed calls were never returned.")
@click.option("--json", "json", is_flag=True, help="One JSON object for programs.")
@click.option("--csv", "csv", is_flag=True, help="The long table of numbers as CSV.")
def report(
    files: tuple[str, ...],
    map_file: str | None,
    tz: str | None,
    since: str | None,
    until: str | None,
    queue: tuple[str, ...],
    within: tuple[str, ...],
    short: str | None,
    definition: tuple[str, ...],
    by: tuple[str, ...],
    sla: str | None,
    as_of: str | None,
    show_customers: bool,
    json: bool,
    csv: bool,
) -> None:
    """Reads queue_log, CSV and Parquet files and reports on them.

    Files of one kind are counted together. Rows that cannot be used are set aside, counted by reason, and the first ten
    are named.
    """
    form = _form(json, csv)
    tables = gather(Files(list(files), map_file, tz, since, until, list(queue), list(by)))
    policy = policy_of(sla, as_of, show_customers, map_file, tables)
    asked = Asked(list(within), short, list(definition), list(by), policy)
    check_options(tables, queue, sla, as_of, show_customers, asked)
    write_report(tables, asked, form)


@cli.command("due")
@click.argument("start", metavar="START")
@click.option("--sla", required=True, metavar="NAME|FILE", help="A shipped SLA (support_10_19), or a TOML or JSON file.")
@click.option("--event", default="first_response", show_default=True, metavar="EVENT", help="What has to happen in time.")
@click.option("--channel", metavar="NAME", help="Chooses the target, as --priority, --segment and --team do.")
@click.option("--priority", metavar="NAME")
@click.option("--segment", metavar="NAME")
@click.option("--team", metavar="NAME")
@click.option("--done", metavar="TIME", help="When it was done.")
@click.option("--requested", metavar="TIME", help="The time set by the customer.")
@click.option("--created", metavar="TIME", help="When it was created, which chooses the policy; START unless given.")
@click.option("--pause", multiple=True, metavar="TIME/TIME", help="When the clock stood still; several times for several.")
@click.option("--as-of", metavar="TIME", help="When it is judged if it is not done.")
@click.option("--now", is_flag=True, help="Judge it by the clock of this computer if it is not done.")
@click.option("--tz", metavar="ZONE", help="Zone of times that carry none; that of the SLA unless given.")
@click.option("--json", "json", is_flag=True, help="One JSON object for programs.")
def due_command(
    start: str, sla: str, pause: tuple[str, ...], now: bool, tz: str | None, json: bool, **known: Any
) -> None:
    """Says by when a ticket that began at START has to be done, whether it was, and why."""
    due.due(sla, due.Ticket(start=start, **known), pause, now, tz, "json" if json else "words")


@cli.command("inspect")
@click.argument("file", metavar="FILE")
@click.option("--map", "map_file", metavar="FILE", help="Mapping file to check against the data.")
@click.option("--tz", metavar="ZONE", help="Zone of times that carry none.")
@click.option("--write-map", metavar="FILE", help="Begin a mapping file with what was recognised.")
def inspect_command(file: str, map_file: str | None, tz: str | None, write_map: str | None) -> None:
    """Says what was recognised in a file and what is wrong with it."""
    inspect.inspect(file, map_file, tz, write_map)


@cli.command()
@click.argument("name", metavar="ID", required=False)
def explain(name: str | None) -> None:
    """Prints a definition in words; without ID lists every definition."""
    if name:
        click.echo(engine.explain(name), nl=False)
        return
    for known, (title, _) in engine.definitions().items():
        click.echo(f"{known}  {title}")


@cli.command()
@click.option("--out", default="csat-demo", show_default=True, metavar="FOLDER", help="Where the files are written.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Another seed, another week.")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366))
@click.option(
    "--volume", default=100, show_default=True, type=click.IntRange(1, 1000), help="Calls in percent of the usual."
)
@click.option("--json", "json", is_flag=True, help="One JSON object for programs.")
@click.option("--csv", "csv", is_flag=True, help="The long table of numbers as CSV.")
def demo(out: str, seed: int, days: int, volume: int, json: bool, csv: bool) -> None:
    """Simulates a week of one contact centre with known truth, writes its files and reports on them."""
    simulation.demo(Path(out), seed, days, volume, _form(json, csv))


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. 0: done; 1: bad input."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        cli.main(arguments, prog_name="csat", standalone_mode=False)
    except Trouble as trouble:
        click.echo(f"csat: {trouble}", err=True)
        return 1
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        click.echo(f"csat: {error.format_message()}", err=True)
        if isinstance(error, click.UsageError) and error.ctx:
            click.echo(f"Try `{error.ctx.command_path} --help`.", err=True)
        return 1
    except click.Abort:
        return 1
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): nothing is wrong with the input.
        sys.stderr.close()
        return 0
    return 0
