"""The story of one morning in a contact centre, told from examples/data; story.rs and story.c print the same.

python examples/python/story.py examples/data
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import csat

CALLS = [
    {
        "measure": "service_level",
        "within": ["20s"],
        "definitions": ["offered", "answered_only", "abandons_within_t_hit"],
    },
    "abandonment",
    "speed_of_answer",
]


def line(what: str, row: dict[str, Any], factor: float, unit: str) -> None:
    """One line: what, value, interval, how many records."""
    value = "-" if row["value"] is None else f"{factor * row['value']:.1f}"
    limits = "no interval"
    if row["low"] is not None and row["high"] is not None:
        limits = f"from {factor * row['low']:.1f} to {factor * row['high']:.1f}"
    print(f"  {what:<28} {value:>5} {unit:<1}  {limits}, n {row['n']}")


def columns(path: Path) -> dict[str, list[str]]:
    """A CSV file as columns of text."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def calls(folder: Path) -> None:
    """How soon were callers answered? Three definitions, one count."""
    text = (folder / "queue_log").read_text()
    contacts = csat.QueueLog.read_text(text).contacts
    print(f"{len(contacts)} visits to queues, read from queue_log")
    whole = csat.Tally(CALLS, by="queue").push(contacts)
    for row in whole.roll_up().report():
        if row["unit"] == "seconds":
            line(row["definition"], row, 1.0, "s")
        elif row["unit"] == "share":
            line(row["definition"], row, 100.0, "%")

    # The log in two pieces, each counted on its own: merged they are the whole, to the byte.
    lines = text.splitlines(keepends=True)
    log = csat.QueueLog()
    early, late = log.push("".join(lines[:39])), log.push("".join(lines[39:]))
    merged = whole.empty_like().push(early).merge(whole.empty_like().push(late)).save()
    same = "those of the whole" if merged == whole.save() else "NOT those of the whole"
    print(f"{len(early)} visits merged with {len(late)}: {len(merged)} bytes, {same}")


def recommend(folder: Path) -> None:
    """Would customers recommend the dealer?"""
    answers = columns(folder / "answers.csv")
    answers["recommend"] = [int(score) for score in answers["recommend"]]
    print(f"{len(answers['recommend'])} answer sheets: net promoter score by dealer")
    # Every sheet, as the tallies of the other two languages count; without `repeat` the latest of each customer counts.
    for row in csat.nps(answers, score="recommend", by="dealer", repeat="all").where(part="nps"):
        line(row["dealer"], row, 1.0, "")


def quality(folder: Path) -> None:
    """How good were the conversations, and why has one the score it has?"""
    with (folder / "evaluations.csv").open(newline="", encoding="utf-8") as file:
        sheets = [row for row in csv.DictReader(file) if row["kind"] == "regular"]
    print(f"{len(sheets)} evaluations: quality score by agent")

    # The file calls the criteria c1 to c18 and writes n-a; the form has names for them and says n/a.
    form = csat.Form.shipped("call_18")
    named = {f"c{i}": criterion for i, criterion in enumerate(form.criteria, start=1)}
    marks = [{name: row[c].replace("n-a", "n/a") for c, name in named.items()} for row in sheets]
    tally = csat.Tally({"measure": "scorecard", "parts": ["score"]}, by="agent")
    tally.push([{"agent": row["agent"], **answers} for row, answers in zip(sheets, marks, strict=True)])
    for row in tally.report(kind="table").where(part="score"):
        line(row["agent"], row, 1.0, "")

    explanation = form.explain(marks[0])
    print(f"evaluation {sheets[0]['id']} of {sheets[0]['agent']}: {explanation.score:.2f}")
    for text in str(explanation).splitlines():
        if ": no," in text:
            print(text)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "examples/data")
    calls(folder)
    recommend(folder)
    quality(folder)


if __name__ == "__main__":
    main()
