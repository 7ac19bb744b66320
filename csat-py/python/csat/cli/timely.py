"""What is to happen in time: targets met by channel, and missed calls that nobody returned."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from csat._clock import Sla
from csat._csat import Error

from . import engine
from .engine import Number
from .prepare import FILE
from .show import NOTHING, Entry, Sheet, amount, interval, whole
from .source import LINE
from .trouble import Aside, Trouble, nearest
from .words import plain

DONE = {"first_response": "first_response", "resolution": "resolved"}
"""The column that says when an event was done."""
TITLES = {"first_response": "First response", "resolution": "Resolution"}
OUTGOING = ("outbound", "outgoing", "out", "исходящий", "исходящая", "исходящее")
MISSED = ("abandoned", "missed")
"""Outcome classes that are missed calls, as in the measure `missed_calls`."""
ENDS = ("offered", "answered", "ended")
LISTED = 10
"""How many numbers are listed for people; --json has all."""


@dataclass
class Policy:
    """The targets that tickets and call-backs are held to."""

    sla: Any = None
    """A shipped name, an object, or TOML or JSON text."""
    as_of: datetime | None = None
    show_customers: bool = False


@dataclass
class Extra:
    """Sheets, numbers and lists that a part of a report adds."""

    sheets: list[Sheet] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    content: dict[str, Any] = field(default_factory=dict)
    kept: int = 0
    """Rows that were counted."""


def sla(option: str | None, mapped: Any, folder: Path | None) -> Any:
    """The SLA of the command line, else that of the mapping file: a file, a table, or a shipped name."""
    for value, where, named in ((option, None, f"--sla {option}"), (mapped, folder, "sla in the mapping file")):
        if value is None:
            continue
        path = Path() if isinstance(value, dict) else (where or Path()) / value
        known = Sla.shipped_names()
        try:
            found = path.read_text(encoding="utf-8") if path.is_file() else value
            if not isinstance(found, str) or found not in known:
                if not path.is_file() and isinstance(value, str):
                    if path.suffix:
                        raise Trouble(f"{path}: there is no such file with response targets")
                    raise Trouble(f"{named}: neither a file nor one of {', '.join(known)}{nearest(value, known)}")
                Sla(found)  # says what is wrong, whether or not these files hold tickets
        except (UnicodeDecodeError, OSError) as error:
            raise Trouble(f"{named}: the file cannot be read: {error}") from None
        except Error as error:
            raise Trouble(f"{named}: {error}") from None
        return found
    return None


def _read(text: Any) -> dict[str, Any] | None:
    """A policy as an object; nothing for a shipped name. What is wrong in it csat says when it reads it."""
    if isinstance(text, dict):
        return text
    for load in (json.loads, tomllib.loads):
        try:
            found = load(text)
        except (ValueError, TypeError):
            continue
        return found if isinstance(found, dict) else None
    return None


def events(given: Any) -> list[str]:
    """The events that a policy has targets for; those of a shipped one are asked for one by one."""
    if (content := _read(given)) is not None:
        named = [
            target.get("event")
            for policy in content.get("policies", [])
            if isinstance(policy, dict)
            for target in policy.get("targets", [])
            if isinstance(target, dict)
        ]
        return list(dict.fromkeys(name for name in named if isinstance(name, str)))
    refused = {name: engine.refusal(_recipe(given, name)) for name in (*DONE, "callback")}
    if all(refused.values()):
        raise Trouble(f"--sla: {next(iter(refused.values()))}")
    return [name for name, why in refused.items() if not why]


def _recipe(given: Any, event: str) -> dict[str, Any]:
    if event == "callback":
        return {"measure": "callbacks", "sla": given, "stop": "reached_or_self", "buckets": "exact"}
    return {"measure": "response", "sla": given, "event": event, "buckets": "exact"}


def recipes(frame: pl.DataFrame, policy: Policy) -> list[dict[str, Any]]:
    """The response measures that tickets can have."""
    there = [event for event, column in DONE.items() if column in frame.columns]
    if policy.sla is not None:
        targeted = [event for event in DONE if event in events(policy.sla)]
        found = [_recipe(policy.sla, event) for event in targeted if event in there]
        if not found:
            wanted = ", ".join(f"`{DONE[one]}`" for one in targeted) or "no event of a ticket"
            raise Trouble(f"the targets are for {wanted}; the tickets have {', '.join(there) or 'neither'}: map the column")
        return found
    if "due" in frame.columns and there:
        return [_recipe("due", event) for event in there]
    if "met" in frame.columns:
        return [_recipe(None, "resolution" if there == ["resolution"] else "first_response")]
    raise Trouble(
        "tickets need targets: --sla FILE with a policy, --sla support_10_19, `sla` in the mapping file, "
        "or a column `met` or `due`"
    )


def span(value: float | None) -> str:
    """A working time as people read it: seconds, minutes, hours."""
    if value is None:
        return NOTHING
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min")):
        if value < limit:
            return f"{value / size:,.1f} {unit}"
    return f"{value / 3600:,.1f} h"


def targets(total: list[Number], by: list[tuple[str, list[Number]]]) -> list[Sheet]:
    """One table an event: all tickets, then each value of the keys."""
    sheets = []
    events = dict.fromkeys(number.definition.split(":")[1] for number in total if number.measure == "response")
    for event in events:
        for at, (key, numbers) in enumerate(by or [("", [])]):
            groups: dict[str, dict[str, Number]] = {} if at else {"all": _parts(total, event)}
            for value in dict.fromkeys(number.keys[0] for number in numbers):
                of_value = [number for number in numbers if number.keys[0] == value]
                groups[NOTHING if value is None else value] = _parts(of_value, event)
            sheets.append(_event(event, key, groups))
    return sheets


def _parts(numbers: list[Number], event: str) -> dict[str, Number]:
    return {n.part: n for n in numbers if n.measure == "response" and n.definition.split(":")[1] == event}


def _event(event: str, key: str, groups: dict[str, dict[str, Number]]) -> Sheet:
    counts = {"missed": "Missed", "overdue": "Overdue", "open": "Open", "no_target": "No target"}
    # A column of zeros is no news.
    shown = [part for part in counts if part == "missed" or any(group[part].value for group in groups.values())]
    times = {"elapsed/p50": ">Median time", "elapsed/p90": ">90 % within"}
    if all(group[part].value is None for group in groups.values() for part in times):
        times = {}
    first = next(iter(groups.values()))["met"]
    # A file that only says whether targets were met does not say which.
    title = "Targets met" if first.definition.endswith(":given") else f"{TITLES[event]}: targets met"
    sheet = Sheet(
        title + (f" by {key.replace('_', ' ')}" if key else ""),
        [
            (key[:1].upper() + key[1:]).replace("_", " ") or "Tickets",
            ">Met",
            ">95 % interval",
            ">In time",
            *(f">{counts[part]}" for part in shown),
            *times.values(),
        ],
    )
    for value, group in groups.items():
        met = group["met"]
        sheet.rows.append(
            [
                value,
                amount(met.value, "share"),
                interval(met),
                whole(met.numerator),
                *(whole(group[part].value) for part in shown),
                *(span(group[part].value) for part in times),
            ]
        )
    waiting = next(iter(groups.values()))["open"].value
    if waiting and not any(group["overdue"].value for group in groups.values()):
        sheet.notes.append("Open tickets count neither way; with --as-of TIME those late by then are overdue.")
    sheet.notes.append(("Time by the clock of the targets. " if times else "") + f"Definition: {first.definition}")
    return sheet


def incoming(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Contacts without the outgoing ones, and how many those were: service level is about calls that came in."""
    if "direction" not in frame.columns:
        return frame, 0
    out = _outgoing(frame)
    return frame.filter(~out), int(out.sum())


