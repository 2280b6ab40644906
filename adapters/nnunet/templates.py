"""Path templates with one placeholder: ``images/{case}_0000.nii.gz``.

``{{`` and ``}}`` stand for a brace in the name of a folder or a file.
"""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.files.nifti_names import NIFTI_ENDINGS
from vesalius.ontology.reading.diagnostics import suggest

PLACEHOLDER = "{case}"
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_HERE = "\0"
"""Stands for the placeholder while a path is put in order; no path holds it."""


def check_template(template: str, option: str) -> None:
    """Refuse a template that does not tell cases apart.

    Raises
    ------
    DiagnosticError
        NNU002.
    """
    words = [m[1] for m in _PIECE.finditer(template) if m[1] is not None]
    unknown = [word for word in words if word != "case"]
    if unknown:
        hint = suggest(unknown[0], ["case"]) or f"the only placeholder is `{PLACEHOLDER}`"
        raise failure("NNU002", None, f"{option} `{template}`: unknown `{{{unknown[0]}}}`", hint)
    if not words:
        hint = f"such as `images/{PLACEHOLDER}_0000.nii.gz`"
        raise failure("NNU002", None, f"{option} `{template}` has no `{PLACEHOLDER}`", hint)
    if not template.endswith(NIFTI_ENDINGS):
        text = f"{option} `{template}` does not end in .nii.gz or .nii"
        raise failure("NNU002", None, text, "nnU-Net datasets are written as NIfTI")


def find_cases(template: str, option: str) -> dict[str, Path]:
    """Find the files that a template stands for.

    Parameters
    ----------
    template : str
        ``{case}`` stands for any text without a slash; the same text in every place.
    option : str
        What the user called it, for messages.

    Returns
    -------
    dict of str to Path
        File of each case, by case name.

    Raises
    ------
    DiagnosticError
        NNU002.
    """
    check_template(template, option)
    first, *others = _path(template).split(_HERE)
    pattern = re.escape(first) + r"(?P<case>[^/\\]+?)"
    pattern += "(?P=case)".join(re.escape(part) for part in others)
    wildcard = "*".join(glob.escape(part) for part in (first, *others))
    found = {}
    for path in sorted(glob.glob(wildcard)):
        match = re.fullmatch(pattern, path)
        if match and os.path.isfile(path):
            found[match["case"]] = Path(path)
    return found


def why_none(*templates: str) -> str:
    """Say what to look at where no file is called like templates: a folder that is not there."""
    folders = dict.fromkeys(os.path.dirname(_path(t).split(_HERE)[0]) or "." for t in templates)
    missing = [f"`{folder}`" for folder in folders if not os.path.isdir(folder)]
    if not missing:
        return f"`{PLACEHOLDER}` stands for a text without a slash"
    return f"there is no folder {' and no folder '.join(missing)}"


def fill(template: str, case: str) -> Path:
    """Put a case's name into a template."""
    return Path(_path(template).replace(_HERE, case))


def escaped(path: str | Path) -> str:
    """Write a path as the beginning of a template: its braces stand for themselves."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _path(template: str) -> str:
    text = _PIECE.sub(lambda m: _HERE if m[0] == PLACEHOLDER else m[0][0], template)
    return os.path.normpath(os.path.expanduser(text))
