"""`csat due`: by when one ticket has to be done, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click

from csat._clock import Sla
from csat._csat import Error

from .trouble import Trouble, nearest


CHOOSE = ("channels", "priorities", "segments", "teams")
"""By what a target is chosen."""


@dataclass
class Ticket:
    """What is known of the ticket; texts as they were typed."""

    event: str
    start: str
    done: str | None
    requested: str | None
    created: str | None
    channel: str | None
    priority: str | None
    segment: str | None
    team: str | None
    as_of: str | None


def _sla(name: str) -> Sla:
    """A shipped SLA by name, or that of a file."""
    path = Path(name)
    known = Sla.shipped_names()
    try:
        if name in known:
            return Sla.shipped(name)
        if not path.is_file():
            raise Trouble(f"--sla {name}: neither a file nor one of {', '.join(known)}{nearest(name, known)}")
        return Sla.load(path)
    except UnicodeDecodeError as error:
        raise Trouble(f"--sla {name}: the file is not UTF-8") from error
    except OSError as error:
        raise Trouble(f"--sla {name}: {error.strerror or error}") from error
    except Error as error:
        raise Trouble(f"--sla {name}: {error}") from error


def _pauses(texts: Sequence[str]) -> list[tuple[str, str | None]]:
    pairs = []
    for text in texts:
        start, separator, end = text.partition("/")
        if not separator:
            raise Trouble(f"--pause {text}: give start and end with a slash between, such as 2024-03-04T10:00/2024-03-04T10:05")
        pairs.append((start, end or None))
    return pairs


def due(sla: str, ticket: Ticket, pauses: Sequence[str], now: bool, tz: str | None, form: str) -> None:
    """Judges one ticket and prints when it is due, with the reckoning in words or as JSON."""
    policy = _sla(sla)
    arguments: dict[str, Any] = asdict(ticket)
    if now and ticket.as_of:
        raise Trouble("--as-of and --now: choose one")
    if now:
        arguments["as_of"] = datetime.now(timezone.utc)
    arguments |= {"pauses": _pauses(pauses), "tz": tz or policy.tz}
    try:
        judged = policy.judge(**arguments)
        words = policy.explain(**arguments)
    except Error as error:
        raise Trouble(str(error)) from error
    if form == "json":
        click.echo(json.dumps({**{key: _plain(value) for key, value in judged.items()}, "explanation": words.splitlines()}))
        return
    click.echo(f"Due: {judged.due:%a %Y-%m-%d %H:%M:%S %z}" if judged.due else f"Due: none ({judged.reason})")
    click.echo(f"Verdict: {judged.verdict}")
    if judged.remaining is not None:
        click.echo(f"Remaining: {judged.remaining}" if judged.remaining >= timedelta(0) else f"Late by: {-judged.remaining}")
    click.echo(words, nl=False)
    if judged.verdict == "no_target":
        click.echo("\n".join(["the SLA has targets for:", *_targets(policy)]))


def _targets(policy: Sla) -> list[str]:
    """What each target of an SLA is for, in words."""
    found = []
    for period in json.loads(policy.to_json()).get("policies", []):
        for target in period.get("targets", []):
            chosen = [f"{name} {', '.join(target[name])}" for name in CHOOSE if target.get(name)]
            found.append(f"  {target['event']}: {'; '.join(chosen) or 'any ticket'}")
    return list(dict.fromkeys(found))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value
