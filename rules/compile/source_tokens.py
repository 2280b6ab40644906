"""What the sources of a run are called."""

from __future__ import annotations

from collections.abc import Sequence


def source_tokens(
    names: Sequence[str], places: Sequence[str] | Sequence[int] | None = None
) -> tuple[str, ...]:
    """Name the sources of a run: the scheme's name, numbered where it is given repeatedly.

    Parameters
    ----------
    names : sequence of str
        Name of each source's scheme.
    places : sequence of str or of int, optional
        Where each source comes from. Sources of one scheme are numbered in the order of these,
        so that the order in which they are given changes nothing; by default as given.
    """
    given = range(len(names))
    ordered = given if places is None else sorted(given, key=places.__getitem__)
    seen: dict[str, int] = {}
    tokens = [""] * len(names)
    for at in ordered:
        name = names[at]
        seen[name] = seen.get(name, 0) + 1
        tokens[at] = name if seen[name] == 1 else f"{name}#{seen[name]}"
    return tuple(tokens)
