"""Reading a cohort file: every template, scheme and column checked, every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vesalius.adapters.cases.sexes import SEX, SEXES
from vesalius.adapters.cohort.case_table import CaseTable, read_table
from vesalius.adapters.cohort.cohort_diagnostics import error, span_of_piece
from vesalius.adapters.cohort.cohort_document import load_cohort_document
from vesalius.adapters.cohort.cohort_models import (
    COHORT_SCHEMA,
    CasesFrom,
    CohortModel,
    MetadataModel,
    MetadataRule,
    PackName,
    Rule,
    RulesModel,
    SlicesRule,
    TemplateForm,
)
from vesalius.adapters.cohort.cohort_source import Source
from vesalius.adapters.cohort.metadata_values import known_columns, translated
from vesalius.adapters.cohort.path_template import PathTemplate, TemplateError, parse_template
from vesalius.adapters.cohort.rows_by_case import RowsByCase
from vesalius.ontology.pack_files import is_pack_folder
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.side_files import YAML_ENDINGS
from vesalius.ontology.reading.validation import check_schema, validated

if TYPE_CHECKING:  # a cohort whose plan is known needs none
    from vesalius.ontology.graph import Ontology

CASE, COHORT = "case", "cohort"


@dataclass(frozen=True)
class Cohort:
    """A cohort as declared.

    Parameters
    ----------
    name : str
        Of the study.
    root : Path
        Where relative templates start.
    image : PathTemplate or None
        Of the CT.
    sources : tuple of Source
        In the order of the file.
    target : str
        Name of the target scheme, or the path of its YAML.
    rules : RulesModel
        Which rules repair the result; the pack is `none`, a name, or a path.
    metadata : MetadataModel or None
        How the table is read.
    table : CaseTable or None
        The table.
    rows : mapping of str to mapping
        Rows of the table by case, values translated; `sex` is among their keys where the cohort
        file says in which column it stands.
    cases : tuple of str or CasesFrom
        The names, or where they are found.
    select : tuple of Rule
        All must hold.
    output : PathTemplate
        Below the output folder.
    merge : str
        How predictions of one structure are put together: "union", "vote" or "priority".
    prefer : tuple of str
        For "priority" names of predictions, the best first.
    resample, trust_image_geometry : bool
        Whether predictions may be resampled to the image, or are taken onto it voxel for voxel.
    excluded : {"folder", "skip"}
        Where cases that a rule excludes are written: to a folder of their own, or nowhere.
    document : Document
        The file, for messages.
    project : Project or None
        Where schemes and rule packs are looked for besides those that are shipped.
    """

    name: str
    root: Path
    image: PathTemplate | None
    sources: tuple[Source, ...]
    target: str
    rules: RulesModel
    metadata: MetadataModel | None
    table: CaseTable | None
    rows: Mapping[str, Mapping[str, str]]
    cases: tuple[str, ...] | CasesFrom
    select: tuple[Rule, ...]
    output: PathTemplate
    merge: str
    prefer: tuple[str, ...]
    resample: bool
    trust_image_geometry: bool
    excluded: Literal["folder", "skip"]
    document: Document = field(repr=False, compare=False)
    project: Project | None = None

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Files that every case depends on."""
        table = () if self.table is None else (Path(self.table.path),)
        return (Path(self.document.path), *table)

    @property
    def named_schemes(self) -> list[tuple[str, YamlPath]]:
        """What the scheme of each source is called, and where."""
        return [(source.scheme, source.at) for source in self.sources]

    def fields(self, case: str) -> dict[str, str]:
        """Give the values that templates are filled with."""
        return {**self.rows.get(case, {}), CASE: case, COHORT: self.name}


def load_cohort(path: Path, ontology: Ontology) -> Cohort:
    """Read a cohort file and its table.

    Parameters
    ----------
    path : Path
        The YAML.
    ontology : Ontology
        What the schemes are checked against.

    Raises
    ------
    DiagnosticError
        With every problem: YML0xx, SCH0xx, COH001 to COH007.
    """
    return read_cohort(load_cohort_document(path), path.parent, ontology)


def read_cohort(document: Document, folder: Path, ontology: Ontology) -> Cohort:
    """Read a cohort from YAML that was parsed, as :func:`load_cohort` does.

    Parameters
    ----------
    document : Document
        The YAML.
    folder : Path
        What relative paths in it start from.
    ontology : Ontology
        What the schemes are checked against.

    Raises
    ------
    DiagnosticError
        As :func:`load_cohort`.
    """
    from vesalius.adapters.cohort.cohort_schemes import require_schemes  # noqa: PLC0415

    cohort, problems = declared_cohort(document, folder, ontology.project)
    require_schemes(cohort.named_schemes, cohort.target, document, ontology, problems)
    return cohort


