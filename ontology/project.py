"""A folder of one's own: what its `vesalius.yaml` adds to what is shipped.

The file names folders of structures, attributes, anchors, schemes and rule packs, and what a
command does where it is not told otherwise. Its paths are relative to itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from vesalius.ontology.pack_files import (
    head_of,
    is_pack_folder,
    name_of,
    packs_in,
    parts_of,
)
from vesalius.ontology.project_place import FILE_NAME
from vesalius.ontology.reading.diagnostics import (
    Diagnostic,
    DiagnosticError,
    Note,
    Span,
    display_path,
    suggest,
)
from vesalius.ontology.reading.document import Document, YamlPath, load_document
from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.real_path import real_path
from vesalius.ontology.reading.side_files import YAML_BYTES, YAML_ENDINGS, read_side_file
from vesalius.ontology.reading.validation import check_schema, validate

PROJECT_SCHEMA: Final = "project/1"
CONTENTS: Final = ("attributes", "structures", "anchors", "schemes", "rules")
"""What a project can add, as its file names it."""

FailOn = Literal["error", "warning", "info", "exclude", "never"]
_Places = str | list[str]


@dataclass(frozen=True)
class Defaults:
    """What a command does where it is not told otherwise; None where the project does not say.

    Parameters
    ----------
    target : str or None
        A scheme by name, or the path of its file.
    packs : tuple of str, or None
        Rule packs by name or path, in the order they run.
    fail_on : {"error", "warning", "info", "exclude", "never"}, or None
        What makes `lint` and `run` end with findings.
    """

    target: str | None = None
    packs: tuple[str, ...] | None = None
    fail_on: FailOn | None = None


@dataclass(frozen=True)
class Project:
    """A user's own folder. Read it with :func:`read_project`.

    Two projects are equal where the same files hold the same text, so that what was made from
    one may be kept by it.

    Parameters
    ----------
    path : Path
        The project's file.
    attributes, structures, anchors, schemes : tuple of Path
        The YAML files of each kind, in reading order.
    rules : tuple of Path
        The rule packs: YAML files, and folders that are one pack.
    defaults : Defaults
        What commands do where they are not told otherwise.
    digest : str
        Sha256 of all these files.
    document : Document
        The parsed project file.
    """

    path: Path
    attributes: tuple[Path, ...]
    structures: tuple[Path, ...]
    anchors: tuple[Path, ...]
    schemes: tuple[Path, ...]
    rules: tuple[Path, ...]
    defaults: Defaults
    digest: str
    document: Document = field(repr=False, compare=False)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every YAML file of the project, its own first."""
        return (self.path, *_every_file({kind: self.of(kind) for kind in CONTENTS}))

    def of(self, kind: str) -> tuple[Path, ...]:
        """Give the files of one of `CONTENTS`; of rules the packs."""
        files: tuple[Path, ...] = getattr(self, kind)
        return files

    def holds(self, path: str | Path) -> bool:
        """Tell whether a file is one of the project's."""
        return real_path(path) in self.files


class _DefaultsModel(Form):
    target: str | None = Field(default=None, description="The scheme to write: name or path.")
    pack: _Places | None = Field(
        default=None, description="Rule packs, by name or path, in the order they run."
    )
    fail_on: FailOn | None = Field(
        default=None,
        description="What gives `vesalius lint` and `run` exit code 1: the mildest finding, an "
        "excluded case alone, or nothing.",
    )


class ProjectFile(Form):
    """A user's own folder: what it adds to what is shipped. Paths are relative to this file."""

    schema_: Literal["project/1"] = Field(alias="schema", description="The format of this file.")
    about: str = Field(default="", description="What the project is for.")
    attributes: _Places = Field(default=[], description="Attribute files, or folders of them.")
    structures: _Places = Field(default=[], description="Structure files, or folders of them.")
    anchors: _Places = Field(default=[], description="Anchor files, or folders of them.")
    schemes: _Places = Field(default=[], description="Scheme files, or folders of them.")
    rules: _Places = Field(
        default=[],
        description="Rule packs, files or folders, or folders of them.",
    )
    defaults: _DefaultsModel = Field(
        default_factory=_DefaultsModel, description="What a command does where it is not told."
    )


