"""The only place of the command that knows how to call csat: tables in, numbers out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from os.path import commonprefix
from typing import Any

import polars as pl

from csat import _csat
from csat._csat import Error

from .recognise import columns_of
from .source import LINE
from .trouble import Aside, Trouble

TAIL = ("definition", "unit", "value", "low", "high", "n", "numerator", "denominator", "reason")


@dataclass(frozen=True)
class Number:
    """One estimate with everything it must not be shown without."""

    keys: tuple[str | None, ...]
    slot: datetime | None
    measure: str
    of: str | None
    """The columns of the scores, where a measure is asked for by column."""
    part: str
    first: bool
    """Whether this is the main part of its recipe."""
    definition: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    numerator: float | None
    denominator: float | None
    reason: str | None


LINK = ("respondent", "contact", "answered")
"""The columns by which repeat answers are found, as in the functions of Python."""


class Counted:
    """Integer counts of one table, read at any level."""

    def __init__(self, tally: Any, keys: list[str], recipes: list[dict[str, Any]], repeats: int = 0) -> None:
        self._tally, self._keys = tally, keys
        self.repeats = repeats
        """How many repeat answers were set aside."""
        self.refused: int = tally.set_aside()["total"]
        """How many rows csat could not use."""
        parts = [(columns_of(recipe), len(_csat.parts(recipe))) for recipe in recipes]
        self._places = [(", ".join(of) or None, at == 0) for of, count in parts for at in range(count)]

    def numbers(self, keys: Iterable[str] = (), every: str | None = None, confidence: float = 0.95) -> list[Number]:
        """The estimates by some of the keys and in slots."""
        keys = [key for key in keys if key in self._keys]
        frame = pl.DataFrame(self._tally.roll_up(keys, every).report(confidence))
        names = [f"key {at}" for at in range(len(keys))] + frame.columns[len(keys) :]
        frame.columns = names
        found = []
        for at, row in enumerate(frame.iter_rows(named=True)):
            of, first = self._places[at % len(self._places)]
            values = tuple(None if row[name] is None else str(row[name]) for name in names[: len(keys)])
            found.append(
                Number(values, row.get("slot"), row["measure"], of, row["part"], first, *(row[name] for name in TAIL))
            )
        return found


def count(
    frame: pl.DataFrame,
    recipes: list[dict[str, Any]],
    keys: list[str],
    every: str | None,
    zone: str | None,
    aside: Aside,
    as_of: datetime | None = None,
    answers: bool = False,
) -> Counted:
    """Counts a table once, by keys and slots; rows that csat refuses are set aside with their file and line. Of several
    answers of one respondent about one contact the latest counts."""
    linked = answers and set(LINK[:2]) <= set(frame.columns)
    plan = {"measures": recipes, "keys": keys, "every": every, "zone": zone or "UTC"}
    try:
        tally = _csat.Tally(plan)
        wanted = [name for name in dict.fromkeys([*tally.names(), *(LINK if linked else ())]) if name in frame.columns]
        taking: dict[str, Any] = {
            "others": [],
            "units": {},
            "bad_rows": "set_aside",
            "as_of": None if as_of is None else pl.Series([as_of]).cast(pl.Datetime("us", "UTC")).cast(pl.Int64)[0],
            "threads": 1,
            "trusted": True,
            "repeat": {"columns": LINK, "keep": "latest"} if linked else None,
        }
        repeats = tally.push(frame.select(wanted).rechunk(), taking)
    except Error as error:
        raise Trouble(str(error)) from None
    refused = tally.set_aside()
    for at, (reason, many) in enumerate(refused["counts"].items()):
        named = (
            [_named(frame, row, re.sub(r"^row \d+: ", "", message)) for row, message in refused["first"]]
            if at == 0
            else []
        )
        aside.add(reason, many, named)
    return Counted(tally, keys, recipes, repeats or 0)


def _named(frame: pl.DataFrame, row: int, message: str) -> tuple[str, int | None, str]:
    """A refused row by file and line; a call of a queue log, which is made of several lines, by its id."""
    line = frame[LINE][row]
    return frame["file"][row], line, message if line is not None else f"call {frame['id'][row]}: {message}"


def distinct(recipes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The recipes, named after their columns where one id would stand for the numbers of different columns."""
    try:
        ids = [{one[2] for one in _csat.parts(recipe)} for recipe in recipes]
    except Error:
        return recipes  # counting them says what is wrong
    columns = [columns_of(recipe) for recipe in recipes]
    taken = {recipe["name"] for recipe in recipes if "name" in recipe}
    found = []
    for at, recipe in enumerate(recipes):
        rivals = [i for i, other in enumerate(recipes) if "name" not in other and columns[i] != columns[at] and ids[i] & ids[at]]
        if "name" not in recipe and rivals:
            name = _name_of(columns[at], taken)
            taken.add(name)
            recipe = {"measure": recipe["measure"], "name": name, **recipe}
        found.append(recipe)
    return found


