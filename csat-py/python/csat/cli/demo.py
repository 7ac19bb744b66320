"""A simulated week with known truth: files, reports on them, and the truth beside what was counted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from . import engine, show
from .run import Files, gather, write_report
from .sections import Asked, build
from .show import Entry, Sheet
from .trouble import Trouble

ZONE = "Europe/Moscow"
NAMES = {
    "queue_log": "queue_log",
    "contacts": "contacts.csv",
    "answers": "answers.csv",
    "evaluations": "evaluations.csv",
}


def demo(folder: Path, seed: int, days: int, volume: int, form: str) -> None:
    """Simulates, writes the files and reports on them."""
    made = engine.simulate(seed, days, volume)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, file in NAMES.items():
            (folder / file).write_text(made[name], encoding="utf-8", newline="\n")
        (folder / "truth.json").write_text(json.dumps(made["truth"], indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise Trouble(f"{folder}: the files cannot be written ({error})") from None
    # The queue log and contacts.csv hold the same calls: each is counted, and only one is reported. Of a few calls there
    # may be no answers and no evaluations: such a file has a header alone.
    filled = [name for name in ("contacts", "answers", "evaluations") if made[name].count("\n") > 1]
    tables = gather(Files([str(folder / NAMES[name]) for name in filled], tz=ZONE))
    if form == "tables":
        click.echo(
            f"A simulated contact centre, seed {seed}: no person, number or organisation in it exists.\n"
            f"Written to {folder}: {', '.join([*NAMES.values(), 'truth.json'])}\n"
        )
    write_report(tables, Asked(), form)
    if form == "tables":
        logged = gather(Files([str(folder / NAMES["queue_log"])], tz=ZONE)) if "contacts" in filled else []
        numbers = [entry for one in tables for entry in build(one.material, Asked()).entries]
        log = [entry for one in logged for entry in build(one.material, Asked()).entries]
        click.echo("\n" + show.render([compare(made["truth"], numbers, log)], [], sys.stdout.isatty()), nl=False)


def compare(truth: dict[str, Any], numbers: list[Entry], log: list[Entry]) -> Sheet:
    """What the simulator knows beside what was counted from its files."""
    sheet = Sheet("Known truth and what was counted", ["", ">Truth", ">Counted from the tables", ">From queue_log", ""])

    def find(
        entries: list[Entry], table: str, measure: str, part: str, definition: str = "", **keys: str
    ) -> float | None:
        for entry in entries:
            number = entry.number
            fits = (entry.table, entry.keys, number.measure, number.part) == (table, keys, measure, part)
            if fits and number.slot is None and number.definition.startswith(definition):
                return number.numerator if measure == "service_level" else number.value
        return None

    def row(name: str, known: float, counted: float | None, logged: float | None = None, digits: int = 0) -> None:
        same = all(one is None or abs(one - known) < 1e-6 for one in (counted, logged))
        same = same and (counted is not None or not known)  # of nothing there is nothing to count
        text = [show.NOTHING if one is None else f"{one:,.{digits}f}" for one in (known, counted, logged)]
        sheet.rows.append([name, *text, "same" if same else "DIFFERENT"])

    for queue in [*truth["queues"], truth["total"] | {"name": None}]:
        keys = {"queue": queue["name"]} if queue["name"] else {}
        for name, measure, part, known in (
            ("offered", "volume", "contacts", queue["offered"]),
            ("answered", "volume", "answered", queue["answered"]),
            ("answered within 20 s", "service_level", "level", queue["answered_within_20s"]),
            ("abandoned", "volume", "abandoned", queue["abandoned"]),
        ):
            definition = "sl:offered:20s" if measure == "service_level" else ""
            counted, logged = (find(one, "contacts", measure, part, definition, **keys) for one in (numbers, log))
            row(f"{queue['name'] or 'all queues'}: {name}", known, counted, logged)
    for dealer in truth["dealers"]:
        keys = {"dealer": dealer["name"]}
        if dealer["answers"]:
            nps = 100 * (dealer["promoters"] - dealer["detractors"]) / dealer["answers"]
            row(f"dealer {dealer['name']}: NPS", nps, find(numbers, "answers", "nps", "nps", **keys), digits=2)
            satisfied = 100 * dealer["satisfied"] / dealer["answers"]
            share = find(numbers, "answers", "satisfaction", "positive", **keys)
            row(f"dealer {dealer['name']}: satisfied, %", satisfied, None if share is None else 100 * share, digits=2)
    row("evaluations for calibration", truth["calibrations"], find(numbers, "evaluations", "scorecard", "calibration"))
    return sheet
