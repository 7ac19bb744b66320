"""Answers of the functions that take numbers: dicts whose keys are attributes too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._csat import call as _call


class Answer(dict[str, Any]):
    """An answer with named values.

    >>> answer = Answer(low=0.4, high=0.9)
    >>> answer.low, answer["high"]
    (0.4, 0.9)
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the answer has no `{name}`; it has {', '.join(self)}") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]


def named(value: Any) -> Any:
    """Dicts as answers, at any depth."""
    if isinstance(value, dict):
        return Answer((key, named(item)) for key, item in value.items())
    if isinstance(value, list):
        return [named(item) for item in value]
    return value


def call(name: str, /, **arguments: Any) -> Any:
    """Calls a function by name, such as `call("share.wilson", successes=8, n=10)`; see `csat.functions()`.

    >>> round(call("share.wilson", successes=8, n=10).low, 4)
    0.4902
    """
    return named(_call(name, **arguments))


def rows(data: Any) -> Any:
    """The rows of a report of any kind of frame as dicts; a list, such as one of units, stays as it is.

    >>> rows({"part": ["nps"], "n": [3]}), rows({"part": "nps", "n": 3}), rows([{"unit": "North", "n": 3}])
    ([{'part': 'nps', 'n': 3}], [{'part': 'nps', 'n': 3}], [{'unit': 'North', 'n': 3}])
    """
    from ._columns import is_missing, library

    if isinstance(data, Mapping):
        single = isinstance(data.get("part"), str) or isinstance(data.get("unit"), str)
        listed = [data] if single else [dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)]
    else:
        match library(data), type(data).__name__:
            case "csat", "Table":
                listed = data.to_rows()
            case "polars", "LazyFrame":
                listed = data.collect().to_dicts()
            case "polars", "DataFrame":
                listed = data.to_dicts()
            case "pandas", "DataFrame":
                listed = data.to_dict("records")
            case "pyarrow", "Table" | "RecordBatch":
                listed = data.to_pylist()
            case "duckdb", "DuckDBPyRelation":
                listed = data.to_arrow_table().to_pylist()
            case _:
                return data

    def plain(value: Any) -> Any:
        if is_missing(value):
            return None
        return value if isinstance(value, (bool, int, float, str)) else str(value)

    return [{str(name): plain(value) for name, value in row.items()} for row in listed]
