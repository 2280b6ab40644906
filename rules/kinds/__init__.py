"""All kinds of expectations, repairs and derivations: one module each, listed here.

Everything else follows from the three tuples: what may be written, the checks, the lowering, the
words of findings, the pages, the tables of the README and the JSON Schema. A new kind is one
module and its name in a tuple.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.listing import listing
from vesalius.rules.kinds.absent import ABSENT
from vesalius.rules.kinds.agrees import AGREES
from vesalius.rules.kinds.at_level import AT_LEVEL
from vesalius.rules.kinds.beside import BESIDE
from vesalius.rules.kinds.both_there import BOTH_THERE
from vesalius.rules.kinds.components import COMPONENTS
from vesalius.rules.kinds.contiguous import CONTIGUOUS
from vesalius.rules.kinds.counted import COUNTED
from vesalius.rules.kinds.densities import DENSITIES
from vesalius.rules.kinds.derive_hu import DERIVE_HU
from vesalius.rules.kinds.elongated import ELONGATED
from vesalius.rules.kinds.extent_ratio import EXTENT_RATIO
from vesalius.rules.kinds.facing import FACING
from vesalius.rules.kinds.fill import FILL
from vesalius.rules.kinds.give_fragments_to_neighbour import GIVE_FRAGMENTS_TO_NEIGHBOUR
from vesalius.rules.kinds.holes import HOLES
from vesalius.rules.kinds.hu import HU
from vesalius.rules.kinds.inside import INSIDE
from vesalius.rules.kinds.keep import KEEP
from vesalius.rules.kinds.kind import Derivation, Expectation, Kind, Repair, Written
from vesalius.rules.kinds.move_to import MOVE_TO
from vesalius.rules.kinds.numbered import NUMBERED
from vesalius.rules.kinds.on_own_side import ON_OWN_SIDE
from vesalius.rules.kinds.ordered import ORDERED
from vesalius.rules.kinds.outside import OUTSIDE
from vesalius.rules.kinds.plausible import PLAUSIBLE
from vesalius.rules.kinds.present import PRESENT
from vesalius.rules.kinds.remove import REMOVE
from vesalius.rules.kinds.renumber import RENUMBER
from vesalius.rules.kinds.rest_of_body import REST_OF_BODY
from vesalius.rules.kinds.swap_side import SWAP_SIDE
from vesalius.rules.kinds.symmetric import SYMMETRIC
from vesalius.rules.kinds.tapering import TAPERING
from vesalius.rules.kinds.together import TOGETHER
from vesalius.rules.kinds.told_apart import TOLD_APART
from vesalius.rules.kinds.touches import TOUCHES
from vesalius.rules.kinds.undivided import UNDIVIDED
from vesalius.rules.kinds.usual_size import USUAL_SIZE
from vesalius.rules.kinds.volume_ml import VOLUME_ML
from vesalius.rules.kinds.volume_ratio import VOLUME_RATIO
from vesalius.rules.kinds.within import WITHIN

__all__ = [
    "DERIVATIONS",
    "EXPECTATIONS",
    "REPAIRS",
    "Derivation",
    "Expectation",
    "Kind",
    "Repair",
    "Written",
    "derivation_of",
    "expectation_of",
    "misfit",
    "repair_of",
    "sentences",
]

EXPECTATIONS: Final[tuple[Expectation, ...]] = (
    ABSENT,
    PRESENT,
    BOTH_THERE,
    COMPONENTS,
    UNDIVIDED,
    ON_OWN_SIDE,
    WITHIN,
    OUTSIDE,
    ORDERED,
    CONTIGUOUS,
    TOUCHES,
    INSIDE,
    VOLUME_ML,
    VOLUME_RATIO,
    EXTENT_RATIO,
    HU,
    SYMMETRIC,
    ELONGATED,
    TAPERING,
    AT_LEVEL,
    HOLES,
    COUNTED,
    NUMBERED,
    BESIDE,
    TOLD_APART,
    AGREES,
    PLAUSIBLE,
    FACING,
    USUAL_SIZE,
    DENSITIES,
    TOGETHER,
)

REPAIRS: Final[tuple[Repair, ...]] = (
    REMOVE,
    SWAP_SIDE,
    RENUMBER,
    MOVE_TO,
    KEEP,
    GIVE_FRAGMENTS_TO_NEIGHBOUR,
    FILL,
)

DERIVATIONS: Final[tuple[Derivation, ...]] = (DERIVE_HU, REST_OF_BODY)

_EXPECTATION_OF: Final = {kind.form: kind for kind in EXPECTATIONS}
_REPAIR_OF: Final = {kind.form or kind.key: kind for kind in REPAIRS}
_DERIVATION_OF: Final = {kind.form: kind for kind in DERIVATIONS}


def expectation_of(form: Form) -> Expectation:
    """Give the kind of an expectation."""
    return _EXPECTATION_OF[type(form)]


def repair_of(form: Form | str) -> Repair:
    """Give the kind of a repair: of a form, or of a word."""
    return _REPAIR_OF[form if isinstance(form, str) else type(form)]


def derivation_of(form: Form) -> Derivation:
    """Give the kind of a derivation."""
    return _DERIVATION_OF[type(form)]


def misfit(repair: Form | str, expect: Form) -> str | None:
    """Say why a repair cannot mend an expectation; None where it can.

    Parameters
    ----------
    repair : Form or str
        As written.
    expect : Form
        As written.
    """
    kind, mends = expectation_of(expect), repair_of(repair)
    if mends.key in kind.repairs:
        return kind.unmendable(expect)
    if len(kind.repairs) == 1:
        return f"`{kind.repairs[0]}` and `{kind.key}` go together"
    return mends.misfit or f"`{mends.key}` goes with {_mended_by(mends)}"


def _mended_by(repair: Repair) -> str:
    """List what a repair mends."""
    return listing(f"`{kind.key}`" for kind in EXPECTATIONS if repair.key in kind.repairs)


def sentences() -> Mapping[str, str]:
    """Give what is said of each kind of finding, by its name."""
    return MappingProxyType(
        {name: said for kind in EXPECTATIONS for name, said in kind.sentences.items()}
    )