def _outgoing(frame: pl.DataFrame) -> pl.Series:
    words = {one: plain(one) in OUTGOING for one in frame["direction"].drop_nulls().unique().to_list()}
    return frame["direction"].replace_strict(words, default=False, return_dtype=pl.Boolean).fill_null(False)


def missed(frame: pl.DataFrame, policy: Policy, zone: str | None) -> Extra:
    """Missed calls and what became of them; nothing where the contacts have no customer or no arrival."""
    if not {"customer", "offered"} <= set(frame.columns) or not {"outcome", "answered", "ended"} & set(frame.columns):
        return Extra()
    frame = _outcomes(frame)
    out = _outgoing(frame) if "direction" in frame.columns else pl.Series([False] * frame.height, dtype=pl.Boolean)
    calls = frame.filter(~out & frame["outcome"].is_in(MISSED) & frame["offered"].is_not_null())
    known = calls.filter(calls["customer"].is_not_null())
    if known.is_empty():
        return Extra()
    answered = frame["outcome"] == "answered"
    kinds = (
        pl.when(out & answered)
        .then(pl.lit("callback_reached"))
        .when(out)
        .then(pl.lit("callback_attempt"))
        .when(answered)
        .then(pl.lit("inbound_answered"))
    )
    later = frame.with_columns(kinds.alias("kind")).filter(
        pl.col("kind").is_not_null() & pl.col("customer").is_not_null() & pl.col("offered").is_not_null()
    )
    followed = engine.follow(known, later)
    closed = (pl.col("reached").is_not_null() | pl.col("own").is_not_null()).alias("met")
    known = known.with_columns(followed).with_columns(pl.col("offered").alias("missed"), closed)
    never = known.filter(~pl.col("met"))
    extra = Extra()
    in_time = policy.sla is not None and "callback" in events(policy.sla)
    recipe = _recipe(policy.sla if in_time else None, "callback")
    # What is late by the end of the files is late: they hold no later call that could close it.
    end = policy.as_of or frame.select(pl.max_horizontal(pl.col(name).max() for name in ENDS if name in frame.columns)).item()
    # What is wrong with the rows themselves was said when the contacts were counted.
    counted = engine.count(known, [recipe], [], None, zone, Aside(), end)
    numbers = {number.part: number for number in counted.numbers()}
    extra.entries = [Entry("missed_calls", "total", {}, number) for number in numbers.values()]
    extra.sheets = [_summary(numbers, calls.height - known.height, in_time, bool(out.any()))]
    if in_time:
        extra.sheets[0].notes.insert(0, f"Not in time: closed late, or late and open on {end.astimezone(ZoneInfo(zone or 'UTC')):%Y-%m-%d %H:%M}.")
    if never.height:
        listed = _numbers_never(never)
        extra.sheets.append(_list(listed, never.height, policy.show_customers, zone))
        extra.content["never_returned"] = _for_programs(listed, policy.show_customers)
    return extra


