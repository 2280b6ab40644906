"""The ontology that is shipped: where it lies, and what is in it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.document import load_document
from vesalius.ontology.ontology import Ontology, read_ontology

if TYPE_CHECKING:
    from vesalius.ontology.schemes import Scheme


def packaged_root() -> Path:
    """Give the folder of the shipped ontology."""
    return Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def packaged_ontology() -> Ontology:
    """Load the shipped ontology, once per process.

    Raises
    ------
    DiagnosticError
        Where its files were damaged.
    """
    ontology, problems = read_ontology(packaged_root())
    if ontology is None:
        raise DiagnosticError(problems)
    return ontology


def structure_paths(root: Path | None = None) -> tuple[Path, ...]:
    """Give the structure files of an ontology folder, in reading order."""
    return tuple(sorted(((root or packaged_root()) / "structures").glob("*.yaml")))


def scheme_paths(root: Path | None = None) -> dict[str, Path]:
    """Give the scheme files of an ontology folder by scheme name."""
    paths = sorted(((root or packaged_root()) / "schemes").glob("*.yaml"))
    return {path.stem: path for path in paths}


def code_pages() -> dict[str, Path]:
    """Give the pages of this layer's diagnostic codes."""
    return {path.stem: path for path in sorted((packaged_root() / "codes").glob("*.md"))}


def load_scheme(name_or_path: str | Path, ontology: Ontology) -> Scheme:
    """Load a scheme by the name of a shipped one, or from a file.

    Parameters
    ----------
    name_or_path : str or Path
        ``amos22``, or a path; a text with a slash or the ending .yaml is a path.
    ontology : Ontology
        What the scheme's structures are checked against.

    Raises
    ------
    DiagnosticError
        SCH001 for an unknown name, else every problem of the file.
    """
    scheme, problems = read_scheme(name_or_path, ontology)
    if scheme is None:
        raise DiagnosticError(problems)
    return scheme


def read_scheme(
    name_or_path: str | Path, ontology: Ontology
) -> tuple[Scheme | None, list[Diagnostic]]:
    """Load a scheme and give every problem, warnings too, instead of raising.

    Raises
    ------
    DiagnosticError
        SCH001 for an unknown name, YML0xx for a file that cannot be read as YAML.
    """
    from vesalius.ontology.schemes import parse_scheme  # noqa: PLC0415 - it asks back

    return parse_scheme(load_document(_scheme_path(name_or_path)), ontology)


def _scheme_path(name_or_path: str | Path) -> Path:
    shipped = scheme_paths()
    text = str(name_or_path)
    if isinstance(name_or_path, str) and text in shipped:
        return shipped[text]
    path = Path(name_or_path)
    is_path = not isinstance(name_or_path, str) or path.suffix in {".yaml", ".yml"}
    if is_path or len(path.parts) > 1 or path.is_file():
        return path
    message = f"no scheme is called `{text}`"
    advice = suggest(text, shipped) or "`vesalius ls schemes` lists them; or give a path"
    raise DiagnosticError([Diagnostic("SCH001", "error", message, help=advice)])
