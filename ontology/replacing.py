"""What has the name of something shipped: an oversight, unless it says `replace: true`."""

from __future__ import annotations

from collections.abc import Iterable

from vesalius.ontology.reading.diagnostics import Diagnostic, Note, Span, suggest

KEY = "replace"


def check_replacing(
    what: str,
    name: str,
    span: Span,
    replaces: Span | None,
    shipped: Span | None,
    known: Iterable[str] = (),
) -> list[Diagnostic]:
    """Check one thing of a project against what is shipped.

    Parameters
    ----------
    what : str
        Its kind, as messages call it: "structure", "scheme".
    name : str
        Its name.
    span : Span
        Where the project has it.
    replaces : Span or None
        Where it says `replace: true`; None where it does not.
    shipped : Span or None
        Where the shipped thing of that name is; None where there is none.
    known : iterable of str
        Names of what is shipped, for advice.

    Returns
    -------
    list of Diagnostic
        PRJ003 (not meant to replace), PRJ004 (it replaces, for information), PRJ005 (nothing
        to replace), or nothing.
    """
    if shipped is None:
        if replaces is None:
            return []
        advice = suggest(name, known) or f"take `{KEY}: true` out"
        message = f"no {what} `{name}` is shipped that could be replaced"
        return [Diagnostic("PRJ005", "error", message, span=replaces, help=advice)]
    note = Note("the shipped one is here", shipped)
    if replaces is not None:
        message = f"the {what} `{name}` of the project stands instead of the shipped one"
        return [Diagnostic("PRJ004", "info", message, span=span, notes=(note,))]
    message = f"the {what} `{name}` is shipped already"
    advice = f"choose another name, or write `{KEY}: true` to put this one in its place"
    return [Diagnostic("PRJ003", "error", message, span=span, help=advice, notes=(note,))]
