"""A pytest plugin that plants one mistake: it imports a module with other text.

`VESALIUS_MUTANT` says what, as JSON: the `module`, and the `old` text, which stands there exactly
once, with the `new` text in its place; or the whole `text` of the module. Used as
`PYTHONPATH=tests VESALIUS_MUTANT=... pytest -p mutants.plant ...`, in a process of its own, so it
works on the sources and on an installed wheel alike and leaves no trace.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader

from hypothesis import Phase, settings

MUTANT = json.loads(os.environ["VESALIUS_MUTANT"])


# What random tests find need not be made small or kept; the profiles of the tests build on this.
settings.register_profile("planted", phases=(Phase.explicit, Phase.generate), database=None)
settings.load_profile("planted")


class _Loader(SourceFileLoader):
    """Loads the module with the mistake, and never from a cache."""

    def get_code(self, fullname):
        source = self.get_data(self.path).decode()
        text = MUTANT.get("text")
        if text is None:
            if source.count(MUTANT["old"]) != 1:
                raise SystemExit(f"{fullname} has {source.count(MUTANT['old'])} x {MUTANT['old']}")
            text = source.replace(MUTANT["old"], MUTANT["new"])
        return compile(text, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def find_spec(self, fullname, path, target=None) -> ModuleSpec | None:
        if fullname != MUTANT["module"]:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(fullname, spec.origin)
        return spec


assert MUTANT["module"] not in sys.modules
sys.meta_path.insert(0, _Finder())


def pytest_sessionfinish():
    """A mistake that was never imported shows nothing."""
    assert MUTANT["module"] in sys.modules
