"""Wrong numbers of ribs and vertebrae."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from planting.patient import FACES, Labels, Patient, chain_steps, inner_patch

RIBS = ("rib_left_", "rib_right_")


def _renamed(patient: Patient, names: dict[str, str]) -> Labels:
    table = np.arange(int(patient.truth.max()) + 1, dtype=np.uint16)
    for old, new in names.items():
        table[patient[old]] = patient[new]
    return np.asarray(table[patient.truth])


def _side(patient: Patient, random: np.random.Generator) -> list[str]:
    return patient.numbered(RIBS[int(random.integers(2))])


def ribs_shifted(patient: Patient, random: np.random.Generator) -> Labels:
    """On one side each rib carries the next number; the last two share theirs."""
    return _renamed(patient, dict(chain_steps(_side(patient, random))))


def ribs_shifted_up(patient: Patient, random: np.random.Generator) -> Labels:
    """On one side each rib carries the number before; the first two share theirs."""
    names = _side(patient, random)
    return _renamed(patient, dict(chain_steps(names[::-1])))


def ribs_interchanged(patient: Patient, random: np.random.Generator) -> Labels:
    """On each side two neighbouring ribs carry each other's number."""
    names = {}
    for prefix in RIBS:
        chain = patient.numbered(prefix)
        k = int(random.integers(len(chain) - 1))
        names |= {chain[k]: chain[k + 1], chain[k + 1]: chain[k]}
    return _renamed(patient, names)


def ribs_reversed(patient: Patient, random: np.random.Generator) -> Labels:
    """Rib k carries 13 - k, as in the masks that the paper's authors published."""
    names = {}
    for prefix in RIBS:
        chain = patient.numbered(prefix)
        names |= dict(zip(chain, chain[::-1], strict=True))
    return _renamed(patient, names)


def ribs_shuffled(patient: Patient, random: np.random.Generator) -> Labels:
    """All 24 numbers and sides are drawn by lot."""
    chain = [name for prefix in RIBS for name in patient.numbered(prefix)]
    return _renamed(patient, dict(zip(chain, random.permutation(chain), strict=True)))


def ribs_other_side(patient: Patient, random: np.random.Generator) -> Labels:
    """The ribs of both sides are interchanged."""
    left, right = (patient.numbered(prefix) for prefix in RIBS)
    return _renamed(patient, dict(zip(left + right, right + left, strict=True)))


def ribs_patches(patient: Patient, random: np.random.Generator) -> Labels:
    """A patch of each rib carries its neighbour's number."""
    planted = patient.truth.copy()
    for prefix in RIBS:
        _patches(patient, patient.numbered(prefix), planted, random)
    return planted


def ribs_halves(patient: Patient, random: np.random.Generator) -> Labels:
    """The front half of every other rib carries its neighbour's number."""
    planted = patient.truth.copy()
    for prefix in RIBS:
        for name, other in list(chain_steps(patient.numbered(prefix)))[::2]:
            voxels = patient.voxels(name)
            front = voxels[voxels[:, 1] > np.median(voxels[:, 1])]
            planted[tuple(front.T)] = patient[other]
    return planted


def ribs_cropped_and_shifted(patient: Patient, random: np.random.Generator) -> Labels:
    """The lower ribs lie outside of the labels, and the others of one side are one off."""
    chain = _side(patient, random)
    names = dict(chain_steps(chain[:9]))
    planted = _renamed(patient, names)
    for prefix in RIBS:
        for name in patient.numbered(prefix)[9:]:
            planted[patient.truth == patient[name]] = 0
    return planted


def _spine(patient: Patient) -> list[str]:
    return [*patient.numbered("vertebrae_"), "sacrum"]


def vertebra_fragments(patient: Patient, random: np.random.Generator) -> Labels:
    """A patch of each vertebra, in no touch with its neighbour, carries the neighbour's name."""
    planted = patient.truth.copy()
    _patches(patient, _spine(patient), planted, random)
    return planted


def vertebra_far_fragments(patient: Patient, random: np.random.Generator) -> Labels:
    """A patch of each third vertebra carries the name of the vertebra after the next."""
    planted = patient.truth.copy()
    chain = _spine(patient)
    for name, other in list(zip(chain, chain[2:], strict=False))[::3]:
        patch = inner_patch(patient, name, 1.0, random)
        if patch is not None:
            planted[patch] = patient[other]
    return planted


def _patches(
    patient: Patient, chain: list[str], planted: Labels, random: np.random.Generator
) -> None:
    for k, name in enumerate(chain):
        others = [chain[i] for i in (k - 1, k + 1) if 0 <= i < len(chain)]
        other = others[int(random.integers(len(others)))]
        touching = ndimage.binary_dilation(patient.truth == patient[other], FACES)
        patch = inner_patch(patient, name, 1.0, random)
        if patch is not None and not touching[patch].any():
            planted[patch] = patient[other]


def vertebra_bleeds(patient: Patient, random: np.random.Generator) -> Labels:
    """Each fourth vertebra grows through the disc into the one above, in one piece."""
    planted = patient.truth.copy()
    for upper, lower in list(chain_steps(patient.numbered("vertebrae_")))[2::4]:
        grown = patient.truth == patient[lower]
        above = patient.truth == patient[upper]
        for _ in range(8):
            grown = ndimage.binary_dilation(grown, FACES)
            if np.count_nonzero(grown & above) > 8:
                break
        planted[grown & above] = patient[lower]
        # What lies between keeps its label but for one column.
        column = np.argwhere(grown & above)[0]
        below = np.flatnonzero(patient.truth[column[0], column[1], : column[2]] == patient[lower])
        if len(below):
            planted[column[0], column[1], below[-1] : column[2]] = patient[lower]
    return planted


def vertebrae_interchanged(patient: Patient, random: np.random.Generator) -> Labels:
    """Two neighbouring vertebrae carry each other's name."""
    chain = patient.numbered("vertebrae_")
    k = int(random.integers(7, len(chain) - 1))
    return _renamed(patient, {chain[k]: chain[k + 1], chain[k + 1]: chain[k]})


def vertebra_block_shifted(patient: Patient, random: np.random.Generator) -> Labels:
    """T5 to T9 are called T6 to T10; T5 is missing, and there are two T10."""
    chain = [f"vertebrae_T{k}" for k in range(5, 11)]
    return _renamed(patient, dict(chain_steps(chain)))


def vertebrae_all_shifted(patient: Patient, random: np.random.Generator) -> Labels:
    """From T12 on each vertebra is called as the next; the last one belongs to the sacrum."""
    chain = _spine(patient)
    return _renamed(patient, dict(chain_steps(chain[chain.index("vertebrae_T12") :])))
