"""pyproject.toml against the folders, the layers' READMEs, and what an import costs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11")

LAYERS = ("ontology", "rules", "engine", "adapters")
DOOR = Path("adapters/api")
"""The package `vesalius` itself."""


def settings(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text())


def packages(root: Path) -> dict[str, Path]:
    folders = {p.parent for layer in LAYERS for p in (root / layer).rglob("*.py")}
    door = root / DOOR
    return {
        ".".join(["vesalius", *f.relative_to(door if f.is_relative_to(door) else root).parts]): f
        for f in folders
    }


def test_every_folder_with_python_is_a_listed_package(root):
    listed = settings(root)["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(packages(root))


def test_every_package_has_an_init_and_every_layer_is_typed(root):
    for folder in packages(root).values():
        assert (folder / "__init__.py").is_file(), folder
    for layer in (*LAYERS, DOOR):
        assert (root / layer / "py.typed").is_file()


@pytest.mark.parametrize("folder", [*LAYERS, "tests"])
def test_every_top_folder_says_what_it_is(root, folder):
    text = (root / folder / "README.md").read_text()
    assert len(text.splitlines()) >= 5


def test_the_installed_package_carries_its_yaml(root):
    import vesalius.ontology

    installed = Path(vesalius.ontology.__file__).parent
    for pattern in ("structures/*.yaml", "schemes/*.yaml", "codes/*.md", "*.yaml"):
        ours = sorted(p.name for p in (root / "ontology").glob(pattern))
        assert ours
        assert sorted(p.name for p in installed.glob(pattern)) == ours


@pytest.mark.parametrize("module", ["torch", "matplotlib", "scipy", "nibabel", "networkx", "numpy"])
def test_the_command_line_starts_without_heavy_imports(module):
    code = (
        "import sys\n"
        "from vesalius.adapters.cli.main import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        f"assert {module!r} not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("verb", ["population", "sample", "report"])
def test_who_asks_how_a_verb_is_used_waits_for_nothing_heavy(verb):
    heavy = ("numpy", "scipy", "nibabel", "pydantic", "yaml", "networkx", "matplotlib", "jinja2")
    code = (
        "import sys\n"
        "from vesalius.adapters.cli.main import cli\n"
        f"cli.main([{verb!r}, '--help'], standalone_mode=False)\n"
        f"print(*[name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f" {verb} [OPTIONS]" in done.stdout
    assert done.stderr == "\n"


def test_no_module_is_too_long(root):
    long = {
        str(path.relative_to(root)): lines
        for layer in LAYERS
        for path in (root / layer).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_nobody_inside_imports_the_door_itself(root):
    """Its `__init__` reaches everything; who imports it back makes a circle."""
    door = re.compile(r"^\s*(import vesalius\b(?!\.)|from vesalius import)", re.MULTILINE)
    found = [
        str(path.relative_to(root))
        for layer in LAYERS
        for path in (root / layer).rglob("*.py")
        if door.search(path.read_text().split('"""', 2)[-1])
    ]
    assert found == []


def test_no_path_of_a_user_is_resolved_by_pathlib(root):
    """Of a link that leads back to itself it raises what no one expects; `real_path` does not."""
    found = [
        f"{path.relative_to(root)}: {line.strip()}"
        for layer in LAYERS
        for path in (root / layer).rglob("*.py")
        for line in path.read_text().splitlines()
        if ".resolve()" in line and "__file__" not in line
    ]
    assert found == []
