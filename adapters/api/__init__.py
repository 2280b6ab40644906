"""Merge, check and repair anatomy segmentations by declared anatomical knowledge.

Five statements show most of it::

    import vesalius

    found = vesalius.lint("segmentations.nii.gz", scheme="totalsegmentator_v2")
    repaired = vesalius.repair("segmentations.nii.gz", scheme="totalsegmentator_v2")
    array = repaired.array
    rows = found.table()

Importing this package loads nothing else; the first call does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vesalius.adapters.identify.ranking import Identification
    from vesalius.adapters.measures.measured_table import MeasuredTable
    from vesalius.adapters.prepared.asked import SchemeRef
    from vesalius.assigning import Key, Predictions
    from vesalius.describing import PopulationTables, population
    from vesalius.inputs import Image, ProjectRef, Segmentation
    from vesalius.measuring import compare, concordance, stats, validate
    from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
    from vesalius.results import CaseVerdict, LintResult, MapResult, RuleChange, RuleFinding
    from vesalius.rule_set import RulesRef
    from vesalius.session import Session

    __version__: str

__all__ = [
    "CaseVerdict",
    "Diagnostic",
    "DiagnosticError",
    "Identification",
    "LintResult",
    "MapResult",
    "MeasuredTable",
    "PopulationTables",
    "RuleChange",
    "RuleFinding",
    "Session",
    "__version__",
    "compare",
    "concordance",
    "convert",
    "identify",
    "lint",
    "merge",
    "population",
    "repair",
    "stats",
    "validate",
]

_LATER = {
    "CaseVerdict": "vesalius.results",
    "Diagnostic": "vesalius.ontology.reading.diagnostics",
    "DiagnosticError": "vesalius.ontology.reading.diagnostics",
    "Identification": "vesalius.adapters.identify.ranking",
    "LintResult": "vesalius.results",
    "MapResult": "vesalius.results",
    "MeasuredTable": "vesalius.adapters.measures.measured_table",
    "PopulationTables": "vesalius.describing",
    "RuleChange": "vesalius.results",
    "RuleFinding": "vesalius.results",
    "Session": "vesalius.session",
    "compare": "vesalius.measuring",
    "concordance": "vesalius.measuring",
    "population": "vesalius.describing",
    "stats": "vesalius.measuring",
    "validate": "vesalius.measuring",
}
"""Where the other names live; they are looked up when they are first asked for."""


def lint(
    x: Segmentation,
    scheme: SchemeRef | None = None,
    *,
    image: Image | None = None,
    case: Mapping[str, object] | None = None,
    rules: RulesRef = "recommended",
    select: str | Sequence[str] = (),
    resample: bool = False,
    trust_image_geometry: bool = False,
    project: ProjectRef = None,
) -> LintResult:
    """Judge a segmentation by rules; nothing is changed.

    Parameters
    ----------
    x : path, nibabel image, (array, affine) or MapResult
        A NIfTI file or a folder of masks, an image of nibabel, or labels of shape (i, j, k) with
        a 4 x 4 affine from voxel index to patient millimetres (RAS+).
    scheme : str or path
        What its integers mean: a shipped scheme by name, or a YAML file; ``"auto"`` takes the one
        that fits clearly best (see `identify`).
    image : path, nibabel image or (array, affine), optional
        Its CT in Hounsfield units; more rules can be judged then.
    case : mapping of str to object, optional
        What is known of the patient, such as ``{"sex": "female"}``.
    rules : str, path, sequence of these, or None
        A shipped rule pack by name, or a YAML file; several run one after the other.
    select : str or sequence of str
        Only these rules of the pack; patterns such as ``sides/*`` work.
    resample : bool
        Whether it may be resampled onto the image by nearest neighbour.
    trust_image_geometry : bool
        Whether it is taken onto the grid of the image voxel for voxel, if it has its shape.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    LintResult
        `.findings`, `.ok`, `.table()`, `.outcomes`, `.report`.

    Raises
    ------
    DiagnosticError
        With every problem of files and YAML; its text is what the command line would say.

    Examples
    --------
    >>> import numpy as np, vesalius
    >>> labels = np.zeros((8, 8, 8), np.uint8)
    >>> labels[2:6, 2:6, 2:6] = 5
    >>> vesalius.lint((labels, np.eye(4)), scheme="totalsegmentator_v2", rules=None).ok
    True
    """
    from vesalius.one_case import chosen_scheme, require_scheme  # noqa: PLC0415 - import stays light
    from vesalius.session import Session  # noqa: PLC0415

    chosen, _ = chosen_scheme(require_scheme(scheme, "lint"), x, project)
    session = Session(target=chosen, rules=rules, project=project, select=select)
    return session.lint(
        x, image, case, resample=resample, trust_image_geometry=trust_image_geometry
    )


def repair(
    x: Segmentation,
    scheme: SchemeRef | None = None,
    *,
    image: Image | None = None,
    case: Mapping[str, object] | None = None,
    rules: RulesRef = "recommended",
    select: str | Sequence[str] = (),
    unsafe: bool | str | Iterable[str] = False,
    resample: bool = False,
    trust_image_geometry: bool = False,
    project: ProjectRef = None,
) -> MapResult:
    """Repair a segmentation as far as rules safely can; it stays in its scheme.

    Parameters
    ----------
    x : path, nibabel image, (array, affine) or MapResult
        As for `lint`; it is not changed.
    scheme : str or path
        What its integers mean: a shipped scheme by name, or a YAML file; ``"auto"`` takes the one
        that fits clearly best (see `identify`).
    image : path, nibabel image or (array, affine), optional
        Its CT in Hounsfield units.
    case : mapping of str to object, optional
        What is known of the patient, such as ``{"sex": "female"}``.
    rules : str, path, sequence of these, or None
        A shipped rule pack by name, or a YAML file; several run one after the other.
    select : str or sequence of str
        Only these rules of the pack; patterns such as ``sides/*`` work.
    unsafe : bool, str or iterable of str
        Whether unsafe repairs are made too: all, none, or those of these rules.
    resample : bool
        Whether it may be resampled onto the image by nearest neighbour.
    trust_image_geometry : bool
        Whether it is taken onto the grid of the image voxel for voxel, if it has its shape.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    MapResult
        `.array`, `.affine`, `.save(path)`, `.to_nibabel()`, `.changes`, `.findings` (what
        remains), `.table()`, `.report`.

    Raises
    ------
    DiagnosticError
        With every problem of files and YAML.
    """
    from vesalius.one_case import chosen_scheme, require_scheme  # noqa: PLC0415 - import stays light
    from vesalius.session import Session  # noqa: PLC0415

    target, _ = chosen_scheme(require_scheme(scheme, "repair"), x, project)
    session = Session(target=target, rules=rules, project=project, select=select, unsafe=unsafe)
    return session.repair(
        x, image, case, resample=resample, trust_image_geometry=trust_image_geometry
    )


def merge(
    predictions: Predictions[Key],
    *,
    image: Image | None = None,
    case: Mapping[str, object] | None = None,
    target: SchemeRef = "dap_atlas",
    rules: RulesRef = "recommended",
    select: str | Sequence[str] = (),
    unsafe: bool | str | Iterable[str] = False,
    resample: bool = False,
    trust_image_geometry: bool = False,
    how: str = "union",
    prefer: Sequence[str] = (),
    project: ProjectRef = None,
) -> MapResult:
    """Merge the predictions of several models into one label map, and repair it.

    Parameters
    ----------
    predictions : mapping of scheme to segmentation
        Such as ``{"totalsegmentator_v2": "seg.nii.gz", "verse": image}``; several of one scheme
        as a list. Their order changes nothing.
    image : path, nibabel image or (array, affine), optional
        The CT in Hounsfield units; the result has its grid. Without it, that of the predictions.
    case : mapping of str to object, optional
        What is known of the patient, such as ``{"sex": "female"}``.
    target : str or path
        Scheme of the result.
    rules : str, path, sequence of these, or None
        A shipped rule pack by name, or a YAML file, or several in order; None merges only.
    select : str or sequence of str
        Only these rules of the pack; patterns such as ``sides/*`` work.
    unsafe : bool, str or iterable of str
        Whether unsafe repairs are made too: all, none, or those of these rules.
    resample : bool
        Whether predictions on another lattice may be resampled by nearest neighbour.
    trust_image_geometry : bool
        Whether predictions of the shape of the image are taken onto its grid voxel for voxel,
        whatever their own header says; where that changes something, it is said.
    how : {"union", "vote", "priority"}
        Of a structure that several predictions can tell: what any says, what more than half of
        them say, or what the first of `prefer` says.
    prefer : sequence of str
        Their names, the best first; for ``how="priority"``.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    MapResult

    Raises
    ------
    DiagnosticError
        With every problem of files and YAML.
    """
    from vesalius.one_case import (  # noqa: PLC0415 - import stays light
        chosen_scheme,
        each_prediction,
        open_session,
    )

    session, given = open_session(
        [(chosen_scheme(scheme, x, project)[0], x) for scheme, x in each_prediction(predictions)],
        target,
        rules=rules,
        project=project,
        select=select,
        unsafe=unsafe,
        merge=how,
        prefer=prefer,
    )
    return session.merge(
        given, image, case, resample=resample, trust_image_geometry=trust_image_geometry
    )


def convert(
    x: Segmentation,
    scheme: SchemeRef | None = None,
    to: SchemeRef = "dap_atlas",
    *,
    case: Mapping[str, object] | None = None,
    project: ProjectRef = None,
) -> MapResult:
    """Write a segmentation in the integers of another scheme; nothing is repaired.

    Parameters
    ----------
    x : path, nibabel image, (array, affine) or MapResult
        As for `lint`; it is not changed.
    scheme : str or path
        What its integers mean.
    to : str or path
        Scheme of the result. What it has no place for stands in ``.report["lost"]``.
    case : mapping of str to object, optional
        What is known of the patient, such as ``{"sex": "female"}``.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): what it has is known besides what is shipped.

    Returns
    -------
    MapResult

    Raises
    ------
    DiagnosticError
        With every problem of files and YAML.
    """
    from vesalius.one_case import chosen_scheme, require_scheme  # noqa: PLC0415 - import stays light
    from vesalius.session import Session  # noqa: PLC0415

    chosen, _ = chosen_scheme(require_scheme(scheme, "convert"), x, project)
    session = Session(chosen, to, rules=None, project=project)
    return session.convert(x, case)


def identify(x: Segmentation, *, project: ProjectRef = None) -> Identification:
    """Find the schemes that a segmentation may be written in, by what its labels look like.

    Parameters
    ----------
    x : path, nibabel image, (array, affine) or MapResult
        As for `lint`; of a folder of masks, the names of its files are judged too.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): its schemes are ranked besides those that are
        shipped.

    Returns
    -------
    Identification
        `.readings` (the best first), `.clear` (the scheme that fits clearly best, or None),
        `.table()`.

    Raises
    ------
    DiagnosticError
        With every problem of the files; IDN001 where there is no labelled voxel.
    """
    from vesalius.adapters.identify.identify import identify_given  # noqa: PLC0415
    from vesalius.adapters.keeping.known import known_ontology  # noqa: PLC0415
    from vesalius.inputs import as_given, as_project  # noqa: PLC0415 - import stays light

    return identify_given(as_given(x, "identify"), known_ontology(as_project(project)))


def __getattr__(name: str) -> object:
    """Look a name up when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - reads files

        value: object = version("vesalius")
    elif name in _LATER:
        from importlib import import_module  # noqa: PLC0415

        value = getattr(import_module(_LATER[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
