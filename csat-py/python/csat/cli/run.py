"""From files to a report: read, prepared, joined by table, counted, printed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import click
import polars as pl

from . import engine, events, mapping, show, timely
from .long import wide
from .mapping import Mapping
from .prepare import FILE, Prepared, bounds, instant, prepare, within
from .recognise import recognise
from .sections import Asked, Material, build, definitions, zone_words
from .show import Entry, Sheet
from .source import LINE, Source, read
from .timely import Policy
from .trouble import NAMED, Aside, Trouble, nearest
from .words import TABLES

INSTANT = {"contacts": "offered", "answers": "answered", "evaluations": "at", "tickets": "created"}

YEARS = (datetime(1900, 1, 1, tzinfo=timezone.utc), datetime(2201, 1, 1, tzinfo=timezone.utc))
"""The instants that csat reckons with, half-open."""


@dataclass
class Files:
    """Which files are read, and what of them."""

    names: list[str]
    map_file: str | None = None
    tz: str | None = None
    since: str | None = None
    until: str | None = None
    queues: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)


@dataclass
class Gathered:
    """The rows of one table from all its files, and what is to be said about them."""

    material: Material
    parts: list[Prepared]
    lines: list[str]
    content: dict[str, Any]

    def heading(self, kept: int) -> list[str]:
        """What was read, and how much of it was counted."""
        alone, lines = len(self.parts) == 1, []
        for part in self.parts:
            unit = "lines" if part.source.kind == "queue_log" else "rows"
            read = f"{part.source.name}: {part.source.describe()}; {show.whole(part.source.rows)} {unit} read"
            if part.mapping.events:
                read += f", {show.whole(part.frame.height)} events kept"
            elif alone:
                read += f", {show.whole(kept)} {self.material.table} kept"
            lines.append(read)
            lines += [f"  left out {show.whole(count)}: {why}" for why, count in part.left_out.items() if count]
            lines += [f"  note: {note}" for note in part.notes]
        together = not alone and not any(part.mapping.events for part in self.parts)
        return lines + ([f"{show.whole(kept)} {self.material.table} kept"] if together else [])


def gather(files: Files) -> list[Gathered]:
    """Reads every file; files of one table are joined."""
    given = mapping.load(files.map_file) if files.map_file else Mapping()
    for measure in given.measures:
        if why := engine.refusal(measure):
            raise Trouble(f"{given.name}: [[measure]] {why}")
    prepared: dict[str, list[Prepared]] = {}
    for name in files.names:
        source = read(name, given.encoding, given.separator)
        one = from_log(source, files.tz) if source.kind == "queue_log" else from_table(source, given, files)
        prepared.setdefault(one.mapping.table or "", []).append(one)
    _check_names(given, [part for parts in prepared.values() for part in parts if part.source.kind != "queue_log"])
    return [_join(table, prepared[table], files) for table in TABLES if table in prepared]


def _check_names(given: Mapping, parts: list[Prepared]) -> None:
    """Refuses names of a mapping file that no file has: they would be passed over without a word."""
    if not parts:
        return
    columns = list(dict.fromkeys(name for part in parts for name in part.frame.columns if name not in (LINE, FILE)))
    roles = list(dict.fromkeys(role for part in parts for role in part.mapping.columns))
    for where, name, known in (
        *(("keys", key, columns) for key in given.keys),
        *((f"[values.{role}]", role, roles) for role in given.values),
    ):
        if name not in known:
            raise Trouble(f"{given.name}: {where}: there is no column `{name}`{nearest(name, known)}; there are {', '.join(known)}")


def policy_of(
    option: str | None, as_of: str | None, show_customers: bool, map_file: str | None, tables: list[Gathered]
) -> Policy:
    """What tickets and call-backs are held to: --sla, else what the mapping file says."""
    given = mapping.load(map_file) if map_file else Mapping()
    zone = next((one.material.zone for one in tables if one.material.zone), None)
    return Policy(timely.sla(option, given.sla, given.folder), instant("--as-of", as_of, zone), show_customers)


def check_options(
    tables: list[Gathered], queues: Sequence[str], sla: str | None, as_of: str | None, show_customers: bool, asked: Asked
) -> None:
    """Refuses definitions and thresholds that do not exist; notes options that do not apply to these files."""
    for recipe in definitions(asked):
        if why := engine.refusal(recipe):
            raise Trouble(why)
    calls = {
        "--queue": bool(queues),
        "--within": asked.within != Asked().within,
        "--short": asked.short is not None,
        "--definition": bool(asked.definitions),
        "--show-customers": show_customers,
    }
    timed = {"--sla": sla is not None, "--as-of": as_of is not None}
    there = [one.material.table for one in tables]
    for options, apply_to in ((calls, ("contacts",)), (timed, ("contacts", "tickets"))):
        given = [option for option, is_given in options.items() if is_given]
        if given and not set(apply_to) & set(there):
            words = f"note: {', '.join(given)} apply to {' and '.join(apply_to)}; these files hold {' and '.join(there)}"
            tables[0].material.notes.append(words)


def from_table(source: Source, given: Mapping, files: Files) -> Prepared:
    """A CSV or Parquet file under a mapping, or as recognised."""
    source, given = wide(source, given)
    found = recognise(source, given)
    if found.mapping.table is None and given.name:
        raise Trouble(
            f"{given.name}: say which table {source.name} is: table = …, one of {', '.join(TABLES)}; under [columns] its "
            "names and the columns of the file"
        )
    if found.mapping.table is None:
        raise Trouble(
            f"{source.name}: these columns were not recognised as contacts, answers, evaluations or tickets: "
            f"{', '.join(source.headers)}. `csat inspect {source.name} --write-map map.toml` begins a mapping file; "
            "say there which column is what, and use it with --map map.toml"
        )
    if given.name is None:
        unclear = [
            doubt
            for doubt in found.doubts
            if "day/month" in doubt or "no known time" in doubt or "neither numbers" in doubt
        ]
        if unclear:
            raise Trouble(f"{source.name}: {unclear[0]}")
    extra = [column for column in files.by if column in source.headers and column not in found.mapping.columns]
    found.mapping.keys += [column for column in extra if column not in found.mapping.keys]
    one = prepare(source, found.mapping, files.tz)
    one.notes += source.notes + found.doubts
    return one


def from_log(source: Source, zone: str | None) -> Prepared:
    """The contacts of a queue log."""
    frame, remarks, counts = engine.queue_log(source.text, zone)
    aside, notes = Aside(), list(source.notes)
    for remark in remarks:
        if remark["count"] and remark["set_aside"]:
            reason = remark["reason"].replace("_", " ")
            named = [(source.name, line, _log_words(remark, source.text, line)) for line in remark["lines"]]
            aside.add(f"line: {reason}", remark["count"], named)
        elif remark["count"]:
            notes.append(
                f"{remark['count']} lines used with a repair: {remark['reason'].replace('_', ' ')}, "
                f"first in line {remark['lines'][0]}"
            )
    if frame.is_empty():
        hint = (
            "; these are local times without a zone: give --tz"
            if any(r["reason"] == "naive_time" and r["count"] for r in remarks)
            else ""
        )
        raise Trouble(f"{source.name}: no call in this queue log{hint}")
    if counts["refused"]:
        notes.append(f"{counts['refused']} calls were refused by a queue and are no contacts of it")
    if counts["waiting"]:
        notes.append(
            f"{counts['waiting']} calls still waited when the log ended; they have no outcome and enter no rate"
        )
    frame = _of_known_years(source, frame, aside)
    # A contact is made of several lines: it is named by its id.
    made = frame.with_columns(pl.lit(None, dtype=pl.UInt32).alias(LINE), pl.lit(source.name).alias(FILE))
    return Prepared(source, Mapping(table="contacts", keys=["queue"]), zone, made, aside, {}, notes)


def _log_words(remark: dict[str, Any], text: str, line: int) -> str:
    """Why a line of a log was set aside; of an event that is not known, which it was."""
    words: str = remark["words"] or remark["reason"].replace("_", " ")
    return words if remark["reason"] != "unknown_event" else f"{words} `{text.split(chr(10))[line - 1].split('|')[4][:40]}`"


def _of_known_years(source: Source, frame: pl.DataFrame, aside: Aside) -> pl.DataFrame:
    """The contacts of a log without those whose times no calendar reaches; these are set aside, named by line."""
    times = [pl.col(name) for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    outside = pl.any_horizontal(((time < YEARS[0]) | (time >= YEARS[1])).fill_null(False) for time in times)
    bad = frame.filter(outside)
    if bad.is_empty():
        return frame
    lines: dict[str, int] = {}
    for at, line in enumerate(source.text.split("\n"), 1):
        time, _, rest = line.partition("|")
        if time.replace(".", "", 1).isdigit() and not YEARS[0].timestamp() <= float(time) < YEARS[1].timestamp():
            lines.setdefault(rest.partition("|")[0], at)
    words = f"its time is outside the years {YEARS[0].year} to {YEARS[1].year - 1}"
    named = [(source.name, lines.get(call), f"call {call}: {words}") for call in bad["id"].head(NAMED).to_list()]
    aside.add("call: a time that no calendar reaches", bad.height, named)
    return frame.filter(~outside)


def _join(table: str, parts: list[Prepared], files: Files) -> Gathered:
    zones = list(dict.fromkeys(part.zone for part in parts if part.zone))
    zone = files.tz or (zones[0] if len(zones) == 1 else None)
    since, until = bounds(files.since, files.until, zone)
    aside: Aside = Aside()
    lines: list[str] = []
    for part in parts:
        aside.merge(part.aside)
    measures = engine.distinct(list({str(measure): measure for part in parts for measure in part.mapping.measures}.values()))
    keys = list(dict.fromkeys(key for part in parts for key in part.mapping.keys))
    frame = pl.concat([part.frame for part in parts], how="diagonal_relaxed")
    if folded := next((part.mapping.events for part in parts if part.mapping.events), None):
        frame, lost = events.tickets(frame, folded)
        lines.append(f"{show.whole(frame.height)} tickets made of these events")
        lines += [f"  left out {show.whole(lost)}: an event without a ticket or a time"] if lost else []
    frame, left_out = _only(frame, table, since, until, files)
    lines += [f"  left out {show.whole(count)}: {why}" for why, count in left_out.items() if count]
    if table == "contacts":
        lines += _twice(frame)
    material = Material(table, frame, [key for key in keys if key in frame.columns], measures, zone, aside)
    shown = zone or "UTC"
    if (period := _period(frame, table, shown)) and frame.height:
        lines.append(f"{table.capitalize()} from {period[0]} to {period[1]} ({zone_words(zone)})")
    content = {
        "table": table,
        "zone": shown,
        "left_out": left_out,
        "files": [
            {
                "name": part.source.name,
                "format": part.source.describe(),
                "rows": part.source.rows,
                "left_out": part.left_out,
                "notes": part.notes,
            }
            for part in parts
        ],
    }
    return Gathered(material, parts, lines, content)


def _only(
    frame: pl.DataFrame, table: str, since: datetime | None, until: datetime | None, files: Files
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows of the period and of the queues that were asked for, and how many others there were."""
    left_out: dict[str, int] = {}
    inside = within(frame, INSTANT[table], since, until)
    if files.since or files.until:
        given = (("--from", files.since), ("--to", files.until))
        words = " ".join(f"{option} {text}" for option, text in given if text)
        left_out[f"not in the period {words}"] = frame.height - inside.height
    frame = inside
    if files.queues and table == "contacts":
        if "queue" not in frame.columns:
            raise Trouble("--queue needs the column `queue`, which was not found; map it")
        known = sorted(frame["queue"].drop_nulls().unique().to_list())
        for queue in files.queues:
            if queue not in known:
                raise Trouble(
                    f"--queue {queue}: there is no such queue{nearest(queue, known)}; there are {', '.join(known)}"
                )
        chosen = frame.filter(pl.col("queue").is_in(files.queues))
        left_out[f"of other queues than --queue {', '.join(files.queues)}"] = frame.height - chosen.height
        frame = chosen
    return frame, left_out


