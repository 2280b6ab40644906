"""Schemes: reading the integer table of a dataset or model, with every check.

The parsed form is in :mod:`vesalius.ontology.scheme.scheme`, the grammar in
:mod:`vesalius.ontology.scheme.models`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, has_errors
from vesalius.ontology.reading.document import Document
from vesalius.ontology.reading.validation import check_schema, diagnose
from vesalius.ontology.scheme.checks.guesses import check_guesses
from vesalius.ontology.scheme.checks.mapping import CHECKS, names_without_mapping, shared_structures
from vesalius.ontology.scheme.checks.names import check_names
from vesalius.ontology.scheme.checks.project import check_name_in_project
from vesalius.ontology.scheme.checks.sequences import SEQUENCE_CHECKS, left_out_members
from vesalius.ontology.scheme.checks.twins import check_twins
from vesalius.ontology.scheme.keys import without_bad_integers
from vesalius.ontology.scheme.meaning import (
    ByPlace,
    BySex,
    BySide,
    Drop,
    Ignore,
    Meaning,
    Place,
    To,
)
from vesalius.ontology.scheme.models import (
    SCHEME_SCHEMA,
    PlaceForm,
    SchemeFile,
    SexForm,
    SideForm,
    WordForm,
)
from vesalius.ontology.scheme.named_scheme import read_names
from vesalius.ontology.scheme.scheme import Scheme, SchemeEntry

_WORDS: dict[str, Meaning] = {"drop": Drop(), "ignore": Ignore()}


def parse_scheme(document: Document, ontology: Ontology) -> tuple[Scheme | None, list[Diagnostic]]:
    """Read and check a scheme.

    Parameters
    ----------
    document : Document
        The YAML.
    ontology : Ontology
        The structures it maps to.

    Returns
    -------
    Scheme or None
        None where there are errors.
    list of Diagnostic
        Everything wrong, in the order of the file. Where some lines cannot be read the
        others are checked all the same.
    """
    found = check_schema(document, SCHEME_SCHEMA)
    if found or not isinstance(document.data, dict):
        return None, found
    data, found = without_bad_integers(document)
    model, problems = _validate(data, document)
    found += problems
    if model is not None:
        scheme = _scheme(model, document)
        found += _check(scheme, ontology)
        if not has_errors(found):
            return scheme, _in_order(found)
    return None, _in_order(found)


def _check(scheme: Scheme, ontology: Ontology) -> list[Diagnostic]:
    subject = read_names(scheme, ontology)
    found = [d for check in (*CHECKS, *SEQUENCE_CHECKS) for d in check(subject)]
    about_names, explained = check_names(subject)
    found += about_names
    found += names_without_mapping(subject, explained)
    found += shared_structures(subject, explained)
    found += left_out_members(subject, explained)
    found += check_twins(subject, explained)
    found += check_name_in_project(subject)
    found += check_guesses(subject)
    return found


def _validate(
    data: dict[Any, Any], document: Document
) -> tuple[SchemeFile | None, list[Diagnostic]]:
    """Validate; where something is wrong, validate again without it."""
    try:
        return SchemeFile.model_validate(data), []
    except ValidationError as error:
        found = _once_each(diagnose(error, SchemeFile, document))
        for details in error.errors(include_url=False):
            _remove(data, details["loc"])
    try:
        return SchemeFile.model_validate(data), found
    except ValidationError:
        return None, found


def _once_each(found: list[Diagnostic]) -> list[Diagnostic]:
    """Leave out the missing key where a misspelt one beside it was reported."""
    guessed = {d.help for d in found if d.code == "YML010"}
    return [
        d
        for d in found
        if not (d.code == "YML011" and f"did you mean {d.message.split(' ')[1]}?" in guessed)
    ]


def _remove(data: dict[Any, Any], place: tuple[int | str, ...]) -> None:
    """Take out the smallest piece that the rest can be read without."""
    section, *below = place
    entries = data.get(section)
    if isinstance(entries, dict) and below:
        entries.pop(below[0], None)
    elif section in _PLACEHOLDERS:
        data[section] = _PLACEHOLDERS[str(section)]
    else:
        data.pop(section, None)


_PLACEHOLDERS: dict[str, object] = {"scheme": "unnamed", "title": "unnamed", "labels": {}}


def _scheme(model: SchemeFile, document: Document) -> Scheme:
    entries = tuple(
        SchemeEntry(
            integer=integer,
            name=model.names.get(integer, _default_name(form)),
            target=_target(form),
            span=document.span(("labels", integer)),
        )
        for integer, form in model.labels.items()
    )
    return Scheme(
        name=model.scheme,
        title=model.title,
        about=model.about,
        source=model.source,
        evidence=model.evidence,
        aliases=tuple(model.aliases),
        closed=model.closed,
        regions=tuple(model.regions),
        join=tuple(model.join),
        reversed=tuple(model.reversed),
        numbering_of=model.numbering_of,
        replaces=model.replace,
        despite_name=dict(model.despite_name),
        entries=entries,
        folder=model.folder,
        background=model.background,
        path=document.path,
        written=document,
    )


def _default_name(form: BaseModel) -> str:
    return form.root if isinstance(form, WordForm) else ""


def _target(form: BaseModel | None) -> Meaning:
    """Turn a written form into a target; a missing `unknown` is reported and dropped."""
    if isinstance(form, WordForm):
        return _WORDS.get(form.root, To(form.root))
    if isinstance(form, SexForm):
        return BySex(_target(form.male), _target(form.female), _target(form.unknown))
    if isinstance(form, SideForm):
        return BySide(_target(form.left), _target(form.right), _target(form.unknown))
    if isinstance(form, PlaceForm):
        cases = tuple(
            Place("above", case.above, _target(case.is_))
            if case.above is not None
            else Place("below", str(case.below), _target(case.is_))
            for case in form.where
        )
        return ByPlace(cases, _target(form.otherwise), _target(form.unknown))
    return Drop()


def _in_order(found: list[Diagnostic]) -> list[Diagnostic]:
    return sorted(found, key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0))
