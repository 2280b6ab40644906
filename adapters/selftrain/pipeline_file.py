"""Reading a pipeline file: what it says, every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.adapters.cohort.cohort_file import Cohort, load_cohort
from vesalius.adapters.cohort.path_template import TemplateError, parse_template
from vesalius.adapters.files.nifti_names import NIFTI_ENDINGS
from vesalius.adapters.nnunet.templates import escaped
from vesalius.adapters.nnunet.trainer_names import FINE_TUNING
from vesalius.adapters.selftrain.pipeline_models import (
    SELFTRAIN_SCHEMA,
    CohortFile,
    PipelineModel,
    usable_name,
)
from vesalius.adapters.selftrain.respan import Origin
from vesalius.adapters.selftrain.written_cohorts import (
    MERGE,
    REPAIR,
    CohortSource,
    Data,
    Given,
    WrittenCohort,
    absolute,
    absolute_template,
    beside,
    rules_beside,
    written_cohort,
)
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_scheme
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.document import Document, YamlPath, load_document
from vesalius.ontology.reading.validation import check_schema, validated, value_at
from vesalius.ontology.scheme.scheme import Scheme

UNIFIED = "unified"
"""Name of the model that is trained on the merge; no expert can have it."""


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as declared.

    Parameters
    ----------
    model : PipelineModel
        What the file says.
    document : Document
        The file, for messages.
    path, folder, work : Path
        The file, its folder, and the folder for everything in between; absolute.
    schemes : mapping of str to Scheme
        Of each expert, and `UNIFIED` for the target.
    predictions : mapping of str to str
        Template of each expert's predictions, with ``{case}`` alone.
    merge, repair : WrittenCohort
        The two cohorts.
    """

    model: PipelineModel
    document: Document
    path: Path
    folder: Path
    work: Path
    schemes: Mapping[str, Scheme]
    predictions: Mapping[str, str]
    merge: WrittenCohort
    repair: WrittenCohort

    @property
    def cohort(self) -> Cohort:
        """The target cohort, with the merge as what is done with it."""
        return self.merge.cohort

    @property
    def release(self) -> Path:
        """The release folder."""
        return absolute(self.folder, self.model.release.folder)


def load_pipeline(path: Path, ontology: Ontology, work: Path | None = None) -> Pipeline:
    """Read a pipeline file and the cohort it names.

    Parameters
    ----------
    path : Path
        The YAML.
    ontology : Ontology
        What schemes are checked against.
    work : Path or None
        In place of the file's `work`.

    Raises
    ------
    DiagnosticError
        With every problem: YML0xx, SCH0xx, COH0xx, STR001, STR002, STR004, STR005, STR010.
    """
    document = load_document(path)
    problems = check_schema(document, SELFTRAIN_SCHEMA)
    if problems:
        raise DiagnosticError(problems)
    model = validated(PipelineModel, document)
    folder = absolute(path.parent, "")
    where = absolute(folder, model.work) if work is None else absolute(Path.cwd(), str(work))
    reader = _Reader(model, document, folder, where, ontology)
    return reader.read(absolute(Path.cwd(), str(path)))