def declared_cohort(
    document: Document, folder: Path, project: Project | None
) -> tuple[Cohort, list[Diagnostic]]:
    """Read a cohort from YAML that was parsed, and what does not fit together.

    Its schemes are not looked at. Raises where there is no telling what is meant.
    """
    problems = check_schema(document, COHORT_SCHEMA)
    if problems:
        raise DiagnosticError(problems)
    model = validated(CohortModel, document)
    reader = _Reader(model, document, folder)
    cohort = reader.read()
    return replace(cohort, project=project), reader.problems


class _Reader:
    """Turns a valid model into a cohort and collects what does not fit together."""

    def __init__(self, model: CohortModel, document: Document, folder: Path) -> None:
        self.problems: list[Diagnostic] = []
        self._unusable: set[str] = set()
        self._model = model
        self._document = document
        self._folder = folder
        self._root = folder / model.root

    def read(self) -> Cohort:
        model = self._model
        table = self._table()
        rows = {} if table is None else self._rows(table)
        sources = tuple(self._source(name) for name in model.predictions)
        cohort = Cohort(
            name=model.cohort,
            root=self._root,
            image=None if model.image is None else self._template(model.image, ("image",)),
            sources=sources,
            target=self._beside(model.target),
            rules=self._rules(),
            metadata=model.metadata,
            table=table,
            rows=rows,
            cases=self._cases(),
            select=tuple(model.select),
            output=self._output(model.output),
            merge=model.merge,
            prefer=tuple(model.prefer),
            resample=model.resample,
            trust_image_geometry=model.trust_image_geometry,
            excluded=model.excluded,
            document=self._document,
        )
        self._check_fields(cohort)
        self._check_rules(cohort)
        return cohort

    def _table(self) -> CaseTable | None:
        metadata = self._model.metadata
        if metadata is None:
            return None
        try:
            return read_table(
                self._root / metadata.table, self._document.span(("metadata", "table"))
            )
        except DiagnosticError as failed:
            self.problems += failed.diagnostics
            return None

    def _rows(self, table: CaseTable) -> Mapping[str, Mapping[str, str]]:
        metadata = self._model.metadata
        if metadata is None or not self._check_columns(metadata, table):
            return {}
        rows, problems = table.by_case(metadata.case)
        self.problems += problems
        return RowsByCase(translated(rows, metadata))

    def _check_columns(self, metadata: MetadataModel, table: CaseTable) -> bool:
        wanted: list[tuple[YamlPath, str]] = [(("metadata", "case"), metadata.case)]
        if metadata.sex is not None:
            wanted.append((("metadata", "sex"), metadata.sex))
        before = len(self.problems)
        for at, column in wanted:
            if column not in table.columns:
                self._no_column(column, table.columns, at, key=False)
        known = known_columns(metadata, table.columns)
        for column in metadata.values:
            if column not in known:
                self._no_column(column, known, ("metadata", "values", column), key=True)
        self._check_sexes(metadata)
        return len(self.problems) == before

    def _check_sexes(self, metadata: MetadataModel) -> None:
        """Find what values are said to mean and is no sex; what the table says comes later."""
        if metadata.sex is None:
            return
        for written, meaning in metadata.values.get(SEX, {}).items():
            if meaning.lower() not in SEXES:
                span = self._document.span(("metadata", "values", SEX, written))
                hint = suggest(meaning, SEXES) or f"one of {listing(SEXES)}"
                self.problems.append(error("COH012", f"`{meaning}` is no sex", span, hint))

    def _no_column(self, column: str, known: Iterable[str], at: YamlPath, *, key: bool) -> None:
        names = list(known)
        text = f"the table has no column `{column}`"
        hint = suggest(column, names) or f"its columns: {listing(names)}"
        self.problems.append(error("COH003", text, self._document.span(at, key=key), hint))

    def _source(self, name: str) -> Source:
        prediction = self._model.predictions[name]
        at: YamlPath = ("predictions", name)
        if isinstance(prediction, TemplateForm):
            return Source(name, self._beside(name), self._template(prediction.root, at), at)
        at = (*at, "path")
        scheme = self._beside(prediction.scheme)
        return Source(name, scheme, self._template(prediction.path, at), at)

    def _rules(self) -> RulesModel:
        rules = self._model.rules
        chosen = RulesModel(pack=rules.root) if isinstance(rules, PackName) else rules
        return chosen.model_copy(update={"pack": [self._beside(name) for name in chosen.packs]})

    def _beside(self, text: str) -> str:
        """Take paths of schemes and rules from the folder of the cohort file; keep names."""
        path = self._folder / text
        is_path = path.suffix in YAML_ENDINGS or is_pack_folder(path)
        return str(path) if is_path else text

    def _template(self, text: str, at: YamlPath) -> PathTemplate:
        try:
            return parse_template(text)
        except TemplateError as failed:
            span = span_of_piece(self._document, at, failed.piece)
            self.problems.append(error("COH001", str(failed), span, failed.hint))
            self._unusable.add(text)
            return PathTemplate(text, (text,))

    def _output(self, text: str) -> PathTemplate:
        template = self._template(text, ("output",))
        if Path(text).is_absolute() and text not in self._unusable:
            span = self._document.span(("output",))
            message = "an output lies in the folder that is given with -o, and this is a whole path"
            self.problems.append(error("COH001", message, span, "such as `{case}.nii.gz`"))
        if not template.is_plain:
            message = "an output has one name: nothing optional in brackets, and no `*`"
            span, hint = self._document.span(("output",)), "such as `{case}.nii.gz`"
            self.problems.append(error("COH001", message, span, hint))
        return template

    def _cases(self) -> tuple[str, ...] | CasesFrom:
        cases = self._model.cases
        if isinstance(cases, CasesFrom):
            return cases
        seen: set[str] = set()
        for position, name in enumerate(cases.root):
            if name in seen:
                span = self._document.span(("cases", position))
                text = f"case `{name}` is listed twice"
                self.problems.append(error("COH005", text, span, "keep one of them"))
            seen.add(name)
        return tuple(dict.fromkeys(cases.root))

    def _check_fields(self, cohort: Cohort) -> None:
        if self._model.metadata is not None and cohort.table is None:
            return  # the columns are not known
        known = [CASE, COHORT]
        if cohort.table is not None and cohort.metadata is not None:
            columns = known_columns(cohort.metadata, cohort.table.columns)
            known += [column for column in columns if column not in known]
        for at, template in _templates(cohort):
            for used in template.fields:
                if used.name not in known:
                    span = span_of_piece(self._document, at, used.piece)
                    hint = suggest(used.name, known) or f"known fields: {listing(known)}"
                    text = f"no case has a field `{used.name}`"
                    self.problems.append(error("COH002", text, span, hint))
                    self._unusable.add(template.text)
        if isinstance(cohort.cases, CasesFrom):
            self._check_origin(cohort, cohort.cases.from_)

    def _check_origin(self, cohort: Cohort, origin: str) -> None:
        span = self._document.span(("cases", "from"))
        templates = {source.name: source.template for source in cohort.sources}
        if cohort.image is not None:
            templates["image"] = cohort.image
        if origin == "metadata":
            if self._model.metadata is None:
                text, hint = "there is no `metadata:` to take the cases from", "add `metadata:`"
                self.problems.append(error("COH007", text, span, hint))
            return
        if origin not in templates:
            known = [*templates, *(["metadata"] if self._model.metadata else [])]
            hint = suggest(origin, known) or f"cases can come from: {listing(known)}"
            text = f"there is no `{origin}` to take the cases from"
            self.problems.append(error("COH007", text, span, hint))
            return
        if templates[origin].text in self._unusable:
            return
        fields = templates[origin].fields
        wrong = next((f for f in fields if f.name not in (CASE, COHORT) or f.end), None)
        if wrong is not None or not any(f.name == CASE for f in fields):
            piece = "" if wrong is None else f"; `{wrong.piece}` cannot be found by looking"
            text = f"cases can be found by a template with `{{case}}` alone{piece}"
            hint = "list the cases, or take them from the table with `{from: metadata}`"
            self.problems.append(error("COH007", text, span, hint))

    def _check_rules(self, cohort: Cohort) -> None:
        for position, rule in enumerate(cohort.select):
            at: YamlPath = ("select", position)
            if isinstance(rule, SlicesRule) and cohort.image is None:
                span = self._document.span((*at, "slices"), key=True)
                text = "slices are counted in the image, and the cohort declares none"
                self.problems.append(error("COH007", text, span, "add `image:` with a template"))
            if isinstance(rule, MetadataRule):
                self._check_metadata_rule(cohort, rule, (*at, "metadata"))

    def _check_metadata_rule(self, cohort: Cohort, rule: MetadataRule, at: YamlPath) -> None:
        if self._model.metadata is None:
            text = "there is no `metadata:` to select by"
            span = self._document.span(at, key=True)
            self.problems.append(error("COH007", text, span, "add `metadata:` with a table"))
        elif cohort.table is not None and cohort.metadata is not None:
            known = known_columns(cohort.metadata, cohort.table.columns)
            for column in rule.metadata:
                if column not in known:
                    self._no_column(column, known, (*at, column), key=True)


def _templates(cohort: Cohort) -> list[tuple[YamlPath, PathTemplate]]:
    image: list[tuple[YamlPath, PathTemplate]] = (
        [] if cohort.image is None else [(("image",), cohort.image)]
    )
    sources = [(source.at, source.template) for source in cohort.sources]
    return [*image, *sources, (("output",), cohort.output)]
