"""The session of a single case: its sources are the predictions that are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypedDict

from vesalius.adapters.identify.auto import AUTO
from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.assigning import Key, Predictions, several_of
from vesalius.inputs import ProjectRef, Segmentation, as_given, as_project, place_of
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.rule_set import RulesRef
from vesalius.session import Session

if TYPE_CHECKING:
    from typing_extensions import Unpack


class RuleOptions(TypedDict, total=False):
    """Which rules a session runs, and how; see :class:`Session`."""

    rules: RulesRef
    project: ProjectRef
    select: str | Sequence[str]
    unsafe: bool | str | Iterable[str]
    trace: bool
    merge: str
    prefer: Sequence[str]


def open_session(
    predictions: Iterable[tuple[SchemeRef, Segmentation]],
    target: SchemeRef,
    **options: Unpack[RuleOptions],
) -> tuple[Session, dict[str, Segmentation]]:
    """Make the session of one case: its sources are those that are given.

    Parameters
    ----------
    predictions : iterable of (scheme, segmentation)
        In any order.
    target : str or path
        Scheme of the result.
    **options
        As for `Session`.

    Returns
    -------
    session : Session
    given : dict of str to segmentation
        The predictions by token.
    """
    pairs = list(predictions)
    places = [place_of(as_given(x, str(scheme))) for scheme, x in pairs]
    session = Session([scheme for scheme, _ in pairs], target, places=places, **options)
    return session, dict(zip(session.tokens, (x for _, x in pairs), strict=True))


def each_prediction(predictions: Predictions[Key]) -> list[tuple[SchemeRef, Segmentation]]:
    """List predictions one by one, those of one scheme too."""
    return [(scheme, x) for scheme, each in predictions.items() for x in several_of(each)]


def chosen_scheme(
    scheme: SchemeRef, x: Segmentation, project: ProjectRef
) -> tuple[SchemeRef, tuple[Diagnostic, ...]]:
    """Give a scheme as it is, and for ``"auto"`` the one that fits a segmentation clearly best.

    Returns
    -------
    scheme : str or path
    told : tuple of Diagnostic
        IDN003 where one was chosen.

    Raises
    ------
    DiagnosticError
        With every problem of the files; IDN004 where no scheme fits clearly best.
    """
    if scheme != AUTO:
        return scheme, ()
    from vesalius.adapters.identify.choose import choose_scheme  # noqa: PLC0415 - reads all schemes
    from vesalius.adapters.keeping.known import known_ontology  # noqa: PLC0415

    chosen, told = choose_scheme(as_given(x, AUTO), known_ontology(as_project(project)))
    return chosen, (told,)


def require_scheme(scheme: SchemeRef | None, function: str) -> SchemeRef:
    """Refuse a segmentation without a scheme.

    Raises
    ------
    DiagnosticError
        API001.
    """
    if scheme is not None:
        return scheme
    text = f"`{function}` does not know what the integers of the segmentation mean"
    hint = (
        'name their scheme, such as scheme="totalsegmentator_v2"; `vesalius ls schemes` lists them'
    )
    raise DiagnosticError([Diagnostic("API001", "error", text, help=hint)])
