"""Changing nnU-Net's plans by a small JSON file: another patch size, a smaller network.

The patch is a JSON object shaped like the plans themselves and holds only what changes; objects
are merged, everything else (lists too) is replaced::

    {"configurations": {"3d_fullres": {"patch_size": [32, 32, 32], "batch_size": 2}}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vesalius.adapters.files.io_diagnostics import failure, problem, unreadable
from vesalius.adapters.files.json_files import read_object
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest


def read_patch(path: Path) -> dict[str, Any]:
    """Read a patch.

    Raises
    ------
    DiagnosticError
        IO0xx, or NNU019 where it is no JSON object.
    """
    try:
        return read_object(path)
    except OSError as error:
        raise unreadable(path, error) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise failure("NNU019", path, f"this is not JSON: {error}") from None
    except ValueError:
        raise failure("NNU019", path, "a patch is a JSON object, shaped like the plans") from None


def patched(
    plans: Mapping[str, Any], patch: Mapping[str, Any], path: Path | None = None
) -> dict[str, Any]:
    """Give plans with a patch applied.

    Parameters
    ----------
    plans : mapping
        As nnU-Net wrote them.
    patch : mapping
        What changes.
    path : Path, optional
        File of the patch, for messages.

    Raises
    ------
    DiagnosticError
        NNU019 for every key that the plans do not have, and every object in place of a value.
    """
    problems: list[Diagnostic] = []
    result = _merge(plans, patch, (), path, problems)
    if problems:
        raise DiagnosticError(problems)
    return result


def _merge(
    plans: Mapping[str, Any],
    patch: Mapping[str, Any],
    above: tuple[str, ...],
    path: Path | None,
    problems: list[Diagnostic],
) -> dict[str, Any]:
    result = dict(plans)
    for key, value in patch.items():
        where = ".".join((*above, key))
        if key not in plans:
            text = f"the plans have no `{where}`"
            hint = suggest(key, list(plans)) or f"there are {', '.join(plans)}"
            problems.append(problem("NNU019", path, text, hint))
        elif isinstance(plans[key], Mapping) != isinstance(value, Mapping):
            kind = "an object" if isinstance(plans[key], Mapping) else "a value"
            problems.append(problem("NNU019", path, f"`{where}` is {kind} in the plans"))
        elif isinstance(value, Mapping):
            result[key] = _merge(plans[key], value, (*above, key), path, problems)
        else:
            result[key] = value
    return result
