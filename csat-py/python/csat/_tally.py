"""Many measures in one pass, data in pieces, states that merge."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from . import _csat
from ._columns import micros
from ._csat import InvalidArgumentError, UnknownNameError
from ._frames import Input, give

#: A recipe: the name of a measure, or a dict with `measure` and its options.
Recipe = str | Mapping[str, Any]


class RowsSetAside(UserWarning):
    """Rows were left out because they could not be used; the message says how many and why."""


def names(keys: str | Sequence[str] | None) -> list[str]:
    """One name or several."""
    if keys is not None and not isinstance(keys, Iterable):
        raise InvalidArgumentError(f"keys are a column name or a list of them, not {keys!r}")
    return [] if keys is None else [keys] if isinstance(keys, str) else [str(key) for key in keys]


def recipe(measure: Recipe) -> dict[str, Any]:
    """A recipe as a dict."""
    return {"measure": measure} if isinstance(measure, str) else dict(measure)


def _by_column(option: str, given: Mapping[str, str] | None, example: str) -> dict[str, str]:
    """An option that says something of columns, by their names."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InvalidArgumentError(f"{option} = {given!r}; give a dict such as {example}")
    return {str(name): str(value) for name, value in given.items()}


def _check_columns(tally: _csat.Tally, columns: Mapping[str, str]) -> None:
    """Refuses a column that neither the measures nor their table know: it would be left unread without a word."""
    known = {need["role"] for need in tally.columns()}
    if set(columns) <= known:
        return
    measured = {measure["measure"] for measure in tally.plan()["measures"]}
    table = next(about["table"] for about in _csat.measures() if about["name"] in measured)
    known |= {column["name"] for one in _csat.tables() if one["name"] == table for column in one["columns"]}
    for name in columns:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, sorted(known), 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(sorted(known))}"
            raise UnknownNameError(f"columns: {table} have no column `{name}`{hint}")


def _state(state: Any) -> bytes:
    """A saved state, as any kind of bytes."""
    if not isinstance(state, (bytes, bytearray, memoryview)):
        raise InvalidArgumentError(f"a saved state is bytes, as `Tally.save` gives them, not {type(state).__name__}")
    return bytes(state)


