"""Tables for people: boxes on a terminal, plain columns elsewhere; and the long table for programs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any

from .engine import Number

NOTHING = "–"
FIELDS = (
    "table",
    "section",
    "keys",
    "slot",
    "measure",
    "of",
    "part",
    "definition",
    "unit",
    "value",
    "low",
    "high",
    "n",
    "numerator",
    "denominator",
    "reason",
)


@dataclass
class Sheet:
    """One table for people."""

    title: str
    columns: list[str]
    """Headers; one that begins with `>` is aligned right."""
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def whole(count: float | None) -> str:
    """A count with thousands set apart."""
    return NOTHING if count is None else f"{count:,.0f}"


def amount(value: float | None, unit: str, digits: int | None = None) -> str:
    """A value with its unit, as people read it. What does not exist is a dash, never 0."""
    if value is None:
        return NOTHING
    if unit == "share":
        return f"{100 * value:.{2 if digits is None else digits}f} %"
    if unit == "seconds":
        return f"{value:,.1f} s"
    if unit == "points":
        return f"{value:+.{1 if digits is None else digits}f}"
    if unit == "count":
        return whole(value)
    return f"{value:.{2 if digits is None else digits}f}"


def interval(number: Number, digits: int | None = None) -> str:
    """The interval in the unit of its value, without repeating it."""
    if number.low is None or number.high is None:
        return "all counted" if number.reason == "census" else NOTHING
    low, high = (
        amount(one, number.unit, digits).removesuffix(" %").removesuffix(" s") for one in (number.low, number.high)
    )
    return f"{low} to {high}"


def render(sheets: list[Sheet], lines: list[str], terminal: bool, width: int | None = None) -> str:
    """The whole report as text."""
    return _boxes(sheets, lines, width) if terminal else _plain(sheets, lines)


def _plain(sheets: list[Sheet], lines: list[str]) -> str:
    out = list(lines)
    for sheet in sheets:
        heads = [name.lstrip(">") for name in sheet.columns]
        right = [name.startswith(">") for name in sheet.columns]
        widths = [max(map(len, column)) for column in zip(heads, *sheet.rows, strict=True)]

        def line(cells: list[str], widths: list[int] = widths, right: list[bool] = right) -> str:
            padded = (cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(cells, widths, right, strict=True))
            return "  ".join(padded).rstrip()

        out += ["", sheet.title, line(heads), "  ".join("-" * w for w in widths), *map(line, sheet.rows)]
        out += [f"  {note}" for note in sheet.notes]
    return "\n".join(out) + "\n"


def _boxes(sheets: list[Sheet], lines: list[str], width: int | None) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    target = io.StringIO()
    console = Console(file=target, force_terminal=True, width=width, highlight=False)
    for line in lines:
        console.print(Text(line))
    for sheet in sheets:
        table = Table(
            title=Text(sheet.title),
            title_justify="left",
            title_style="bold",
            box=box.ROUNDED,
            caption=Text("\n".join(sheet.notes)) if sheet.notes else None,
            caption_justify="left",
        )
        for name in sheet.columns:
            table.add_column(
                name.lstrip(">"),
                justify="right" if name.startswith(">") else "left",
                overflow="fold",
                no_wrap=name == "Definition" and console.width >= 100,
            )
        for row in sheet.rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print()
        console.print(table)
    return target.getvalue()


@dataclass
class Entry:
    """A number with its place in the report."""

    table: str
    section: str
    keys: dict[str, str | None]
    number: Number

    def fields(self) -> dict[str, Any]:
        """The number for programs: shares as fractions, durations in seconds, instants in ISO 8601."""
        number = self.number
        found: dict[str, Any] = {
            "table": self.table,
            "section": self.section,
            "keys": self.keys,
            "slot": number.slot.isoformat() if number.slot else None,
        }
        found |= {name: getattr(number, name) for name in FIELDS[4:]}
        if number.unit == "count" and number.value is not None:
            found["value"] = int(number.value)
        return found


def as_csv(entries: list[Entry]) -> str:
    """The long table as CSV; keys as `name=value`, several joined by `;`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for entry in entries:
        fields = entry.fields()
        fields["keys"] = ";".join(f"{key}={'' if value is None else value}" for key, value in entry.keys.items())
        writer.writerow(["" if fields[name] is None else fields[name] for name in FIELDS])
    return out.getvalue()


def as_json(content: dict[str, Any], entries: list[Entry]) -> str:
    """The report as one JSON object, a number a line."""
    head = json.dumps(content, ensure_ascii=False, indent=1)[:-2]
    numbers = ",\n  ".join(json.dumps(entry.fields(), ensure_ascii=False) for entry in entries)
    return f'{head},\n "numbers": [\n  {numbers}\n ]\n}}\n'
