"""Answers of the functions that take numbers: dicts whose keys are attributes too."""

from __future__ import annotations

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