def read_project(path: str | os.PathLike[str]) -> Project:
    """Read a project.

    Parameters
    ----------
    path : str or Path
        The project's file, or the folder it lies in.

    Raises
    ------
    DiagnosticError
        PRJ001 for a path that is not there, PRJ002 where the folder has no project file, PRJ006
        for two schemes or rule packs of one name, YML0xx for the shape of the file.
    """
    file = Path(path)
    if file.is_dir():
        file = file / FILE_NAME
        if not file.is_file():
            message = f"this folder is no project: it holds no {FILE_NAME}"
            help_ = f"write a {FILE_NAME} that starts with `schema: {PROJECT_SCHEMA}`"
            raise DiagnosticError(
                [Diagnostic("PRJ002", "error", message, path=display_path(str(path)), help=help_)]
            )
    document = load_document(file)
    problems = check_schema(document, PROJECT_SCHEMA)
    model, found = (None, []) if problems else validate(ProjectFile, document)
    problems += found
    if model is None:
        raise DiagnosticError(problems)
    root = real_path(file).parent
    files = {
        kind: _files(kind, getattr(model, kind), root, document, problems) for kind in CONTENTS
    }
    for kind in ("schemes", "rules"):
        problems += _named_twice(kind, files[kind])
    if problems:
        raise DiagnosticError(problems)
    everything = (real_path(file), *_every_file(files))
    return Project(
        path=real_path(file),
        **files,
        defaults=_defaults(model.defaults, root),
        digest=_digest(everything, root),
        document=document,
    )


def _files(
    kind: str, written: _Places, root: Path, document: Document, problems: list[Diagnostic]
) -> tuple[Path, ...]:
    found: list[Path] = []
    for path, at in _each(kind, written):
        place = root / path
        if kind == "rules" and place.is_dir():
            found += [place] if is_pack_folder(place) else packs_in(place)
        elif place.is_dir():
            found += sorted(p for p in place.iterdir() if p.suffix in YAML_ENDINGS and p.is_file())
        elif place.is_file():
            found.append(place)
        else:
            near = place.parent.iterdir() if place.parent.is_dir() else ()
            beside = sorted(p.name for p in near)
            advice = suggest(place.name, beside) or "make it, or take the line out"
            message = f"there is no file or folder `{path}`"
            span = document.span(at)
            problems.append(Diagnostic("PRJ001", "error", message, span=span, help=advice))
    return tuple(dict.fromkeys(real_path(path) for path in found))


def _every_file(contents: Mapping[str, tuple[Path, ...]]) -> Iterator[Path]:
    """Give the files of all kinds; of a rule pack its topics and tests too."""
    for kind, paths in contents.items():
        for path in paths:
            yield from (head_of(path), *parts_of(path)) if kind == "rules" else (path,)


def _each(kind: str, written: _Places) -> Iterator[tuple[str, YamlPath]]:
    if isinstance(written, str):
        yield written, (kind,)
    else:
        yield from ((path, (kind, position)) for position, path in enumerate(written))


def _named_twice(kind: str, paths: tuple[Path, ...]) -> Iterator[Diagnostic]:
    """Report files of one stem: schemes and packs are asked for by it (PRJ006)."""
    word = {"schemes": "schemes", "rules": "rule packs"}[kind]
    first: dict[str, Path] = {}
    for path in paths:
        other = first.setdefault(name_of(path), path)
        if other is not path:
            yield Diagnostic(
                "PRJ006",
                "error",
                f"two {word} of the project are called `{name_of(path)}`",
                path=display_path(head_of(path)),
                help="give one of the files another name",
                notes=(Note("the other one", Span(display_path(head_of(other)), 1, 1, 2)),),
            )


def _defaults(model: _DefaultsModel, root: Path) -> Defaults:
    packs = [model.pack] if isinstance(model.pack, str) else model.pack
    return Defaults(
        target=None if model.target is None else _name_or_path(model.target, root),
        packs=None if packs is None else tuple(_name_or_path(name, root) for name in packs),
        fail_on=model.fail_on,
    )


def _name_or_path(text: str, root: Path) -> str:
    """Give a path from the project's folder; a name stays as it is."""
    is_path = Path(text).suffix in YAML_ENDINGS or len(Path(text).parts) > 1
    is_path = is_path or is_pack_folder(root / text)
    return str(root / text) if is_path else text


def _digest(paths: tuple[Path, ...], root: Path) -> str:
    whole = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(read_side_file(path, YAML_BYTES)).hexdigest()
        try:
            name = path.relative_to(root).as_posix()
        except ValueError:
            name = str(path)
        whole.update(f"{name}\0{content}\n".encode())
    return whole.hexdigest()
