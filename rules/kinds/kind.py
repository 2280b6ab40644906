"""What a kind says of itself: everything that reading, checks, lowering, words and pages need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from vesalius.engine import kinds as eng
from vesalius.ontology.reading.form import Form
from vesalius.rules.lowering import Lowering

Lowered = tuple[eng.Expect, ...]
"""Expectations of the engine, one for each group of labels whose bounds differ; perhaps none."""

MOVES: Final = ("remove", "swap_side", "move_to")
"""Repairs of expectations that are broken by parts, which can be moved elsewhere."""


def _fits(form: Any) -> None:  # noqa: ANN401 - each kind has a form of its own
    del form


@dataclass(frozen=True)
class Expectation:
    """A form of `expect`.

    Parameters
    ----------
    key : str
        The key that only this form has.
    form : type of Form
        What is written, a class of one field that is called like the key, perhaps with more.
    lower : callable
        The form and the rule's `Lowering` to expectations of the engine; none where it cannot act.
    written : str
        How it is written, for tables.
    holds : str
        Where it holds, for tables and pages; Markdown.
    word : Form, optional
        What the key alone stands for, as in ``expect: absent``.
    takes_for : bool or callable
        Whether the structures of `for` are judged; else the form names its own. A function where
        it depends on the form.
    takes_where, takes_per : bool
        Whether `where` and `per` mean something.
    repairs : tuple of str
        Keys of the repairs that mend it; none where nothing that could be moved breaks it.
    unmendable : callable, optional
        Why no repair mends a form; None where one does.
    sentences : Mapping of str to str
        What is said of each kind of finding. ``{mean_hu}`` is a figure of the finding by its name,
        with its unit; ``{|step_mm|}`` the same without its sign; ``{place}`` an ordinal;
        ``{of_pieces}`` tells how many such findings there are. A sentence with ``{ml}`` tells the
        size, which else is added. Kinds of findings without a sentence speak for themselves.
    more : str
        What else its page says.
    """

    key: str
    form: type[Form]
    lower: Callable[[Any, Lowering], Lowered]
    written: str
    holds: str
    word: Form | None = None
    takes_for: bool | Callable[[Any], bool] = True
    takes_where: bool = False
    takes_per: bool = False
    repairs: tuple[str, ...] = ()
    unmendable: Callable[[Any], str | None] = _fits
    sentences: Mapping[str, str] = field(default_factory=dict)
    more: str = ""

    def judges_for(self, form: Form) -> bool:
        """Tell whether a form judges the structures of `for`."""
        return self.takes_for if isinstance(self.takes_for, bool) else self.takes_for(form)


@dataclass(frozen=True)
class Repair:
    """A form of `repair`.

    Parameters
    ----------
    key : str
        The word, or the key that only this form has.
    form : type of Form or None
        What is written; None for a word.
    lower : callable
        The form (or the word) and the rule's `Lowering` to what becomes of the parts; None where
        it cannot be done, and the rule only reports.
    written : str
        How it is written, for pages.
    does : str
        What becomes of the parts, for pages.
    misfit : str or None
        What is said where it does not mend an expectation; None to name what it does mend.
    more_keys : tuple of str
        Keys besides the first that no other form has.
    """

    key: str
    form: type[Form] | None
    lower: Callable[[Any, Lowering], eng.Repair | None]
    written: str
    does: str
    misfit: str | None = "nothing that could be moved breaks this expectation; leave `repair` out"
    more_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """A form of `derive`.

    Parameters
    ----------
    key : str
        The key that only this form has.
    form : type of Form
        What is written.
    lower : callable
        The form and the rule's `Lowering` to a derivation; None where it cannot be done.
    written : str
        How it is written, for pages.
    makes : str
        What it makes, for pages.
    """

    key: str
    form: type[Form]
    lower: Callable[[Any, Lowering], eng.Derive | None]
    written: str
    makes: str


Kind = Expectation | Repair | Derivation
Written = BaseModel
"""A form as written, of any kind."""
