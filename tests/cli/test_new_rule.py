"""`vesalius new rule`: what it writes passes `vesalius lint` and `vesalius test`."""

from __future__ import annotations

import pytest
import yaml

from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard
from vesalius.rules.kinds import DERIVATIONS, EXPECTATIONS, REPAIRS
from vesalius.rules.scaffold import scaffold_kinds


@pytest.fixture
def run(capsys):
    def run(*words):
        code = guard(cli, [str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def names_of_kinds() -> set[str]:
    """What a kind is called here: its key, and for a derivation whose key is taken its module."""
    keys = {kind.key for kind in (*EXPECTATIONS, *REPAIRS)}
    return keys | {
        kind.key if kind.key not in keys else f"derive_{kind.key}" for kind in DERIVATIONS
    }


def test_every_kind_has_an_example():
    assert set(scaffold_kinds()) == names_of_kinds()


def for_words(kind: str) -> tuple[str, ...]:
    if kind in {
        "beside",
        "both_there",
        "contiguous",
        "counted",
        "facing",
        "numbered",
        "ordered",
        "plausible",
        "renumber",
        "told_apart",
    }:
        return ()
    paired = {"on_own_side", "swap_side", "symmetric", "give_fragments_to_neighbour"}
    return ("--for", "femur_right" if kind in paired else "urinary_bladder")


@pytest.mark.parametrize("kind", sorted(names_of_kinds()))
def test_it_passes_as_it_is(run, tmp_path, kind):
    """Each shows the kind, with one picture where it fires and one where it does not."""
    path = tmp_path / "mine.yaml"
    words = for_words(kind)
    code, out, err = run("new", "rule", "mine/one-of-them", *words, "--kind", kind, "-o", path)
    assert (code, out) == (0, "")
    assert err.startswith(f"wrote {path}\n")
    (rule,) = yaml.safe_load(path.read_text())["rules"]
    assert rule["id"] == "mine/one-of-them"
    shown = [rule.get(key) for key in ("expect", "repair", "derive")]
    forms = {key for form in shown if form for key in ([form] if isinstance(form, str) else form)}
    assert kind.removeprefix("derive_") in forms
    if words:
        judged = rule["for"] if "for" in rule else str(rule["derive"])
        assert words[1] in judged
    fires, rests = (test["outcome"] for test in rule["tests"])
    assert (fires in {"changed", "violated"}, rests) == (True, "holds")
    assert run("lint", path, "--fail-on", "info")[:2] == (0, "1 file: no problems\n")
    code, out, _ = run("test", path, "--orientations", "1")
    assert (code, out) == (0, "2 tests in 8 variants: 2 passed\n")


@pytest.mark.parametrize(
    ("kind", "structure"),
    [
        ("absent", "fat"),
        ("components", "liver"),
        ("derive_hu", "heart"),
        ("inside", "liver"),
        ("on_own_side", "femur_left"),
        ("rest_of_body", "fat"),
        ("undivided", "liver"),
        ("within", "heart"),
    ],
)
def test_it_may_be_what_the_example_has_beside_it(run, tmp_path, kind, structure):
    path = tmp_path / "mine.yaml"
    assert run("new", "rule", "a/b", "--for", structure, "--kind", kind, "-o", path)[0] == 0
    assert structure in path.read_text()
    assert run("lint", path, "--fail-on", "info")[:2] == (0, "1 file: no problems\n")
    assert run("test", path, "--orientations", "1")[:2] == (0, "2 tests in 8 variants: 2 passed\n")


def test_in_all_orientations(run, tmp_path):
    path = tmp_path / "mine.yaml"
    assert run("new", "rule", "a/b", "--for", "liver", "-o", path)[0] == 0
    assert run("test", path)[:2] == (0, "2 tests in 196 variants: 2 passed\n")


def test_to_stdout(run):
    code, out, err = run("new", "rule", "mine/x", "--for", "spleen")
    assert code == 0
    assert out.startswith("# Change the names")
    assert err == "change it, and see `vesalius lint FILE` and `vesalius test FILE`\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("spleen", "--for", "spleen"), "error[RUL003]: the id `spleen` does not say its phase"),
        (("a/B", "--for", "spleen"), "error[RUL003]: the id `a/B`"),
        (("a/b", "--for", "spleeen"), "did you mean `spleen`?"),
        (("a/b", "--for", "vertebral_column"), "is a group and has no voxels of its own"),
        (
            ("a/b", "--for", "spleen", "--kind", "on_own_side"),
            "error[RUL013]: `spleen` has no mirror",
        ),
        (
            ("a/b",),
            "error[RUL015]: `components` needs a structure\n   = help: add `--for STRUCTURE`",
        ),
        (("a/b", "--for", "vertebrae_L1", "--kind", "contiguous"), "error[RUL015]: `--for` has no"),
        (("a/b", "--for", "spleen", "--kind", "no"), "Invalid value for '--kind'"),
    ],
)
def test_mistakes(run, words, said):
    code, out, err = run("new", "rule", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_nothing_is_written_over(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("mine")
    code, _, err = run("new", "rule", "a/b", "--for", "spleen", "-o", path)
    assert code == 2
    assert "exists already; nothing was written" in err
    assert path.read_text() == "mine"
