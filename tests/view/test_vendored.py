"""What is vendored is what was recorded, with its licence."""

from __future__ import annotations

import hashlib
from pathlib import Path

import vesalius.adapters.view


def test_niivue_is_the_recorded_one_and_has_its_licence():
    folder = Path(vesalius.adapters.view.__file__).parent / "vendored"
    digest = hashlib.sha256((folder / "niivue.umd.js").read_bytes()).hexdigest()
    recorded = Path(__file__).parents[2] / "adapters/view/vendored/SHA256SUMS"
    assert recorded.read_text() == f"{digest}  niivue.umd.js\n"
    licences = (folder / "LICENSES.txt").read_text()
    assert "BSD 2-Clause License" in licences
    assert "It contains gl-matrix" in licences