def _outcomes(frame: pl.DataFrame) -> pl.DataFrame:
    """Outcomes as csat derives them where the column does not say: answered if it was, abandoned if it only ended."""
    none = pl.lit(None, dtype=pl.String)
    there = set(frame.columns)
    derived = pl.when(pl.col("answered").is_not_null()).then(pl.lit("answered")) if "answered" in there else none
    ended = pl.when(pl.col("ended").is_not_null()).then(pl.lit("abandoned")) if "ended" in there else none
    said = pl.col("outcome") if "outcome" in there else none
    return frame.with_columns(pl.coalesce(said, derived, ended).alias("outcome"))


def _summary(numbers: dict[str, Number], unknown: int, in_time: bool, has_outgoing: bool) -> Sheet:
    sheet = Sheet("Missed calls and what became of them", ["", ">Share", ">95 % interval", ">Calls", ">Of"])
    rows = [("in_time", "Closed in time" if in_time else "Closed at all: called back, or called again and answered")]
    if has_outgoing:
        rows += [("attempted", "A call back was tried"), ("reached", "A call back reached the customer")]
    for part, words in [*rows, ("own", "The customer called again and was answered")]:
        number = numbers[part]
        share = [amount(number.value, "share"), interval(number)]
        sheet.rows.append([words, *share, whole(number.numerator), whole(number.denominator)])
    never, calls = numbers["never"], numbers["own"].denominator
    sheet.rows.append(["Never returned", NOTHING, NOTHING, whole(never.value), whole(calls)])
    if not has_outgoing:
        sheet.notes.append("No outgoing call in these files: a call back cannot be seen, only that the customer got through.")
    if unknown:
        sheet.notes.append(f"Missed calls without a customer or number, of which nothing can be said: {whole(unknown)}.")
    return sheet


def _numbers_never(never: pl.DataFrame) -> pl.DataFrame:
    """One row a number: since when, how often, what was tried; longest waiting first."""
    wanted = [pl.col("missed").min().alias("first"), pl.col("missed").max().alias("last"), pl.len().alias("calls")]
    wanted.append(pl.col("attempt").max().alias("attempt"))
    wanted.append((pl.col("queue").last() if "queue" in never.columns else pl.lit(None, dtype=pl.String)).alias("queue"))
    # A contact is found again by its id; without one by its line.
    places = ["id"] if "id" in never.columns else [FILE, LINE]
    wanted += [pl.col(name).first() for name in places]
    return never.sort("missed").group_by("customer", maintain_order=True).agg(wanted).sort("first", maintain_order=True)


def _list(listed: pl.DataFrame, calls: int, show: bool, zone: str | None) -> Sheet:
    at = ZoneInfo(zone or "UTC")
    place = "First call" if "id" in listed.columns else "Line"
    heads = [*(["Customer"] if show else []), "First missed", "Last missed", ">Calls", "Queue", "Call back tried", place]
    sheet = Sheet("Missed calls never returned, longest waiting first", heads)
    for row in listed.head(LISTED).iter_rows(named=True):
        first, last, tried = (
            f"{one.astimezone(at):%Y-%m-%d %H:%M}" if (one := row[name]) else NOTHING for name in ("first", "last", "attempt")
        )
        own = [row["customer"]] if show else []
        found = row["id"] or NOTHING if "id" in row else f"{row[FILE]}:{row[LINE]}"
        sheet.rows.append([*own, first, last, whole(row["calls"]), row["queue"] or NOTHING, tried, found])
    more = f"; {whole(listed.height - LISTED)} more in --json" if listed.height > LISTED else ""
    of = "1 customer" if listed.height == 1 else f"{whole(listed.height)} customers"
    sheet.notes.append(f"{whole(calls)} calls of {of}{more}. Who got through later is not listed.")
    if not show:
        sheet.notes.append("Customers and numbers are shown with --show-customers.")
    return sheet


def _for_programs(listed: pl.DataFrame, show: bool) -> list[dict[str, Any]]:
    instants = ("first", "last", "attempt")
    return [
        {name: value.isoformat() if name in instants and value else value for name, value in row.items()}
        for row in (listed if show else listed.drop("customer")).iter_rows(named=True)
    ]