def _name_of(columns: list[str], taken: set[str]) -> str:
    """A name of letters, digits, - and _ that no measure has yet: what the columns have in common, else the first."""
    common = commonprefix(columns) if len(columns) > 1 else columns[0]
    name = re.sub(r"_+", "_", "".join(c if c.isalnum() or c in "-_" else "_" for c in common or columns[0])).strip("_")[:40]
    found, at = name or "measure", 1
    while found in taken:
        at += 1
        found = f"{name}_{at}"
    return found


def refusal(recipe: dict[str, Any]) -> str | None:
    """Why csat does not take a recipe; nothing if it does."""
    try:
        _csat.parts(recipe)
    except Error as error:
        return str(error)
    return None


def follow(calls: pl.DataFrame, later: pl.DataFrame) -> list[pl.Series]:
    """For each missed call the first attempt to call back, the first conversation and the customer's own next call."""

    def instants(values: pl.Series) -> list[str]:
        return [str(text) for text in values.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")]

    try:
        found = _csat.call(
            "link.callback",
            number=calls["customer"].to_list(),
            missed=instants(calls["offered"]),
            event_number=later["customer"].to_list(),
            kind=later["kind"].to_list(),
            at=instants(later["offered"]),
        )
    except Error as error:
        raise Trouble(str(error)) from None
    return [
        pl.Series(name, values, dtype=pl.String).str.to_datetime("%+", time_unit="us").cast(pl.Datetime("us", "UTC"))
        for name, values in found.items()
    ]


def pivot(
    name: str, lines: pl.Series, evaluation: pl.Series, criterion: pl.Series, answer: pl.Series
) -> tuple[list[int], dict[str, list[str | None]]]:
    """Of evaluations of one answer a row: the row of each one's first answer, and the answers by criterion."""
    try:
        found = _csat.call(
            "link.pivot", evaluation=evaluation.to_list(), criterion=criterion.to_list(), answer=answer.to_list()
        )
    except Error as error:
        said = str(error).removeprefix("link.pivot: ")
        said = re.sub(r"rows (\d+) and (\d+)", lambda two: f"lines {lines[int(two[1])]} and {lines[int(two[2])]}", said)
        raise Trouble(f"{name}: {said}") from None
    return found["rows"], found["answers"]


def queue_log(text: str, zone: str | None) -> tuple[pl.DataFrame, list[dict[str, Any]], dict[str, int]]:
    """The contacts of a queue log, those still waiting or talking too; what was remarked, with `words`; and counts."""
    try:
        log = _csat.QueueLog(zone=zone)
        words = log.push_lines(text if text.endswith("\n") else text + "\n")
        log.finish()
    except Error as error:
        raise Trouble(str(error)) from None
    frames = [
        pl.DataFrame(part).with_columns(pl.col(pl.Categorical).cast(pl.String))
        for part in (log.drain(), log.waiting(), log.talking())
    ]
    counts = log.counts() | {"waiting": frames[1].height, "talking": frames[2].height}
    remarks = [{**remark, "words": words.get(remark["reason"])} for remark in log.remarks()]
    return pl.concat(frames).sort("offered", "id"), remarks, counts


def explain(name: str) -> str:
    """A definition in words."""
    try:
        return str(_csat.explain(name))
    except Error as error:
        raise Trouble(str(error)) from None


def definitions() -> dict[str, tuple[str, str]]:
    """Every named definition: title and formula. Abandonment policies begin with `ab:`."""
    return {name: (title, formula) for name, title, formula in _csat.definitions()}


def simulate(seed: int, days: int, volume: int) -> dict[str, Any]:
    """The simulated contact centre: four texts and the truth about them."""
    try:
        made: dict[str, Any] = _csat.demo(seed, days=days, volume=volume)
        return made
    except Error as error:
        raise Trouble(str(error)) from None


def measures() -> dict[str, dict[str, Any]]:
    """Every measure csat knows, by name."""
    return {one["name"]: one for one in _csat.measures()}
