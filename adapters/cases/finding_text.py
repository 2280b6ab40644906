"""Findings in words, one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.engine.verdict import Finding

Tokens = Mapping[int, str]

#: How figures are written, by the unit at the end of their name: digits and the unit's sign.
UNITS = {"mm": (1, "mm"), "ml": (2, "ml"), "hu": (0, "HU"), "deg": (1, "deg")}
SIGNIFICANT_DIGITS = 3
"""Of figures without a unit."""
MORE_DIGITS = 6
"""So many more are written at most where figures would else look the same."""

#: What is said of each kind of finding; kinds that are not listed speak for themselves, with
#: their figures behind. `{parts}` and the like are figures of the finding.
SENTENCES = {
    "another piece": "{place} piece{of_pieces}",
    "too few pieces": "{pieces} pieces, at least {at_least} expected",
    "present": "should not be there",
    "absent": "missing",
    "in the region": "lies where it should not",
    "outside the region": "lies outside the place where it should be",
    "on the other side": "lies on the other side",
    "out of order": "out of order by {step_mm}",
    "too small a step": "{step_mm} apart, at least {at_least_mm} expected",
    "too large a step": "{step_mm} apart, at most {at_most_mm} expected",
    "gap": "missing between neighbours that are there",
    "too small a ratio": "volume ratio {ratio}, at least {at_least} expected",
    "too large a ratio": "volume ratio {ratio}, at most {at_most} expected",
    "too dark": "mean {mean_hu}, at least {at_least_hu} expected",
    "too bright": "mean {mean_hu}, at most {at_most_hu} expected",
    "hole": "hole",
    "too far away": "{mm} away, at most {at_most_mm} expected",
    "order": "in another order by their middles ({median_step_mm}) than by their ends "
    "({minimum_step_mm})",
    "side": "on another side by their middles than by their ends",
    "not enclosed": "{share} of its surface enclosed, at least {at_least} expected",
}

_TOTAL_SAID = {"too small": "at_least_ml", "too large": "at_most_ml"}


def finding_texts(
    findings: Sequence[Finding], tokens: Tokens, pooled: bool = False, all_pieces: bool = True
) -> tuple[str, ...]:
    """Write what the findings of one rule say.

    Parameters
    ----------
    findings : sequence of Finding
        All findings of the rule: how many pieces there are is the place of the last one.
    tokens : mapping of int to str
        Names of the work labels.
    pooled : bool
        Whether the rule counts the pieces of several structures together.
    all_pieces : bool
        Whether every piece beyond the largest is a finding; else their number is not known.

    Returns
    -------
    tuple of str
        Such as ``pancreas: 2nd piece of 6 (10.45 ml, 387 voxels) at (41, 88, 612) mm``; the
        same in all orientations of the array.
    """
    pieces: dict[tuple[int, ...], int] = {}
    for finding in findings if all_pieces else ():
        if finding.kind == "another piece":
            place = int(dict(finding.values)["place"])
            pool = () if pooled else finding.labels
            pieces[pool] = max(place, pieces.get(pool, 0))
    return tuple(
        _text(finding, tokens, pieces.get(() if pooled else finding.labels, 0))
        for finding in findings
    )


def _text(finding: Finding, tokens: Tokens, pieces: int) -> str:
    names = listing([tokens[label] for label in finding.labels])
    what = _what(finding, pieces)
    text = f"{names}: {what}" if names else what
    if finding.voxels and finding.kind not in _TOTAL_SAID:
        text += f" ({finding.ml:.2f} ml, {plural(finding.voxels, 'voxel')})"
    if finding.at_mm is not None:
        x, y, z = finding.at_mm
        text += f" at ({x:.0f}, {y:.0f}, {z:.0f}) mm"
    return f"{text}; {finding.note}" if finding.note else text


def _what(finding: Finding, pieces: int) -> str:
    values = dict(finding.values)
    if finding.kind == "out of order":
        values["step_mm"] = abs(values["step_mm"])
    figures = _figures(values)
    if finding.kind in _TOTAL_SAID and "ml" in values:
        bound = _TOTAL_SAID[finding.kind]
        word = "least" if bound == "at_least_ml" else "most"
        return f"{figures['ml']}, at {word} {figures[bound]} expected"
    if finding.kind in SENTENCES:
        if finding.kind == "another piece":
            of_pieces = f" of {pieces}" if pieces else ""
            figures |= {"place": _ordinal(int(values["place"])), "of_pieces": of_pieces}
        said = SENTENCES[finding.kind].format(**figures)
        parts = int(values.get("parts", 1))
        return said if parts == 1 else f"{said} in {parts} parts"
    figures_said = [f"{_words(name)} {figures[name]}" for name in values]
    return ", ".join([finding.kind, *figures_said])


def _words(name: str) -> str:
    words, _, unit = name.rpartition("_")
    return (words if words and unit in UNITS else name).replace("_", " ")


def _figures(values: Mapping[str, float]) -> dict[str, str]:
    """Write figures, with as many digits as tell those of one unit apart.

    A mean of 9.6 HU where at least 10 are expected is not written as `10 HU`.
    """
    units: dict[str, list[str]] = {}
    for name in values:
        unit = name.rpartition("_")[2]
        units.setdefault(unit if unit in UNITS else "", []).append(name)
    written: dict[str, str] = {}
    for unit, names in units.items():
        different = len({values[name] for name in names})
        for more in range(MORE_DIGITS + 1):
            found = {name: _figure(values[name], unit, more) for name in names}
            if len(set(found.values())) == different:
                break
        written |= found
    return written


def _figure(value: float, unit: str, more: int) -> str:
    if unit not in UNITS:
        return f"{value:.{SIGNIFICANT_DIGITS + more}g}"
    digits, sign = UNITS[unit]
    # What is rounded to nothing has no sign.
    return f"{round(value, digits + more) + 0.0:.{digits + more}f} {sign}"


def _ordinal(number: int) -> str:
    teen = 10 < number % 100 < 20
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
