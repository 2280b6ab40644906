"""Making structures: one function per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vesalius.engine.context import Context
from vesalius.engine.derive.hu import make_from_hu
from vesalius.engine.derive.rest_of_body import make_rest_of_body
from vesalius.engine.labelmap import LabelMap
from vesalius.engine.steps import Derive, FromHu, RestOfBody

# Each returns the new map. It may return context.work itself where nothing is to be made, and
# raises vesalius.engine.verdict.Missing where an anchor or the image is missing.
MAKERS: Mapping[type, Callable[[Any, Context], LabelMap]] = {
    FromHu: make_from_hu,
    RestOfBody: make_rest_of_body,
}


def derive(operation: Derive, context: Context) -> LabelMap:
    """Return the map with a structure made.

    Raises
    ------
    Missing
        If what the operation needs (an anchor, the image) is missing.
    TypeError
        If no function knows this kind of operation.
    """
    make = MAKERS.get(type(operation))
    if make is None:
        raise TypeError(f"no function makes {type(operation).__name__}")
    return make(operation, context)
