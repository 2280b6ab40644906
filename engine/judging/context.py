"""The state of one case while steps run: an immutable view of a map with a shared cache.

A context belongs to one map. What it computes is kept under the versions of the labels that it
depends on; a label gets a new version whenever a step gives or takes voxels of it. So a step
that touches two labels leaves everything known about the others in place, and a step that is
taken back costs nothing.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vesalius.engine.judging.changes import Changes
from vesalius.engine.judging.doubted import Doubted
from vesalius.engine.judging.fitting import fit_to_map
from vesalius.engine.judging.label_changes import LabelChange, Versions, by_label
from vesalius.engine.judging.labelwise import Labelwise, OwnByState
from vesalius.engine.judging.verdict import Missing
from vesalius.engine.merge.anchors import SLACK, AnchorFit
from vesalius.engine.plan.plan import Anchor
from vesalius.engine.runs.components import Components, components
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.measure import Measures

T = TypeVar("T")

# Only the latest entries are kept: a step looks at a few labels, a case has a few hundred. What
# concerns one label alone is kept with the map.
_ENTRIES = 256


class Image(Protocol):
    """Hounsfield values on the grid of the label map."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along i, j, k."""

    def values(self, slab: tuple[slice, slice, slice]) -> NDArray[Any]:
        """Return the values of a box of voxels, in index order i, j, k."""


