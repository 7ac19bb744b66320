"""A simulated contact centre with the truth known: data to try things on."""

from __future__ import annotations

import csv
from array import array
from typing import Any

from . import _csat
from ._answer import Answer, named
from ._columns import MISSING
from ._table import Table


class Demo:
    """What `csat.demo` gives: tables, the texts they were read from, and the truth about them."""

    def __init__(self, texts: dict[str, Any]) -> None:
        self.csv: dict[str, str] = {name: texts[name] for name in ("contacts", "answers", "evaluations")}
        """The tables as CSV text."""
        self.queue_log: str = texts["queue_log"]
        """Lines of an Asterisk `queue_log` of the same calls."""
        self.truth: Answer = named(texts["truth"])
        """What a reader of the data must find; durations in seconds."""

    @property
    def contacts(self) -> Table:
        """One row a visit to a queue."""
        return _table(self.csv["contacts"], "contacts")

    @property
    def answers(self) -> Table:
        """One row a survey answer sheet."""
        return _table(self.csv["answers"], "answers")

    @property
    def evaluations(self) -> Table:
        """One row a filled scorecard."""
        return _table(self.csv["evaluations"], "evaluations")

    def __repr__(self) -> str:
        return f"<csat.Demo: {', '.join(f'{name} {text.count(chr(10)) - 1}' for name, text in self.csv.items())} rows>"


def demo(seed: int = 1, **options: Any) -> Demo:
    """Simulates a contact centre: three queues, twelve agents, three dealers, surveys and evaluations.

    The same seed and options give the same data everywhere. No person, number or organisation in them exists.

    Args:
        seed: which simulation.
        options: `start` (microseconds UTC of a local midnight), `offset_minutes` (180), `days` (7), `volume` in percent
            (100), `open` as two hours (8, 20), `whole_seconds` (True).

    >>> import csat
    >>> data = csat.demo(days=1)
    >>> len(data.contacts) == data.truth.total.offered
    True
    """
    return Demo(_csat.demo(seed, **options))


def _table(text: str, table: str) -> Table:
    header, *rows = csv.reader(text.splitlines())
    known = next(t for t in _csat.tables() if t["name"] == table)
    kinds = {known_column["name"]: known_column["kind"] for known_column in known["columns"]}
    columns: dict[str, Any] = {}
    for name, values in zip(header, zip(*rows, strict=True) if rows else [()] * len(header), strict=True):
        columns[name] = _column(list(values), kinds.get(name))
    return Table(columns)


def _column(values: list[str], kind: str | None) -> Any:
    match kind:
        case "instant":
            times = array("q", (_csat.parse_instant(v) if v else MISSING for v in values))
            return _csat.Column.from_buffer(times, "timestamp[us, UTC]", bytes(not v for v in values))
        case "duration":
            return [float(v) if v else None for v in values]
        case "flag":
            return [v == "true" if v else None for v in values]
    if any(values) and all(v.lstrip("-").isdigit() for v in values if v):
        return [int(v) if v else None for v in values]
    return [v or None for v in values]
