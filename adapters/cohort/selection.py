"""Which cases there are, which the selection keeps, and why the others are dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vesalius.adapters.cases.sexes import SEX, SEXES
from vesalius.adapters.cohort.cohort_diagnostics import error, lines
from vesalius.adapters.cohort.cohort_file import CASE, COHORT, Cohort
from vesalius.adapters.cohort.cohort_models import (
    CasesFrom,
    ExcludeRule,
    MetadataRule,
    Range,
    Rule,
    SlicesRule,
    Values,
)
from vesalius.adapters.cohort.passed_over import cases_there, passed_over, what_is_there
from vesalius.adapters.cohort.path_template import FieldError, PathTemplate
from vesalius.adapters.cohort.shard import Shard
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.files.nifti_header import read_grid
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import YamlPath
from vesalius.ontology.reading.listing import listing

_SUPERIOR = 2


@dataclass(frozen=True)
class Drop:
    """Why a rule drops a case.

    Parameters
    ----------
    rule : int
        Position of the rule in `select`.
    text : str
        Such as ``210 slices``.
    """

    rule: int
    text: str


@dataclass(frozen=True)
class Selection:
    """What the selection made of a cohort.

    Parameters
    ----------
    found : tuple of str
        Every case, in order.
    kept : tuple of str
        Cases that every rule holds for, and those of which it cannot be told.
    dropped : mapping of str to tuple of Drop
        The others.
    incomplete : mapping of str to str
        Kept cases that cannot be run, and what they lack.
    problems : tuple of Diagnostic
        What could not be told, and warnings.
    everywhere : tuple of str
        Every case of the cohort, those of other shards included, in order.
    """

    found: tuple[str, ...]
    kept: tuple[str, ...]
    dropped: Mapping[str, tuple[Drop, ...]]
    incomplete: Mapping[str, str]
    problems: tuple[Diagnostic, ...]
    everywhere: tuple[str, ...]


class Unclear(Exception):
    """A rule cannot be judged for a case."""

    def __init__(self, kind: str, what: str) -> None:
        self.kind = kind
        self.what = what
        super().__init__(what)


def find_cases(cohort: Cohort) -> tuple[str, ...]:
    """Give the names of all cases: as listed, by the rows of the table, or by name.

    Raises
    ------
    DiagnosticError
        COH009 where there is none.
    """
    if not isinstance(cohort.cases, CasesFrom):
        return cohort.cases
    span = cohort.document.span(("cases", "from"))
    hint = None
    template = _origin_template(cohort)
    if template is None:
        found = tuple(cohort.rows)
        where = "" if cohort.table is None else f" in `{cohort.table.path}`"
    else:
        found = tuple(cases_there(template, cohort.root, CASE, {COHORT: cohort.name}))
        where = f": nothing fits `{cohort.root / template.text}`"
        there = what_is_there(template, cohort.root)
        hint = "`root:` is relative to the cohort file, the templates to `root`"
        hint = hint if there is None else f"{there}; {hint}"
    if not found:
        raise DiagnosticError([error("COH009", f"there is no case{where}", span, hint)])
    return found


def _origin_template(cohort: Cohort) -> PathTemplate | None:
    """Give the template by which cases are found; None where they are listed or in the table."""
    if not isinstance(cohort.cases, CasesFrom) or cohort.cases.from_ == "metadata":
        return None
    origin = cohort.cases.from_
    template = cohort.image if origin == "image" else None
    for source in cohort.sources:
        template = source.template if template is None and source.name == origin else template
    if template is None:
        raise ValueError(f"no template `{origin}`")
    return template


def select_cases(cohort: Cohort, shard: Shard | None = None) -> Selection:
    """Apply the selection; only headers of images are read.

    Every rule is asked about every case, so that all reasons are named. A case of which a rule
    cannot tell is kept and incomplete, unless another rule drops it.

    Parameters
    ----------
    cohort : Cohort
        As declared.
    shard : Shard, optional
        Look at its cases alone, as if there were no others.

    Raises
    ------
    DiagnosticError
        COH009 where there is no case at all.
    """
    everywhere = find_cases(cohort)
    found = everywhere if shard is None else tuple(c for c in everywhere if shard.holds(c))
    against = [_judgement(rule, cohort) for rule in cohort.select]
    dropped: dict[str, tuple[Drop, ...]] = {}
    incomplete: dict[str, str] = {}
    unclear: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for case in found:
        reasons, doubts = _judge(case, against)
        if reasons:
            dropped[case] = tuple(reasons)
            continue
        for position, doubt in doubts:
            unclear.setdefault((position, doubt.kind), []).append((case, doubt.what))
            incomplete[case] = doubt.what
    problems = [*_warnings(cohort, everywhere), *_doubts(cohort, unclear)]
    kept = tuple(case for case in found if case not in dropped)
    return Selection(found, kept, dropped, incomplete, tuple(problems), everywhere)


def slices(grid: Grid) -> int:
    """Count the voxels along the array axis that is nearest to superior-inferior."""
    from nibabel.orientations import io_orientation  # noqa: PLC0415 - only where it is asked for

    axes = np.asarray(io_orientation(grid.affine))[:, 0]  # type: ignore[no-untyped-call]
    return grid.shape[int(np.flatnonzero(axes == _SUPERIOR)[0])]


def rule_words(rule: Rule) -> str:
    """Say a rule in a few words."""
    if isinstance(rule, SlicesRule):
        return f"slices {rule.slices.words()}"
    if isinstance(rule, ExcludeRule):
        return "excluded by name"
    return ", ".join(
        f"{column} {wanted.words() if isinstance(wanted, Range) else 'one of ' + _listed(wanted)}"
        for column, wanted in rule.metadata.items()
    )


def _judge(
    case: str, against: Sequence[Callable[[str], str | None]]
) -> tuple[list[Drop], list[tuple[int, Unclear]]]:
    reasons: list[Drop] = []
    doubts: list[tuple[int, Unclear]] = []
    for position, speaks in enumerate(against):
        try:
            reason = speaks(case)
        except Unclear as doubt:
            doubts.append((position, doubt))
            continue
        if reason is not None:
            reasons.append(Drop(position, reason))
    return reasons, doubts


def _judgement(rule: Rule, cohort: Cohort) -> Callable[[str], str | None]:
    """Give what says for a case what speaks against it, or None; lists are read once."""
    if isinstance(rule, ExcludeRule):
        excluded = frozenset(rule.exclude)
        return lambda case: "excluded by name" if case in excluded else None
    if isinstance(rule, MetadataRule):
        texts = {
            column: frozenset(_texts(wanted))
            for column, wanted in rule.metadata.items()
            if isinstance(wanted, Values)
        }
        return lambda case: _against_metadata(case, rule, texts, cohort)

    def count(case: str) -> str | None:
        number = slices(_image_grid(case, cohort))
        return None if rule.slices.holds(number) else f"{number} slices"

    return count


def _image_grid(case: str, cohort: Cohort) -> Grid:
    if cohort.image is None:
        raise ValueError("no image is declared")
    try:
        path = cohort.image.locate(cohort.root, cohort.fields(case))
    except (FieldError, KeyError) as failed:
        # No row: said where rows are checked.
        raise Unclear("silent", f"no path of its image: {failed}") from None
    if not path.is_file():
        raise Unclear("silent", f"no image `{path}`")
    try:
        return read_grid(path)
    except DiagnosticError as failed:
        what = "; ".join(f"[{d.code}] {d.message}" for d in failed.diagnostics)
        raise Unclear("header", f"{path}: {what}") from None


def _against_metadata(
    case: str, rule: MetadataRule, texts: Mapping[str, frozenset[str]], cohort: Cohort
) -> str | None:
    row = cohort.rows.get(case)
    if row is None:
        raise Unclear("silent", "no row in the metadata table")
    words = []
    for column, wanted in rule.metadata.items():
        value = row[column]
        if isinstance(wanted, Values):
            if column == SEX and not is_sex(value):
                raise Unclear("silent", f"sex `{value}`")
            if value not in texts[column]:
                words.append(f"{column} is `{value}`")
            continue
        try:
            number = float(value)
        except ValueError:
            raise Unclear("number", f"{column} is `{value}`") from None
        if not wanted.holds(number):
            words.append(f"{column} is {value}")
    return ", ".join(words) or None


def is_sex(value: str) -> bool:
    """Tell whether a value is one of the words for a sex."""
    return value in SEXES


def _warnings(cohort: Cohort, found: tuple[str, ...]) -> list[Diagnostic]:
    """Warn of what a rule names and no case has: most often a misspelling."""
    problems = _passed_over(cohort)
    there = frozenset(found)
    for position, rule in enumerate(cohort.select):
        at: YamlPath = ("select", position)
        if isinstance(rule, ExcludeRule):
            for index, name in enumerate(rule.exclude):
                if name not in there:
                    where = (*at, "exclude", index)
                    problems.append(
                        _warning(cohort, where, f"there is no case `{name}`", suggest(name, found))
                    )
        if isinstance(rule, MetadataRule):
            for column, wanted in rule.metadata.items():
                if isinstance(wanted, Values):
                    problems += _unused_values(cohort, (*at, "metadata", column), wanted)
    return problems


def _passed_over(cohort: Cohort) -> list[Diagnostic]:
    """Warn of files beside those of the cases that no template takes."""
    template = _origin_template(cohort)
    if template is None:
        return []
    taken = [source.template for source in cohort.sources]
    taken += [] if cohort.image is None else [cohort.image]
    names = passed_over(template, taken, cohort.root, CASE, {COHORT: cohort.name})
    if not names:
        return []
    noun = "file lies" if len(names) == 1 else "files lie"
    text = (
        f"{len(names):,} {noun} beside those of the cases and fit no template: {listing(names[:5])}"
    )
    text += " and more" if len(names) > 5 else ""
    hint = "a case whose name differs? `[_ct]` may be lacking in a template, and `*` is any text"
    span = cohort.document.span(("cases", "from"))
    return [Diagnostic("COH024", "warning", text, span=span, help=hint)]


def _unused_values(cohort: Cohort, at: YamlPath, wanted: Values) -> list[Diagnostic]:
    column = str(at[-1])
    there = sorted({row[column] for row in cohort.rows.values() if row.get(column)})
    known = frozenset(there)
    problems = []
    for position, value in enumerate(_texts(wanted)):
        if value not in known and not (column == SEX and is_sex(value)):
            hint = suggest(value, there) or f"values in the table: {listing(there)}"
            text = f"no case has `{value}` in column `{column}`"
            problems.append(_warning(cohort, (*at, position), text, hint))
    return problems


def _warning(cohort: Cohort, at: YamlPath, text: str, hint: str | None) -> Diagnostic:
    return Diagnostic("COH008", "warning", text, span=cohort.document.span(at), help=hint)


def _doubts(
    cohort: Cohort, unclear: Mapping[tuple[int, str], list[tuple[str, str]]]
) -> list[Diagnostic]:
    problems = []
    for (position, kind), cases in unclear.items():
        rows = [f"{case}: {what}" for case, what in cases]
        number = plural(len(cases), "case")
        if kind == "header":
            span = cohort.document.span(("select", position, "slices"), key=True)
            text = f"the slices of {number} cannot be counted"
            problems.append(error("COH014", lines(text, rows), span))
        elif kind == "number":
            span = cohort.document.span(("select", position, "metadata"), key=True)
            text = f"limits need numbers; {number} cannot be compared"
            hint = "mend the table, or leave the cases out with `exclude:`"
            problems.append(error("COH012", lines(text, rows), span, hint))
    return problems


def _texts(wanted: Values) -> list[str]:
    return [str(value) for value in wanted.root]


def _listed(wanted: Values) -> str:
    return ", ".join(_texts(wanted))
