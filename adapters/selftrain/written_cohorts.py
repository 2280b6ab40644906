"""The two cohorts of a pipeline as cohort files: the merge of the experts, and the repair.

`vesalius run` reads them like any other, so what a pipeline does can be done by hand too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesalius.adapters.cohort.cohort_file import Cohort, read_cohort
from vesalius.adapters.nnunet.templates import escaped
from vesalius.adapters.selftrain.respan import Origin, respan
from vesalius.ontology.graph import Ontology
from vesalius.ontology.pack_files import is_pack_folder
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.document import Document, YamlPath, parse_document
from vesalius.ontology.reading.side_files import YAML_ENDINGS

MERGE, REPAIR = "merge", "repair"
_COMMON = ("image", "metadata", "cases", "select", "resample")

Data = dict[str, Any]


@dataclass(frozen=True)
class CohortSource:
    """The cohort as the user wrote it, in a file of its own or in the pipeline file.

    Parameters
    ----------
    document : Document
        The file.
    at : tuple
        Where the cohort stands in it.
    data : dict
        Its keys and values.
    folder : Path
        What its paths are relative to.
    name : str
        Of the study.
    """

    document: Document
    at: YamlPath
    data: Data
    folder: Path
    name: str

    @property
    def root(self) -> Path:
        """Where the templates start."""
        return absolute(self.folder, str(self.data.get("root", ".")))


@dataclass(frozen=True)
class Given:
    """A value for a cohort file, and where the user wrote it."""

    value: Any
    document: Document
    at: YamlPath


@dataclass(frozen=True)
class WrittenCohort:
    """A cohort file that a pipeline writes.

    Parameters
    ----------
    name : str
        `MERGE` or `REPAIR`.
    text : str
        Its text.
    cohort : Cohort
        What it says.
    own : frozenset of str
        Its sources that models of the pipeline predict.
    origins : tuple of Origin
        Where its pieces come from.
    """

    name: str
    text: str
    cohort: Cohort
    own: frozenset[str]
    origins: tuple[Origin, ...]

    def respan(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Show messages where the user wrote what they are about."""
        return respan(found, self.cohort.document, self.origins)


def written_cohort(
    name: str,
    source: CohortSource,
    predictions: Mapping[str, tuple[Data, tuple[Origin, ...]]],
    own: Iterable[str],
    given: Mapping[str, Given],
    output: Given,
    ontology: Ontology,
) -> WrittenCohort:
    """Write a cohort file in memory and read it as `vesalius run` would.

    Parameters
    ----------
    name : str
        `MERGE` or `REPAIR`.
    source : CohortSource
        Images, cases, metadata and selection.
    predictions : mapping
        Sources of the merge, and where they come from.
    own : iterable of str
        Those of them that models of the pipeline predict.
    given : mapping
        `target` and `rules`.
    output : Given
        Template of the label maps.
    ontology : Ontology
        What schemes are checked against.

    Raises
    ------
    DiagnosticError
        With every problem, shown where the user wrote it.
    """
    data: Data = {"schema": "cohort/1", "cohort": source.name, "root": str(source.root)}
    data |= {key: source.data[key] for key in _COMMON if key in source.data}
    data["predictions"] = {key: value for key, (value, _) in predictions.items()}
    data |= {key: value.value for key, value in given.items()}
    data["output"] = output.value
    origins = [
        *(Origin((key,), source.document, (*source.at, key)) for key in ("root", *_COMMON)),
        *(origin for _, places in predictions.values() for origin in places),
        *(Origin((key,), v.document, v.at) for key, v in (*given.items(), ("output", output))),
        Origin((), source.document, source.at),
    ]
    # As they are: YAML has no pairs of escapes for a character beyond U+FFFF.
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    cohort = _read(text, name, origins, ontology)
    return WrittenCohort(name, text, cohort, frozenset(own), tuple(origins))


def absolute_template(folder: Path, text: str) -> str:
    """Give the absolute template of one written relative to a folder, whose braces are its own."""
    return str(absolute(Path(escaped(folder)), text))


def absolute(folder: Path, text: str) -> Path:
    """Give the absolute path of what is written relative to a folder."""
    return Path(os.path.abspath(folder / os.path.expanduser(text)))


def beside(folder: Path, text: str) -> str:
    """Take the path of a scheme or a rule pack from the folder of its file; keep a name."""
    path = absolute(folder, text)
    return str(path) if text.endswith(YAML_ENDINGS) or is_pack_folder(path) else text


def rules_beside(folder: Path, rules: object) -> object:
    """Take the rule pack of a `rules:` value from the folder of its file."""
    if isinstance(rules, str):
        return beside(folder, rules)
    if isinstance(rules, dict) and isinstance(rules.get("pack"), str):
        return {**rules, "pack": beside(folder, rules["pack"])}
    if isinstance(rules, dict) and isinstance(rules.get("pack"), list):
        return {**rules, "pack": [beside(folder, str(name)) for name in rules["pack"]]}
    return rules


def _read(text: str, name: str, origins: Sequence[Origin], ontology: Ontology) -> Cohort:
    # Every path in it is absolute, so that it has no place of its own.
    document = parse_document(text, f"{name}.yaml")
    try:
        return read_cohort(document, Path(), ontology)
    except DiagnosticError as failed:
        raise DiagnosticError(respan(failed.diagnostics, document, origins)) from None
