"""What each pack promises about each kind of mistake; README.md has the measured shares.

restores: at least 99 % of the voxels are as in the truth again, and none is harmed.
clears: at least 99 % of the voxels lose the wrong label, and none is harmed.
reports: a rule finds the mistake, and none is harmed.
harmless: the pack has no rule for it; none is harmed.
"""

from __future__ import annotations

PROMISES: dict[str, dict[str, tuple[str, ...]]] = {
    "dap_atlas": {
        "restores": (
            "side patches/split pairs",
            "side halves/split pairs",
            "side one whole/split pairs",
            "side swapped/split pairs",
            "side swapped/iliac vessels",
            "ribs/shifted down",
            "ribs/shifted up",
            "ribs/interchanged",
            "ribs/reversed",
            "ribs/shuffled",
            "ribs/other side",
            "ribs/patches",
            "ribs/halves",
            "spine/fragments",
            "blobs near/suppressed",
            "blobs in air/suppressed",
            "areas/eyes as gonads",
            "areas/nose as colon",
            "areas/nose as small bowel",
            "areas/cheeks as thyroid",
            "areas/trachea as bronchus",
            "areas/gonads in brain",
            "areas/thyroid in head",
            "areas/bronchus in head",
            "gaps/unknown tissue",
            "gaps/skull",
            "gaps/skull as muscle",
        ),
        "clears": (
            "blobs far/suppressed",
            "areas/colon in neck",
            "areas/small bowel in neck",
            "areas/bladder above pelvis",
            "areas/cartilage in head",
            "sex/strays",
            "sex/cervix strays",
            "sex/organ",
            "gaps/holes in organs",
            "gaps/holes in tissue",
        ),
        "reports": (),
    },
    "recommended": {
        "restores": ("sex/strays", "sex/cervix strays"),
        "clears": ("sex/organ",),
        "reports": (),
    },
}


def promise(pack: str, kind: str) -> str:
    """Return what a pack promises about a kind."""
    for word, kinds in PROMISES[pack].items():
        if kind in kinds:
            return word
    return "harmless"