class Tally:
    """Integer counts of some measures by group: pushed, merged, saved, and read under any definition.

    The measures of one tally read one table. Every verb is all or nothing, and may be called from any thread.

    >>> import csat
    >>> tally = csat.Tally(["nps"], by="dealer")
    >>> _ = tally.push({"score": [10, 9, 3], "dealer": ["North", "North", "River"]})
    >>> _ = tally.push({"score": [8], "dealer": ["River"]})
    >>> tally.report().where(part="nps")["value"]
    [100.0, -50.0]
    >>> csat.Tally.load(tally.save()) == tally
    True
    """

    def __init__(
        self,
        measures: Recipe | Sequence[Recipe],
        *,
        by: str | Sequence[str] | None = None,
        every: str | None = None,
        tz: str | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        """Plans what is counted.

        Args:
            measures: names of measures, or dicts with `measure` and its options; see `csat.measures()`.
            by: key columns; one group for each combination of their values.
            every: the length of a slot: `15m`, `30m`, `1h`, `1d`, `1w` or `1mo`; none for all time in one.
            tz: the IANA zone in which slots begin and times without a zone are read.
            columns: csat's column name to yours, such as `{"offered": "queued_at"}`.
        """
        listed = [measures] if isinstance(measures, (str, Mapping)) else list(measures)
        mapped = _by_column("columns", columns, '{"offered": "queued_at"}')
        plan = {
            "measures": [recipe(measure) for measure in listed],
            "keys": names(by),
            "every": every,
            "zone": tz,
            "columns": mapped,
        }
        tally = _csat.Tally(plan)
        _check_columns(tally, mapped)
        self._set(tally)

    def _set(self, tally: _csat.Tally, kind: str = "table", like: Any = None) -> None:
        self._tally = tally
        self._kind = kind
        self._like = like

    @classmethod
    def _of(cls, tally: _csat.Tally, kind: str = "table", like: Any = None) -> Self:
        made = cls.__new__(cls)
        made._set(tally, kind, like)
        return made

    @property
    def plan(self) -> dict[str, Any]:
        """What is counted: measures with every option, keys, slots, zone, columns."""
        return self._tally.plan()

    @property
    def needs(self) -> list[dict[str, Any]]:
        """The columns it takes: role, your column, kind, who requires it."""
        return self._tally.columns()

    @property
    def groups(self) -> int:
        """How many groups it has."""
        return self._tally.groups

    @property
    def footprint(self) -> str:
        """Sixteen hex digits; tallies with equal footprints can merge."""
        return self._tally.footprint

    @property
    def memory(self) -> int:
        """Bytes held, roughly."""
        return self._tally.memory

    @property
    def set_aside(self) -> dict[str, Any]:
        """Rows left out so far: `total`, `counts` by reason, and the `first` ten as (row, message)."""
        return self._tally.set_aside()

    def push(
        self,
        data: Any,
        *,
        units: Mapping[str, str] | None = None,
        bad_rows: str = "refuse",
        as_of: Any = None,
        threads: int = 1,
        trusted: bool | None = None,
    ) -> Self:
        """Counts a table and returns the tally.

        Args:
            data: a frame of polars, pandas, pyarrow or DuckDB, any Arrow stream, a dict of columns, or rows as dicts.
            units: what plain numbers count, by column: `s`, `ms`, `us` or `ns`. Durations are seconds without it.
            bad_rows: `refuse` fails and counts nothing; `set_aside` leaves such rows out and says so in `set_aside`.
            as_of: when contacts without an outcome are looked at; without it they are counted as unplaced.
            threads: how many fold; the counts are the same for any number.
            trusted: skips the check that text is valid. By default only polars, which checks it itself, is trusted.

        Raises:
            csat.Error: names the column and the row. Nothing of the table was counted.
        """
        frame = self._input(data)
        taking = self._taking(frame, units, bad_rows, as_of, threads, trusted)
        self._tally.push(frame.source, taking)
        self._kind, self._like = frame.kind, frame.data
        return self

    def _input(self, data: Any, further: Sequence[str] = ()) -> Input:
        required = [need["column"] for need in self._tally.columns() if need["required_by"]]
        only = required[0] if len(set(required)) == 1 else None
        return Input(data, [*self._tally.names(), *further], only)

    def _taking(
        self,
        frame: Input,
        units: Mapping[str, str] | None,
        bad_rows: str,
        as_of: Any,
        threads: int,
        trusted: bool | None,
    ) -> dict[str, Any]:
        if not hasattr(threads, "__index__") or not 1 <= threads <= 1024:
            raise InvalidArgumentError(f"threads = {threads!r}; use a whole number from 1 to 1024")
        return {
            "others": frame.others,
            "units": _by_column("units", units, '{"wait": "ms"}'),
            "bad_rows": str(bad_rows),
            "as_of": None if as_of is None else micros(as_of, self._zone),
            "threads": threads,
            "trusted": frame.trusted if trusted is None else trusted,
            "repeat": None,
        }

    @property
    def _zone(self) -> str | None:
        zone = self._tally.plan()["zone"]
        return zone if isinstance(zone, str) else None

    def merge(self, other: Tally | bytes) -> Self:
        """Adds another tally, or a saved state, of the same plan. What is merged twice counts twice."""
        if isinstance(other, Tally):
            self._tally.merge(other._tally)
        else:
            self._tally.merge_saved(_state(other))
        return self

    def subtract(self, other: Tally | bytes) -> Self:
        """Takes a tally or a saved state out again that was merged or counted before. Refused if a count would fall
        below zero."""
        taken = other if isinstance(other, Tally) else self.empty_like().merge(other)
        self._tally.subtract(taken._tally)
        return self

    def roll_up(self, by: str | Sequence[str] | None = None, every: str | None = None) -> Self:
        """A tally of fewer keys, longer slots, or no slots at all. Ratios come out as ratios of sums."""
        return self._of(self._tally.roll_up(names(by), every), self._kind, self._like)

    def window(self, start: Any, end: Any) -> Self:
        """A tally of the slots that start in `start <= slot < end` (datetimes, texts or microseconds UTC)."""
        zone = self._zone
        return self._of(self._tally.window(micros(start, zone), micros(end, zone)), self._kind, self._like)

    def forget(self, before: Any) -> Self:
        """Drops the slots that start before an instant; rows without a slot stay."""
        self._tally.forget(micros(before, self._zone))
        return self

    def empty_like(self) -> Self:
        """An empty tally of the same plan: for another thread, process or day."""
        return self._of(self._tally.empty_like())

    def copy(self) -> Self:
        """A copy that goes its own way."""
        return self._of(self._tally.copy(), self._kind, self._like)

    def save(self, *, cells: bool = False) -> bytes:
        """The state as bytes: equal states have equal bytes. `cells=True` leaves the plan out."""
        return self._tally.save(cells)

    @classmethod
    def load(cls, state: bytes) -> Self:
        """Reads back a saved state, plan included."""
        return cls._of(_csat.Tally.load(_state(state)))

    def report(
        self,
        *,
        conf: float | None = 0.95,
        wide: bool = False,
        pending: Any = None,
        as_of: Any = None,
        units: Mapping[str, str] | None = None,
        kind: str | None = None,
    ) -> Any:
        """All estimates.

        Args:
            conf: the confidence of intervals; None gives values alone, which is quicker.
            wide: one row a group and one column a part, instead of one row for each.
            pending: a table of contacts still waiting, seen in the report and not counted; needs `as_of`.
            as_of: when the pending contacts are looked at.
            units: as in `push`, for `pending`.
            kind: `table`, `polars`, `pandas`, `pyarrow` or `duckdb`; the kind of frame last pushed without it.
        """
        return self._report(None, conf, wide, pending, as_of, units, kind)

    def report_as(
        self,
        measures: Recipe | Sequence[Recipe],
        *,
        conf: float | None = 0.95,
        wide: bool = False,
        kind: str | None = None,
    ) -> Any:
        """The same counts read by other recipes, one for each measure of the plan: another definition, other quantiles.

        Raises:
            csat.NotFoldedError: a recipe differs in an option that shapes what is counted.
        """
        listed = [measures] if isinstance(measures, (str, Mapping)) else list(measures)
        return self._report([recipe(measure) for measure in listed], conf, wide, None, None, None, kind)

    def _report(
        self,
        recipes: list[dict[str, Any]] | None,
        conf: float | None,
        wide: bool,
        pending: Any,
        as_of: Any,
        units: Mapping[str, str] | None,
        kind: str | None,
    ) -> Any:
        overlay = None
        if pending is not None:
            frame = self._input(pending)
            overlay = (frame.source, self._taking(frame, units, "refuse", as_of, 1, None))
        made = self._tally.report(conf, wide, recipes, overlay)
        return give(made, kind or self._kind, self._like, self._tally.plan()["keys"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self.save() == other.save()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.plan, self.save(cells=True))

    def __repr__(self) -> str:
        plan = self.plan
        measures = ", ".join(measure["measure"] for measure in plan["measures"])
        by = f" by {', '.join(plan['keys'])}" if plan["keys"] else ""
        every = f" every {plan['every']}" if plan["every"] else ""
        return f"<csat.Tally of {measures}{by}{every}: {self.groups} groups>"


def _restore(plan: dict[str, Any], cells: bytes) -> Tally:
    tally = _csat.Tally(plan)
    tally.merge_saved(cells)
    return Tally._of(tally)


def measure(
    name: str,
    data: Any,
    options: Mapping[str, Any],
    roles: Mapping[str, str | None],
    by: str | Sequence[str] | None,
    every: str | None,
    tz: str | None,
    conf: float | None,
    wide: bool,
    columns: Mapping[str, str] | None,
    units: Mapping[str, str] | None,
    bad_rows: str,
    threads: int,
    as_of: Any,
    repeat: str = "all",
) -> Any:
    """One measure of whole columns: what the generated functions call."""
    mapping = {role: column for role, column in roles.items() if column is not None}
    mapping.update(_by_column("columns", columns, '{"queue": "q"}'))
    tally = Tally({"measure": name, **options}, by=by, every=every, tz=tz, columns=mapping)
    linked = [mapping.get(role, role) for role in ("respondent", "contact", "answered")] if repeat != "all" else []
    frame = tally._input(data, linked)
    taking = tally._taking(frame, units, bad_rows, as_of, threads, None)
    # Without a word from the caller, answers that cannot be told apart are all taken.
    if linked and (repeat != "latest" or set(linked[:2]) <= set(frame.names) or {"respondent", "contact"} <= set(mapping)):
        taking["repeat"] = {"columns": linked, "keep": str(repeat)}
    repeats = tally._tally.push(frame.source, taking)
    tally._kind, tally._like = frame.kind, frame.data
    if bad_rows != "refuse" and (aside := tally.set_aside)["total"]:
        reasons = "; ".join(f"{reason}: {count}" for reason, count in aside["counts"].items())
        warnings.warn(f"{aside['total']} rows were set aside ({reasons})", RowsSetAside, stacklevel=3)
    made = tally._tally.report(conf, wide, None, None)
    if not wide:
        made = made.select([column for column in made.columns if column != "measure"])
    if repeats is not None:
        made = made.with_count("set_aside", repeats)
    return give(made, tally._kind, tally._like, names(by))
