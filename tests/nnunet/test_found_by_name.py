"""nnU-Net finds our trainers by name, in the way of each version, without torch.

A stand-in for nnU-Net's package has the modules that matter and looks for classes as versions
2.5-2.7 and 2.8 do: over its own modules, or over folders given in `nnUNet_extTrainer`, imported
under their bare names and forgotten again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import vesalius.adapters
from vesalius.adapters.nnunet.trainer_names import (
    EXTERNAL,
    EXTERNAL_FOLDER,
    SHIM,
    TRAINERS,
    add_external_folder,
)

PACKAGE = {
    "__init__.py": "",
    "training/__init__.py": "",
    "training/lr_scheduler/__init__.py": "",
    "training/lr_scheduler/polylr.py": "class PolyLRScheduler: pass\n",
    "training/nnUNetTrainer/__init__.py": "",
    "training/nnUNetTrainer/nnUNetTrainer.py": "class nnUNetTrainer: pass\n",
    "training/nnUNetTrainer/variants/__init__.py": "",
    "training/nnUNetTrainer/variants/other.py": "class Other: pass\n",
}
LOOK = """
import importlib, os, pkgutil, sys
sys.modules["torch"] = None  # whoever imports it fails
import nnunetv2
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

def walk(folder, name, module):
    for _, found, package in pkgutil.iter_modules([folder]):
        if not package:
            m = importlib.import_module(found if module is None else module + "." + found)
            if hasattr(m, name):
                return getattr(m, name)
    for _, found, package in pkgutil.iter_modules([folder]):
        if package:
            inner = found if module is None else module + "." + found
            result = walk(os.path.join(folder, found), name, inner)
            if result is not None:
                return result
    return None

def find(name, external):
    folder = os.path.join(nnunetv2.__path__[0], "training", "nnUNetTrainer")
    result = walk(folder, name, "nnunetv2.training.nnUNetTrainer")
    for path in os.environ.get("nnUNet_extTrainer", "").split(os.pathsep) if external else ():
        if result is None and path:
            sys.path.insert(0, path)
            before = set(sys.modules)
            result = walk(path, name, None)
            sys.path.remove(path)
            for new in set(sys.modules) - before:
                file = getattr(sys.modules[new], "__file__", None)
                if file and os.path.commonpath((path, file)) == path:
                    del sys.modules[new]
    return result

def check(names, external):
    import pickle
    for name in names:
        found = find(name, external)
        assert found is not None, name
        assert found.__name__ == name
        assert issubclass(found, nnUNetTrainer)
        assert pickle.loads(pickle.dumps(found)) is found
    assert find("nnUNetTrainer_NoSuch", external) is None
"""


@pytest.fixture
def look(tmp_path):
    """Run code beside the stand-in, in a fresh process."""
    for name, text in PACKAGE.items():
        path = tmp_path / "site/nnunetv2" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    # Wherever the vesalius under test comes from.
    ours = Path(next(iter(vesalius.adapters.__path__))).parent.parent
    path = os.pathsep.join([str(tmp_path / "site"), str(ours)])

    def run(code, **env):
        code = LOOK + f"NAMES = {list(TRAINERS)!r}\n" + code
        environment = {**os.environ, "PYTHONPATH": path, **env}
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True,
            check=False, cwd=tmp_path,
        )  # fmt: skip

    return run


def test_from_2_8_on_by_the_external_folder(look):
    done = look("check(NAMES, external=True)", **{EXTERNAL: str(EXTERNAL_FOLDER)})
    assert done.returncode == 0, done.stderr


def test_2_8_is_told_of_the_folder_by_our_commands(look, tmp_path):
    code = (
        "from vesalius.adapters.nnunet.trainer_names import make_findable\n"
        "make_findable((2, 8)); make_findable((2, 8))\n"
        "check(NAMES, external=True)\n"
        "print(os.environ['nnUNet_extTrainer'])\n"
    )
    done = look(code, **{EXTERNAL: str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{tmp_path}{os.pathsep}{EXTERNAL_FOLDER}"


def test_without_the_folder_they_are_not_found(look):
    assert look("check(NAMES, external=True)", **{EXTERNAL: ""}).returncode == 1
    assert look("check(NAMES, external=False)").returncode == 1


def test_before_2_8_by_our_commands(look, tmp_path):
    code = (
        "from vesalius.adapters.nnunet.trainer_names import make_findable\n"
        "make_findable((2, 5))\n"
        "check(NAMES, external=False)\n"
    )
    done = look(code)
    assert done.returncode == 0, done.stderr
    written = {str(p.relative_to(tmp_path / "site/nnunetv2"))
               for p in (tmp_path / "site").rglob("*.py")}  # fmt: skip
    assert written == set(PACKAGE)


def test_before_2_8_by_the_shim_for_nnunets_own_commands(look, tmp_path):
    install = "from vesalius.adapters.nnunet.trainer_names import *\n"
    done = look(
        install + "from vesalius.adapters.nnunet import trainer_names as t\nt.install_shim()"
    )
    assert done.returncode == 0, done.stderr
    shim = tmp_path / "site/nnunetv2/training/nnUNetTrainer/variants/vesalius"
    assert sorted(p.name for p in shim.glob("*.py")) == ["__init__.py", SHIM]
    assert look("check(NAMES, external=False)").returncode == 0
    look("from vesalius.adapters.nnunet import trainer_names as t\nt.remove_shim()")
    assert not shim.exists()
    assert look("check(NAMES, external=False)").returncode == 1


def test_the_variable_keeps_what_others_put_there():
    environment = {EXTERNAL: f"/a{os.pathsep}/b"}
    expected = os.pathsep.join(["/a", "/b", str(EXTERNAL_FOLDER)])
    assert add_external_folder(environment) == expected
    assert add_external_folder(environment) == expected
