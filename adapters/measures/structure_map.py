"""A segmentation as a map of structures: its integers read through its own scheme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.cases.inputs import Prediction
from vesalius.adapters.cases.prediction_line import Target, read_source
from vesalius.adapters.files.given import Given
from vesalius.engine.execute import Case, read
from vesalius.engine.merge.divide import DivideTally
from vesalius.engine.plan.plan import Ignore
from vesalius.engine.runs.build import empty, join
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.sweeps import keep_labels
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.meaning import Meaning, of_sex, structures_of
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.session import Session


@dataclass(frozen=True, eq=False)
class StructureMap:
    """A segmentation of one case, in structures.

    Parameters
    ----------
    path : str
        Where it came from.
    digest : str
        sha256 of what was read.
    scheme : Scheme
        What it is written in.
    labels : LabelMap
        Runs of labels 1..n.
    names : tuple of str
        Structure of each label; the first, of background, is empty.
    integers : tuple of int
        Integer of each label in the scheme; 0 where it has none of its own.
    listed : frozenset of str
        Structures that the segmentation can tell in this case; what it does not have of them is
        absent. A class of which the case's sex or midline does not say what it is, is not listed.
    unread : LabelMap
        Voxels of which the segmentation has no opinion.
    remarks : tuple of Diagnostic
        What reading had to say.
    """

    path: str
    digest: str
    scheme: Scheme
    labels: LabelMap
    names: tuple[str, ...]
    integers: tuple[int, ...]
    listed: frozenset[str]
    unread: LabelMap
    remarks: tuple[Diagnostic, ...]

    @cached_property
    def label_of(self) -> dict[str, int]:
        """Label of each structure that has one."""
        return {name: label for label, name in enumerate(self.names) if label}

    def only(self, structures: frozenset[str]) -> LabelMap:
        """Return label 1 where one of some structures is."""
        order, offsets = self._by_label
        chosen = [
            order[offsets[label] : offsets[label + 1]]
            for name, label in self.label_of.items()
            if name in structures
        ]
        runs = np.sort(np.concatenate([order[:0], *chosen]))
        inside = np.ones(runs.size, dtype=np.uint16)
        return join(self.labels, self.labels.start[runs], self.labels.stop[runs], inside)

    @cached_property
    def _by_label(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Runs sorted by label, and where each label begins among them."""
        order = np.argsort(self.labels.label, kind="stable")
        counts = np.bincount(self.labels.label, minlength=len(self.names))
        return order, np.concatenate(([0], np.cumsum(counts)))


def read_structures(
    session: Session,
    given: Given,
    metadata: Mapping[str, str],
    where: Target | None = None,
    *,
    resample: bool = False,
) -> tuple[StructureMap, Target]:
    """Read a segmentation.

    Parameters
    ----------
    session : Session
        Of its scheme alone, without rules.
    given : Path, GivenImage or GivenArray
        The segmentation.
    metadata : mapping of str to str
        What is known of the patient.
    where : Target, optional
        The grid to bring it onto; by default its own.
    resample : bool
        Whether another lattice may be resampled by nearest neighbour.

    Returns
    -------
    found : StructureMap
    where : Target
        The grid that it lies on.

    Raises
    ------
    DiagnosticError
        With every problem of the file.
    """
    ((token, scheme),) = session.schemes.items()
    plan = session.prepared.plan
    (table,) = plan.sources
    told, where = read_source(Prediction(token, given), scheme, table, where, resample=resample)
    if told.problems or told.value is None or where is None:
        raise DiagnosticError([*told.remarks, *told.problems])
    source = told.value
    case = Case(where.grid, source.labels.axes, {token: source.labels}, metadata)
    work, divisions = read(plan, case)
    ignored = [integer for integer, action in table.actions if isinstance(action, Ignore)]
    names = ("", *(work.token for work in plan.work))
    found = StructureMap(
        path=source.path,
        digest=source.digest,
        scheme=scheme,
        labels=work,
        names=names,
        integers=(0, *(work.output for work in plan.work)),
        listed=listed_structures(scheme, metadata.get("sex", "unknown"))
        - _undivided(scheme, divisions),
        unread=(
            keep_labels(source.labels, ignored)
            if ignored
            else empty(where.grid, source.labels.axes)
        ),
        remarks=told.remarks,
    )
    return found, where


def listed_structures(scheme: Scheme, sex: str) -> frozenset[str]:
    """Give the structures that a scheme can tell in a patient of a sex.

    Parameters
    ----------
    scheme : Scheme
        The integers.
    sex : str
        "male", "female"; any other word is unknown.
    """
    return _listed(tuple(entry.target for entry in scheme.entries), sex)


@lru_cache(maxsize=16)
def _listed(meanings: tuple[Meaning, ...], sex: str) -> frozenset[str]:
    """Give the structures of classes; the cases of a cohort ask for the same again and again."""
    known = (of_sex(meaning, sex) for meaning in meanings)
    return frozenset(name for meaning in known for name in structures_of(meaning))


def _undivided(scheme: Scheme, divisions: Sequence[DivideTally]) -> frozenset[str]:
    """Give the structures of classes that an anchor was to divide and could not."""
    integers = {i for made in divisions if made.otherwise_voxels for i in made.integers}
    return frozenset(
        name
        for entry in scheme.entries
        if entry.integer in integers
        for name in structures_of(entry.target)
    )
