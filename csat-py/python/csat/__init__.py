"""How well an organisation serves its customers: counts first, definitions afterwards.

>>> import csat
>>> answers = {"score": [10, 9, 3, 8], "dealer": ["North", "North", "River", "River"]}
>>> csat.nps(answers, by="dealer").where(part="nps")["value"]
[100.0, -50.0]

One function a measure takes whole columns; `Tally` takes many measures in one pass and data in pieces. Everything else
is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module as _import_module

from ._csat import Error, __version__

TYPE_CHECKING = False  # known to type checkers; importing `typing` takes longer than all of csat

if TYPE_CHECKING:
    from typing import Any

    from ._answer import Answer, call
    from ._clock import Calendar, Sla
    from ._csat import (
        BadTextError,
        BadValueError,
        BelowZeroError,
        InvalidArgumentError,
        InvalidOptionError,
        InvalidStateError,
        MissingColumnError,
        NotFoldedError,
        OverflowError,
        PlanMismatchError,
        UndefinedError,
        UnknownNameError,
        WrongTypeError,
        check_plan,
        error_kinds,
        explain,
        functions,
        measures,
        parts,
        tables,
    )
    from ._demo import Demo, demo
    from ._form import Explanation, Form
    from ._functions import *  # noqa: F403
    from . import compare, link, network, rules, stats, workforce
    from ._queue_log import QueueLog
    from ._table import Table
    from ._tally import Recipe, RowsSetAside, Tally

#: Where the names that are not modules live.
_HOMES = {
    "Answer": "_answer",
    "call": "_answer",
    "Calendar": "_clock",
    "Sla": "_clock",
    "Demo": "_demo",
    "demo": "_demo",
    "Explanation": "_form",
    "Form": "_form",
    "QueueLog": "_queue_log",
    "Table": "_table",
    "Recipe": "_tally",
    "RowsSetAside": "_tally",
    "Tally": "_tally",
    "check_plan": "_csat",
    "error_kinds": "_csat",
    "explain": "_csat",
    "functions": "_csat",
    "measures": "_csat",
    "parts": "_csat",
    "tables": "_csat",
}


def _names() -> list[str]:
    from ._index import FUNCTIONS, MODULES

    errors = [name for _, name in _import_module("._csat", __name__).error_kinds()]
    return sorted([*_HOMES, *FUNCTIONS, *MODULES, *errors, "Error", "__version__"])


def __getattr__(name: str) -> Any:
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module `csat` has no attribute `{name}`")
    if name == "__all__":
        return _names()
    if home := _HOMES.get(name):
        value = getattr(_import_module(f".{home}", __name__), name)
    else:
        from ._index import FUNCTIONS, MODULES

        if name in FUNCTIONS:
            value = getattr(_import_module("._functions", __name__), name)
        elif name in MODULES:
            value = _import_module(f".{name}", __name__)
        else:
            compiled = _import_module("._csat", __name__)
            if name not in {error for _, error in compiled.error_kinds()}:
                from difflib import get_close_matches

                near = get_close_matches(name, _names(), 1)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                raise AttributeError(f"module `csat` has no attribute `{name}`{hint}")
            value = getattr(compiled, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return _names()
