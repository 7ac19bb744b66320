"""Working calendars and response targets."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Self

from . import _csat
from ._answer import Answer, call, named
from ._columns import MISSING, column, is_missing, library, micros
from ._csat import Column, InvalidArgumentError
from ._form import Explanation
from ._frames import Input, beside, give_column

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = timedelta(seconds=9e9)


def _source(source: str | Path | Mapping[str, Any]) -> str | dict[str, Any]:
    """Text as it is, a file's text, or a dict."""
    if isinstance(source, Path):
        return source.read_text(encoding="utf-8")
    return source if isinstance(source, str) else dict(source)


def _one(when: Any) -> bool:
    """Whether this is one instant and not a column of them."""
    return isinstance(when, (str, int, datetime)) or (library(when) in ("pandas", "numpy") and not hasattr(when, "__len__"))


def _at(when: Any, tz: str | None) -> int:
    """One instant in microseconds UTC."""
    if library(when) == "numpy" and when.dtype.kind == "M":
        when = when.astype("M8[us]").item()
    if is_missing(when):
        raise InvalidArgumentError("an instant is missing")
    if not isinstance(when, (str, datetime)):
        raise InvalidArgumentError(f"an instant is a datetime or a text, not {when!r}; a number does not say what it counts")
    return micros(when, tz)


def _instants(values: Any, tz: str | None) -> Any:
    """A column of instants; a list may hold texts."""
    if isinstance(values, (list, tuple)) and any(isinstance(value, str) for value in values):
        read = array("q", (MISSING if is_missing(value) else _at(value, tz) for value in values))
        return Column.from_buffer(read, "timestamp[us, UTC]")
    return column(values)


def _with_instants(data: Any, names: Sequence[str], tz: str | None) -> Any:
    """A dict of columns with its texts read where they are instants; anything else as it is."""
    if not isinstance(data, Mapping):
        return data
    return {name: _instants(values, tz) if name in names else values for name, values in data.items()}


def _maybe(when: Any, tz: str | None) -> int | None:
    return None if is_missing(when) else _at(when, tz)