@dataclass(frozen=True, eq=False)
class ArrayImage:
    """An image that lies in memory.

    Parameters
    ----------
    array : ndarray of numbers, shape (i, j, k)
        Hounsfield values.
    """

    array: NDArray[Any]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along i, j, k."""
        i, j, k = self.array.shape
        return i, j, k

    def values(self, slab: tuple[slice, slice, slice]) -> NDArray[Any]:
        """Return the values of a box of voxels, in index order i, j, k."""
        return np.asarray(self.array[slab])


@dataclass(frozen=True)
class Source:
    """What one source says by itself.

    Parameters
    ----------
    name : str
        What findings call it.
    labels : LabelMap
        What it paints, in work labels, on the grid of the map.
    divided : frozenset of int
        Labels that a plane gave it: the side on which they lie says nothing.
    """

    name: str
    labels: LabelMap
    divided: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class _Shared:
    """What all contexts of a case share; `at_first` is kept of `begin`, with which it begins."""

    begin: Labelwise
    anchors: tuple[Anchor, ...]
    metadata: Mapping[str, str]
    image: Image | None
    tokens: Mapping[int, str]
    sources: tuple[Source, ...] = ()
    cache: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    numbers: Versions = field(default_factory=Versions)
    known: OwnByState = field(default_factory=weakref.WeakValueDictionary)
    at_first: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Context:
    """One map of a case and what is known about it.

    Make the first with :func:`start`, the next with :meth:`after`.

    Parameters
    ----------
    known : Labelwise
        The map, in work labels, and what is known of each label.
    versions : mapping of int to int
        Version of each label that was written, and of background; 0 for the others.
    shared : _Shared
        Anchors, metadata, image, tokens, sources and the cache.
    doubted : Doubted or None
        Voxels that no repair may touch; None where there are none.
    around : Context or None
        The whole case, where this is what one of its sources says.
    divided : frozenset of int
        As of :class:`Source`, where this is what one of them says.
    distrusted : frozenset of int
        Numbers of the sources of which nothing can be believed; they are not held against others.
    background : tuple of LabelChange
        What edits have made of the background that the case began with, one after the other.
    """

    known: Labelwise
    versions: Mapping[int, int]
    shared: _Shared
    doubted: Doubted | None = None
    around: Context | None = None
    divided: frozenset[int] = frozenset()
    distrusted: frozenset[int] = frozenset()
    background: tuple[LabelChange, ...] = ()

    # What the case says -------------------------------------------------------------------------

    @property
    def metadata(self) -> Mapping[str, str]:
        """What is known about the case, by key."""
        return self.shared.metadata

    @property
    def image(self) -> Image | None:
        """The Hounsfield values, None where the case has none."""
        return self.shared.image

    def name(self, label: int) -> str:
        """Return the token of a label, for reports."""
        if label == 0:
            return "background"
        return self.shared.tokens.get(label, f"label {label}")

    def names(self, labels: Iterable[int]) -> str:
        """Return the tokens of some labels, for reports."""
        return ", ".join(self.name(label) for label in labels)

    # The map ------------------------------------------------------------------------------------

    @property
    def work(self) -> LabelMap:
        """The map, in work labels."""
        return self.known.work

    @property
    def grid(self) -> Grid:
        """The grid of the map; for it alone no map is made."""
        return self.known.grid

    def at_the_beginning(self) -> Context:
        """Return what is known of the map that the case began with."""
        return replace(self, known=self.shared.begin, versions={}, doubted=None, background=())

    def after(self, found: Changes, work: LabelMap | None = None) -> Context:
        """Return the context of a changed map.

        Parameters
        ----------
        found : Changes
            What was changed.
        work : LabelMap, optional
            The map after it, on the same grid and axes; else it is made when it is asked for.
        """
        each = list(by_label(found))
        numbers = {
            change.label: self.shared.numbers.after(self.versions, change) for change in each
        }
        versions = {**self.versions, **numbers}
        known = self.known.after(found, each, versions, self.shared.known, work)
        background = (*self.background, *(change for change in each if change.label == 0))
        return replace(self, known=known, versions=versions, background=background)

    def changed_since(self, before: Mapping[int, int]) -> frozenset[int]:
        """Return the labels that have other voxels than when they had other versions."""
        now, kept = self.versions, self._changed
        if before is now:
            return frozenset()
        if id(before) not in kept:
            same = before.items() & now.items()
            labels = {label for label, _ in same}
            kept[id(before)] = before, frozenset((before.keys() | now.keys()) - labels)
        return kept[id(before)][1]

    @cached_property
    def _changed(self) -> dict[int, tuple[Mapping[int, int], frozenset[int]]]:
        """What :meth:`changed_since` found, with the versions, so that no others get their id."""
        return {}

    def doubting(self, doubted: Doubted | None) -> Context:
        """Return the same with voxels that no repair may touch."""
        return replace(self, doubted=doubted)

    def cached(self, kind: str, labels: Sequence[int], make: Callable[[], T], *more: Hashable) -> T:
        """Return what `make` returns, from the cache where the labels are unchanged.

        Parameters
        ----------
        kind : str
            What is computed.
        labels : sequence of int
            The labels that it depends on; their order counts.
        make : callable
            Computes it.
        *more : hashable
            Further arguments that it depends on.
        """
        if self.versions:
            versions = tuple(self.versions.get(label, 0) for label in labels)
        else:
            versions = (0,) * len(labels)
        key = (kind, tuple(labels), versions, *more)
        cache = self.shared.cache
        if key in cache:
            cache[key] = cache.pop(key)
        else:
            cache[key] = make()
            while len(cache) > _ENTRIES:
                cache.pop(next(iter(cache)))
        found: T = cache[key]
        return found

    def cached_for_map(self, kind: str, make: Callable[[], T], *more: Hashable) -> T:
        """Return what `make` returns, from the cache where the whole map is unchanged."""
        return self.cached(kind, (), make, self._state, *more)

    @cached_property
    def _state(self) -> frozenset[tuple[int, int]]:
        """What tells the map from all others of the case."""
        return frozenset(self.versions.items())

    def part(self, labels: Sequence[int]) -> LabelMap:
        """Return the runs of some labels."""
        wanted = tuple(sorted(set(labels)))
        if len(wanted) == 1:
            return self.known.part(wanted)
        return self.cached("part", wanted, lambda: self.known.part(wanted))

    def measures(self, labels: Sequence[int]) -> Measures:
        """Return counts, boxes and centres of those of the labels that are present, ascending."""
        wanted = tuple(sorted(set(labels)))
        if len(wanted) == 1:
            return self.known.measures(wanted)
        return self.cached("measures", wanted, lambda: self.known.measures(wanted))

    def voxels(self, labels: Sequence[int]) -> dict[int, int]:
        """Return the number of voxels of each of the labels, 0 where it is absent."""
        found = self.measures(labels)
        counts = dict(zip(found.label.tolist(), found.voxels.tolist(), strict=True))
        return {label: counts.get(label, 0) for label in labels}

    def present(self, labels: Sequence[int]) -> tuple[int, ...]:
        """Return those of the labels that have voxels, in the order given."""
        return self.known.present(labels)

    def cut_by_border(self, label: int) -> bool:
        """Tell whether the label has a voxel in the first or last layer of an array axis."""
        return bool(self.measures((label,)).on_border.any())

    def components(
        self, labels: Sequence[int], connectivity: int = 6, *, joint: bool = False
    ) -> Components:
        """Return the components of some labels, as components of :meth:`part` of them.

        Parameters
        ----------
        labels : sequence of int
            The labels.
        connectivity : int
            6, 18 or 26.
        joint : bool
            Whether all of them count as one label.
        """
        wanted = tuple(sorted(set(labels)))

        def make() -> Components:
            if joint:
                runs = self.part(wanted)
                return components(runs, connectivity, np.ones(runs.largest + 1, dtype=np.uint16))
            return self.known.components(wanted, connectivity)

        if len(wanted) == 1 and not joint:
            return make()
        return self.cached("components", wanted, make, connectivity, joint)

    # Anchors ------------------------------------------------------------------------------------

    def fit(self, anchor: int) -> AnchorFit:
        """Fit an anchor, by its number, to the present map."""
        spec = self.shared.anchors[anchor]
        return self.cached("fit", spec.labels, lambda: fit_to_map(spec, self.known), anchor)

    def fitted(self, anchor: int) -> AnchorFit:
        """Fit an anchor that must be usable.

        Raises
        ------
        Missing
            If it is missing or implausible; the text says why.
        """
        fit = self.fit(anchor)
        if not fit.fitted:
            raise self.unfitted(anchor)
        return fit

    def unfitted(self, anchor: int) -> Missing:
        """Say why an anchor cannot be used, and which structures are not there for it."""
        fit = self.fit(anchor)
        labels = self.shared.anchors[anchor].labels if fit.status == "missing" else ()
        there = set(self.present(labels))
        absent = tuple(self.name(label) for label in labels if label not in there)
        return Missing(f"the anchor {fit.token} is {fit.status}: {fit.reason}", absent)

    def the_image(self) -> Image:
        """Return the image that a step cannot do without.

        Raises
        ------
        Missing
            If the case has none.
        """
        if self.image is None:
            raise Missing("the case has no image in HU")
        return self.image

    # Volumes: limits with a tie kept, so that rounding never decides ------------------------------

    def below_ml(self, voxels: ArrayLike, limit_ml: float) -> NDArray[np.bool_]:
        """Tell whether some number of voxels (scalar or array) is less than a volume."""
        volume_ml = np.asarray(voxels) * self.grid.voxel_ml
        return np.asarray(volume_ml < limit_ml * (1 - SLACK))

    def above_ml(self, voxels: ArrayLike, limit_ml: ArrayLike) -> NDArray[np.bool_]:
        """Tell whether some number of voxels is more than a volume (scalars or arrays)."""
        volume_ml = np.asarray(voxels) * self.grid.voxel_ml
        return np.asarray(volume_ml > np.asarray(limit_ml) * (1 + SLACK))


def start(
    work: LabelMap,
    anchors: Sequence[Anchor] = (),
    metadata: Mapping[str, str] | None = None,
    image: Image | None = None,
    tokens: Mapping[int, str] | None = None,
    sources: Sequence[Source] = (),
) -> Context:
    """Return the context that a case begins with.

    Parameters
    ----------
    work : LabelMap
        The map, in work labels.
    anchors : sequence of Anchor
        As the plan lists them.
    metadata : mapping of str to str, optional
        What is known about the case.
    image : Image, optional
        Hounsfield values on the same grid.
    tokens : mapping of int to str, optional
        Names of the labels in reports.
    sources : sequence of Source, optional
        What each source says by itself, where that is known.

    Raises
    ------
    ValueError
        If the image has another shape than the map.
    """
    if image is not None and tuple(image.shape) != work.grid.shape:
        raise ValueError(f"the image has shape {image.shape}, the map {work.grid.shape}")
    begin, facts = Labelwise(work), dict(metadata or {})
    shared = _Shared(begin, tuple(anchors), facts, image, tokens or {}, tuple(sources))
    return Context(begin, {}, shared)
