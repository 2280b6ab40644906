"""Which of the predictions that are given are of which source of a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar, cast

from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.inputs import Segmentation
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.listing import listing

_Each: TypeAlias = "Segmentation | Sequence[Segmentation]"
Key = TypeVar("Key", bound=SchemeRef)
Predictions: TypeAlias = Mapping[Key, _Each]
"""Segmentations by the scheme they are written in; several of one scheme as a list."""


def assigned(predictions: Predictions[Key], given: Mapping[str, str]) -> dict[str, Segmentation]:
    """Say which prediction is of which source of a session.

    Parameters
    ----------
    predictions : mapping of scheme to segmentation
        The keys are tokens or schemes of the session.
    given : mapping of str to str
        How the scheme of each token was named.

    Raises
    ------
    DiagnosticError
        API002 for a scheme that is not of the session, and where there is no prediction.
    """
    found: dict[str, Segmentation] = {}
    for key, x in predictions.items():
        several = several_of(x)
        name = key if isinstance(key, str) else str(Path(key))
        tokens = [token for token, named in given.items() if name in (token, named)]
        free = [token for token in tokens if token not in found]
        if len(several) > len(free):
            raise _no_such_source(list(given), name, len(tokens), len(several))
        found.update(zip(free, several, strict=False))
    if not found:
        raise _no_such_source(list(given), None, 0, 0)
    return found


def several_of(each: _Each) -> list[Segmentation]:
    """List the predictions of one scheme; what is no list is one segmentation."""
    # What else is a sequence, such as (array, affine), is one segmentation.
    return each if isinstance(each, list) else [cast("Segmentation", each)]


def _no_such_source(
    sources: list[str], name: str | None, known: int, given: int
) -> DiagnosticError:
    hint = suggest(name or "", sources) or f"its sources: {listing(sources)}"
    if name is None:
        text = "no prediction is given"
    elif known:
        text = f"{given} predictions are given for `{name}`, of which the session has {known}"
        hint = "name a scheme as often as there are predictions of it when you make the session"
    else:
        text = f"the session has no source `{name}`"
    return DiagnosticError([Diagnostic("API002", "error", text, help=hint)])
