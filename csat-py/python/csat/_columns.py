"""From columns as Python holds them to columns that the compiled module reads. Nothing is imported that is not there."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from ._csat import BadTextError, Column, Error, InvalidArgumentError, WrongTypeError

_UNITS = ("s", "ms", "us", "ns")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EPOCH_NAIVE = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
#: Microseconds that stand for a missing instant or duration.
MISSING = -(2**63)


def library(value: object) -> str:
    """The library a value's class comes from, subclasses included: `pandas`, `polars`, `numpy`, …"""
    for base in type(value).__mro__:
        root = base.__module__.partition(".")[0]
        if root in ("pandas", "polars", "pyarrow", "duckdb", "numpy", "_duckdb", "csat"):
            return root.lstrip("_")
    return ""


def is_missing(value: object) -> bool:
    """None, NaN, pandas' NA and NaT."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def column(value: Any, name: str | None = None) -> Column:
    """A column of any kind: Arrow, NumPy, pandas, a buffer or a sequence. An error says its name, where it has one."""
    try:
        try:
            return _column(value)
        except UnicodeEncodeError as error:
            raise BadTextError(f"the text {error.object!r} holds half a surrogate pair, which is no character") from None
    except Error as error:
        if name is not None:
            error.args = (f"column `{name}`{', ' if str(error).startswith('row ') else ': '}{error}",)
            error.context = {**getattr(error, "context", {}), "column": name}
        raise


def _column(value: Any) -> Column:
    if isinstance(value, Column):
        return value
    match library(value):
        case "pandas":
            return _pandas(value)
        case "numpy":
            return _numpy(value)
    if hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__"):
        return Column.from_arrow(value)
    if isinstance(value, (array, memoryview)):
        return Column.from_buffer(value)
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidArgumentError(f"a column is a sequence of values, not {type(value).__name__}")
    return _values(list(value))


def _native(values: Any) -> Any:
    order = values.dtype.byteorder
    foreign = order == (">" if sys.byteorder == "little" else "<")
    return values.astype(values.dtype.newbyteorder("=")) if foreign else values


def _numpy(values: Any, zone: str = "", mask: Any = None) -> Column:
    """A NumPy array. Its memory can change under us, so the compiled module copies it before the lock is released."""
    import numpy

    if values.ndim != 1:
        raise WrongTypeError(f"a column has one dimension, not {values.ndim}")
    if isinstance(values, numpy.ma.MaskedArray):
        mask, values = numpy.ma.getmaskarray(values), values.data
    if mask is not None:
        mask = numpy.asarray(mask, dtype=bool).view("u1")
    values = _native(values)
    match values.dtype.kind:
        case "i" | "u":
            return Column.from_buffer(values, None, mask)
        case "f":
            if values.dtype.itemsize not in (4, 8):
                values = values.astype("f4" if values.dtype.itemsize < 4 else "f8")
            return Column.from_buffer(values, None, mask)
        case "b":
            return Column.from_buffer(values.view("u1"), "bool", mask)
        case "M":
            unit, step = numpy.datetime_data(values.dtype)
            if unit in ("D", "W", "M", "Y"):
                missing = numpy.isnat(values)
                days = values.astype("M8[D]").astype("i8")
                days[missing] = 0
                return Column.from_buffer(days.astype("i4"), "date32", missing.view("u1"))
            if unit not in _UNITS or step != 1:
                unit, values = "us", values.astype("M8[us]")
            return Column.from_buffer(values.view("i8"), f"timestamp[{unit}{zone}]", mask)
        case "m":
            unit, step = numpy.datetime_data(values.dtype)
            if unit not in _UNITS or step != 1:
                unit, values = "us", values.astype("m8[us]")
            return Column.from_buffer(values.view("i8"), f"duration[{unit}]", mask)
        case "U" | "O" | "T":
            return _values(values.tolist())
    raise WrongTypeError(f"a NumPy column of {values.dtype} is not read; text is `str`, not bytes")


def _pandas(series: Any) -> Column:
    """A pandas series, index or array; the same with and without pyarrow."""
    import pandas

    if not isinstance(series, pandas.Series):
        series = pandas.Series(series)
    dtype = series.dtype
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return _numpy(series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(), zone=", UTC")
    if isinstance(dtype, pandas.CategoricalDtype):
        texts = dtype.categories.tolist()
        if all(isinstance(text, str) for text in texts):
            return Column.from_codes(series.cat.codes.to_numpy(dtype="i8"), texts)
        return _values(series.tolist())
    if isinstance(dtype, pandas.ArrowDtype):
        return Column.from_arrow(series)
    if isinstance(dtype, pandas.StringDtype):
        return Column.from_arrow(series) if dtype.storage == "pyarrow" else _values(series.tolist())
    kind = getattr(dtype, "numpy_dtype", None)  # pandas' own nullable numbers
    if kind is not None and not isinstance(dtype, pandas.api.types.CategoricalDtype) and hasattr(dtype, "na_value"):
        if dtype.na_value is pandas.NA:
            return _numpy(series.to_numpy(dtype=kind, na_value=kind.type(0)), mask=series.isna().to_numpy())
    values = series.to_numpy()
    if values.dtype.kind in "iufbMmO":
        return _numpy(values)
    raise WrongTypeError(f"a pandas column of {dtype} is not read")


def _values(values: list[Any]) -> Column:
    """A list: the kind is that of its values; None and NaN are missing."""
    kinds = set(map(type, values))
    if any(kind.__module__ in ("numpy", "pandas._libs.missing", "pandas._libs.tslibs.nattype") for kind in kinds):
        values = [None if is_missing(v) else v.item() if hasattr(v, "item") else v for v in values]
        kinds = set(map(type, values))
    kinds.discard(type(None))

    def only(*bases: type) -> bool:
        return all(issubclass(kind, bases) for kind in kinds)

    if not kinds:
        return Column.from_list(values, "null")
    if only(bool):
        return Column.from_list(values, "bool")
    if bool in kinds:
        raise WrongTypeError("a column mixes truth values with other values")
    if only(int):
        return Column.from_list(values, "int")
    if only(int, float):
        return Column.from_list(values, "float")
    if only(str, float) and str in {b for kind in kinds for b in kind.__mro__}:
        if not any(isinstance(v, float) and v == v for v in values):
            return Column.from_list(values, "str")
    if only(datetime):
        return _datetimes(values)
    if only(date) and not any(issubclass(kind, datetime) for kind in kinds):
        first = date(1970, 1, 1).toordinal()
        days = array("i", (0 if v is None else v.toordinal() - first for v in values))
        return Column.from_buffer(days, "date32", bytes(v is None for v in values))
    if only(timedelta):
        micros = array("q", (MISSING if v is None else v // _MICROSECOND for v in values))
        return Column.from_buffer(micros, "duration[us]")
    if only(Decimal, int, float):
        return _values([None if is_missing(v) else int(v) if v == int(v) else float(v) for v in values])
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise WrongTypeError(f"a column of {names} is not read; give one kind of value: text, numbers, times, durations")


def _datetimes(values: list[datetime | None]) -> Column:
    naive = {v.tzinfo is None or v.utcoffset() is None for v in values if v is not None}
    if len(naive) > 1:
        raise WrongTypeError("a column mixes times with and without a zone")
    epoch, zone = (_EPOCH_NAIVE, "") if naive == {True} else (_EPOCH, ", UTC")
    micros = array("q", (MISSING if v is None else (v - epoch) // _MICROSECOND for v in values))
    return Column.from_buffer(micros, f"timestamp[us{zone}]")


def micros(when: Any, tz: str | None = None) -> int:
    """An instant given as datetime, text or microseconds UTC."""
    from ._csat import parse_instant

    if isinstance(when, str):
        return parse_instant(when, tz)
    if isinstance(when, datetime):
        if when.tzinfo is None or when.utcoffset() is None:
            return parse_instant(when.isoformat(), tz)
        return (when - _EPOCH) // _MICROSECOND
    if isinstance(when, int) and not isinstance(when, bool):
        return when
    raise InvalidArgumentError(f"an instant is a datetime, a text or microseconds UTC, not {type(when).__name__}")
