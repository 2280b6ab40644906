"""Published tables as data: their layout, their rows, and ours below them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

from vesalius.adapters.measures.averages import Averages

_FOLDER = Path(__file__).resolve().parent / "references"
PRINTED = "printed"


@dataclass(frozen=True)
class ReferenceRow:
    """A row of a published table.

    Parameters
    ----------
    title, metric : str
        Its head, and the column of `validate` that it shows.
    figures : mapping of str to float or None
        By structure.
    printed_total : float or None
        The total that the publication prints.
    """

    title: str
    metric: str
    figures: Mapping[str, float | None]
    printed_total: float | None

    def mean(self, without: tuple[str, ...]) -> float | None:
        """Give the mean of its figures without those of some structures."""
        left = [f for name, f in self.figures.items() if f is not None and name not in without]
        return fmean(left) if left else None


@dataclass(frozen=True)
class ReferenceTable:
    """A published table.

    Parameters
    ----------
    name, title, source : str
        Of the table.
    heads : mapping of str to str
        Head of the column of each structure, in order.
    metrics : mapping of str to (str, int)
        Title and decimals of each metric.
    averages : mapping of str to tuple of str
        Structures that each average leaves out.
    rows : tuple of ReferenceRow
        As published.
    notes : tuple of str
        What a reader should know.
    """

    name: str
    title: str
    source: str
    heads: Mapping[str, str]
    metrics: Mapping[str, tuple[str, int]]
    averages: Mapping[str, tuple[str, ...]]
    rows: tuple[ReferenceRow, ...]
    notes: tuple[str, ...]

    def laid_out(self, ours: Averages, title: str) -> list[dict[str, str]]:
        """Lay the published rows out with ours below those of each metric.

        Parameters
        ----------
        ours : Averages
            What was measured.
        title : str
            What our rows are called.

        Returns
        -------
        list of dict
            Cells as texts; a dash for what is undefined.
        """
        lines = []
        for metric, (name, digits) in self.metrics.items():
            lines += [self._line(row, digits) for row in self.rows if row.metric == metric]
            means = {structure: ours.mean(structure, metric) for structure in self.heads}
            own = ReferenceRow(f"{name} {title}", metric, means, None)
            lines.append(self._line(own, digits))
        return lines

    def _line(self, row: ReferenceRow, digits: int) -> dict[str, str]:
        cells = {"": row.title}
        cells |= {head: _text(row.figures[name], digits) for name, head in self.heads.items()}
        cells |= {
            average: _text(row.mean(without), digits + 1)
            for average, without in self.averages.items()
        }
        return cells | {PRINTED: _text(row.printed_total, digits)}


def reference_names() -> tuple[str, ...]:
    """Give the names of the published tables that are known."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def read_reference(name: str) -> ReferenceTable:
    """Read a published table, one of `reference_names`."""
    from vesalius.ontology.reading.document import load_document  # noqa: PLC0415 - reads YAML

    data: Any = load_document(_FOLDER / f"{name}.yaml").data
    heads = dict(data["structures"])
    return ReferenceTable(
        name=data["reference"],
        title=data["title"],
        source=" ".join(data["source"].split()),
        heads=heads,
        metrics={key: (each["title"], each["digits"]) for key, each in data["metrics"].items()},
        averages={key: tuple(names) for key, names in data["averages"].items()},
        rows=tuple(
            ReferenceRow(
                row["title"],
                row["metric"],
                dict(zip(heads, row["figures"], strict=True)),
                row["printed_total"],
            )
            for row in data["rows"]
        ),
        notes=tuple(" ".join(note.split()) for note in data["notes"]),
    )


def _text(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
