"""The command `csat`: reports on the files of a contact centre. Needs the extra `cli`."""

from __future__ import annotations

import sys


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; 0 if all went well, 1 on bad input."""
    try:
        from .app import main as run
    except ModuleNotFoundError as error:
        if error.name not in ("click", "polars", "rich"):
            raise
        print(
            f"csat: the command needs the package `{error.name}`; install it with: pip install 'csat-py[cli]'",
            file=sys.stderr,
        )
        return 1
    return run(arguments)
