"""What was recognised in a file and what is wrong with it."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import polars as pl

from . import convert, engine, mapping, show
from .long import wide, written
from .recognise import Recognised, columns_of, recognise
from .run import Files, aside_lines, from_log, gather
from .sections import Asked, build
from .show import Sheet
from .source import Source, read
from .trouble import Trouble
from .words import DURATIONS, FALSE, TRUE, plain


def inspect(file: str, map_file: str | None, zone: str | None, write_map: str | None) -> None:
    """Prints what is known about a file; begins a mapping file if asked to."""
    given = mapping.load(map_file) if map_file else mapping.Mapping()
    source = read(file, given.encoding, given.separator)
    lines = [
        f"{source.name}: {source.describe()}; {show.whole(source.rows)} {'lines' if source.kind == 'queue_log' else 'rows'}"
    ]
    if source.kind == "queue_log":
        sheets, problems = [_log(source, zone)], []
        if write_map:
            raise Trouble("a queue log needs no mapping file; give it to `csat report` as it is")
    else:
        lying, (source, given) = source, wide(source, given)
        lines += source.notes
        found = recognise(source, given)
        table = found.mapping.table
        lines.append(
            f"Recognised as {table}" if table else "Not recognised as contacts, answers, evaluations or tickets: map the columns"
        )
        sheets, problems = [_columns(source, found)], _problems(source, found)
        if write_map:
            if source is not lying:
                found.mapping = written(lying, found.mapping)
            _write(Path(write_map), found, source)
    lines_after, tried = _try(file, map_file, zone)
    click.echo(show.render(sheets, lines, sys.stdout.isatty()), nl=False)
    problems += tried
    click.echo(
        "\n"
        + "\n".join(
            ["What is wrong or open:", *(f"  {one}" for one in problems)] if problems else ["Nothing wrong was found."]
        )
    )
    if lines_after:
        click.echo("\n".join(lines_after))
    if write_map:
        click.echo(f"\nMapping file begun: {write_map}. Edit it, then: csat report {file} --map {write_map}")


def _try(file: str, map_file: str | None, zone: str | None) -> tuple[list[str], list[str]]:
    """What a report would set aside, or why there can be none."""
    try:
        tables = gather(Files([file], map_file, zone))
        for one in tables:
            build(one.material, Asked())
        return [line for one in tables for line in aside_lines(one.material.aside)], []
    except Trouble as trouble:
        return [], [str(trouble)]


def _write(path: Path, found: Recognised, source: Source) -> None:
    if path.exists():
        raise Trouble(f"{path}: this file exists; give another name, or delete it first")
    found.mapping.separator = source.separator if source.kind == "csv" else None
    found.mapping.encoding = source.encoding if source.kind == "csv" else None
    found.mapping.measures = engine.distinct(found.mapping.measures)
    path.write_text(mapping.write(found.mapping, found.spare, found.open_values, source.name), encoding="utf-8")


def _problems(source: Source, found: Recognised) -> list[str]:
    problems = [f"line {line}: {what}" for _, line, what in source.aside.first]
    if source.aside.total > len(problems):
        problems.append(f"… {source.aside.total} such lines in all")
    problems += found.doubts
    for name in source.headers:
        values = source.frame[name]
        if values.dtype == pl.String and len(forms := _forms(convert.strip(values).drop_nulls())) > 1:
            counts = ", ".join(f"{form} in {count} rows" for form, count in forms.items())
            problems.append(
                f"`{name}`: times are written in {len(forms)} ways ({counts}); `format` in a mapping file may be a list"
            )
    for role, unknown in found.open_values.items():
        some = ", ".join(f"`{value}`" for value in unknown[:10])
        problems.append(f"{role}: {len(unknown)} values are not understood: {some}; map them under [values.{role}]")
    return problems


def _columns(source: Source, found: Recognised) -> Sheet:
    roles: dict[str, list[str]] = {}
    for role, column in found.mapping.columns.items():
        forms = " or ".join(column.format) if isinstance(column.format, list) else column.format
        how = " ".join(part for part in (forms, column.unit if role in DURATIONS else None) if part)
        for name in [*column.sources, *(one for one, _ in column.plus)]:
            roles.setdefault(name, []).append(f"{role} ({how})" if how else role)
    for measure in found.mapping.measures:
        for name in columns_of(measure):
            roles.setdefault(name, []).append(measure["measure"])
    for key in found.mapping.keys:
        if key not in found.mapping.columns:
            roles.setdefault(key, []).append("key")
    for name in found.mapping.filters:
        roles.setdefault(name, []).append("filter")
    sheet = Sheet("Columns", ["Column", "Read as", ">Filled", "Holds"])
    for name in source.headers:
        values = source.frame[name]
        there = convert.strip(values) if values.dtype == pl.String else values
        filled = f"{show.whole(len(there) - there.null_count())} of {show.whole(len(there))}"
        sheet.rows.append([name[:50], ", ".join(roles.get(name, [show.NOTHING])), filled, _holds(there.drop_nulls())])
    return sheet


def _holds(values: pl.Series) -> str:
    """What a column looks like, without showing what anybody wrote."""
    if values.is_empty():
        return "nothing"
    if values.dtype != pl.String:
        return str(values.dtype).lower()
    words = {plain(one) for one in values.unique().head(20).to_list()}
    if words <= {*TRUE, *FALSE, "n a", "na"}:
        return "yes or no"
    forms = _forms(values)
    if forms:
        counts = ", ".join(f"{form} ({show.whole(count)})" for form, count in forms.items())
        left = len(values) - sum(forms.values())
        return f"times {counts if len(forms) > 1 or left else next(iter(forms))}{_others(left)}"
    numbers = convert.numbers(values).drop_nulls().sort()
    if len(numbers) * 2 > len(values):
        # Long numbers are mostly telephone numbers and ids; two of them would name two people.
        long = f"long numbers, {show.whole(values.n_unique())} different"
        some = f"numbers {numbers[0]:.6g} to {numbers[-1]:.6g}" if -1e6 < numbers[0] and numbers[-1] < 1e6 else long
        return f"{some}{_others(len(values) - len(numbers))}"
    if convert.find_unit(values) == "clock":
        return "clock times or durations 0:01:30"
    return f"texts, {show.whole(values.n_unique())} different"


def _others(count: int) -> str:
    return f", and {show.whole(count)} that are none" if count else ""


def _forms(values: pl.Series) -> dict[str, int]:
    """The forms of the times in a column, and how many values each reads; none where it holds no times."""
    best, _, forms = convert.find_format(values)
    if best is None or best.startswith("epoch"):
        return {}
    found, left = {}, values
    for form in forms:
        fits = convert.times(left, form, "UTC").is_not_null()
        if fits.any():
            found[form] = int(fits.sum())
            left = left.filter(~fits)
    return found if len(left) * 2 < len(values) else {}


def _log(source: Source, zone: str | None) -> Sheet:
    one = from_log(source, zone)
    frame, counts = one.frame, engine.queue_log(source.text, zone)[2]
    sheet = Sheet("Queue log", ["", ">Count"])
    for outcome, many in frame["outcome"].value_counts().sort("outcome").iter_rows():
        sheet.rows.append([f"contacts {outcome}", show.whole(many)])
    sheet.rows += [
        [name.replace("_", " "), show.whole(counts[name])] for name in ("lines", "entered", "refused", "set_aside")
    ]
    sheet.notes += [f"queues: {', '.join(sorted(frame['queue'].unique().to_list()))}", *one.notes]
    return sheet
