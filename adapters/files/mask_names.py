"""Which files of a folder are masks, and of which class: by their names alone."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from vesalius.adapters.files.io_diagnostics import failure, listing, unreadable
from vesalius.adapters.files.nifti_names import is_nifti_name, nifti_stem
from vesalius.adapters.files.other_formats import hint_for_folder
from vesalius.ontology.reading.diagnostics import suggest

_INSIDE: Final = ("segmentations", "segmentation", "masks")
"""How datasets call the folder of masks beside the image of a case."""
_LABELS: Final = re.compile("label|seg|mask", re.IGNORECASE)
"""What folders of labels are called, where those of images stand beside them."""
_WORDS_AROUND: Final = ("mask", "seg", "label", "roi")
_SHOWN: Final = 3
_DEPTHS: Final = (("*/*", "*/*/*"), ("*/*/*/*",))
"""Where files are looked for below a folder; the later ones where the earlier have none."""


class FolderEntry(Protocol):
    """What is needed of a scheme's entry."""

    @property
    def integer(self) -> int:
        """The class's number."""

    @property
    def name(self) -> str:
        """The class's name."""


class FolderScheme(Protocol):
    """What is needed of a scheme."""

    @property
    def name(self) -> str:
        """The scheme's name."""

    @property
    def entries(self) -> Sequence[FolderEntry]:
        """Its classes."""

    @property
    def folder(self) -> str:
        """How a class's file is called, with ``{name}`` or ``{integer}``."""


def mask_root(folder: Path) -> Path:
    """Give the folder in which the masks of a case lie: the one given, or the one in it.

    A case as datasets have it, ``s0011/`` with the image and ``segmentations/``, is given by its
    own folder; so is one that has nothing but a folder of masks.

    Raises
    ------
    OSError
        If it cannot be listed.
    """
    places = sorted(folder.iterdir())
    folders = [p for p in places if os.path.isdir(p) and not p.name.startswith(".")]
    inside = [p for p in folders if _has_nifti(p)]
    if len(inside) == 1 and inside[0].name.lower() in _INSIDE:
        return inside[0]
    own = any(is_nifti_name(p.name) for p in places if p not in folders)
    return inside[0] if len(inside) == 1 and not own else folder


def holds_masks(folder: Path) -> bool:
    """Tell whether a folder is that of a case's masks.

    One that cannot be listed is taken for it, so that its reader says why.
    """
    try:
        return _has_nifti(mask_root(folder))
    except OSError:
        return True


def mask_files(path: str | Path) -> list[Path]:
    """List the mask files of a case's folder by name.

    Raises
    ------
    DiagnosticError
        IO001, IO002 no folder that can be listed; IO030 none in it.
    """
    given = Path(path)
    try:
        folder = mask_root(given)
        places = list(folder.iterdir())
        names = sorted(place.name for place in places if not os.path.isdir(place))
    except NotADirectoryError:
        raise failure("IO030", given, "this is a file, not a folder of masks") from None
    except OSError as error:
        raise unreadable(given, error) from None
    masks = [name for name in names if is_nifti_name(name)]
    if not masks:
        text = "the folder is empty" if not places else "there is no NIfTI file in the folder"
        hint = "masks are files such as `name_of_class.nii.gz`, directly in the folder"
        raise failure("IO030", given, text, deeper_hint(given) or hint_for_folder(given) or hint)
    return [folder / name for name in masks]


def deeper_hint(folder: Path) -> str | None:
    """Say where NIfTI files lie below a folder that has none itself; None where none do."""
    levels = (
        sorted(
            {
                path.parent
                for each in depth
                for path in folder.glob(each)
                if is_nifti_name(path.name)
            }
        )
        for depth in _DEPTHS
    )
    cases = next(filter(None, levels), None)
    if not cases:
        return None
    shown = listing([f"`{case.relative_to(folder)}`" for case in cases], _SHOWN)
    example = next((case for case in cases if _LABELS.search(case.name)), cases[0])
    return (
        f"NIfTI files lie below it, in {shown}; give one case's folder such as `{example}`, or "
        f"all of them: `{folder}/{'*/' * len(example.relative_to(folder).parts)}`"
    )


def class_stems(folder: Path, scheme: FolderScheme) -> dict[str, int]:
    """Give the integer of each class by the stem of its mask's file.

    Raises
    ------
    DiagnosticError
        IO036 where the scheme gives no stem, or one to two classes.
    """
    names: dict[str, int] = {}
    for entry in scheme.entries:
        try:
            stem = nifti_stem(scheme.folder.format(name=entry.name, integer=entry.integer))
        except (LookupError, ValueError, AttributeError):
            text = f"scheme `{scheme.name}` names its mask files `{scheme.folder}`"
            hint = "write `folder:` with `{name}` or `{integer}`, such as `{name}.nii.gz`"
            raise failure("IO036", folder, f"{text}, which is no pattern", hint) from None
        if names.setdefault(stem, entry.integer) != entry.integer:
            text = (
                f"scheme `{scheme.name}` cannot be read from a folder of masks: its classes "
                f"{names[stem]} and {entry.integer} would both be `{stem}.nii.gz`"
            )
            hint = "give each class a name of its own under `names:`, or one file with all labels"
            raise failure("IO036", folder, text, hint)
    return names


def written_otherwise(unknown: Sequence[str], names: Sequence[str]) -> list[str]:
    """Say which class unknown masks are: capitals, blanks and a word before or after aside."""
    plain = {_plain(name): name for name in names}
    found = []
    for stem in unknown:
        bare = _plain(stem)
        tries = (bare, *(bare.removeprefix(f"{word}_") for word in _WORDS_AROUND),
                 *(bare.removesuffix(f"_{word}") for word in _WORDS_AROUND))  # fmt: skip
        same = next((plain[each] for each in tries if each in plain), None)
        if same is not None:
            found.append(f"{stem}: did you mean `{same}`?")
    return found


def nearest_stems(unknown: Sequence[str], names: Sequence[str]) -> list[str]:
    """Say for unknown masks which class they may be, by the letters of their names."""
    known = []
    for stem in unknown:
        written = written_otherwise([stem], names)
        hint = suggest(stem, names)
        if written or hint:
            known.append(written[0] if written else f"{stem}: {hint}")
    return known[:_SHOWN]


def _plain(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _has_nifti(folder: Path) -> bool:
    try:
        return any(is_nifti_name(p.name) and not os.path.isdir(p) for p in folder.iterdir())
    except OSError:
        return False
