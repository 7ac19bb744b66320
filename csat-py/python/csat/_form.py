"""Quality forms: sections, criteria, points, critical rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from . import _csat
from ._answer import Answer, named
from ._csat import InvalidArgumentError


class Explanation(Answer):
    """Why an evaluation has its score; printing it gives every criterion with its effective weight."""

    __slots__ = ("_text",)
    _text: str

    def __str__(self) -> str:
        return self._text


def _no_form(word: str) -> str:
    """What is meant by a word that stands where the text of a form should."""
    from difflib import get_close_matches

    near = get_close_matches(word, _csat.Form.shipped_names(), 1)
    if near == [word]:
        return f'`{word}` is the name of a shipped form, not its text; use csat.Form.shipped("{word}")'
    hint = f'; did you mean csat.Form.shipped("{near[0]}")?' if near else ""
    return f"`{word[:60]}` is not the text of a form; csat.Form.load reads a file, csat.Form.shipped takes a name{hint}"


def _answers(answers: Any) -> dict[str, Any]:
    if not isinstance(answers, Mapping):
        raise InvalidArgumentError(
            f'answers are a dict by criterion, such as {{"greeting": "yes"}}, not {type(answers).__name__}'
        )
    return dict(answers)


class Form:
    """A quality form, read from TOML or JSON.

    >>> import csat
    >>> form = csat.Form.shipped("chat_8")
    >>> first, *rest = form.criteria
    >>> score = form.score({first: "no", **dict.fromkeys(rest, "yes")})
    >>> score.score, score.failed
    (87.5, False)
    >>> csat.Form.shipped("by_contact_type").contact_types[:2]
    ['first_call', 'intermediate']
    """

    __slots__ = ("_form",)

    def __init__(self, source: str | Mapping[str, Any]) -> None:
        """Reads a form from TOML or JSON text, or from a dict."""
        if not isinstance(source, (str, Mapping)):
            raise InvalidArgumentError(
                f"a form is TOML or JSON text, or a dict, not {type(source).__name__}; csat.Form.load reads a file"
            )
        if isinstance(source, str) and not any(sign in source for sign in "={\n"):
            raise InvalidArgumentError(_no_form(source))
        self._form = _csat.Form.parse(source if isinstance(source, str) else dict(source))

    @classmethod
    def _of(cls, form: _csat.Form) -> Self:
        made = cls.__new__(cls)
        made._form = form
        return made

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads a form from a file."""
        return cls(Path(path).read_text(encoding="utf-8"))

    @classmethod
    def shipped(cls, name: str) -> Self:
        """A form that comes with csat, to start from; `shipped_names()` lists them."""
        return cls._of(_csat.Form.shipped(name))

    @staticmethod
    def shipped_names() -> list[str]:
        """The forms that come with csat."""
        return _csat.Form.shipped_names()

    @property
    def id(self) -> str:
        """The name of the form."""
        return self._form.id

    @property
    def version(self) -> str:
        """Its version; scores are kept by version."""
        return self._form.version

    @property
    def title(self) -> str:
        """Its title."""
        return self._form.title

    @property
    def hash(self) -> str:
        """Sixteen hex digits of its content."""
        return self._form.hash

    @property
    def contact_types(self) -> list[str]:
        """The contact types that choose a block of criteria."""
        return self._form.contact_types

    @property
    def criteria(self) -> list[str]:
        """The ids of its criteria."""
        return self._form.criteria

    def to_json(self) -> str:
        """The form with every default written out; reading it back gives the same form."""
        return self._form.to_json()

    def score(self, answers: Mapping[str, Any], contact_type: str | None = None) -> Answer:
        """Scores one evaluation.

        Args:
            answers: answer by criterion: an option's name, its points, or True and False; `n/a` where it does not
                apply; None or left out where it was not answered.
            contact_type: chooses the blocks of a form that has several.

        Returns:
            `score` in points (None where nothing applies), `failed`, `unanswered`, the three aggregates `pooled`,
            `blocks` and `weighted`, and the score of each of the `sections`.
        """
        answer = named(self._form.score(_answers(answers), contact_type))
        assert isinstance(answer, Answer)
        return answer

    def explain(self, answers: Mapping[str, Any], contact_type: str | None = None) -> Explanation:
        """Says why an evaluation has its score; `print` it, or take its values by name."""
        values, text = self._form.explain(_answers(answers), contact_type)
        explanation = Explanation(named(values))
        explanation._text = text
        return explanation

    def __repr__(self) -> str:
        return f"<csat.Form {self.id} version {self.version}: {len(self.criteria)} criteria>"
