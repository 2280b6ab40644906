"""`vesalius new rule`: what it writes passes `vesalius lint` and `vesalius test`."""

from __future__ import annotations

import pytest

from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard
from vesalius.rules.scaffold import scaffold_kinds


@pytest.fixture
def run(capsys):
    def run(*words):
        code = guard(cli, [str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_kinds():
    assert scaffold_kinds() == ("absent", "pieces", "side", "size")


@pytest.mark.parametrize(
    ("kind", "structure"),
    [
        ("absent", "urinary_bladder"),
        ("absent", "fat"),
        ("absent", "skeletal_muscle"),
        ("pieces", "liver"),
        ("pieces", "spleen"),
        ("pieces", "fat"),
        ("side", "femur_right"),
        ("side", "femur_left"),
        ("size", "rib_left_3"),
    ],
)
def test_it_passes_as_it_is(run, tmp_path, kind, structure):
    path = tmp_path / "mine.yaml"
    code, out, err = run(
        "new", "rule", "mine/one-of-them", "--for", structure, "--kind", kind, "-o", path
    )
    assert (code, out) == (0, "")
    assert err.startswith(f"wrote {path}\n")
    text = path.read_text()
    assert "- id: mine/one-of-them\n" in text
    assert "phases: [mine]\n" in text
    assert structure in text
    assert run("lint", path)[:2] == (0, "1 file: no problems\n")
    code, out, _ = run("test", path)
    assert (code, out) == (0, "2 tests in 384 variants: 2 passed\n")


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
        (("a/b", "--for", "spleen", "--kind", "side"), "error[RUL013]: `spleen` has no mirror"),
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