def _zone(name: str) -> tzinfo:
    """The zone of a calendar for showing instants; UTC where this Python has no such zone."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, OSError):
        return timezone.utc


def _shown(at: int | None, zone: str, like: Any) -> datetime | None:
    """An instant as a datetime: in the zone of the datetime that was given, else in that of the calendar."""
    if at is None:
        return None
    own = like.tzinfo if isinstance(like, datetime) else None
    return (_EPOCH + at * _MICROSECOND).astimezone(own or _zone(zone))


def _duration(duration: Any) -> int:
    """A duration in microseconds: a timedelta or a number of seconds, at most 9e9 seconds either way."""
    if isinstance(duration, timedelta) and -_LONGEST <= duration <= _LONGEST:
        return duration // _MICROSECOND
    if isinstance(duration, (int, float)) and not isinstance(duration, bool) and abs(duration) <= 9e9:
        return round(duration * 1e6)
    if isinstance(duration, (int, float, timedelta)) and not isinstance(duration, bool):
        raise InvalidArgumentError(f"a duration is at most 9e9 seconds either way, not {duration!r}")
    raise InvalidArgumentError(f"a duration is a timedelta or a number of seconds, not {duration!r}")


class Calendar:
    """A working calendar: hours, holidays, overrides and breaks in a time zone.

    One instant in, one answer out; a column in (polars, pandas, pyarrow, NumPy, a list), the same kind of column out.
    Instants are datetimes with a zone or ISO 8601 texts with an offset; without one `tz` must say where they hold. Bare
    numbers are refused as instants; as durations they are seconds.

    >>> import csat
    >>> week = {day: [["10:00", "19:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    >>> calendar = csat.Calendar({"time_zone": "Europe/Moscow", "hours": week, "production": "ru"})
    >>> calendar.elapsed("2024-03-07T18:00+03:00", "2024-03-11T11:00+03:00")  # the 8th is a holiday, the 7th short
    datetime.timedelta(seconds=3600)
    >>> str(calendar.add("2024-03-01T18:30+03:00", 3600))
    '2024-03-04 10:30:00+03:00'
    >>> calendar.is_open(["2024-04-27T12:00+03:00", "2024-04-29T12:00+03:00"])  # a Saturday worked for a Monday
    [True, False]
    """

    __slots__ = ("_calendar",)

    def __init__(self, source: str | Path | Mapping[str, Any]) -> None:
        """Reads a calendar.

        Args:
            source: TOML or JSON text, a dict, or the path of a file as `Path`. Keys: `time_zone` (IANA), `hours` by
                weekday, `holidays`, `overrides` and `breaks` of single dates, `production` (a built-in production
                calendar, `ru`), `years`, `name`.
        """
        self._calendar = _csat.Calendar(_source(source))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads a calendar from a file."""
        return cls(Path(path))

    @classmethod
    def always(cls, tz: str) -> Self:
        """Open round the clock: working time is real time."""
        made = cls.__new__(cls)
        made._calendar = _csat.Calendar.always(tz)
        return made

    @classmethod
    def production(
        cls, name: str, hours: tuple[str, str] | Mapping[str, Sequence[Sequence[str]]], *, tz: str
    ) -> Self:
        """A week with the holidays, moved working days and short days of a production calendar shipped with csat.

        >>> import csat
        >>> calendar = csat.Calendar.production("ru", ("10:00", "19:00"), tz="Europe/Moscow")
        >>> calendar.is_working_day("2024-04-27"), calendar.is_working_day("2024-04-29")
        (True, False)

        Args:
            name: `ru`: Russia, 2015 to 2027, five-day week.
            hours: opening and closing from Monday to Friday, or intervals by weekday.
            tz: the IANA zone of the hours.
        """
        days = ("mon", "tue", "wed", "thu", "fri")
        week = hours if isinstance(hours, Mapping) else {day: [list(hours)] for day in days}
        return cls({"time_zone": tz, "hours": week, "production": name})

    @property
    def name(self) -> str:
        """Its name; empty where it has none."""
        return self._calendar.name

    @property
    def tz(self) -> str:
        """The IANA name of its zone."""
        return self._calendar.zone

    def to_json(self) -> str:
        """The calendar with its production calendar written out; reading it back gives the same calendar."""
        return self._calendar.to_json()

    def _ask(self, question: str, at: Any, tz: str | None) -> Any:
        if _one(at):
            answer = self._calendar.ask(question, _at(at, tz))
            return bool(answer) if question in ("is_open", "on_break", "on_holiday") else _shown(answer, self.tz, at)
        return give_column(self._calendar.ask_column(question, _instants(at, tz), tz), at)

    def is_open(self, at: Any, *, tz: str | None = None) -> Any:
        """Whether it is working time: an opening is, a closing is not."""
        return self._ask("is_open", at, tz)

    def next_open(self, at: Any, *, tz: str | None = None) -> Any:
        """The instant itself if open, else the next opening."""
        return self._ask("next_open", at, tz)

    def next_opening_strictly_later(self, at: Any, *, tz: str | None = None) -> Any:
        """The first opening after the instant, also where it is open."""
        return self._ask("next_opening_strictly_later", at, tz)

    def previous_open(self, at: Any, *, tz: str | None = None) -> Any:
        """The instant itself if inside working time (its end included, its start not), else the closing before it."""
        return self._ask("previous_open", at, tz)

    def closing(self, at: Any, *, tz: str | None = None) -> Any:
        """The end of the current stretch of working time, or of the next one."""
        return self._ask("closing", at, tz)

    def on_break(self, at: Any, *, tz: str | None = None) -> Any:
        """Whether the instant lies in a break of its date."""
        return self._ask("on_break", at, tz)

    def on_holiday(self, at: Any, *, tz: str | None = None) -> Any:
        """Whether its local date is a holiday."""
        return self._ask("on_holiday", at, tz)

    def elapsed(self, start: Any, end: Any, *, tz: str | None = None) -> Any:
        """The working time between two instants, as real time: a 25-hour day open round the clock has 25 hours.

        A row with a missing end is missing. `start` later than `end` is an error that names the row.
        """
        if _one(start) and _one(end):
            return self._calendar.elapsed(_at(start, tz), _at(end, tz)) * _MICROSECOND
        return give_column(self._calendar.elapsed_column(_instants(start, tz), _instants(end, tz), tz), start)

    def add(self, start: Any, duration: Any, *, tz: str | None = None) -> Any:
        """The first instant at which `duration` of working time has passed since `start`; below zero backwards.

        Args:
            start: an instant or a column of them.
            duration: a timedelta or a number of seconds; with a column of starts also a column of durations.
            tz: the zone of times without one.
        """
        one = isinstance(duration, (int, float, timedelta))
        if _one(start):
            return _shown(self._calendar.add(_at(start, tz), _duration(duration)), self.tz, start)
        each = None if one else column(duration)
        made = self._calendar.add_column(_instants(start, tz), _duration(duration) if one else None, each, tz)
        return give_column(made, start)

    def _periods(self, at: Any, count: int, before: bool, tz: str | None) -> list[tuple[datetime | None, datetime | None]]:
        found = self._calendar.open_periods(_at(at, tz), count, before)
        return [(_shown(start, self.tz, at), _shown(end, self.tz, at)) for start, end in found]

    def open_periods_after(
        self, at: Any, count: int, *, tz: str | None = None
    ) -> list[tuple[datetime | None, datetime | None]]:
        """The next `count` stretches of working time, the current one cut to what is left of it."""
        return self._periods(at, count, False, tz)

    def open_periods_before(
        self, at: Any, count: int, *, tz: str | None = None
    ) -> list[tuple[datetime | None, datetime | None]]:
        """The last `count` stretches of working time, newest first."""
        return self._periods(at, count, True, tz)

    def _call(self, function: str, **arguments: Any) -> Any:
        import json

        return call(f"calendar.{function}", calendar=json.loads(self.to_json()), **arguments)

    def is_working_day(self, date: Any) -> bool:
        """Whether a date has working time of its own."""
        return bool(self._call("is_working_day", date=str(date)))

    def add_working_days(self, start: Any, days: int) -> str:
        """A date moved by working days; from a closed day it first moves to a working one, which counts as 0."""
        return str(self._call("add_working_days", start=str(start), days=days))

    def working_days_between(self, start: Any, end: Any) -> int:
        """Working days after one date up to and with another."""
        return int(self._call("working_days_between", start=str(start), end=str(end)))

    def add_business_days_keep_time(self, start: Any, days: int, *, tz: str | None = None) -> datetime | None:
        """An instant moved by working dates, its local time of day kept, then to the next open instant."""
        at = (_EPOCH + _at(start, tz) * _MICROSECOND).isoformat()
        return _shown(micros(self._call("add_business_days_keep_time", start=at, days=days)), self.tz, start)

    def explain(self, start: Any, end: Any, *, tz: str | None = None) -> Explanation:
        """The working time between two instants in words, stretch by stretch; `print` it.

        >>> import csat
        >>> calendar = csat.Calendar('{"time_zone": "UTC", "hours": {"fri": [["10:00", "19:00"]]}}')
        >>> print(calendar.explain("2024-03-01T18:40Z", "2024-03-08T10:15Z"), end="")
        working time from Fri 2024-03-01 18:40 to Fri 2024-03-08 10:15 (UTC): 35m
          Fri 2024-03-01 18:40 to 19:00: 20m
          Fri 2024-03-08 10:00 to 10:15: 15m
        """
        values, text = self._calendar.explain(_at(start, tz), _at(end, tz))
        explanation = Explanation(named(values))
        explanation._text = text
        return explanation

    def __repr__(self) -> str:
        return f"<csat.Calendar {self.name or 'without a name'} in {self.tz}>"


#: What chooses a ticket's target and its times, by csat's name.
_ROLES = ("start", "done", "created", "requested", "event", "channel", "priority", "segment", "team", "id")
_INSTANTS = ("start", "done", "created", "requested", "first_response", "resolved")


class Sla:
    """Response targets: by when something has to be done, and whether it was.

    >>> import csat
    >>> sla = csat.Sla.shipped("support_10_19")
    >>> friday, monday = "2024-03-01T18:30+03:00", "2024-03-04T10:20+03:00"
    >>> judged = sla.judge("first_response", friday, monday, channel="email")
    >>> judged.verdict, str(judged.due), str(judged.remaining)
    ('met', '2024-03-04 10:30:00+03:00', '0:10:00')
    >>> tickets = {"created": [friday, friday], "first_response": [monday, None], "channel": ["email", "chat"]}
    >>> sla.judge_columns(tickets, "first_response")["verdict"]
    ['met', 'running']
    """

    __slots__ = ("_sla",)

    def __init__(self, source: str | Path | Mapping[str, Any]) -> None:
        """Reads an SLA.

        Args:
            source: TOML or JSON text, a dict, or the path of a file as `Path`. Keys: `calendar`, further `calendars` by
                name, and `policies`, each with its date `from` and its `targets`; a target has `event`, `target`,
                `channels`, `priorities`, `segments`, `teams`, `clock`, `after_hours`, `customer_time` and more.
        """
        self._sla = _csat.Sla(_source(source))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads an SLA from a file."""
        return cls(Path(path))

    @classmethod
    def shipped(cls, name: str) -> Self:
        """An SLA that comes with csat; `shipped_names()` lists them."""
        made = cls.__new__(cls)
        made._sla = _csat.Sla.shipped(name)
        return made

    @staticmethod
    def shipped_names() -> list[str]:
        """The SLAs that come with csat."""
        return _csat.Sla.shipped_names()

    @property
    def name(self) -> str:
        """Its name; empty where it has none."""
        return self._sla.name

    @property
    def tz(self) -> str:
        """The IANA name of the zone of its calendar."""
        return self._sla.zone

    def to_json(self) -> str:
        """The SLA with everything written out; reading it back gives the same SLA."""
        return self._sla.to_json()

    def judge(
        self,
        event: str,
        start: Any,
        done: Any = None,
        *,
        requested: Any = None,
        as_of: Any = None,
        pauses: Iterable[tuple[Any, Any]] = (),
        created: Any = None,
        channel: str | None = None,
        priority: str | None = None,
        segment: str | None = None,
        team: str | None = None,
        tz: str | None = None,
    ) -> Answer:
        """Judges one ticket.

        Args:
            event: first_response, next_response, resolution, callback, ordered_call or unit_reply.
            start: when the clock starts.
            done: when it was done; None while it is not.
            requested: the time set by the customer.
            as_of: when what is not done is judged; without it only the due time is given.
            pauses: pairs of instants in which the clock stood still; None as an end that is not known.
            created: when the ticket was created, which chooses the policy; `start` unless given.
            channel, priority, segment, team: what chooses the target.
            tz: the zone of times without one.

        Returns:
            `due` (a datetime), `verdict` (met, missed, missed_early, missed_late, running, paused, overdue, rejected,
            no_target), `elapsed` and `remaining` (timedeltas), and the `reason` in words; None for what does not exist.
        """
        keys = {"channel": channel, "priority": priority, "segment": segment, "team": team}
        ticket = self._ticket(event, start, done, requested, as_of, pauses, created, keys, tz)
        found = self._sla.judge(ticket)
        found["due"] = _shown(found["due"], self.tz, start)
        for key in ("elapsed", "remaining"):
            found[key] = None if found[key] is None else found[key] * _MICROSECOND
        return Answer(found)

    def explain(
        self,
        event: str,
        start: Any,
        done: Any = None,
        *,
        requested: Any = None,
        as_of: Any = None,
        pauses: Iterable[tuple[Any, Any]] = (),
        created: Any = None,
        channel: str | None = None,
        priority: str | None = None,
        segment: str | None = None,
        team: str | None = None,
        tz: str | None = None,
    ) -> str:
        """How the judgement of one ticket came about, in words. Arguments as for `judge`.

        >>> import csat
        >>> sla = csat.Sla.shipped("support_10_19")
        >>> print(sla.explain("callback", "2024-03-01T20:15+03:00", "2024-03-04T10:50+03:00"), end="")
        callback within 30m of working time; policy in force since ever
        started Fri 2024-03-01 20:15, due Mon 2024-03-04 11:00
          outside working time: 1h from the next opening
          Mon 2024-03-04 10:00 to 10:50: 50m
        done Mon 2024-03-04 10:50: met (done within the target), 50m used, 10m left
        """
        keys = {"channel": channel, "priority": priority, "segment": segment, "team": team}
        return self._sla.explain(self._ticket(event, start, done, requested, as_of, pauses, created, keys, tz))

    @staticmethod
    def _ticket(
        event: str,
        start: Any,
        done: Any,
        requested: Any,
        as_of: Any,
        pauses: Iterable[tuple[Any, Any]],
        created: Any,
        keys: dict[str, str | None],
        tz: str | None,
    ) -> dict[str, Any]:
        return {
            "event": event,
            "start": _at(start, tz),
            "done": _maybe(done, tz),
            "requested": _maybe(requested, tz),
            "as_of": _maybe(as_of, tz),
            "created": _maybe(created, tz),
            "pauses": [(_at(start, tz), _maybe(end, tz)) for start, end in pauses],
            **keys,
        }

    def judge_columns(
        self,
        data: Any,
        event: str | None = None,
        *,
        columns: Mapping[str, str] | None = None,
        pauses: Any = None,
        as_of: Any = None,
        tz: str | None = None,
        units: Mapping[str, str] | None = None,
        trusted: bool | None = None,
    ) -> Any:
        """Judges whole columns: every ticket by the target of its event, channel, priority, segment and team.

        Args:
            data: a frame of polars, pandas, pyarrow or DuckDB, any Arrow stream, a dict of columns, or rows as dicts.
            event: the event of all tickets; None where the column `event` says it.
            columns: csat's column name to yours. The clock runs from `start` (else `created`) to `done` (else
                `first_response` or `resolved`, by the event); `created` chooses the policy; `requested` is the time set by
                the customer; `channel`, `priority`, `segment`, `team` choose the target; `id` names a ticket.
            pauses: a frame with the columns `ticket` (what `id` holds, or the number of the row where there is no such
                column), `from` and `until` (missing while the pause goes on). Overlapping pauses count once.
            as_of: when what is not done is judged; without it only the due time is given.
            tz: the zone of times without one.
            units: what plain numbers count, by column: `s`, `ms`, `us` or `ns`.
            trusted: skips the check that text is valid; by default only polars, which checks it itself, is trusted.

        Returns:
            The same kind of frame, row by row: `due` (UTC), `verdict` (missing for a ticket without a start), `elapsed` and
            `remaining` (durations).

        Raises:
            csat.Error: names the column and the row.
        """
        mapping = {str(role): str(name) for role, name in (columns or {}).items()}
        known = (*_ROLES, "ticket", "from", "until")
        for role in mapping:
            if role not in known:
                raise _csat.UnknownNameError(f"unknown column `{role}`; it is one of: {', '.join(known)}")

        def taking(frame: Input, names: Sequence[str]) -> dict[str, Any]:
            return {
                "event": event,
                "columns": mapping,
                "zone": tz,
                "as_of": _maybe(as_of, tz),
                "names": list(names),
                "units": dict(units or {}),
                "trusted": frame.trusted if trusted is None else trusted,
            }

        instants = [mapping.get(role, role) for role in _INSTANTS]
        usual = ["first_response", "resolved", *_ROLES]
        wanted = list(dict.fromkeys([*mapping.values(), *(name for name in usual if name not in mapping)]))
        frame = Input(_with_instants(data, instants, tz), wanted)
        stretches = None
        if pauses is not None:
            names = [mapping.get(role, role) for role in ("ticket", "from", "until")]
            long = Input(_with_instants(pauses, names[1:], tz), names)
            stretches = (long.source, taking(long, names))
        judged = self._sla.judge_columns(frame.source, taking(frame, wanted), stretches)
        return beside(judged, frame)

    def __repr__(self) -> str:
        return f"<csat.Sla {self.name or 'without a name'} in {self.tz}>"
