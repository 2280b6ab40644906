"""Reading a phantom description: the body file, its layers, and what they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from vesalius.adapters.phantom.curves import stack
from vesalius.adapters.phantom.forms import (
    BodyFile,
    EntryForm,
    LayerFile,
    ShapeForm,
    SweepForm,
)
from vesalius.adapters.phantom.shapes import Stack
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import Document, YamlPath, load_document
from vesalius.ontology.reading.validation import check_schema, validate

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Entry:
    """One step of painting one structure (or one family), as written.

    Parameters
    ----------
    form : EntryForm
        The validated entry.
    hu, noise_hu : float
        Mean and standard deviation of the CT inside, in HU.
    partners : mapping of str to str
        The structures painted by the mirror image, by the structure they mirror.
    """

    form: EntryForm
    hu: float
    noise_hu: float
    partners: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The structures the entry paints, mirror images left out."""
        if self.form.paint is not None:
            return (self.form.paint,)
        return tuple(self.form.paint_each or ())


@dataclass(frozen=True, eq=False)
class Description:
    """A whole phantom, checked.

    Parameters
    ----------
    body : BodyFile
        Extent, sexes, bands and tidying.
    outlines : mapping of str to Stack
        The named outlines.
    entries : tuple of Entry
        In the order they are painted: later ones paint over earlier ones.
    path : str
        The body file.
    """

    body: BodyFile
    outlines: Mapping[str, Stack]
    entries: tuple[Entry, ...]
    path: str

    def structures(self, sex: str) -> tuple[str, ...]:
        """Give the structures that a phantom of a sex is painted with, each once."""
        found: dict[str, None] = {}
        for entry in self.entries:
            if entry.form.sex in (None, sex):
                for name in entry.names:
                    found[name] = None
                    if name in entry.partners:
                        found[entry.partners[name]] = None
        return tuple(found)

    def fragmented(self) -> frozenset[str]:
        """Give the structures that may be in several pieces."""
        return frozenset(self.body.tidy.fragmented)


def load_description(
    path: str | Path | None = None, ontology: Ontology | None = None
) -> Description:
    """Read a phantom description.

    Parameters
    ----------
    path : str, Path or None
        The body file; the built-in phantom where None.
    ontology : Ontology or None
        Names the structures and their mirror partners; the shipped one where None.

    Raises
    ------
    DiagnosticError
        With every problem found.
    """
    if path is None and ontology is None:
        return _packaged()
    given = Path(path) if path is not None else Path(__file__).with_name("body.yaml")
    return _Reader(ontology or load_ontology()).read(given)


@lru_cache(maxsize=1)
def _packaged() -> Description:
    return _Reader(load_ontology()).read(Path(__file__).with_name("body.yaml"))