def _twice(frame: pl.DataFrame) -> list[str]:
    key = [name for name in ("id", "queue", "offered") if name in frame.columns]
    if "id" not in key or "offered" not in key:
        return []
    twice = frame.height - frame.select(key).unique().height
    return (
        [f"note: {show.whole(twice)} contacts appear more than once (same id, queue and arrival); each was counted"]
        if twice
        else []
    )


def _period(frame: pl.DataFrame, table: str, zone: str) -> tuple[str, str] | None:
    column = INSTANT[table]
    if column not in frame.columns or frame[column].null_count() == frame.height:
        return None
    ends = frame[column].drop_nulls().sort()
    first, last = (f"{end.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for end in (ends[0], ends[-1]))
    return first, last


def aside_lines(aside: Aside) -> list[str]:
    """What was set aside: by reason, and the first ten by line."""
    if not aside.total:
        return ["No row was set aside."]
    lines = [f"Set aside: {show.whole(aside.total)} rows that cannot be used"]
    lines += [f"  {show.whole(count)}: {reason}" for reason, count in aside.counts.items()]
    lines += [f"  {name}{'' if line is None else f', line {line}'}: {what}" for name, line, what in aside.first]
    return lines


def write_report(tables: list[Gathered], asked: Asked, form: str) -> None:
    """Counts every table and prints it."""
    terminal, texts, entries, contents = sys.stdout.isatty(), [], [], []
    for one in tables:
        built = build(one.material, asked)
        lines = one.heading(built.kept) + one.lines + one.material.notes + aside_lines(one.material.aside)
        texts.append((built.sheets, lines))
        entries += built.entries
        aside = one.material.aside
        contents.append(
            one.content
            | built.content
            | {
                "rows": built.kept,
                "set_aside": {
                    "total": aside.total,
                    "counts": aside.counts,
                    "first": [{"file": name, "line": line, "what": what} for name, line, what in aside.first],
                }
            }
        )
    _print(texts, entries, {"tables": contents}, form, terminal)


def _print(
    texts: list[tuple[list[Sheet], list[str]]], entries: list[Entry], content: dict[str, Any], form: str, terminal: bool
) -> None:
    if form == "json":
        click.echo(show.as_json(content, entries), nl=False)
    elif form == "csv":
        # Programs read the numbers; people still learn what was set aside.
        click.echo("\n".join(line for _, lines in texts for line in lines), err=True)
        click.echo(show.as_csv(entries), nl=False)
    else:
        click.echo("\n".join(show.render(sheets, lines, terminal) for sheets, lines in texts), nl=False)
