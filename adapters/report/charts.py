"""Plots as SVG inside a page: drawn by matplotlib, in the colours of the page, light or dark.

Colours that a plot is drawn with stand for those of the style sheet, so that a page that turns dark
turns its plots too. Text stays text. A plot has a name and words for those who do not see it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any
from zlib import crc32

INK, QUIET, LINE, PANEL, LINK = "#010101", "#020202", "#030303", "#040404", "#050505"
BAD = "#060606"
SERIES = ("#070707", "#080808", "#090909", "#0a0a0a", "#0b0b0b", "#0c0c0c")
"""Colours of groups; each has a shape of its own besides, see `MARKS`."""
MARKS = ("o", "s", "^", "D", "v", "P")
_STYLE: Mapping[str, str] = {
    INK: "var(--ink)", QUIET: "var(--quiet)", LINE: "var(--line)", PANEL: "var(--panel)",
    LINK: "var(--link)", BAD: "var(--exclude)",
    **{color: f"var(--series-{n})" for n, color in enumerate(SERIES, 1)},
}  # fmt: skip
_ROW_IN, _WIDTH_IN = 0.19, 9.6
_LABELS_ABOVE = 20
"""With more rows the axis is labelled above too."""
_VOLUME_TICKS, _RATIO_TICKS = (1, 2, 5), (1, 1.2, 1.5, 2, 3, 5, 7, 8.5)
"""Ticks in each power of ten."""
_NAMED = 3
"""So many outliers of a row are named; the others are counted."""
_SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "vesalius", "text.parse_math": False,
    "font.size": 9, "font.family": "sans-serif", "text.color": INK, "axes.labelcolor": QUIET,
    "axes.edgecolor": LINE, "xtick.color": QUIET, "ytick.color": INK, "grid.color": LINE,
    "axes.facecolor": "none", "figure.facecolor": "none", "axes.spines.top": False,
    "axes.spines.right": False, "legend.frameon": False, "legend.labelcolor": INK,
}  # fmt: skip


@dataclass(frozen=True)
class Strip:
    """One row of a chart of strips.

    Parameters
    ----------
    name : str
        What the row shows.
    values : sequence of float
        All of them; more than 0 on a logarithmic axis.
    usual : (float, float) or None
        A range that is drawn behind.
    outliers : sequence of (str, float)
        Names and values, the furthest first.
    """

    name: str
    values: Sequence[float]
    usual: tuple[float, float] | None = None
    outliers: Sequence[tuple[str, float]] = ()


def strips_svg(
    rows: Sequence[Strip],
    title: str,
    axis: str,
    links: Mapping[str, str],
    middle: float | None = None,
) -> str:
    """Draw a row for each structure: extent, middle half, median, and outliers by name.

    Parameters
    ----------
    rows : sequence of Strip
        From above.
    title, axis : str
        Of the plot, and of its logarithmic axis.
    links : mapping of str to str
        Page of each outlier that has one.
    middle : float, optional
        Where a line is drawn from top to bottom.

    Returns
    -------
    str
        SVG to stand in a page.
    """
    import numpy as np  # noqa: PLC0415
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415

    with _drawing((_WIDTH_IN, 0.7 + _ROW_IN * len(rows))) as (figure, axes):
        # What is alike in all rows is drawn at once: each mark by itself takes twice as long.
        usual = [(at, *row.usual) for at, row in enumerate(rows) if row.usual is not None]
        if usual:
            axes.hlines(*zip(*usual, strict=True), color=SERIES[2], alpha=0.2, linewidth=11,
                        zorder=1)  # fmt: skip
        ats = np.arange(len(rows))
        low, first, median, third, high = np.transpose(
            [np.percentile(row.values, [0, 25, 50, 75, 100]) for row in rows]
        )
        axes.hlines(ats, low, high, color=QUIET, linewidth=1, zorder=2)
        axes.hlines(ats, first, third, color=SERIES[0], linewidth=5, zorder=3)
        axes.plot(median, ats, "|", color=INK, markersize=9, markeredgewidth=1.6, zorder=4)
        far = [(value, at) for at, row in enumerate(rows) for _, value in row.outliers]
        if far:
            axes.plot(*zip(*far, strict=True), "o", color=BAD, markersize=4, zorder=5)
        for at, row in enumerate(rows):
            _name_outliers(axes, at, row.outliers, links)
        if middle is not None:
            axes.axvline(middle, color=QUIET, linewidth=0.8, zorder=0)
        axes.set_yticks(range(len(rows)), [row.name for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(
            LogLocator(subs=_VOLUME_TICKS if middle is None else _RATIO_TICKS, numticks=12)
        )
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(axis)
        axes.grid(axis="x", linewidth=0.5)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labeltop=len(rows) > _LABELS_ABOVE)
        figure.subplots_adjust(left=0.27, right=0.70, top=1 - 0.25 / figure.get_figheight(),
                               bottom=0.5 / figure.get_figheight())  # fmt: skip
        return svg_text(figure, title)


def bars_svg(
    groups: Sequence[str], series: Mapping[str, Sequence[int]], title: str, axis: str
) -> str:
    """Draw stacked bars.

    Parameters
    ----------
    groups : sequence of str
        Along the axis.
    series : mapping of str to sequence of int
        By name of the part, one number for each group.
    title, axis : str
        Of the plot and of what the bars stand on.
    """
    with _drawing((_WIDTH_IN / 2, 2.6)) as (figure, axes):
        below = [0] * len(groups)
        for at, (name, numbers) in enumerate(series.items()):
            axes.bar(groups, numbers, bottom=below, label=name, color=SERIES[at % len(SERIES)],
                     hatch=("", "////", "....")[at % 3], edgecolor=PANEL, linewidth=0)  # fmt: skip
            below = [low + number for low, number in zip(below, numbers, strict=True)]
        axes.set_xlabel(axis)
        axes.set_ylabel("patients", color=QUIET)
        axes.tick_params(axis="x", labelrotation=35)
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.legend(fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
        figure.subplots_adjust(left=0.12, right=0.98, top=0.88, bottom=0.34)
        return svg_text(figure, title)


def boxes_svg(samples: Mapping[str, Sequence[float]], title: str, axis: str) -> str:
    """Draw a box for each sample, over each other."""
    with _drawing((_WIDTH_IN, 0.8 + 0.42 * len(samples))) as (figure, axes):
        axes.boxplot(
            [list(values) for values in samples.values()], **_lying(), widths=0.55,
            boxprops={"color": SERIES[0]}, whiskerprops={"color": QUIET},
            capprops={"color": QUIET}, medianprops={"color": INK, "linewidth": 2},
            flierprops={"marker": "o", "markersize": 3, "markerfacecolor": "none",
                        "markeredgecolor": QUIET},
        )  # fmt: skip
        axes.set_yticks(range(1, len(samples) + 1), list(samples))
        axes.invert_yaxis()
        axes.set_xlabel(axis)
        axes.grid(axis="x", linewidth=0.5)
        figure.subplots_adjust(left=0.2, right=0.97, top=0.97, bottom=0.5 / figure.get_figheight())
        return svg_text(figure, title)


@dataclass(frozen=True)
class Curve:
    """Points of a group and the line through them.

    Parameters
    ----------
    name : str
    x, y : sequence of float
        The points.
    line_x, line_y : sequence of float
    named : sequence of (str, float, float)
        Points that are named.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    line_x: Sequence[float]
    line_y: Sequence[float]
    named: Sequence[tuple[str, float, float]] = ()


