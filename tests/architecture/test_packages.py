"""pyproject.toml against the folders, the layers' READMEs, and what an import costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11")

LAYERS = ("ontology", "rules", "engine", "adapters")


def settings(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text())


def folders_with_python(root: Path) -> set[str]:
    folders = {p.parent for layer in LAYERS for p in (root / layer).rglob("*.py")}
    return {"vesalius." + ".".join(f.relative_to(root).parts) for f in folders}


def test_every_folder_with_python_is_a_listed_package(root):
    listed = settings(root)["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(folders_with_python(root))


def test_every_package_has_an_init_and_every_layer_is_typed(root):
    for name in folders_with_python(root):
        folder = root.joinpath(*name.split(".")[1:])
        assert (folder / "__init__.py").is_file(), folder
    for layer in LAYERS:
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


def test_no_module_is_too_long(root):
    long = {
        str(path.relative_to(root)): lines
        for layer in LAYERS
        for path in (root / layer).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}
