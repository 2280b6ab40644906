"""What `import vesalius` costs and offers."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from importlib.metadata import version

import pytest

import vesalius
import vesalius.session
from vesalius.engine.runs import kernels

HEAVY = ("numpy", "yaml", "pydantic", "nibabel", "networkx", "scipy", "rich", "click")


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_importing_loads_nothing_else():
    done = python("-X", "importtime", "-c", "import vesalius")
    assert done.returncode == 0, done.stderr
    loaded = [line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line]
    assert "vesalius" in loaded
    assert [name for name in loaded if name.split(".")[0] in HEAVY] == []
    assert [name for name in loaded if name.startswith("vesalius.")] == []


def test_looking_at_functions_and_version_loads_nothing_else():
    code = (
        "import sys, vesalius\n"
        "vesalius.lint, vesalius.repair, vesalius.merge, vesalius.convert, dir(vesalius)\n"
        "vesalius.__version__\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = python("-c", code)
    assert done.stdout == "[]\n", done.stderr


def test_every_name_is_there_and_documented():
    for name in vesalius.__all__:
        assert getattr(vesalius, name) is not None
        assert name in dir(vesalius)
        if name != "__version__":
            assert len(inspect.getdoc(getattr(vesalius, name))) > 20
    with pytest.raises(AttributeError, match="has no attribute 'mend'"):
        _ = vesalius.mend


@pytest.mark.parametrize(
    "name",
    [
        "lint",
        "repair",
        "merge",
        "convert",
        "identify",
        "stats",
        "validate",
        "compare",
        "concordance",
    ],
)
def test_help_names_every_parameter(name):
    function = getattr(vesalius, name)
    text = inspect.getdoc(function)
    for parameter in inspect.signature(function).parameters:
        assert f"\n{parameter} : " in text


@pytest.mark.parametrize("module", [vesalius, vesalius.session])
def test_examples_in_docstrings_are_true(module):
    done = doctest.testmod(module)
    assert done.attempted > 2
    assert done.failed == 0


def test_version():
    assert vesalius.__version__ == version("vesalius")


def test_as_a_module():
    done = python("-m", "vesalius", "--version")
    said = f"vesalius {version('vesalius')} ({kernels.in_use()} kernels)\n"
    assert (done.returncode, done.stdout) == (0, said)


def test_the_kernels_can_be_left_out(monkeypatch):
    monkeypatch.setenv(kernels.VARIABLE, "off")
    done = python("-m", "vesalius", "--version")
    assert done.stdout == f"vesalius {version('vesalius')} (numpy kernels)\n"


TYPES = """\
from pathlib import Path

import nibabel as nib
import numpy as np

import vesalius

reveal_type(vesalius.lint("a.nii", scheme="x").findings)
reveal_type(vesalius.repair(Path("a.nii"), "x").changes)
reveal_type(vesalius.merge({"x": "a.nii", "y": (np.zeros(3), np.eye(4))}).report)
given: dict[str, Path] = {}
reveal_type(vesalius.merge(given).names)
reveal_type(vesalius.Session("x").convert(nib.load("a.nii")).array)
reveal_type(vesalius.__version__)
vesalius.lint(7, scheme="x")
"""


def test_a_type_checker_sees_types(root, tmp_path):
    (tmp_path / "user.py").write_text(TYPES)
    # From the root, whose cache `make lint` has filled.
    done = subprocess.run(
        [sys.executable, "-m", "mypy", tmp_path / "user.py"],
        capture_output=True, text=True, check=False, cwd=root,
    )  # fmt: skip
    said = [line.split(": ", 1)[1] for line in done.stdout.splitlines() if "user.py" in line]
    *revealed, error = said
    # Versions of mypy differ in whether they name the module of a builtin type.
    types = [
        line.removeprefix('note: Revealed type is "').rstrip('"').replace("builtins.", "")
        for line in revealed
    ]
    assert types[:4] == [
        "tuple[vesalius.adapters.cases.rule_findings.RuleFinding, ...]",
        "tuple[vesalius.adapters.cases.rule_findings.RuleChange, ...]",
        "dict[str, object]",
        "dict[int, str]",
    ]
    assert types[4].startswith("numpy.ndarray[")
    assert types[5:] == ["str"]
    assert error.startswith('error: Argument 1 to "lint" has incompatible type "int"')
