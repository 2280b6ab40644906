"""Filling the templates of pages: all is escaped, and no script may run but the page's own."""

from __future__ import annotations

import base64
import hashlib
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from vesalius.adapters.keeping.program_version import tool_version
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

MARK = '<meta name="generator" content="vesalius report">'
"""Stands in every page: what has it may be replaced."""
_FOLDER = Path(__file__).parent / "templates"
_PACKAGES = ("jinja2", "matplotlib", "PIL")


def missing_packages() -> list[str]:
    """Name the packages that pages need and that are not installed."""
    missing = [package for package in _PACKAGES if find_spec(package) is None]
    return [{"PIL": "pillow"}.get(name, name) for name in missing]


def require_packages() -> None:
    """Say what is not installed that pages need.

    Raises
    ------
    DiagnosticError
        REP002.
    """
    missing = missing_packages()
    if missing:
        text = f"pages need {', '.join(missing)}, not installed here"
        hint = "pip install 'vesalius[report]'"
        raise DiagnosticError([Diagnostic("REP002", "error", text, help=hint)])


def templates(*folders: Path) -> Any:  # noqa: ANN401 - the type of an extra
    """Give the environment of the templates; those of further folders are known too."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - an extra

    environment = Environment(
        loader=FileSystemLoader([*folders, _FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    environment.filters["ml"] = lambda number: f"{number:,.1f}"
    environment.filters["figure"] = _figure
    environment.filters["middle"] = median
    return environment


def fill_page(environment: Any, name: str, context: dict[str, Any], run: str) -> str:  # noqa: ANN401
    """Fill a template; only the script of the report itself may run in the page.

    Parameters
    ----------
    environment : jinja2.Environment
        What `templates` gives.
    name : str
        Of the template.
    context : dict
        What it is filled with.
    run : str
        Name of the run.
    """
    script: str = environment.get_template("script.html").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text: str = environment.get_template(name).render(
        **context, run=run, version=tool_version(), mark=MARK, script=script, script_digest=digest
    )
    return text


def _figure(number: float) -> str:
    """Write a figure with three digits, or as a whole number."""
    return f"{number:,.3g}" if abs(number) < 100 else f"{number:,.0f}"
