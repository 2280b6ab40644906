"""The ontology and its schemes by name: what is shipped, and what a project adds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from vesalius.ontology.graph import Ontology
from vesalius.ontology.link import read_ontology
from vesalius.ontology.packaged import packaged_root, packaged_scheme_paths
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.side_files import YAML_ENDINGS
from vesalius.ontology.scheme.read import parse_scheme
from vesalius.ontology.scheme.scheme import Scheme

_SHOWN: Final = 4
_TABLES: Final = frozenset({".json", ".csv", ".tsv", ".txt", ".ctbl"})
"""Endings of what a scheme is made from."""
_VOLUMES: Final = (".nii", ".nii.gz")


@lru_cache(maxsize=8)
def _loaded(project: Project | None) -> Ontology:
    return load_folder(packaged_root(), project)


def load_ontology(project: Project | None = None) -> Ontology:
    """Load the shipped ontology with what a project adds to it; kept once loaded.

    Parameters
    ----------
    project : Project, optional
        A user's own folder. Schemes, anchors and rule packs are then looked for there too, by
        all that is given this ontology.

    Raises
    ------
    DiagnosticError
        With every problem found, warnings included, where one of them is an error.
    """
    return _loaded(project)


def load_folder(directory: str | Path, project: Project | None = None) -> Ontology:
    """Load and link the ontology of a folder.

    Parameters
    ----------
    directory : str or Path
        The folder with attributes.yaml, sequences.yaml and structures/.
    project : Project, optional
        What adds to it.

    Raises
    ------
    DiagnosticError
        With every problem found, warnings included, where one of them is an error.
    """
    ontology, problems = read_ontology(Path(directory), project)
    if ontology is None:
        raise DiagnosticError(problems)
    return ontology


def scheme_paths(project: Project | None = None) -> dict[str, Path]:
    """Give the files of all schemes by name, shipped ones and a project's."""
    own = {path.stem: path for path in project.schemes} if project else {}
    return {**packaged_scheme_paths(), **own}


def scheme_called(alias: str, project: Project | None = None) -> str | None:
    """Give the name of the scheme that declares another name; a project's own comes first.

    All files are read, so this is for what is no name of a scheme.
    """
    known = scheme_paths(project)
    own = {path.stem for path in project.schemes} if project else set()
    for name in sorted(known, key=lambda name: (name not in own, name)):
        try:
            data = load_document(known[name]).data
        except DiagnosticError:
            # A broken file is told of where it is asked for.
            continue
        declared = data.get("aliases") if isinstance(data, dict) else None
        if isinstance(declared, list) and alias in declared:
            return name
    return None


def load_scheme(name_or_path: str | Path, ontology: Ontology) -> Scheme:
    """Load a scheme by its name, or from a file.

    Parameters
    ----------
    name_or_path : str or Path
        ``amos22``, or a path; a text with a slash or the ending .yaml is a path.
    ontology : Ontology
        What the scheme's structures are checked against; its project may hold the scheme.

    Raises
    ------
    DiagnosticError
        SCH001 for an unknown name, else every problem of the file.
    """
    scheme, problems = read_scheme(name_or_path, ontology)
    if scheme is None:
        raise DiagnosticError(problems)
    return scheme


def read_scheme(
    name_or_path: str | Path, ontology: Ontology
) -> tuple[Scheme | None, list[Diagnostic]]:
    """Load a scheme and give every problem, warnings too, instead of raising.

    Raises
    ------
    DiagnosticError
        SCH001 for an unknown name, YML0xx for a file that cannot be read as YAML.
    """
    return parse_scheme(load_document(scheme_path(name_or_path, ontology.project)), ontology)


def scheme_path(name_or_path: str | Path, project: Project | None = None) -> Path:
    """Give the file of a scheme by its name; what is a path stays one.

    Raises
    ------
    DiagnosticError
        SCH001 for an unknown name.
    """
    text = str(name_or_path)
    path = Path(name_or_path)
    is_path = not isinstance(name_or_path, str) or path.suffix in YAML_ENDINGS
    if text.lower().endswith(_VOLUMES):
        message = f"`{text}` is called as a segmentation, and a scheme is meant here"
        advice = "the scheme comes first: `SCHEME=PATH`, such as `totalsegmentator_v2=seg.nii.gz`"
        raise DiagnosticError([Diagnostic("SCH001", "error", message, help=advice)])
    if path.suffix.lower() in _TABLES and os.path.isfile(path):
        message = f"`{text}` is a list of class names, not yet a scheme"
        advice = f"make one of it: `vesalius new scheme --from {text} -o {path.stem}.yaml`"
        raise DiagnosticError([Diagnostic("SCH001", "error", message, help=advice)])
    if is_path or len(path.parts) > 1:
        return path
    known = scheme_paths(project)
    if text in known:
        return known[text]
    if os.path.isfile(path):
        return path
    name = scheme_called(text, project)
    if name is not None:
        return known[name]
    message = f"no scheme is called `{text}`"
    advice = (
        _but_for_capitals(text, known)
        or _begin_with(text, known)
        or suggest(text, known)
        or "`vesalius ls schemes` lists them; or give a path"
    )
    raise DiagnosticError([Diagnostic("SCH001", "error", message, help=advice)])


def _but_for_capitals(text: str, known: Iterable[str]) -> str | None:
    same = next((name for name in known if name == text.lower()), None)
    return same and f"did you mean `{same}`?"


def _begin_with(text: str, known: Iterable[str]) -> str | None:
    """Name the schemes whose names begin with a text, where the nearest letters would take one."""
    word = text.casefold()
    found = [name for name in known if word and name.startswith(word)]
    if len(found) == 1:
        return f"did you mean `{found[0]}`?"
    if not found:
        return None
    # Of a family, what has the shortest names are its versions.
    shown = [f"`{name}`" for name in sorted(found, key=lambda name: (len(name), name))]
    return (
        f"{listing(shown, _SHOWN)} begin with it; `vesalius identify FILE` tells which one a "
        "segmentation is in"
    )
