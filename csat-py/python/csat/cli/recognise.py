"""What the columns of a file are, by their headers and values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from . import convert
from .events import ROLES as EVENTS
from .mapping import Column, Mapping
from .source import LINE, Source
from .trouble import nearest
from .words import (
    DURATIONS,
    FALSE,
    FLAGS,
    INSTANTS,
    MARKS,
    NO_QUESTION,
    NUMBERED,
    RECOMMEND,
    SATISFACTION,
    SCORE,
    TABLES,
    TRUE,
    outcome_of,
    plain,
    role_of,
)

KEYS = {"contacts": ("queue",), "answers": ("dealer", "touchpoint", "instrument"), "evaluations": ("contact_type",), "tickets": ("channel", "team", "priority")}
TELLING = {
    "contacts": {"offered", "wait", "queue", "outcome", "talk", "ended"},
    "answers": {"respondent", "touchpoint", "instrument"},
    "evaluations": {"reviewer", "form", "form_version", "kind"},
    "tickets": {"created", "first_response", "resolved", "due", "met", "priority"},
}
SCALES = ((1, 5), (1, 10), (0, 10), (0, 100))


_SPELLED = re.compile(r"\b([01])\s*(?:-|–|to|до)\s*(5|7|10|100)\b")


@dataclass
class Recognised:
    """A mapping by headers and values, and what is open or wrong."""

    mapping: Mapping
    spare: list[str] = field(default_factory=list)
    """Columns that nothing is read from."""
    open_values: dict[str, list[str]] = field(default_factory=dict)
    """Values of a role that are not understood."""
    doubts: list[str] = field(default_factory=list)


def recognise(source: Source, given: Mapping | None = None) -> Recognised:
    """Recognises the columns of a file. What a mapping file gives is kept; the rest is found."""
    frame, given = source.frame, given or Mapping()
    scores = _scores(frame, source.headers)
    table = given.table or _table(source.headers, scores)
    found = Recognised(
        Mapping(
            table,
            given.zone,
            given.encoding,
            given.separator,
            given.decimal,
            dict(given.columns),
            dict(given.values),
            given.filters,
            list(given.keys),
            list(given.measures),
            given.name,
            sla=given.sla,
            folder=given.folder,
            events=given.events,
        )
    )
    mapping = found.mapping
    taken = {name for column in given.columns.values() for name in column.sources}
    if not given.says_columns:
        for header in source.headers:
            role, unit = role_of(table, header) if table else (None, None)
            if (
                role
                and role not in mapping.columns
                and not (table == "answers" and header in scores and role not in INSTANTS)
            ):
                mapping.columns[role] = Column([header], unit=unit)
                taken.add(header)
    roles = {*TABLES.get(table or "", {}), *(EVENTS if given.events else ())}
    for role in given.columns:
        near = nearest(role, roles, 0.75)
        if near and role not in (*roles, *given.keys, *columns_of(given.measures)):
            found.doubts.append(f"`{role}` under [columns] is no name of {table} and is read as a further text{near}")
    for role, column in mapping.columns.items():
        _fill(found, frame, role, column)
    if table == "contacts" and "outcome" in mapping.columns:
        _outcomes(found, frame)
    if table == "answers" and not mapping.measures:
        mapping.measures = _measures(scores)
        asked = set(columns_of(mapping.measures))
        guessed = [
            f"`{header}` {low} to {high}"
            for header, (low, high) in scores.items()
            if header in asked and not RECOMMEND.search(header) and not _SPELLED.search(header)
        ]
        if guessed:
            more = f" and {len(guessed) - 3} more" if len(guessed) > 3 else ""
            found.doubts.append(
                f"scales guessed, the first of {', '.join(f'{low} to {high}' for low, high in SCALES)} that holds the "
                f"answers: {', '.join(guessed[:3])}{more}; a mapping file can say otherwise"
            )
    if table == "evaluations" and not mapping.measures:
        _criteria(found, frame, source.headers)
    if not mapping.keys:
        wanted = {plain(header): header for header in source.headers}
        mapping.keys = [
            key if key in mapping.columns else wanted[plain(key)]
            for key in KEYS.get(table or "", ())
            if key in mapping.columns or plain(key) in wanted
        ][:1]
    if source.kind == "csv" and not mapping.decimal:
        if any(convert.is_decimal_comma(frame[name]) for name in source.headers if frame[name].dtype == pl.String):
            mapping.decimal = ","
    used = taken | {key for key in mapping.keys} | set(columns_of(mapping.measures)) | set(given.filters)
    used |= {
        name for column in mapping.columns.values() for name in (*column.sources, *(one for one, _ in column.plus))
    }
    found.spare = [header for header in source.headers if header not in used]
    return found


def columns_of(value: object) -> list[str]:
    """The columns that recipes name, at any depth: `score`, `column`, and lists of `columns`."""
    if isinstance(value, list):
        return [name for one in value for name in columns_of(one)]
    if isinstance(value, dict):
        own = [value[key] for key in ("score", "column") if isinstance(value.get(key), str)]
        listed = value.get("columns")
        own += [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
        return own + [name for one in value.values() if isinstance(one, (list, dict)) for name in columns_of(one)]
    return []


def _table(headers: list[str], scores: dict[str, tuple[int, int]]) -> str | None:
    count = {table: len({role_of(table, header)[0] for header in headers} & TELLING[table]) for table in TABLES}
    best = max(count, key=count.__getitem__)
    if not scores and count[best] < 2:
        return None
    return "answers" if scores and count[best] <= max(count["answers"], 1) and best != "evaluations" else best


def _scores(frame: pl.DataFrame, headers: list[str]) -> dict[str, tuple[int, int]]:
    """Columns of small whole numbers that look like answers, with their scales."""
    found: dict[str, tuple[int, int]] = {}
    numbered: dict[str, list[str]] = {}
    for header in headers:
        match = NUMBERED.match(plain(header))
        if match and not _SPELLED.search(header) and not NO_QUESTION.fullmatch(match[1].strip()):
            numbered.setdefault(match[1].strip(), []).append(header)
    series = {header for group in numbered.values() if len(group) > 1 for header in group}
    for header in headers:
        asks = RECOMMEND.search(header) or SATISFACTION.search(header) or SCORE.match(header) or header in series
        stated = _SPELLED.search(header)
        if (asks or stated) and (scale := _scale(frame[header], RECOMMEND.search(header), stated)):
            found[header] = scale
    for group in numbered.values():
        scales = {found[header] for header in group if header in found}
        if len(scales) > 1:
            wide = (min(low for low, _ in scales), max(high for _, high in scales))
            found |= {header: wide for header in group if header in found}
    return found


def _scale(values: pl.Series, recommend: object, stated: re.Match[str] | None) -> tuple[int, int] | None:
    sample = values if values.dtype.is_numeric() else convert.strip(values)
    there, read = sample.drop_nulls(), convert.marks(sample).drop_nulls()
    if read.is_empty() or len(read) * 10 < len(there) * 8:
        return None
    # A few marks outside are errors of the file, not a wider scale; the scale of a recommendation is known.
    if recommend:
        return (0, 10) if int(read.is_between(0, 10).sum()) >= 0.8 * len(read) else None
    low, high = (read.quantile(at, "nearest") or 0 for at in (0.01, 0.99))
    own = [(int(stated[1]), int(stated[2]))] if stated else []
    fitting = own or [scale for scale in SCALES if scale[0] <= low and high <= scale[1]]
    return fitting[0] if fitting and fitting[0][0] <= low and high <= fitting[0][1] else None


def _measures(scores: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    measures: list[dict[str, Any]] = []
    groups: dict[tuple[str, tuple[int, int]], list[str]] = {}
    for header, scale in scores.items():
        match = None if _SPELLED.search(header) else NUMBERED.match(plain(header))
        if RECOMMEND.search(header):
            measures.append({"measure": "nps", "score": header})
        elif match and not SATISFACTION.search(header):
            groups.setdefault((match[1].strip(), scale), []).append(header)
        elif scale == (1, 5):
            measures.append({"measure": "satisfaction", "score": header})
        else:
            top = list(range(scale[1] - 1, scale[1] + 1))
            measures.append({"measure": "satisfaction", "score": header, "scale": list(scale), "positive": top})
    for (_, scale), headers in groups.items():
        if len(headers) > 1:
            questions = [{"column": header, "scale": list(scale)} for header in headers]
            measures.append({"measure": "satisfaction_index", "questions": questions})
    return measures


def _fill(found: Recognised, frame: pl.DataFrame, role: str, column: Column) -> None:
    """Format and unit of a column, where its mapping leaves them open."""
    if any(name not in frame.columns for name in column.sources):
        return
    if role in INSTANTS and not column.format:
        values = joined(frame, column)
        if values.dtype == pl.String:
            column.format, doubt, several = convert.find_format(convert.strip(values))
            if doubt:
                found.doubts.append(f"`{column.sources[0]}` ({role}): {doubt}; say `format` in a mapping file")
            elif column.format is None:
                there = frame.filter(convert.strip(values).is_not_null()).head(1)
                for line, value in zip(there[LINE], joined(there, column), strict=True):
                    found.doubts.append(
                        f"line {line}: `{column.sources[0]}` ({role}): no known time format, such as `{value}`; "
                        "say `format` in a mapping file"
                    )
            read = int(convert.times(values, column.format, "UTC").is_not_null().sum())
            there = int(convert.strip(values).is_not_null().sum())
            if column.format and read < there:
                others = [form for form in several if form != column.format]
                more = f"; others look like {others[0]}: `format` in a mapping file may be a list" if others else ""
                found.doubts.append(
                    f"`{column.sources[0]}` ({role}): {there - read} of {there} values are not times in the form "
                    f"{column.format}{more}"
                )
    if role in DURATIONS and not column.unit:
        column.unit = convert.find_unit(frame[column.sources[0]])
        if column.unit is None:
            found.doubts.append(
                f"`{column.sources[0]}` ({role}): neither numbers nor 0:01:30; say `unit` in a mapping file"
            )
            column.unit = "s"
    if role in FLAGS and role not in found.mapping.values:
        spelled = {plain(str(value)) for value in frame[column.sources[0]].drop_nulls().unique().to_list()} - {""}
        if odd := sorted(spelled - set(TRUE) - set(FALSE))[:3]:
            found.doubts.append(f"`{column.sources[0]}` ({role}): {', '.join(odd)} are neither yes nor no")


def _outcomes(found: Recognised, frame: pl.DataFrame) -> None:
    column = found.mapping.columns["outcome"]
    if column.sources[0] not in frame.columns:
        return
    counts = joined(frame, column).cast(pl.String).str.strip_chars().drop_nulls().value_counts(sort=True)
    given = found.mapping.values.setdefault("outcome", {})
    for value in sorted(counts[counts.columns[0]].to_list()):
        if value and value not in given:
            if meaning := outcome_of(value):
                given[value] = meaning
            else:
                found.open_values.setdefault("outcome", []).append(value)


def _criteria(found: Recognised, frame: pl.DataFrame, headers: list[str]) -> None:
    """A form made of the columns that hold yes, no and not applicable: equal weights, not applicable removed."""
    taken = {name for column in found.mapping.columns.values() for name in column.sources}
    criteria: list[dict[str, str]] = []
    for header in headers:
        if header in taken or frame[header].dtype != pl.String:
            continue
        there = convert.strip(frame[header]).drop_nulls()
        marks = there.is_in([one for one in there.unique().to_list() if plain(one) in MARKS]).sum()
        if marks and marks * 2 <= len(there):
            found.doubts.append(
                f"`{header}`: only {marks} of {len(there)} values are yes or no; it is not read as a criterion"
            )
        elif marks:
            # Single answers that are neither are set aside with their rows.
            name = header if re.fullmatch(r"[a-z][a-z0-9_]*", header) else f"c{len(criteria) + 1}"
            found.mapping.columns[name] = Column([header])
            criteria.append({"id": name, "title": header})
    if not criteria:
        return
    form = {
        "id": "columns_of_file",
        "version": "1",
        "title": "Made of the columns of the file",
        "options": {"yes": 1, "no": 0},
        "sections": [{"id": "all", "title": "All criteria", "criteria": criteria}],
    }
    found.mapping.measures = [{"measure": "scorecard", "forms": [form]}]
    found.doubts.append(
        f"form made of {len(criteria)} columns with yes and no: equal weights, not applicable removed; "
        "a mapping file can name another"
    )


def joined(frame: pl.DataFrame, column: Column) -> pl.Series:
    """The values of a column, of several joined (null where one of them is empty), or a part of them."""
    values = frame[column.sources[0]]
    if len(column.sources) > 1:
        parts = [convert.strip(frame[name]) for name in column.sources]
        values = pl.select(pl.concat_str([pl.lit(part) for part in parts], separator=column.between)).to_series()
    if column.split is not None:
        values = convert.strip(values).str.split(column.split).list.get(column.part - 1, null_on_oob=True)
    return values


__all__ = ["LINE", "Recognised", "columns_of", "joined", "recognise"]
