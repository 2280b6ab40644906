"""Reading checkpoints without running what may be in them.

A checkpoint of torch is a pickle, and a pickle can run any code while it is read. nnU-Net reads
them so. Here everything that is read within :func:`only_weights` may hold tensors, numbers, texts
and their collections, and is refused if it asks for anything else, unless the user trusts it.
"""

from __future__ import annotations

import _codecs
import errno
import os
import pickle
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from vesalius.adapters.files.io_diagnostics import failure, problem
from vesalius.adapters.nnunet.environment import with_variables
from vesalius.ontology.reading.diagnostics import DiagnosticError

_LOAD: Final = "load"
TRUST: Final = "VESALIUS_TRUST_CHECKPOINTS"
"""Variable of the environment that stands for `--trust-checkpoints`."""


class DamagedCheckpointError(DiagnosticError):
    """A checkpoint that is cut off, empty or no checkpoint."""


def trusts() -> bool:
    """Tell whether the user said in the environment that checkpoints are to be trusted."""
    return os.environ.get(TRUST, "") not in ("", "0")


@contextmanager
def only_weights(trust: bool) -> Iterator[None]:
    """Let torch read checkpoints as weights only, whatever the caller (nnU-Net) asks for.

    Parameters
    ----------
    trust : bool
        Leave it to the caller.

    Raises
    ------
    DiagnosticError
        NNU028 where a checkpoint is read that holds more; a :class:`DamagedCheckpointError`
        (NNU021) where one cannot be read at all.
    """
    import torch  # noqa: PLC0415 - takes seconds

    load = torch.load

    def load_weights(file: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        try:
            if trust:
                return load(file, *arguments, **options)
            with torch.serialization.safe_globals(_numbers()):
                return load(file, *arguments, **{**options, "weights_only": True})
        except (MemoryError, DiagnosticError):
            raise
        except Exception as error:  # torch, zip and pickle raise many kinds
            # Of a file that is cut off torch says EINVAL; all else is said by the system.
            by_system = isinstance(error, OSError) and error.errno != errno.EINVAL
            if by_system or not isinstance(file, str | os.PathLike):
                raise
            if isinstance(error, pickle.UnpicklingError) and zipfile.is_zipfile(file):
                raise _more_than_weights(Path(file), error) from None
            raise _damaged(Path(file)) from error

    setattr(torch, _LOAD, load_weights)
    try:
        # Our trainers, and processes that are started, are to trust checkpoints too.
        with with_variables({TRUST: "1"} if trust else {}):
            yield
    finally:
        setattr(torch, _LOAD, load)


def is_readable(path: Path, trust: bool) -> bool:
    """Tell whether a checkpoint is whole; False where it was cut off.

    Raises
    ------
    DiagnosticError
        NNU028 where it is whole and holds more than weights.
    """
    import torch  # noqa: PLC0415 - takes seconds

    try:
        with only_weights(trust):
            torch.load(path, map_location="cpu", weights_only=not trust, mmap=True)
    except (DamagedCheckpointError, OSError, MemoryError):
        return False
    return True


def _damaged(path: Path) -> DamagedCheckpointError:
    text = "this checkpoint cannot be read: it is cut off, or something else"
    hint = "get the file again, or go on with the training (`vesalius nnunet train --continue`)"
    return DamagedCheckpointError([problem("NNU021", path, text, hint)])


def _more_than_weights(path: Path, error: pickle.UnpicklingError) -> DiagnosticError:
    asked = re.search(r"GLOBAL ([\w.]*\w)", str(error))
    named = f" (it asks for `{asked[1]}`)" if asked else ""
    text = f"this checkpoint holds more than weights{named}: reading it could run any code"
    hint = "`--trust-checkpoints` reads it all the same; give that only if you know who wrote it"
    return failure("NNU028", path, text, hint)


def _numbers() -> list[Any]:
    """Give what numpy's numbers are made with: nnU-Net keeps some beside the weights."""
    try:
        from numpy._core import multiarray  # noqa: PLC0415
    except ImportError:
        from numpy.core import multiarray  # type: ignore[no-redef]  # noqa: PLC0415
    made: list[Any] = [np.dtype, np.ndarray, _codecs.encode]
    made += [type(np.dtype(code)) for code in "?bhilqBHILQefd"]
    for name in ("scalar", "_reconstruct"):
        function = getattr(multiarray, name)
        made += [(function, f"numpy.{core}.multiarray.{name}") for core in ("_core", "core")]
    return made
