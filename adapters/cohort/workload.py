"""How much work a cohort is, told from the headers of its cases before any of it is done.

These are estimates for a scheduler, which kills what takes more than it asked for: a job that is
tried again asks for more. Measured with 143 structures on 512 x 512 x 370 voxels and the rules of
`recommended`: 9 s of CPU, and at the most 4 bytes a voxel, or 7.5 with a CT.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.shard import Shard
from vesalius.adapters.files.mask_names import mask_files
from vesalius.adapters.files.nifti_header import read_grid
from vesalius.ontology.reading.diagnostics import DiagnosticError

_CASE_S, _VOXEL_S, _SOURCE_VOXEL_S = 0.5, 1e-7, 2e-8
_PROCESS_BYTES, _VOXEL_BYTES, _IMAGE_VOXEL_BYTES, _SOURCE_VOXEL_BYTES = 300e6, 4.0, 4.0, 1.0
_SPARE = 1.5
"""Cases differ in how many runs their voxels make."""


@dataclass(frozen=True)
class Workload:
    """What a case is thought to need.

    Parameters
    ----------
    case : str
        Its name.
    cpu_s : float
        Seconds of one core.
    memory_bytes : float
        Of the process that has it, at the most.
    """

    case: str
    cpu_s: float
    memory_bytes: float


@dataclass(frozen=True)
class ShardNeeds:
    """What the job of a shard asks for.

    Parameters
    ----------
    memory_mb : int
        Of all its processes together, in 10^6 bytes.
    minutes : int
        How long it may take: twice what is thought.
    """

    memory_mb: int
    minutes: int


def estimate_workloads(tasks: Iterable[CaseTask]) -> list[Workload]:
    """Read the headers of cases and say what each may need.

    Parameters
    ----------
    tasks : iterable of CaseTask
        The cases.

    Returns
    -------
    list of Workload
        In order. Of a case whose header cannot be read, running it will tell; it counts as the
        largest of the others.
    """
    voxels = [(task, _voxels(task)) for task in tasks]
    most = max((number for _, number in voxels if number is not None), default=0)
    return [_workload(task, most if number is None else number) for task, number in voxels]


def shards_for(workloads: Sequence[Workload], minutes: float, workers: int) -> int:
    """Give the number of shards of which each takes about so long.

    Parameters
    ----------
    workloads : sequence of Workload
        All cases.
    minutes : float
        How long a shard shall take.
    workers : int
        Cases at a time in one shard.
    """
    total_s = sum(load.cpu_s for load in workloads)
    return max(1, min(len(workloads), math.ceil(total_s / (60 * minutes * workers))))


def shard_needs(workloads: Sequence[Workload], count: int, workers: int) -> list[ShardNeeds]:
    """Give what each of so many shards asks for, by number."""
    groups: list[list[Workload]] = [[] for _ in range(count)]
    for load in workloads:
        groups[Shard.of(load.case, count).number - 1].append(load)
    return [_needs(group, workers) for group in groups]


def _needs(group: Sequence[Workload], workers: int) -> ShardNeeds:
    largest = sorted((load.memory_bytes for load in group), reverse=True)[:workers]
    # The process that hands out cases is one more.
    memory_mb = math.ceil((_PROCESS_BYTES + sum(largest)) / 1e6)
    seconds = sum(load.cpu_s for load in group) / workers
    return ShardNeeds(memory_mb, 5 + math.ceil(2 * seconds / 60))


def _workload(task: CaseTask, voxels: int) -> Workload:
    more = len(task.files.predictions) - 1
    cpu_s = _CASE_S + voxels * (_VOXEL_S + more * _SOURCE_VOXEL_S)
    each = _VOXEL_BYTES + more * _SOURCE_VOXEL_BYTES
    if task.files.image is not None:
        each += _IMAGE_VOXEL_BYTES
    return Workload(task.case, cpu_s, _PROCESS_BYTES + _SPARE * voxels * each)


def _voxels(task: CaseTask) -> int | None:
    """Count the voxels of the image, or of the first prediction; None where no header says."""
    path = task.files.image or task.files.predictions[0].path
    try:
        return math.prod(read_grid(mask_files(path)[0] if path.is_dir() else path).shape)
    except (DiagnosticError, OSError):
        return None
