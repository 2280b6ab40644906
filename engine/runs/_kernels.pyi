from typing import Any

from numpy.typing import NDArray

_Array = NDArray[Any]
_Shape = tuple[int, int, int]
_Runs = tuple[_Array, _Array, _Array]
_Corners = tuple[bytes, bytes, bytes]

def encode(
    voxels: _Array,
    line: int,
    first: int,
    start: _Array,
    stop: _Array,
    label: _Array,
    place: int,
    /,
) -> int: ...
def fill(start: _Array, stop: _Array, label: _Array, begin: int, voxels: _Array, /) -> None: ...
def components(
    start: _Array, stop: _Array, key: _Array, shape: _Shape, connectivity: int, number: _Array, /
) -> int: ...
def contacts(
    start: _Array, stop: _Array, row: _Array, rows: int, shape: _Shape, connectivity: int, /
) -> tuple[bytes, bytes]: ...
def measure(
    start: _Array,
    stop: _Array,
    group: _Array,
    shape: _Shape,
    voxels: _Array,
    lo: _Array,
    hi: _Array,
    index_sum: _Array,
    /,
) -> None: ...
def overlaps(
    start: _Array,
    stop: _Array,
    label: _Array,
    other_start: _Array,
    other_stop: _Array,
    other_label: _Array,
    columns: int,
    voxels: _Array,
    /,
) -> None: ...
def surface_steps(
    one: _Runs,
    other: _Runs,
    shape: _Shape,
    labels: int,
    kind_of_code: _Array,
    steps: _Array,
    kinds: int,
    counts: _Array,
    other_counts: _Array,
    /,
) -> tuple[tuple[_Corners, _Corners], tuple[_Corners, _Corners]]: ...
def nearest(
    points: _Array,
    places: _Array,
    group: _Array,
    axes: int,
    limit: float,
    slack: float,
    best: _Array,
    away: _Array,
    /,
) -> None: ...
def count(start: _Array, stop: _Array, label: _Array, voxels: _Array, /) -> None: ...
def join(
    start: _Array,
    stop: _Array,
    label: _Array,
    line: int,
    to_start: _Array = ...,
    to_stop: _Array = ...,
    to_label: _Array = ...,
    /,
) -> int: ...
def pick(
    start: _Array,
    stop: _Array,
    label: _Array,
    following: _Array,
    by_row: bool,
    to_start: _Array,
    to_stop: _Array,
    to_label: _Array,
    row: _Array,
    /,
) -> None: ...
def refine(
    maps: tuple[tuple[_Array, _Array, _Array], ...],
    differing: bool,
    start: _Array,
    stop: _Array,
    labels: _Array,
    /,
) -> int: ...
def merge(
    maps: tuple[tuple[_Array, _Array, _Array, _Array], ...],
    rank: _Array,
    line: int,
    start: _Array,
    stop: _Array,
    label: _Array,
    pairs: _Array,
    cells: tuple[_Array, ...],
    /,
) -> int: ...
