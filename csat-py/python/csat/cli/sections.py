"""What a report consists of: which recipes a table gets, and the sheets and numbers made of its counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from . import engine
from .engine import Counted, Number
from .prepare import FILE
from .show import NOTHING, Entry, Sheet, amount, interval, whole
from .source import LINE
from .timely import Extra, Policy, incoming, missed, targets
from .timely import recipes as response_recipes
from .trouble import Aside, Trouble, nearest
from .words import CONTACTS

DEFINITIONS = (
    "offered",
    "answered_only",
    "abandons_within_t_excluded",
    "abandons_within_t_hit",
    "short_abandons_excluded",
)
SLOT = "30m"
FEWEST = 10
"""A half hour with fewer contacts is not among the worst: one unlucky call would put it there."""
WORST = 10
ITEMS = ("question/", "criterion/")
"""Parts that are shown in a table of their own."""


@dataclass
class Asked:
    """What the command line asks for."""

    within: list[str] = field(default_factory=lambda: ["20s"])
    short: str | None = None
    definitions: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)


@dataclass
class Material:
    """The rows of one table from all its files."""

    table: str
    frame: pl.DataFrame
    keys: list[str]
    measures: list[dict[str, Any]]
    zone: str | None
    aside: Aside
    notes: list[str] = field(default_factory=list)


def seconds(text: str) -> str:
    """A duration as csat writes it; a bare number counts seconds."""
    return f"{text}s" if text.replace(".", "", 1).isdigit() else text


def definitions(asked: Asked) -> list[dict[str, Any]]:
    """Service level and abandonment as asked for."""
    levels, policies, within = [], ["offered"], [seconds(text) for text in asked.within]
    short = f"-short{seconds(asked.short)}" if asked.short else ""
    for name in asked.definitions or DEFINITIONS:
        if name.startswith("ab:"):
            policies = [one for one in policies if asked.definitions == []] + [name[3:]]
        elif name.startswith("sl:") and name.count(":") == 2:
            _, name, threshold = name.split(":")
            levels.append(name)
            within += [threshold] if threshold not in within else []
        else:
            levels.append(name + short if name == "short_abandons_excluded" else name)
    policies += [f"offered{short}"] if short and f"offered{short}" not in policies else []
    return [
        {"measure": "service_level", "within": within, "definitions": levels or ["offered"]},
        {"measure": "abandonment", "definitions": policies},
    ]


def recipes(material: Material, asked: Asked) -> list[dict[str, Any]]:
    """The measures of a table, in the order they are shown."""
    if material.table == "tickets":
        return [*response_recipes(material.frame, asked.policy), *material.measures]
    if material.table != "contacts":
        return material.measures
    columns = set(material.frame.columns)
    parts = [part for part in ("talk", "hold", "wrap") if part in columns]
    found: list[dict[str, Any]] = [
        {"measure": "volume"},
        *definitions(asked),
        {"measure": "speed_of_answer"},
        {"measure": "wait", "of": "answered", "buckets": "exact"},
        {"measure": "wait", "of": "abandoned", "quantiles": [0.5, 0.9], "buckets": "exact"},
    ]
    if "talk" in columns:
        found.append(
            {"measure": "handle_time", "parts": ["total", *parts], "wrap": "wrap" in columns, "buckets": "exact"}
        )
    if "transferred" in columns:
        found.append({"measure": "transfer"})
    return found + material.measures


def check(material: Material) -> None:
    """Refuses a table that no figure can be made of, and says how to map it."""
    columns = set(material.frame.columns)
    if material.table == "contacts" and not (
        {"offered", "ended"} <= columns or {"offered", "answered"} <= columns or {"wait", "outcome"} <= columns
    ):
        have = sorted(columns - {LINE, FILE}) or ["nothing"]
        needed = ("offered", "answered", "ended", "wait", "outcome")
        meant = [f"`{name}`{nearest(name, needed, 0.75)}" for name in have if name not in CONTACTS]
        hint = next((f" ({one})" for one in meant if ";" in one), "")
        raise Trouble(
            "contacts need `offered` with `answered` and `ended`, or `wait` with `outcome`; recognised: "
            f"{', '.join(have)}{hint}. `csat inspect FILE --write-map map.toml` begins a mapping file, --map map.toml uses it"
        )
    if material.table == "tickets" and "created" not in columns:
        raise Trouble("tickets need `created`, the time they came in: map it with a mapping file")
    if not material.measures and material.table in ("answers", "evaluations"):
        raise Trouble(
            f"{material.table}: no column with scores was recognised; name one under [[measure]] in a mapping file "
            "(`csat inspect FILE --write-map map.toml` begins one)"
        )


def build(material: Material, asked: Asked) -> Extra:
    """The sheets for people, the numbers and lists for programs."""
    check(material)
    keys = asked.by or material.keys
    for key in keys:
        if key not in material.frame.columns:
            raise Trouble(
                f"there is no column `{key}` to break figures down by; there are "
                f"{', '.join(c for c in material.frame.columns if c not in (LINE, FILE))}"
            )
    slotted = material.table == "contacts" and "offered" in material.frame.columns
    wanted = recipes(material, asked)
    contacts = material.table == "contacts"
    frame, outgoing = incoming(material.frame) if contacts else (material.frame, 0)
    if outgoing:
        material.notes.append(f"note: {whole(outgoing)} outgoing contacts are left out of the figures of incoming ones")
    if "talk" in frame.columns and "hold" not in frame.columns and material.table == "contacts":
        # A file that knows no hold counts it as talk; the total is then talk and wrap.
        frame = frame.with_columns(pl.lit(timedelta(0)).cast(pl.Duration("us")).alias("hold"))
    every = SLOT if slotted else None
    answers = material.table == "answers"
    counted = engine.count(frame, wanted, keys, every, material.zone, material.aside, asked.policy.as_of, answers)
    if counted.repeats:
        material.notes.append(
            f"note: {whole(counted.repeats)} repeat answers are set aside: of several answers of one respondent about one "
            "contact the latest counts"
        )
    total = counted.numbers()
    entries = [Entry(material.table, "total", {}, number) for number in total]
    half_hours = _half_hours(counted, entries, material.table) if slotted else {}
    sheets = [_levels(total, half_hours)] if contacts else []
    sheets += [] if material.table == "tickets" else [_short(total, material.table)]
    sheets += _items(total)
    by = []
    for at, key in enumerate(keys):
        numbers = counted.numbers([key])
        entries += [Entry(material.table, f"by {key}", {key: number.keys[0]}, number) for number in numbers]
        by.append((key, numbers))
        if at == 0 and numbers and material.table != "tickets":
            sheets.append(_by(key, numbers, material.table))
    if material.table == "tickets":
        sheets += targets(total, by)
    if slotted:
        sheets.append(_worst(half_hours, material.zone))
    more = missed(material.frame, asked.policy, material.zone) if contacts else Extra()
    content = more.content | ({"repeat_answers": counted.repeats} if answers else {})
    kept = material.frame.height - counted.refused - counted.repeats
    return Extra([sheet for sheet in sheets + more.sheets if sheet.rows], entries + more.entries, content, kept)


def _half_hours(counted: Counted, entries: list[Entry], table: str) -> dict[datetime, list[Number]]:
    slots: dict[datetime, list[Number]] = {}
    for number in counted.numbers(every=SLOT):
        if number.slot is not None:
            slots.setdefault(number.slot, []).append(number)
    for numbers in slots.values():
        entries += [Entry(table, "by half hour", {}, number) for number in _headlines(numbers)]
    return slots


def _levels(total: list[Number], half_hours: dict[datetime, list[Number]]) -> Sheet:
    words = engine.definitions()
    sheet = Sheet(
        "The same contacts under several definitions of service level",
        ["Definition", ">Level", ">95 % interval", ">Hits", ">Of", "Counted as"],
    )
    levels = [number for number in total if number.measure == "service_level"]
    for number in levels:
        if number.part == "level":
            name = number.definition.split(":")[1]
            formula = words.get(name, words.get(name.rpartition("-short")[0], ("", "")))[1]
            sheet.rows.append(
                [
                    number.definition,
                    amount(number.value, "share"),
                    interval(number),
                    whole(number.numerator),
                    whole(number.denominator),
                    formula,
                ]
            )
        elif number.part == "assumed_contacts" and number.value:
            about = {
                one.definition.rpartition(":")[2]: one.value
                for one in levels
                if one.definition.startswith(number.definition.removesuffix("contacts"))
            }
            sheet.notes.append(
                f"{number.definition.removesuffix(':assumed_contacts')}: its source leaves {whole(number.value)} contacts "
                f"open; between {amount(about.get('assumed_low'), 'share')} and {amount(about.get('assumed_high'), 'share')}"
            )
    first = next((number.definition for number in levels if number.part == "level"), None)
    values = [
        number.value
        for numbers in half_hours.values()
        for number in numbers
        if number.definition == first and number.part == "level" and number.value is not None
    ]
    if len(values) > 1:
        sheet.rows.append(
            [
                "mean of half-hours (do not use)",
                amount(sum(values) / len(values), "share"),
                NOTHING,
                NOTHING,
                NOTHING,
                "no definition: a half hour with 1 contact weighs as much as one with 100",
            ]
        )
    return sheet


def _label(number: Number, titles: dict[str, dict[str, Any]]) -> str:
    title, path = titles[number.measure]["title"], number.part.replace("_", " ").replace("/", " ")
    if number.measure == "volume":
        return "Contacts" if path == "contacts" else path.capitalize()
    if number.definition.startswith("wait:"):
        title = f"Wait of {number.definition.split(':')[1]}"
        return f"{title}, {_quantile(path)}"
    return title if number.first or number.part == "rate" else f"{title}, {_quantile(path.removeprefix('total '))}"


def _quantile(path: str) -> str:
    head, _, last = path.rpartition(" ")
    if last[:1] == "p" and last[1:].replace(".", "").isdigit():
        last = "median" if last == "p50" else f"{last[1:]}th percentile"
    return f"{head} {last}".strip()


def _is_news(number: Number) -> bool:
    """Whether people want it in the short table: no count of nothing, one line for each part of the handle time."""
    if number.measure == "service_level":
        return number.part == "unplaced" and bool(number.value)
    if number.unit == "count" and not number.value:
        return number.part == "contacts"
    if number.part.startswith(ITEMS):
        return False
    head, _, last = number.part.rpartition("/")
    return (
        number.measure != "handle_time"
        or last in ("mean", "missing")
        or (head, last) in (("total", "p50"), ("total", "p90"))
    )


def _named(number: Number, numbers: list[Number], titles: dict[str, dict[str, Any]]) -> str:
    """The label, with the column asked about where a measure stands there several times."""
    label = _label(number, titles)
    several = len({one.of for one in numbers if one.measure == number.measure}) > 1
    return f"{label} ({short_of(number.of)})" if several and number.of else label


def short_of(of: str) -> str:
    """The columns of a measure, or how many where they are many."""
    names = of.split(", ")
    return (
        f"{len(names)} columns, {names[0]} to {names[-1]}" if len(names) > 3 else of if len(of) <= 60 else f"{of[:57]}…"
    )


def _short(total: list[Number], table: str) -> Sheet:
    titles = engine.measures()
    sheet = Sheet(
        {"contacts": "In short", "answers": "What customers say", "evaluations": "Quality"}[table],
        ["", ">Value", ">95 % interval", ">n", "Definition"],
    )
    for number in total:
        if not _is_news(number):
            continue
        sheet.rows.append(
            [
                _named(number, total, titles),
                amount(number.value, number.unit),
                interval(number),
                whole(number.n),
                number.definition,
            ]
        )
    return sheet


def _items(total: list[Number]) -> list[Sheet]:
    """A table of the questions of each index and of the criteria of each form."""
    tables: dict[tuple[str, str | None], dict[str, dict[str, Number]]] = {}
    for number in total:
        if number.part.startswith(ITEMS):
            kind, name, *rest = number.part.split("/")
            tables.setdefault((kind, number.of), {}).setdefault(name, {})[rest[0] if rest else "share"] = number
    sheets, several = [], len(tables) > 1
    for (kind, of), items in tables.items():
        parts = list(next(iter(items.values())))
        of = f" of the index ({short_of(of)})" if several and of else ""
        sheet = Sheet(
            {"question": "Questions", "criterion": "Criteria"}[kind] + of,
            [
                kind.capitalize(),
                f">{parts[0].capitalize()}",
                ">95 % interval",
                ">n",
                *(f">{part.replace('_', ' ').capitalize()}" for part in parts[1:]),
            ],
        )
        for name, found in items.items():
            first = found[parts[0]]
            sheet.rows.append(
                [
                    name[:60],
                    amount(first.value, first.unit),
                    interval(first),
                    whole(first.n),
                    *(amount(found[part].value, found[part].unit) for part in parts[1:]),
                ]
            )
        shown = [number.definition.replace(name, kind.upper()) for number in items[name].values()]
        sheet.notes.append(f"Definitions: {', '.join(shown)}")
        sheets.append(sheet)
    return sheets


def _headlines(numbers: list[Number]) -> list[Number]:
    """The main part of each recipe; waits are left to the total."""
    return [number for number in numbers if number.first and number.measure != "wait"]


BY = ("volume", "service_level", "abandonment", "speed_of_answer", "handle_time")


def _by(key: str, numbers: list[Number], table: str) -> Sheet:
    titles = engine.measures()
    groups: dict[str | None, list[Number]] = {}
    for number in numbers:
        groups.setdefault(number.keys[0], []).append(number)
    shown = {
        value: _columns(of_group, BY) if table == "contacts" else _headlines(of_group)
        for value, of_group in groups.items()
    }
    first = next(iter(shown.values()))
    # Where every figure rests on the same rows one column says how many.
    same = table != "contacts" and all(len({one.n for one in of_group}) == 1 for of_group in shown.values())
    sheet = Sheet(f"By {key}", [(key[:1].upper() + key[1:]).replace("_", " "), *([">n"] if same else [])])
    for number in first:
        sheet.columns += [f">{_named(number, first, titles)}"] + ([">n"] if table != "contacts" and not same else [])
    for value, headlines in shown.items():
        row = [NOTHING if value is None else value, *([whole(headlines[0].n)] if same else [])]
        for number in headlines:
            row += [_with_interval(number)] + ([whole(number.n)] if table != "contacts" and not same else [])
        sheet.rows.append(row)
    sheet.notes.append(f"With 95 % intervals. {_definitions(first)}")
    return sheet


def _columns(numbers: list[Number], measures: tuple[str, ...]) -> list[Number]:
    """Volume with the answered contacts, then the main parts of some measures."""
    return [
        number
        for number in numbers
        if number.measure in measures and (number.first or (number.measure, number.part) == ("volume", "answered"))
    ]


def _with_interval(number: Number) -> str:
    value = amount(number.value, number.unit, 1)
    if number.low is None:
        return value
    # A dash between two numbers keeps a cell short; where one may be negative it would read as a sign.
    limits = interval(number, 1)
    return f"{value} ({limits if number.unit == 'points' else limits.replace(' to ', '–')})"


def _definitions(numbers: list[Number]) -> str:
    return "Definitions: " + ", ".join(dict.fromkeys(number.definition for number in numbers if number.unit != "count"))


def _worst(half_hours: dict[datetime, list[Number]], zone: str | None) -> Sheet:
    titles = engine.measures()
    slots = {slot: _columns(numbers, BY[:4]) for slot, numbers in half_hours.items()}
    level = {slot: next(n for n in numbers if n.measure == "service_level") for slot, numbers in slots.items()}
    counted = {slot: one for slot, one in level.items() if one.value is not None}
    enough = {slot: one for slot, one in counted.items() if one.n >= FEWEST}
    chosen = sorted(enough or counted, key=lambda slot: (counted[slot].value, -counted[slot].n, slot))[:WORST]
    first = next(iter(slots.values()), [])
    sheet = Sheet(
        "Worst half hours", [f"Half hour ({zone_words(zone)})", *(f">{_named(n, first, titles)}" for n in first)]
    )
    for slot in chosen:
        at = slot.astimezone(ZoneInfo(zone or "UTC"))
        cells = [_with_interval(number) for number in slots[slot]]
        sheet.rows.append([f"{at:%a %Y-%m-%d %H:%M} to {at + timedelta(minutes=30):%H:%M}", *cells])
    if enough:
        sheet.notes.append(
            f"Of the {len(enough):,} with at least {FEWEST} contacts in the denominator, by service level."
        )
    sheet.notes.append(f"With 95 % intervals. {_definitions(first)}")
    return sheet


def zone_words(zone: str | None) -> str:
    """The name of a zone; of a fixed offset, the offset."""
    if zone and zone.startswith("Etc/GMT"):
        hours = -int(zone.removeprefix("Etc/GMT"))
        return f"{hours:+03d}:00"
    return zone or "UTC"
