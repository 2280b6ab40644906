"""What `run` and `convert` have in common: from options to a compiled plan and case files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from vesalius.adapters.cases.load import CaseFiles
from vesalius.adapters.cases.loaded import PredictionFile
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.plan_notes import compile_command
from vesalius.adapters.cli.rule_choice import RuleChoice
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.library import read_scheme
from vesalius.ontology.ontology import Ontology, load_ontology
from vesalius.ontology.scheme_types import Scheme
from vesalius.rules.anchors import load_anchors
from vesalius.rules.compile.compiler import Compiled, compile_plan, source_tokens

SEXES = ("male", "female", "unknown")


@dataclass(frozen=True)
class Job:
    """A case and the plan for it.

    Parameters
    ----------
    ontology : Ontology
        The structure graph.
    target : Scheme
        Scheme of the output.
    schemes : mapping of str to Scheme
        Scheme of each source, by token.
    compiled : Compiled
        The plan and its remarks.
    files : CaseFiles
        What to read.
    compile_command : str
        The command that shows all remarks of the plan.
    """

    ontology: Ontology
    target: Scheme
    schemes: Mapping[str, Scheme]
    compiled: Compiled
    files: CaseFiles
    compile_command: str

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file or folder that is read."""
        image = () if self.files.image is None else (self.files.image,)
        return (*image, *(p.path for p in self.files.predictions))


def split_prediction(text: str) -> tuple[str, Path]:
    """Split `scheme=path`.

    Raises
    ------
    click.BadParameter
        If there is no equals sign or nothing on one side of it.
    """
    scheme, _, path = text.partition("=")
    if not scheme or not path:
        raise click.BadParameter(
            f"`{text}` is not SCHEME=PATH, such as totalsegmentator_v2=seg.nii.gz",
            param_hint="--prediction",
        )
    return scheme, Path(path)


def prepare(
    predictions: Sequence[tuple[str, Path]],
    target: str,
    image: Path | None,
    sex: str,
    resample: bool,
    rules: RuleChoice | None = None,
) -> Job:
    """Load schemes, compile the plan and name the files of a case.

    Parameters
    ----------
    predictions : sequence of (str, Path)
        Scheme (name or YAML path) and file of each prediction.
    target : str
        Scheme of the output.
    image : Path or None
        The CT.
    sex : str
        One of `SEXES`.
    resample : bool
        Whether nearest-neighbour resampling is allowed.
    rules : RuleChoice, optional
        Which rules to run; by default none.

    Returns
    -------
    Job

    Raises
    ------
    DiagnosticError
        With every problem of the YAML.
    """
    ontology = load_ontology()
    *loaded, target_scheme = load_schemes(
        [*(scheme for scheme, _ in predictions), target], ontology
    )
    tokens = source_tokens(
        [scheme.name for scheme in loaded], [os.path.abspath(path) for _, path in predictions]
    )
    schemes = dict(zip(tokens, loaded, strict=True))
    anchors = load_anchors(ontology)
    pack = None if rules is None else rules.load(ontology, anchors)
    only = None if rules is None or pack is None else rules.selected(pack)
    compiled = compile_plan(ontology, target_scheme, schemes, anchors, pack, only)
    files = CaseFiles(
        predictions=tuple(
            PredictionFile(token, path)
            for token, (_, path) in zip(tokens, predictions, strict=True)
        ),
        image=image,
        metadata={} if sex == "unknown" else {"sex": sex},
        resample=resample,
    )
    named = [scheme for scheme, _ in predictions]
    command = (
        compile_command(named, target, None)
        if rules is None or pack is None
        else compile_command(named, target, rules.name, rules.select)
    )
    return Job(ontology, target_scheme, schemes, compiled, files, command)


def load_schemes(names: Sequence[str], ontology: Ontology) -> list[Scheme]:
    """Load schemes by name or path; every problem of every one at once, warnings on stderr.

    Raises
    ------
    DiagnosticError
        With all problems, where one scheme cannot be used.
    """
    loaded: list[Scheme] = []
    problems: list[Diagnostic] = []
    for name in dict.fromkeys(names):
        try:
            scheme, found = read_scheme(name, ontology)
        except DiagnosticError as error:
            scheme, found = None, list(error.diagnostics)
        problems += found
        if scheme is not None:
            loaded.append(scheme)
    if len(loaded) < len(set(names)):
        raise DiagnosticError(problems)
    show(problems)
    by_name = dict(zip(dict.fromkeys(names), loaded, strict=True))
    return [by_name[name] for name in names]
