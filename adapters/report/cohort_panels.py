"""Panels over all cases of a run: what is missing, volumes, sides, and where sources differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median
from typing import Any

from vesalius.adapters.cohort.robust import middle_and_spread
from vesalius.adapters.report.charts import Strip, strips_svg
from vesalius.adapters.report.record import CaseRecord
from vesalius.adapters.report.settings import FieldOfView, Outliers, ReportSettings
from vesalius.ontology.graph import Ontology

_NO_SYSTEM = "other"


@dataclass(frozen=True)
class Panels:
    """What the panels are made from.

    Parameters
    ----------
    cases : tuple of CaseRecord
        Those that have a result.
    pages : mapping of str to str
        File name of the page of each case.
    cut : mapping of str to frozenset of str
        Structures that the edge of the scan cuts, by case.
    ontology : Ontology
        Regions, sides, systems and usual volumes.
    settings : ReportSettings
        From when something is missing or unusual.
    """

    cases: tuple[CaseRecord, ...]
    pages: Mapping[str, str]
    cut: Mapping[str, frozenset[str]]
    ontology: Ontology
    settings: ReportSettings

    def context(self) -> dict[str, Any]:
        """Give what the template of the panels is filled with."""
        return {
            "field": self._field_of_view(),
            "volumes": self._volume_charts(),
            "sides": self._sides(),
            "disagreement": self._disagreement(),
            "settings": self.settings,
            "cut_cases": sum(bool(self.cut.get(case.name)) for case in self.cases),
        }

    def _expected(self) -> dict[str, list[str]]:
        """List by region the structures that some case has and that hardly a patient lacks."""
        seen = {name for case in self.cases for name in case.volumes_ml}
        found: dict[str, list[str]] = {}
        for name in self.ontology.in_order(n for n in seen if n in self.ontology.structures):
            if self.ontology.get(name, "may_be_absent") != "yes":
                for region in self.ontology.get(name, "region") or ():
                    found.setdefault(str(region), []).append(name)
        return found

    def _field_of_view(self) -> dict[str, Any]:
        expected = self._expected()
        rows = []
        missing: dict[str, list[str]] = {}
        for case in self.cases:
            has = {region: [name for name in names if case.volumes_ml.get(name)]
                   for region, names in expected.items()}  # fmt: skip
            lacks = [
                name
                for name in dict.fromkeys(name for names in expected.values() for name in names)
                if not case.volumes_ml.get(name)
                and _in_view(name, expected, has, self.settings.field_of_view)
            ]
            for name in lacks:
                missing.setdefault(name, []).append(case.name)
            cells = [_cell(has[r], expected[r], lacks) for r in expected]
            rows.append((case.name, self.pages.get(case.name), cells, lacks))
        most = sorted(missing.items(), key=lambda item: (-len(item[1]), item[0]))
        return {"regions": [*expected], "rows": rows, "missing": most}

    def _volume_charts(self) -> list[dict[str, Any]]:
        by_system: dict[str, list[Strip]] = {}
        for name, of in self._volumes().items():
            system = str(self._known(name, "system") or _NO_SYSTEM)
            usual = self._known(name, "volume_ml")
            row = Strip(
                name.replace("_", " "), [ml for _, ml in of],
                (usual[0], usual[1]) if usual else None, outliers(of, self.settings.outliers),
            )  # fmt: skip
            by_system.setdefault(system, []).append(row)
        return [
            {
                "system": system,
                "structures": len(rows),
                "outliers": sum(len(row.outliers) for row in rows),
                "svg": strips_svg(rows, f"Volumes: {system}", "ml", self.pages),
                "rows": rows,
            }
            for system, rows in by_system.items()
        ]

    def _sides(self) -> dict[str, Any] | None:
        volumes = {name: dict(of) for name, of in self._volumes().items()}
        rows = []
        for name, left in volumes.items():
            other = self.ontology.mirror(name) if name in self.ontology.structures else None
            if other not in volumes or self.ontology.get(name, "side") != "left":
                continue
            right = volumes[other]
            ratios = [(case, ml / right[case]) for case, ml in left.items() if case in right]
            if ratios:
                both = name.replace("_left", "").replace("_", " ")
                far = outliers(ratios, self.settings.outliers)
                rows.append(Strip(both, [at for _, at in ratios], None, far))
        if not rows:
            return None
        svg = strips_svg(rows, "Left by right volume", "left / right", self.pages, middle=1.0)
        return {"svg": svg, "rows": rows, "outliers": sum(len(row.outliers) for row in rows)}

    def _disagreement(self) -> list[dict[str, Any]]:
        """List the structures of which sources paint the most different volumes."""
        found: dict[str, list[tuple[float, str, str, str]]] = {}
        for case in self.cases:
            by_structure: dict[str, dict[str, float]] = {}
            for (source, structure), ml in case.told_ml.items():
                by_structure.setdefault(structure, {})[source] = ml
            for structure, of in by_structure.items():
                if len(of) > 1 and max(of.values()) > 0:
                    least, most = min(of, key=of.__getitem__), max(of, key=of.__getitem__)
                    share = of[least] / of[most]
                    found.setdefault(structure, []).append((share, case.name, least, most))
        rows = []
        for structure, of_cases in found.items():
            share, name, least, most = min(of_cases)
            rows.append(
                {
                    "structure": structure,
                    "cases": len(of_cases),
                    "median": median(each for each, *_ in of_cases),
                    "least": share,
                    "case": name,
                    "page": self.pages.get(name),
                    "who": f"{least} has {share:.0%} of what {most} has",
                }
            )
        order = sorted(rows, key=lambda row: (row["least"], row["structure"]))
        return order[: self.settings.sources.shown]

    def _volumes(self) -> dict[str, list[tuple[str, float]]]:
        """Give the uncut volumes of every structure, by name of the case, in order."""
        seen = Counter(name for case in self.cases for name in case.volumes_ml)
        known = self.ontology.in_order(name for name in seen if name in self.ontology.structures)
        found = {}
        for name in (*known, *sorted(set(seen) - set(known))):
            of = [
                (case.name, case.volumes_ml[name])
                for case in self.cases
                if case.volumes_ml.get(name) and name not in self.cut.get(case.name, ())
            ]
            if of:
                found[name] = of
        return found

    def _known(self, name: str, attribute: str) -> Any:  # noqa: ANN401
        return self.ontology.get(name, attribute) if name in self.ontology.structures else None


def outliers(of: Sequence[tuple[str, float]], settings: Outliers) -> list[tuple[str, float]]:
    """Give what lies far off the others, by logarithm, the furthest first.

    Parameters
    ----------
    of : sequence of (str, float)
        Names and values more than 0.
    settings : Outliers
        From when.
    """
    if len(of) < settings.least_cases:
        return []
    logs = [log(value) for _, value in of]
    middle, spread = middle_and_spread(logs)
    reach = settings.deviations * spread
    low, high = exp(middle - reach), exp(middle + reach)
    far = [(name, value) for name, value in of if reach and not low <= value <= high]
    return sorted(far, key=lambda each: -abs(log(each[1]) - middle))


def _in_view(
    name: str,
    expected: Mapping[str, Sequence[str]],
    has: Mapping[str, Sequence[str]],
    settings: FieldOfView,
) -> bool:
    """Tell whether all regions of a structure that is not there are in view, by the others."""
    shares = [
        len(has[region]) / (len(names) - 1)
        for region, names in expected.items()
        if name in names and len(names) > settings.least_others
    ]
    return bool(shares) and min(shares) >= settings.in_view_share


def _cell(
    has: Sequence[str], expected: Sequence[str], lacks: Sequence[str]
) -> tuple[str, str, str]:
    """Give sort, text and words of a cell of the matrix."""
    text = f"{len(has)}/{len(expected)}"
    missing = sum(name in lacks for name in expected)
    if len(has) == len(expected):
        return "holds", text, "all there"
    if missing:
        return "warning", text, f"in view, {missing} missing"
    return ("unable" if has else "none"), text, "partly in view" if has else "not in view"