class _Reader:
    """Collects the problems of all files of one description."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.problems: list[Diagnostic] = []

    def read(self, path: Path) -> Description:
        document, body = self._file(path, BodyFile, "phantom/1")
        if document is None or body is None:
            raise DiagnosticError(self.problems)
        self._check_body(body, document)
        outlines = {name: stack(form.rows, form.power) for name, form in body.outlines.items()}
        entries: list[Entry] = []
        for name in body.layers:
            entries += self._layer(path.parent / name, body, outlines)
        if self.problems:
            raise DiagnosticError(self.problems)
        return Description(body, outlines, tuple(entries), document.path)

    def _file(
        self, path: Path, model: type[Model], schema: str
    ) -> tuple[Document | None, Model | None]:
        try:
            document = load_document(path)
        except DiagnosticError as error:
            self.problems += error.diagnostics
            return None, None
        wrong = check_schema(document, schema)
        if wrong:
            self.problems += wrong
            return document, None
        form, wrong = validate(model, document)
        self.problems += wrong
        return document, form

    def _check_body(self, body: BodyFile, document: Document) -> None:
        for key, names in (("fragmented", body.tidy.fragmented), ("into", body.tidy.into)):
            for position, name in enumerate(names):
                self._check_structure(name, document, ("tidy", key, position))
        for name in body.tidy.into:
            if name not in body.tidy.fragmented:
                position = body.tidy.into.index(name)
                message = f"`{name}` takes up loose pieces, so it must be `fragmented` itself"
                self._problem("PHA003", message, document, ("tidy", "into", position))

    def _layer(self, path: Path, body: BodyFile, outlines: Mapping[str, Stack]) -> list[Entry]:
        document, layer = self._file(path, LayerFile, "phantom_layer/1")
        if document is None or layer is None:
            return []
        entries = []
        for number, form in enumerate(layer.entries):
            at: YamlPath = ("entries", number)
            self._check_entry(form, body, document, at)
            for shape_at, shape in _shapes(form.shapes, (*at, "shapes")):
                self._check_shape(shape, outlines, document, shape_at)
            hu = layer.defaults.hu if form.hu is None else form.hu
            noise = layer.defaults.noise_hu if form.noise_hu is None else form.noise_hu
            entries.append(Entry(form, hu, noise, self._partners(form, document, at)))
        return entries

    def _check_entry(
        self, form: EntryForm, body: BodyFile, document: Document, at: YamlPath
    ) -> None:
        if form.paint is not None:
            self._check_structure(form.paint, document, (*at, "paint"))
        for name in form.paint_each or ():
            self._check_structure(name, document, (*at, "paint_each", name), key=True)
        for key, names in (("over", form.over), ("spare", form.spare)):
            for position, name in enumerate(names):
                self._check_structure(name, document, (*at, key, position))
        if form.sex is not None and form.sex not in body.sexes:
            message = f"the phantom has no sex `{form.sex}`"
            advice = suggest(form.sex, body.sexes)
            self._problem("PHA003", message, document, (*at, "sex"), advice)

    def _check_structure(
        self, name: str, document: Document, at: YamlPath, key: bool = False
    ) -> None:
        structure = self.ontology.structures.get(name)
        if structure is None:
            message = f"unknown structure `{name}`"
            advice = suggest(name, self.ontology.structures)
        elif structure.abstract:
            message = f"`{name}` only groups structures, so it cannot be painted"
            advice = None
        else:
            return
        span = document.span(at, key=key)
        self.problems.append(Diagnostic("PHA001", "error", message, span=span, help=advice))

    def _partners(self, form: EntryForm, document: Document, at: YamlPath) -> dict[str, str]:
        names = [form.paint] if form.paint is not None else list(form.paint_each or ())
        if not form.mirror:
            return {}
        partners = {}
        for name in names:
            partner = self.ontology.mirror(name) if name in self.ontology.structures else None
            if partner is not None:
                partners[name] = partner
            elif name in self.ontology.structures:
                message = f"`{name}` has no partner on the other side"
                advice = "write `both: true` at the shape, so that both sides are one structure"
                self._problem("PHA003", message, document, (*at, "mirror"), advice)
        return partners

    def _check_shape(
        self, shape: ShapeForm, outlines: Mapping[str, Stack], document: Document, at: YamlPath
    ) -> None:
        for name, where in _named_outlines(shape):
            if name not in outlines:
                message = f"unknown outline `{name}`"
                path = (*at, *where)
                self._problem("PHA002", message, document, path, suggest(name, outlines))
        tube = shape.tube
        if tube is not None and isinstance(tube.radius, list):
            points = sum(p.steps + 1 if isinstance(p, SweepForm) else 1 for p in tube.path)
            if len(tube.radius) != points:
                message = f"{len(tube.radius)} radii for {points} points of the path"
                self._problem("PHA003", message, document, (*at, "tube", "radius"))

    def _problem(
        self,
        code: str,
        message: str,
        document: Document,
        at: YamlPath,
        advice: str | None = None,
    ) -> None:
        span = document.span(at)
        self.problems.append(Diagnostic(code, "error", message, span=span, help=advice))


def _shapes(shapes: list[ShapeForm], at: YamlPath) -> Iterator[tuple[YamlPath, ShapeForm]]:
    """Give the shapes and those that clip them, each with its place."""
    for number, shape in enumerate(shapes):
        here = (*at, number)
        yield here, shape
        yield from _shapes(shape.inside, (*here, "inside"))
        yield from _shapes(shape.outside, (*here, "outside"))


def _named_outlines(shape: ShapeForm) -> Iterator[tuple[str, YamlPath]]:
    if shape.outline is not None:
        yield shape.outline.name, ("outline", "name")
    if shape.tube is not None:
        for number, point in enumerate(shape.tube.path):
            if isinstance(point, SweepForm):
                yield point.on, ("tube", "path", number, "on")
    if shape.sheet is not None:
        for key, points in (("from", shape.sheet.from_), ("to", shape.sheet.to)):
            for number, point in enumerate(points):
                if isinstance(point, SweepForm):
                    yield point.on, ("sheet", key, number, "on")
