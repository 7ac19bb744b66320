"""A light table: what results are when no frame library came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from ._columns import column
from ._csat import Frame, InvalidArgumentError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SHOWN = 12


class Table:
    """Columns of one length. Exports Arrow, so every frame library can read it.

    >>> table = Table({"dealer": ["North", "River"], "n": [3, 5]})
    >>> table["n"], len(table), table.columns
    ([3, 5], 2, ['dealer', 'n'])
    >>> print(table)
    dealer  n
    ------  -
    North   3
    River   5
    """

    __slots__ = ("_frame",)

    def __init__(self, data: Frame | Mapping[str, Any]) -> None:
        """Wraps a table of the compiled module, or copies a mapping of columns."""
        if not isinstance(data, Frame):
            data = Frame.from_columns({str(name): column(values, str(name)) for name, values in data.items()})
        self._frame = data

    @property
    def frame(self) -> Frame:
        """The table of the compiled module."""
        return self._frame

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self._frame.columns

    def __len__(self) -> int:
        return len(self._frame)

    def __getitem__(self, name: str) -> list[Any]:
        """A column as a list: None where missing, instants as datetimes in UTC, durations in seconds."""
        values = self._frame.column(name)
        match self._frame.kind(name):
            case "timestamp":
                return [None if v is None else _EPOCH + timedelta(microseconds=v) for v in values]
            case "duration":
                return [None if v is None else v / 1e6 for v in values]
        return values

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows as dicts."""
        columns = self.to_dict()
        for values in zip(*columns.values(), strict=True):
            yield dict(zip(columns, values, strict=True))

    def select(self, names: Sequence[str]) -> Table:
        """A table of fewer columns."""
        return Table(self._frame.select(list(names)))

    def head(self, rows: int = 5) -> Table:
        """The first rows."""
        return Table(self._frame.slice(0, rows))

    def where(self, **equal: Any) -> Table:
        """The rows in which columns have these values, such as `where(part="nps")`.

        >>> Table({"part": ["a", "b"], "n": [3, 5]}).where(part="b")["n"]
        [5]
        """
        keep = [all(row[name] == value for name, value in equal.items()) for row in self]
        unknown = [name for name in equal if name not in self.columns]
        if unknown:
            self._frame.column(unknown[0])  # says which columns there are
        chosen = {name: [v for v, k in zip(self[name], keep, strict=True) if k] for name in self.columns}
        return Table(chosen)

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns as lists."""
        return {name: self[name] for name in self.columns}

    def to_rows(self) -> list[dict[str, Any]]:
        """The rows as dicts."""
        return list(self)

    def to_polars(self) -> Any:
        """A polars frame."""
        return self.to("polars")

    def to_pandas(self) -> Any:
        """A pandas frame."""
        return self.to("pandas")

    def to_pyarrow(self) -> Any:
        """A pyarrow table."""
        return self.to("pyarrow")

    def to(self, kind: str) -> Any:
        """A frame of `polars`, `pandas`, `pyarrow` or `duckdb`."""
        from ._frames import KINDS, give

        if kind not in KINDS:
            raise InvalidArgumentError(f"`{kind}` is not a kind of frame; use one of: {', '.join(KINDS)}")
        return give(self._frame, kind)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self._frame.__arrow_c_schema__()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.columns == other.columns and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<csat.Table of {len(self)} rows: {', '.join(self.columns)}>\n{self}"

    def __str__(self) -> str:
        cells = [self.columns, *([_text(v) for v in row.values()] for row in self._shown())]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.columns))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
        lines.insert(1, "  ".join("-" * width for width in widths))
        if len(self) > _SHOWN:
            lines.append(f"… {len(self) - _SHOWN} more rows")
        return "\n".join(lines)

    def _shown(self) -> Table:
        return self.head(_SHOWN)

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(_text(v))}</td>" for v in row.values()) + "</tr>" for row in self._shown()
        )
        more = f"<caption>{len(self)} rows</caption>" if len(self) > _SHOWN else ""
        return f"<table>{more}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S%z")
    return str(value)
