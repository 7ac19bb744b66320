"""Evaluations of one answer a row: made one row each before they are read as any others."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from . import convert, engine
from .mapping import Column, Mapping
from .source import LINE, Source
from .trouble import NAMED, Aside, Trouble
from .words import LONG, long_role_of

ROLES = ("id", *LONG)


def written(source: Source, mapping: Mapping) -> Mapping:
    """The mapping of a file as it lies, of what was recognised after it was made wide."""
    found = {role: header for header in reversed(source.headers) if (role := long_role_of(header)) in LONG}
    columns = {role: column for role, column in mapping.columns.items() if set(column.sources) <= set(source.headers)}
    return replace(mapping, columns=columns | {role: Column([header]) for role, header in found.items()})


def wide(source: Source, given: Mapping) -> tuple[Source, Mapping]:
    """The file with a column for each criterion, and its mapping; any other file as it is."""
    if source.kind == "queue_log" or given.table not in (None, "evaluations"):
        return source, given
    if given.says_columns:
        found = {role: given.columns[role].sources[0] for role in ROLES if role in given.columns}
    else:
        found = {role: header for header in reversed(source.headers) if (role := long_role_of(header)) in ROLES}
    if len(found) < len(ROLES) or not set(found.values()) <= set(source.headers):
        return source, given
    frame, aside = source.frame, Aside()
    aside.merge(source.aside)
    bad = pl.any_horizontal(convert.strip(frame[found[role]]).is_null().alias(role) for role in ROLES[:2])
    lost = frame.filter(bad)
    words = f"no `{found['id']}` or no `{found['criterion']}`"
    named = [(source.name, line, words) for line in lost[LINE].head(NAMED).to_list()]
    aside.add("an answer of no evaluation or criterion", lost.height, named)
    frame = frame.filter(~bad)
    rows, answers = engine.pivot(source.name, frame[LINE], *(convert.strip(frame[found[role]]) for role in ROLES))
    left = [name for name in frame.columns if name not in (found["criterion"], found["answer"])]
    for criterion in answers:
        if criterion in left:
            raise Trouble(f"{source.name}: the criterion `{criterion}` is called like a column; rename one of them")
    made = frame.select(left)[rows].with_columns(pl.Series(name, values, dtype=pl.String) for name, values in answers.items())
    note = f"{frame.height:,} answers make {made.height:,} evaluations, each named by the line of its first answer"
    columns = {role: column for role, column in given.columns.items() if role not in LONG}
    if given.measures:
        columns |= {criterion: Column([criterion]) for criterion in answers if criterion not in columns}
    return (
        replace(source, frame=made, aside=aside, notes=[*source.notes, note]),
        replace(given, table="evaluations", columns=columns),
    )
