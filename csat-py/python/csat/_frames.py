"""Frames in, the same kind of frame out.

Every library is reached through what it offers itself (the Arrow PyCapsule interface, NumPy memory), so no package is
needed at run time and none is imported that the caller has not imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ._columns import column, library
from ._csat import Column, Frame, InvalidArgumentError
from ._table import Table

#: The kinds of frame a result can have.
KINDS = ("table", "polars", "pandas", "pyarrow", "duckdb")


class Input:
    """A frame that came in: its columns as the compiled module takes them, and how to give its kind back."""

    def __init__(self, data: Any, wanted: Sequence[str], only: str | None = None) -> None:
        """`only` is the column that a plain sequence of values stands for."""
        wanted = list(dict.fromkeys(wanted))  # a column may be wanted twice, as key and as respondent
        self.data = data
        self.kind = "table"
        self.trusted = False
        self.source, self.names = self._read(wanted, only)
        self.others = [name.encode("utf-8", "replace").decode() for name in self.names if name not in wanted]

    def _read(self, wanted: Sequence[str], only: str | None) -> tuple[Any, list[str]]:
        data = self.data
        match library(data), type(data).__name__:
            case "csat", "Table":
                return data.frame, data.columns
            case "csat", "Frame":
                return data, data.columns
            case "polars", "DataFrame":
                self.kind, self.trusted = "polars", True  # its texts are checked when they are made
                return _of_polars(data.select([name for name in wanted if name in data.columns])), data.columns
            case "polars", "LazyFrame":
                self.kind, self.trusted = "polars", True
                names = data.collect_schema().names()
                self.data = data.select([name for name in wanted if name in names]).collect()
                return _of_polars(self.data), names
            case "pandas", "DataFrame":
                return self._read_pandas(wanted)
            case "pyarrow", "Table" | "RecordBatch":
                self.kind = "pyarrow"
                names = data.schema.names
                return data.select([name for name in wanted if name in names]), names
            case "duckdb", "DuckDBPyRelation":
                self.kind = "duckdb"
                chosen = ['"' + name.replace('"', '""') + '"' for name in data.columns if name in wanted]
                return (data.project(", ".join(chosen)) if chosen else data), data.columns
        if isinstance(data, Mapping):
            names = [str(name) for name in data]
            return {str(name): column(values, str(name)) for name, values in data.items() if str(name) in wanted}, names
        if library(data) not in ("polars", "pandas", "numpy") and hasattr(data, "__arrow_c_stream__"):
            names = getattr(getattr(data, "schema", None), "names", [])
            return data, list(names)
        return self._read_sequence(wanted, only)

    def _read_pandas(self, wanted: Sequence[str]) -> tuple[Any, list[str]]:
        self.kind = "pandas"
        data = self.data
        names = [str(name) for name in data.columns]
        twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
        for name in twice & set(wanted):
            raise InvalidArgumentError(f"the frame has two columns `{name}`")
        found = {str(name): data[name] for name in data.columns if str(name) in wanted}
        # The levels of an index are columns too, where no column has their name.
        for level in data.index.names:
            if level is not None and str(level) in wanted and str(level) not in found:
                found[str(level)] = data.index.get_level_values(level)
        return {name: column(values, name) for name, values in found.items()}, names

    def _read_sequence(self, wanted: Sequence[str], only: str | None) -> tuple[Any, list[str]]:
        data = self.data
        if isinstance(data, (list, tuple)) and data and all(isinstance(row, Mapping) for row in data):
            names = list(dict.fromkeys(str(name) for row in data for name in row))
            return {name: column([row.get(name) for row in data], name) for name in names if name in wanted}, names
        fields = getattr(getattr(data, "dtype", None), "names", None)
        if fields:
            return {name: column(data[name], name) for name in fields if name in wanted}, list(fields)
        if isinstance(data, (str, bytes)) or not (isinstance(data, Iterable) or hasattr(data, "__arrow_c_array__")):
            raise InvalidArgumentError(
                f"a table cannot be read from {type(data).__name__}; give a frame of polars, pandas, pyarrow or DuckDB, "
                "or a dict of columns"
            )
        if only is None:
            raise InvalidArgumentError(
                "one column of values is not enough here; give a frame or a dict of columns, such as "
                + "{" + ", ".join(f'"{name}": [...]' for name in wanted) + "}"
            )
        if library(data) in ("polars", "pandas"):
            self.kind = library(data)
        self.data = None
        return {only: column(data, only)}, [only]


def _of_polars(frame: Any) -> Any:
    """A polars frame; the codes of its categories are handed over as they lie, which its own export numbers anew."""
    import polars

    kinds = (polars.Categorical, polars.Enum)
    if not any(isinstance(kind, kinds) for kind in frame.schema.values()):
        return frame
    columns = {}
    for name, kind in frame.schema.items():
        texts = _categories(frame[name]) if isinstance(kind, kinds) else None
        column = Column.from_arrow(frame[name]) if texts is None else Column.from_dictionary(frame[name].to_physical(), texts)
        columns[name] = column
    return columns


def _categories(series: Any) -> list[str] | None:
    """The texts by code, or None where this version of polars does not give them."""
    listed: Any = getattr(series.dtype, "categories", None)
    if hasattr(listed, "to_series"):
        listed = listed.to_series()
    if listed is None:
        return None
    texts: list[str] = listed.to_list()
    some = series.drop_nulls().head(3)
    same = [texts[code] if code < len(texts) else None for code in some.to_physical().to_list()] == some.to_list()
    return texts if same else None


def give(frame: Frame, kind: str, like: Any = None, keys: Sequence[str] = ()) -> Any:
    """A result as a frame of this kind; key columns get the type they have in `like`."""
    match kind:
        case "table":
            return Table(frame)
        case "polars":
            return _polars(frame, like, keys)
        case "pandas":
            return _pandas(frame, like, keys)
        case "pyarrow":
            return _pyarrow(frame, like, keys)
        case "duckdb":
            import duckdb

            return duckdb.from_arrow(_pyarrow(frame, None, keys))
    raise InvalidArgumentError(f"`{kind}` is not a kind of frame; use one of: {', '.join(KINDS)}")


def _polars(frame: Frame, like: Any, keys: Sequence[str]) -> Any:
    import polars

    out = polars.DataFrame(frame)
    schema = getattr(like, "schema", {})
    casts = []
    for key in keys:
        if key in schema and schema[key] != out.schema[key]:
            casts.append(polars.col(key).cast(schema[key]))
        elif key not in schema and out.schema[key] == polars.Categorical:
            casts.append(polars.col(key).cast(polars.String))
    return out.with_columns(casts) if casts else out


def _pyarrow(frame: Frame, like: Any, keys: Sequence[str]) -> Any:
    import pyarrow

    out = pyarrow.table(frame)
    schema: Any = getattr(like, "schema", None)
    for at, name in enumerate(out.column_names):
        if name in keys:
            known = schema is not None and schema.get_field_index(name) >= 0
            text = pyarrow.types.is_dictionary(out.schema.field(name).type)
            kind = schema.field(name).type if known else pyarrow.string() if text else out.schema.field(name).type
            if kind != out.schema.field(name).type:
                plain = out.column(name).cast(pyarrow.string()) if text else out.column(name)
                out = out.set_column(at, name, plain.cast(kind))
    return out


def _pandas(frame: Frame, like: Any, keys: Sequence[str]) -> Any:
    import numpy
    import pandas

    columns: dict[str, Any] = {}
    for name in frame.columns:
        kind, values, missing, texts, zone = frame.plain(name)
        absent = None if missing is None else numpy.frombuffer(missing, dtype=bool)
        made: Any
        match kind:
            case "float":
                made = numpy.frombuffer(values, dtype="f8").copy()
                if absent is not None:
                    made[absent] = numpy.nan
            case "int":
                made = numpy.frombuffer(values, dtype="i8").copy()
                if absent is not None:
                    made = pandas.arrays.IntegerArray(made, absent.copy())
            case "bool":
                made = numpy.frombuffer(values, dtype=bool).copy()
                if absent is not None:
                    made = pandas.arrays.BooleanArray(made, absent.copy())
            case "null":
                made = [None] * len(frame)
            case "codes":
                made = pandas.Categorical.from_codes(numpy.frombuffer(values, dtype="i8"), texts)
            case _:
                made = numpy.frombuffer(values, dtype="M8[us]" if kind == "timestamp" else "m8[us]").copy()
                if absent is not None:
                    made[absent] = "NaT"
                if zone:
                    made = pandas.Series(made).dt.tz_localize("UTC").dt.tz_convert(zone)
        columns[name] = made
    out = pandas.DataFrame(columns)
    for key in keys:
        known = like is not None and key in like.columns
        if known:
            wanted: Any = like[key].dtype
        elif isinstance(out[key].dtype, pandas.CategoricalDtype):
            wanted = object
        else:
            continue
        if out[key].dtype != wanted:
            try:
                out[key] = out[key].astype(wanted)
            except (TypeError, ValueError):
                pass  # a missing group has no place in this type; the general one stays
    return out


def _array(frame: Frame, name: str) -> Any:
    """A column of instants (UTC, which NumPy does not say), durations or truth values as a NumPy array."""
    import numpy

    kind, values, missing, _, _ = frame.plain(name)
    if kind == "bool":
        flags = numpy.frombuffer(values, dtype=bool).copy()
        return flags if missing is None else numpy.ma.MaskedArray(flags, numpy.frombuffer(missing, dtype=bool))
    made = numpy.frombuffer(values, dtype="M8[us]" if kind == "timestamp" else "m8[us]").copy()
    if missing is not None:
        made[numpy.frombuffer(missing, dtype=bool)] = "NaT"
    return made


def beside(frame: Frame, source: Input) -> Any:
    """A result with a row for each row that came in; pandas keeps its index."""
    out = give(frame, source.kind, source.data)
    if source.kind == "pandas" and source.data is not None:
        out.index = source.data.index
    return out


def give_column(frame: Frame, like: Any) -> Any:
    """A result of one column as the kind of column that came in; lists have datetimes in UTC and timedeltas."""
    (name,) = frame.columns
    match library(like):
        case "polars":
            return give(frame, "polars")[name]
        case "pyarrow":
            return give(frame, "pyarrow")[name]
        case "pandas":
            out = give(frame, "pandas")[name]
            out.index = getattr(like, "index", out.index)
            return out
        case "numpy":
            return _array(frame, name)
    values = Table(frame)[name]
    if frame.kind(name) == "duration":
        return [None if v is None else timedelta(microseconds=v) for v in frame.column(name)]
    return values


__all__ = ["KINDS", "Column", "Input", "beside", "give", "give_column"]