def curves_svg(curves: Sequence[Curve], title: str, across: str, up: str) -> str:
    """Draw groups of points, each with its line."""
    with _drawing((_WIDTH_IN / 2, 2.7)) as (figure, axes):
        for at, curve in enumerate(curves):
            color, mark = SERIES[at % len(SERIES)], MARKS[at % len(MARKS)]
            axes.plot(curve.x, curve.y, mark, color=color, markersize=3.5, markerfacecolor="none",
                      label=curve.name)  # fmt: skip
            axes.plot(curve.line_x, curve.line_y, color=color, linewidth=2)
            for name, x, y in curve.named[:_NAMED]:
                axes.plot([x], [y], "o", color=BAD, markersize=4)
                axes.annotate(name, (x, y), xytext=(4, 3), textcoords="offset points", fontsize=7)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.legend(fontsize=8, loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
        figure.subplots_adjust(left=0.16, right=0.98, top=0.88, bottom=0.18)
        return svg_text(figure, title)


def _lying() -> dict[str, Any]:
    """Say that boxes lie, in the words of this matplotlib: 3.10 has new ones, 3.13 no old ones."""
    from matplotlib import __version_info__  # noqa: PLC0415 - an extra

    return {"orientation": "horizontal"} if __version_info__ >= (3, 10) else {"vert": False}


@contextmanager
def _drawing(size_in: tuple[float, float]) -> Iterator[tuple[Any, Any]]:
    """Give a figure and its axes; while they are drawn the settings of this module hold."""
    from matplotlib import rc_context  # noqa: PLC0415 - an extra
    from matplotlib.figure import Figure  # noqa: PLC0415

    settings: Any = dict(_SETTINGS)
    with rc_context(settings):
        figure = Figure(figsize=size_in)
        yield figure, figure.add_subplot()


def svg_text(figure: Any, title: str) -> str:  # noqa: ANN401 - matplotlib is an extra
    """Give a figure as SVG in the colours of the page."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None,
                                                 "Type": None})  # fmt: skip
    text = file.getvalue()
    text = text[text.index("<svg") :]
    # Names of parts are the same in every plot of matplotlib; only those of clips and marks count.
    text = re.sub(r' id="[A-Za-z]+[A-Za-z0-9.]*_\d+"', "", text)
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"(?m)^ +", "", text)
    # What clips and marks are called must not be said twice in a page.
    own = f"plot-{crc32(title.encode('utf-8', 'surrogatepass')):08x}-"
    text = re.sub(r'(id="|href="#|url\(#)(?=[a-z0-9])', rf"\g<1>{own}", text)
    for color, style in _STYLE.items():
        text = text.replace(color, style)
    head, rest = text.split(">", 1)
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    said = escape(title)
    return f'{head} role="img" aria-label="{said}">\n<title>{said}</title>{rest}'


def _name_outliers(
    axes: Any,  # noqa: ANN401
    at: int,
    outliers: Sequence[tuple[str, float]],
    links: Mapping[str, str],
) -> None:
    """Write the names of outliers to the right of their row, each leading to its page."""
    shown = outliers[:_NAMED]
    place = 1.01
    for name, _ in shown:
        short = name if len(name) <= 18 else name[:8] + "…" + name[-9:]
        text = axes.text(place, at, short, transform=axes.get_yaxis_transform(), va="center",
                         fontsize=8, color=LINK if name in links else BAD)  # fmt: skip
        if name in links:
            text.set_url(links[name])
        place += 0.03 + 0.0145 * len(short)
    if len(outliers) > len(shown):
        axes.text(place, at, f"and {len(outliers) - len(shown)} more", va="center", fontsize=8,
                  color=QUIET, transform=axes.get_yaxis_transform())  # fmt: skip
