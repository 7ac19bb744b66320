"""From a file and its mapping to a table that csat reads; rows that do not fit are set aside by reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from . import convert
from .mapping import Column, Mapping
from .recognise import columns_of, joined
from .source import LINE, Source
from .trouble import NAMED, Aside, Trouble, nearest
from .words import (
    DURATIONS,
    EVALUATIONS,
    FALSE,
    FLAGS,
    INSTANTS,
    INTEGERS,
    KINDS,
    MARKS,
    PERSONAL,
    TRUE,
    outcome_of,
    plain,
)

FILE = "file"


@dataclass
class Prepared:
    """One file, ready to be counted."""

    source: Source
    mapping: Mapping
    zone: str | None
    """The zone of the report, if one is known."""
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    aside: Aside = field(default_factory=Aside)
    left_out: dict[str, int] = field(default_factory=dict)
    """Rows left out on purpose, by what left them out."""
    notes: list[str] = field(default_factory=list)


def prepare(source: Source, mapping: Mapping, zone: str | None) -> Prepared:
    """Reads every mapped column; the zone of the command comes before that of the mapping."""
    frame = source.frame
    _check_columns(source, mapping)
    zone = zone or mapping.zone
    if zone:
        convert.zone_of(zone)
    known = Prepared(source, mapping, zone or _zone_of_texts(frame, mapping))
    known.aside.merge(source.aside)
    frame = _filter(known, frame)
    table, faults = {LINE: frame[LINE]}, pl.Series([None] * frame.height, dtype=pl.String)
    for role, column in mapping.columns.items():
        table[role], bad = _column(known, frame, role, column)
        faults = faults.set(bad & faults.is_null(), role)
    for name in [*mapping.keys, *columns_of(mapping.measures)]:
        if name not in table and name in frame.columns:
            table[name], bad = _other(frame, name, name in mapping.keys)
            faults = faults.set(bad & faults.is_null(), name)
    for header in frame.columns:
        if mapping.table == "evaluations" and header not in table:
            table[header] = convert.strip(frame[header])
    made = pl.DataFrame([values.rename(name) for name, values in table.items()])
    _set_aside(known, frame, faults)
    made = made.filter(faults.is_null())
    if "outcome" in made.columns and mapping.table == "contacts":
        made = _skip(known, made)
        made = _instants_of_outcome(made)
    known.frame = made.with_columns(pl.lit(source.name).alias(FILE))
    return known


def _check_columns(source: Source, mapping: Mapping) -> None:
    wanted = [
        name for column in mapping.columns.values() for name in (*column.sources, *(one for one, _ in column.plus))
    ]
    for name in [*wanted, *mapping.filters, *columns_of(mapping.measures)]:
        if name not in source.headers:
            raise Trouble(
                f"{source.name}: the mapping wants the column `{name}`, which the file does not have"
                f"{nearest(name, source.headers)}; it has {', '.join(source.headers)}"
            )


def _zone_of_texts(frame: pl.DataFrame, mapping: Mapping) -> str | None:
    for column in mapping.columns.values():
        if column.format == "iso" and frame[column.sources[0]].dtype == pl.String:
            return convert.one_offset(frame[column.sources[0]])
    return None


def _column(known: Prepared, frame: pl.DataFrame, role: str, column: Column) -> tuple[pl.Series, pl.Series]:
    """The values of a role, and which of them were there but could not be read."""
    values = joined(frame, column)
    there = (convert.strip(values) if values.dtype == pl.String else values).is_not_null()
    if role in INSTANTS:
        needs_zone = values.dtype == pl.Date or not convert.has_zone(column.format) and values.dtype == pl.String
        needs_zone |= isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is None
        if needs_zone and not known.zone:
            sample = next((str(one) for one in values.drop_nulls().to_list()), "")
            raise Trouble(
                f"{known.source.name}: `{column.sources[0]}` holds times without a zone, such as `{sample}`; "
                "say which with --tz, for example --tz Europe/Moscow"
            )
        read = convert.times(values, column.format, known.zone)
        for name, unit in column.plus:
            read = read + convert.durations(frame[name], unit)
    elif role in DURATIONS:
        read = convert.durations(values, column.unit)
        read = convert.without(read, read.dt.total_microseconds() < 0)
    elif role in FLAGS:
        read = _flags(values, known.mapping.values.get(role, {}))
    elif role in INTEGERS:
        read = convert.marks(values)
    elif role == "outcome":
        read = _outcomes(values, known.mapping.values.get("outcome", {}))
    else:
        read = _mapped(convert.strip(values), known.mapping.values.get(role, {}))
        if known.mapping.table == "evaluations":
            read = _marks(read, KINDS if role == "kind" else {} if role in EVALUATIONS else MARKS)
    return read, there & read.is_null()


def _other(frame: pl.DataFrame, name: str, is_key: bool) -> tuple[pl.Series, pl.Series]:
    """A key as text, a score as a whole number."""
    if is_key:
        return convert.strip(frame[name]), pl.Series([False] * frame.height, dtype=pl.Boolean)
    values = frame[name] if frame[name].dtype.is_numeric() else convert.strip(frame[name])
    read = convert.marks(values)
    return read, values.is_not_null() & read.is_null()


def _mapped(values: pl.Series, table: dict[str, str]) -> pl.Series:
    return values.replace(table) if table else values


def _marks(values: pl.Series, words: dict[str, str]) -> pl.Series:
    known = {one: words.get(plain(one), one) for one in values.drop_nulls().unique().to_list()}
    return values.replace(known) if known else values


def _outcomes(values: pl.Series, table: dict[str, str]) -> pl.Series:
    texts = convert.strip(values)
    known = {one: table.get(one) or outcome_of(one) for one in texts.drop_nulls().unique().to_list()}
    return texts.replace_strict(known, default=None, return_dtype=pl.String) if known else texts


def _flags(values: pl.Series, table: dict[str, str]) -> pl.Series:
    if values.dtype == pl.Boolean:
        return values
    texts = convert.strip(values)

    def flag(text: str) -> bool | None:
        given = table.get(text, text)
        word = plain(str(given))
        return True if word in TRUE else False if word in FALSE else None

    known = {one: flag(one) for one in texts.drop_nulls().unique().to_list()}
    return texts.replace_strict(known, default=None, return_dtype=pl.Boolean) if known else texts.cast(pl.Boolean)


def _filter(known: Prepared, frame: pl.DataFrame) -> pl.DataFrame:
    for name, tests in known.mapping.filters.items():
        for test, value in tests.items():
            keep = _test(frame[name], test, value).fill_null(False)
            words = (
                f"{name} {test.replace('_', ' ')} {value}"
                if test != "empty"
                else f"{name} {'' if value else 'not '}empty"
            )
            known.left_out[f"filter {words}"] = int((~keep).sum())
            frame = frame.filter(keep)
    return frame


def _test(values: pl.Series, test: str, value: object) -> pl.Series:
    texts = convert.strip(values)
    if test in ("at_least", "at_most"):
        if not isinstance(value, (int, float)):
            raise Trouble(f"[filter] {values.name}: {test} takes a number, not {value!r}")
        found = convert.numbers(values)
        return found >= value if test == "at_least" else found <= value
    if test == "empty":
        return texts.is_null() if value else texts.is_not_null()
    wanted = [str(one) for one in (value if isinstance(value, list) else [value])]
    inside = texts.is_in(wanted)
    return inside if test in ("equals", "one_of") else ~inside.fill_null(False)


def _set_aside(known: Prepared, frame: pl.DataFrame, faults: pl.Series) -> None:
    for name in faults.drop_nulls().unique(maintain_order=True).to_list():
        bad = frame.filter(faults == name)
        column = known.mapping.columns.get(name, Column([name]))
        what, reason = _reason(name, column)
        if name in INSTANTS:
            gap = convert.skipped(joined(bad, column), column.format, known.zone)
            words = f"does not exist in {known.zone}: its clock skips that time", "a time that the clock skips"
            _set_aside_of(known, bad.filter(gap), name, column, *words)
            bad = bad.filter(~gap)
        _set_aside_of(known, bad, name, column, what, reason)


def _set_aside_of(known: Prepared, bad: pl.DataFrame, name: str, column: Column, what: str, reason: str) -> None:
    """Counts the rows of one column that have one fault, and names the first of them."""
    named = []
    for row in bad.head(NAMED).iter_rows(named=True):
        value = column.between.join(str(row[one]) for one in column.sources)
        # What names a person is not shown, not even in an error.
        shown = "" if name in PERSONAL else f" `{value[:40]}`"
        named.append((known.source.name, row[LINE], f"`{'` + `'.join(column.sources)}`{shown} {what}"))
    known.aside.add(f"{name}: {reason}", bad.height, named)


def _reason(role: str, column: Column) -> tuple[str, str]:
    if role in INSTANTS:
        forms = column.format if isinstance(column.format, list) else [column.format] if column.format else []
        form = f" in the form {' or '.join(forms)}" if forms else ""
        more = f", or `{column.plus[0][0]}` is no duration" if column.plus else ""
        return f"is not a time{form}{more}", "not a time"
    if role in DURATIONS:
        return "is not a duration of 0 or more", "not a duration"
    if role in FLAGS:
        return "is neither yes nor no", "neither yes nor no"
    if role == "outcome":
        return "is no outcome class that csat knows; map it under [values.outcome]", "unknown outcome"
    return "is not a whole number", "not a whole number"


def _skip(known: Prepared, frame: pl.DataFrame) -> pl.DataFrame:
    skipped = int((frame["outcome"] == "skip").sum())
    if skipped:
        spelled = [value for value, meaning in known.mapping.values.get("outcome", {}).items() if meaning == "skip"]
        known.left_out[f"outcome = skip ({', '.join(spelled)})"] = skipped
    return frame.filter(pl.col("outcome").ne_missing("skip"))


def _instants_of_outcome(frame: pl.DataFrame) -> pl.DataFrame:
    """Where arrival, wait and outcome are given, the instant of the outcome follows from them."""
    if not {"offered", "wait"} <= set(frame.columns):
        return frame
    left = pl.col("offered") + pl.col("wait")
    for role, holds in (
        ("answered", pl.col("outcome") == "answered"),
        ("ended", ~pl.col("outcome").is_in(["answered", "pending"])),
    ):
        derived = pl.when(holds).then(left)
        frame = frame.with_columns((pl.coalesce(role, derived) if role in frame.columns else derived).alias(role))
    return frame


def bounds(since: str | None, until: str | None, zone: str | None) -> tuple[datetime | None, datetime | None]:
    """The instants of --from and --to. A date as --to includes that day; with a time of day it is not included."""
    first, end = instant("--from", since, zone), instant("--to", until, zone, 1)
    if first and end and first >= end:
        raise Trouble(f"--from {since} --to {until}: the period ends before it begins; give the earlier time to --from")
    return first, end


def instant(option: str, text: str | None, zone: str | None, days: int = 0) -> datetime | None:
    """The instant an option names; a date is its beginning, or that of a later day."""
    if text is None:
        return None
    value = pl.Series([text])
    form, _, _ = convert.find_format(value)
    if form == "iso":
        read = convert.times(value, form, None)
    elif form not in (
        "%Y-%m-%d",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
    ):
        raise Trouble(f"{option} {text}: not a date or time; write 2026-03-02, or 2026-03-02T08:00")
    elif not zone:
        raise Trouble(f"{option} {text}: in which zone? say --tz, for example --tz Europe/Moscow")
    else:
        naive = convert.naive(value, form)
        read = convert.local(naive.dt.offset_by(f"{days}d") if form == "%Y-%m-%d" else naive, zone)
    found: datetime | None = read[0]
    if found is None:
        raise Trouble(f"{option} {text}: there is no such time in {zone}; the clock skips it")
    return found


def within(frame: pl.DataFrame, column: str, since: datetime | None, until: datetime | None) -> pl.DataFrame:
    """The rows of a period, half-open."""
    if since is None and until is None:
        return frame
    if column not in frame.columns:
        raise Trouble(f"--from and --to need the column `{column}`, which was not found; map it")
    keep = pl.lit(True)
    keep &= pl.col(column) >= since if since else pl.lit(True)
    keep &= pl.col(column) < until if until else pl.lit(True)
    return frame.filter(keep)