class _Reader:
    """Turns a valid model into a pipeline and collects what does not fit together."""

    def __init__(
        self, model: PipelineModel, document: Document, folder: Path, work: Path, ontology: Ontology
    ) -> None:
        self.model, self.document = model, document
        self.folder, self.work = folder, work
        self.ontology = ontology
        self.problems: list[Diagnostic] = []

    def read(self, path: Path) -> Pipeline:
        self._check_names()
        self._check_trainers()
        self._check_release()
        source = self._source()
        if source is None:
            raise DiagnosticError(self.problems)
        predictions = {name: self._place(name, source) for name in self.model.experts}
        merge = self._merge(source, predictions)
        repair = None if merge is None else self._repair(source, merge)
        if merge is None or repair is None or self.problems:
            raise DiagnosticError(list(dict.fromkeys(self.problems)))
        schemes = {
            name: load_scheme(self._scheme(name), self.ontology) for name in self.model.experts
        }
        schemes[UNIFIED] = load_scheme(merge.cohort.target, self.ontology)
        return Pipeline(
            model=self.model,
            document=self.document,
            path=path,
            folder=self.folder,
            work=self.work,
            schemes=schemes,
            predictions=predictions,
            merge=merge,
            repair=repair,
        )

    def _check_names(self) -> None:
        ids: dict[int, YamlPath] = {}
        for name, expert in self.model.experts.items():
            at: YamlPath = ("experts", name)
            if name == UNIFIED or not usable_name(name):
                text = f"an expert cannot be called `{name}`"
                hint = "use a word of letters, digits, `_` and `-`"
                if name == UNIFIED:
                    hint = "this is the name of the model trained on the merge"
                span = self.document.span(at, key=True)
                self.problems.append(error("STR002", text, span, hint))
            self._take_id(ids, expert.dataset, (*at, "dataset"))
        self._take_id(ids, self.model.unified.dataset, ("unified", "dataset"))

    def _take_id(self, ids: dict[int, YamlPath], number: int, at: YamlPath) -> None:
        first = ids.setdefault(number, at)
        if first != at:
            text = f"dataset {number} is that of `{first[-2]}` already"
            hint = "nnU-Net finds datasets by number: choose another from 1 to 999"
            self.problems.append(error("STR001", text, self.document.span(at), hint))

    def _check_trainers(self) -> None:
        places: list[tuple[YamlPath, str]] = [
            (("experts", name, "trainer"), expert.trainer)
            for name, expert in self.model.experts.items()
        ]
        unified = self.model.unified
        places.append((("unified", "trainer"), unified.trainer))
        for at, trainer in places:
            if trainer == FINE_TUNING:
                text = f"`{trainer}` goes on from another training"
                hint = "name it under `unified: fine_tuning`"
                self.problems.append(error("STR004", text, self.document.span(at), hint))
        tuning = unified.fine_tuning
        if tuning is not None and tuning.trainer != FINE_TUNING:
            text = f"`{tuning.trainer}` does not go on from another training"
            span = self.document.span(("unified", "fine_tuning", "trainer"))
            self.problems.append(error("STR004", text, span, f"use `{FINE_TUNING}`"))

    def _check_release(self) -> None:
        release = absolute(self.folder, self.model.release.folder)
        if release in (self.folder, *self.folder.parents, self.work, *self.work.parents):
            text = f"`{release}` holds the pipeline's own files, and a release replaces its folder"
        elif self.work in release.parents:
            text = f"`{release}` lies in the work folder `{self.work}`"
        else:
            return
        span = self.document.span(("release", "folder"))
        self.problems.append(error("STR010", text, span, "give the release a folder of its own"))

    def _source(self) -> CohortSource | None:
        choice = self.model.cohort
        if not isinstance(choice, CohortFile):
            data = value_at(self.document, ("cohort",))
            return CohortSource(self.document, ("cohort",), data, self.folder, self.model.pipeline)
        path = absolute(self.folder, choice.root)
        span = self.document.span(("cohort",))
        try:
            # For its problems only; the cohort that is merged is written by us.
            cohort = load_cohort(path, self.ontology)
        except DiagnosticError as failed:
            self.problems += [replace(d, span=d.span or span) for d in failed.diagnostics]
            return None
        document = load_document(path)
        if cohort.image is None:
            text = "the experts predict on images, and this cohort declares none"
            at = document.span(())
            self.problems.append(error("COH007", text, at, "add `image:` with a template"))
            return None
        data = document.data if isinstance(document.data, dict) else {}
        return CohortSource(document, (), data, path.parent, cohort.name)

    def _scheme(self, name: str) -> str:
        return beside(self.folder, self.model.experts[name].scheme or name)

    def _place(self, name: str, source: CohortSource) -> str:
        """Say where an expert's predictions go: where the cohort file expects them, or to us."""
        given = source.data.get("predictions", {})
        if name not in given:
            return f"{escaped(self.work / 'predictions' / name)}/{{case}}.nii.gz"
        text = str(given[name] if isinstance(given[name], str) else given[name]["path"])
        span = source.document.span((*source.at, "predictions", name))
        try:
            fields = parse_template(text).fields
        except TemplateError as failed:
            self.problems.append(error("COH001", str(failed), span, failed.hint))
            return text
        plain = [f for f in fields if f.name == "case" and not f.end]
        if not plain or len(plain) < len(fields) or not text.endswith(NIFTI_ENDINGS):
            message = f"the expert `{name}` writes one file per case, and `{text}` is not so named"
            hint = "use a name such as `preds/{case}.nii.gz`, with no other field"
            self.problems.append(error("STR005", message, span, hint))
        return absolute_template(source.root, text)

    def _merge(self, source: CohortSource, predictions: Mapping[str, str]) -> WrittenCohort | None:
        sources: dict[str, tuple[Data, tuple[Origin, ...]]] = {}
        for name, template in predictions.items():
            at: YamlPath = ("experts", name)
            origins = [Origin(("predictions", name), self.document, at)]
            if self.model.experts[name].scheme is not None:
                scheme = (*at, "scheme")
                origins.append(Origin(("predictions", name, "scheme"), self.document, scheme))
            data = {"scheme": self._scheme(name), "path": template}
            sources[name] = (data, tuple(origins))
        for key, value in source.data.get("predictions", {}).items():
            if key not in sources:
                given = {"scheme": key, "path": value} if isinstance(value, str) else value
                data = {**given, "scheme": beside(source.folder, given["scheme"])}
                at = (*source.at, "predictions", key)
                sources[key] = (data, (Origin(("predictions", key), source.document, at),))
        given_values = {
            "target": self._target(source),
            "rules": self._rules(source),
        }
        output = Given("{case}.nii.gz", self.document, ("merge",))
        return self._written(MERGE, source, sources, predictions, given_values, output)

    def _repair(self, source: CohortSource, merge: WrittenCohort) -> WrittenCohort | None:
        target = self._target(source)
        path = f"{escaped(self.work / 'predictions' / UNIFIED)}/{{case}}.nii.gz"
        origins = (Origin(("predictions", UNIFIED), self.document, ("unified",)),)
        rules = value_at(self.document, ()).get("repair", "recommended")
        given = {
            "target": target,
            "rules": Given(rules_beside(self.folder, rules), self.document, ("repair",)),
        }
        sources = {UNIFIED: ({"scheme": merge.cohort.target, "path": path}, origins)}
        return self._written(REPAIR, source, sources, sources, given, self._release_name(source))

    def _written(
        self,
        name: str,
        source: CohortSource,
        sources: Mapping[str, tuple[Data, tuple[Origin, ...]]],
        own: Iterable[str],
        given: Mapping[str, Given],
        output: Given,
    ) -> WrittenCohort | None:
        try:
            return written_cohort(name, source, sources, own, given, output, self.ontology)
        except DiagnosticError as failed:
            self.problems += failed.diagnostics
            return None

    def _target(self, source: CohortSource) -> Given:
        target = self.model.merge.target
        if target is not None:
            return Given(beside(self.folder, target), self.document, ("merge", "target"))
        inherited = str(source.data.get("target", "dap_atlas"))
        at = (*source.at, "target")
        return Given(beside(source.folder, inherited), source.document, at)

    def _rules(self, source: CohortSource) -> Given:
        written = value_at(self.document, ()).get("merge", {})
        if "rules" in written:
            rules = rules_beside(self.folder, written["rules"])
            return Given(rules, self.document, ("merge", "rules"))
        inherited = source.data.get("rules", "recommended")
        at = (*source.at, "rules")
        return Given(rules_beside(source.folder, inherited), source.document, at)

    def _release_name(self, source: CohortSource) -> Given:
        if self.model.release.name is not None:
            return Given(self.model.release.name, self.document, ("release", "name"))
        inherited = str(source.data.get("output", "{case}.nii.gz"))
        if inherited.endswith("/"):
            inherited = "{case}.nii.gz"
        return Given(inherited, source.document, (*source.at, "output"))
