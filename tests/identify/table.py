"""How often the scheme of a perfect prediction of the phantom is the first that is named.

Run from the root of the repository: ``python tests/identify/table.py``; with VESALIUS_DATA also
on real cases.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import nibabel as nib
import numpy as np

import vesalius
from vesalius.adapters.identify.ranking import Identification, rank
from vesalius.adapters.identify.seen import seen_in
from vesalius.adapters.keeping.known import known_schemes
from vesalius.adapters.phantom import Phantom, load_description, make_phantom
from vesalius.adapters.phantom.predict import clean_prediction
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology
from vesalius.ontology.scheme.scheme import Scheme

SPACING_MM = (5.0, 5.0, 5.0)
SEEDS = {"female": 1, "male": 1}
PARTS = (None, "thorax", "abdomen")
SIZES = {"1": (1, 1), "2 to 4": (2, 4), "5 and more": (5, 65535)}
REAL = {
    "totalseg_s0327/gt_v2.nii.gz": "totalsegmentator_v2",
    "ts_example_ct_3mm/seg_v1_full.nii.gz": "totalsegmentator_v1",
    "ts_example_ct_3mm/seg_v2_fast_force_split.nii.gz": "totalsegmentator_v2",
    "ts_example_ct_slab30/seg_v2.nii.gz": "totalsegmentator_v2",
    "ts_example_ct_slab30/seg_v2_IDS_BEFORE_2.2.1_rib_fix.nii.gz": "totalsegmentator_v2_pre221",
    "ts_dicom_slab20/seg_v2.nii.gz": "totalsegmentator_v2",
    "verse/sub-verse004_seg-vert_msk.nii.gz": "verse",
    "gstt_chest_slab20/derived_multilabel_v1.nii.gz": "totalsegmentator_v1",
    "gstt_chest_slab20/masks_v1": "totalsegmentator_v1",
}


class Judged(NamedTuple):
    """What was said of one scheme's map.

    `first` also where another reading has exactly the same score.
    """

    scheme: str
    labels: int
    first: bool
    clear: str | None
    found: Identification

    @property
    def mistaken(self) -> bool:
        """Whether a scheme that reads the file otherwise is called the clear winner."""
        return self.clear is not None and not self.first


def body(sex: str) -> Phantom:
    """Make the phantom of the table."""
    return make_phantom(load_description(), SPACING_MM, sex=sex, seed=SEEDS[sex])


def judge(
    phantom: Phantom, part: str | None, schemes: Sequence[Scheme], ontology: Ontology
) -> Iterator[Judged]:
    """Rank all schemes for the map of each; those with no class in the part are left out."""
    for scheme in schemes:
        labels = clean_prediction(phantom, scheme, ontology)
        affine = phantom.grid.affine.copy()
        if part is not None:
            low, high = phantom.bands_mm[part]
            z = affine[2, 3] + affine[2, 2] * np.arange(labels.shape[2])
            inside = np.flatnonzero((z >= low) & (z <= high))
            labels = labels[:, :, inside[0] : inside[-1] + 1]
            affine[:3, 3] += affine[:3, 2] * inside[0]
        seen = seen_in(encode(np.asfortranarray(labels), affine), scheme.name)
        if not len(seen):
            continue
        found = rank(seen, schemes, ontology)
        fit = found.fit(scheme.name)
        alike = scheme.name in found.readings[0].schemes
        tied = fit is not None and fit.score == found.readings[0].score
        yield Judged(scheme.name, len(seen), alike or tied, found.clear, found)


def rows(name: str, judged: list[Judged]) -> Iterator[str]:
    """Write the lines of the table for one body."""
    for size, (least, most) in SIZES.items():
        some = [each for each in judged if least <= each.labels <= most]
        first = sum(each.first for each in some)
        clear = sum(each.clear is not None for each in some)
        wrong = sum(each.mistaken for each in some)
        yield f"| {name} | {size} | {len(some)} | {first} | {clear} | {wrong} |"


def head(judged: list[Judged]) -> Iterator[str]:
    """Say of maps of five labels and more which are not first, and which cannot be told apart."""
    for each in judged:
        if each.labels >= SIZES["5 and more"][0] and each.clear is None:
            before = each.found.readings[0].schemes
            others = () if each.scheme in before else before[:1]
            others += tuple(name for name in each.found.rivals if name != each.scheme)
            shown = ", ".join(f"`{name}`" for name in others[:3])
            yield f"| `{each.scheme}` | {'first' if each.first else 'not first'} | {shown} |"


def main() -> None:
    """Print the tables of README.md."""
    ontology = load_ontology()
    schemes = known_schemes().schemes
    print("| body | labels | maps | right one first | clear winner | of these wrong |")
    print("|---|---|---:|---:|---:|---:|")
    whole: list[Judged] = []
    for sex in SEEDS:
        phantom = body(sex)
        for part in PARTS:
            judged = list(judge(phantom, part, schemes, ontology))
            whole = whole or judged
            print("\n".join(rows(f"{sex}, {part or 'whole'}", judged)))
    print("\n| map of | is | not clearly better than, or after |")
    print("|---|---|---|")
    print("\n".join(head(whole)))
    data = os.environ.get("VESALIUS_DATA")
    if data is not None:
        print("\n| real case | scheme | right one | without names in the file |")
        print("|---|---|---|---|")
        for place, scheme in REAL.items():
            said = [_verdict(vesalius.identify(Path(data) / place), scheme), "as before"]
            if (Path(data) / place).is_file():
                image = nib.load(Path(data) / place)
                bare = (np.asanyarray(image.dataobj), image.affine)
                said[1] = _verdict(vesalius.identify(bare), scheme)
            print(f"| `{place}` | `{scheme}` | {' | '.join(said)} |")


def _verdict(found: Identification, scheme: str) -> str:
    first = f"first of {len(found.readings[0].fits)} that read it alike"
    if scheme not in found.readings[0].schemes:
        first = f"after `{found.best}`"
    return f"{first}, {'clear' if found.clear else 'not clear'}"


if __name__ == "__main__":
    sys.exit(main())
