"""`ls`, `explain`, `new`, `lint`, `schema`, `compile`: what a reader does in a minute."""

from __future__ import annotations

import hashlib
import json

import pytest
import yaml


def test_ls_structures_by_a_selector(vesalius):
    done = vesalius("ls", "structures", "--select", "side:left,region:thorax", "--format", "names")
    names = done.stdout.split()
    assert done.returncode == 0
    assert {"rib_left_1", "lung_upper_lobe_left", "scapula_left"} <= set(names)
    assert not [n for n in names if "right" in n]
    assert "kidney_left" not in names


def test_ls_shows_a_table(vesalius):
    done = vesalius("ls", "structures", "--select", "rib_left_1")
    assert "rib_left_1" in done.stdout
    assert "level" in done.stdout


def test_ls_json_is_json(vesalius):
    for what in ("structures", "schemes", "attributes", "sequences"):
        rows = json.loads(vesalius("ls", what, "--format", "json").stdout)
        assert len(rows) > 2
        assert all("name" in row for row in rows)


def test_a_misspelt_selector_is_a_diagnostic(vesalius):
    done = vesalius("ls", "structures", "--select", "sid:left")
    assert done.returncode == 2
    assert "SEL001" in done.stderr
    assert "side" in done.stderr


def test_explain_a_structure(vesalius):
    done = vesalius("explain", "aorta")
    assert done.returncode == 0
    assert "15825003" in done.stdout
    for scheme, integer in {"dap_atlas": 114, "totalsegmentator_v2": 52, "segthor": 4}.items():
        line = next(x for x in done.stdout.splitlines() if x.split()[:1] == [scheme])
        assert str(integer) in line.split()


def test_explain_takes_an_alias_and_a_code_and_a_scheme(vesalius):
    assert "inferior_vena_cava" in vesalius("explain", "postcava").stdout
    assert vesalius("explain", "SCH002").stdout.startswith("# SCH002: ")
    assert "prostate/uterus" in vesalius("explain", "amos22").stdout


def test_explain_offers_the_nearest_word(vesalius):
    done = vesalius("explain", "aorte")
    assert done.returncode == 2
    assert done.stderr.startswith("error[CLI001]: nothing is known by the name `aorte`")
    assert "aorta" in done.stderr


def test_new_scheme_from_dataset_json(vesalius, tmp_path):
    labels = {"background": 0, "esophagus": 1, "heart": 2, "trachea": 3, "aorta": 4}
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": labels}))
    out = tmp_path / "mine.yaml"
    done = vesalius("new", "scheme", "--from", tmp_path / "dataset.json", "-o", out)
    assert done.returncode == 0, done.stderr
    written = yaml.safe_load(out.read_text())
    assert written["labels"] == {1: "esophagus", 2: "heart", 3: "trachea", 4: "aorta"}
    assert written["scheme"] == "mine"
    assert vesalius("lint", out).returncode == 0


def test_new_scheme_never_writes_over_a_file(vesalius, tmp_path):
    (tmp_path / "dataset.json").write_text('{"labels": {"background": 0, "liver": 1}}')
    out = tmp_path / "mine.yaml"
    out.write_text("precious")
    done = vesalius("new", "scheme", "--from", tmp_path / "dataset.json", "-o", out)
    assert done.returncode == 2
    assert out.read_text() == "precious"


def test_lint_of_everything_shipped_is_clean(vesalius, root):
    done = vesalius("lint", root / "ontology", "--fail-on", "info")
    assert done.returncode == 0, done.stdout
    assert "no problems" in done.stdout


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("concise", "bad.yaml:5:6: error[SCH002] unknown structure `livr`"),
        ("github", "::error file=bad.yaml,line=5,col=6,endColumn=10,title=SCH002::"),
        ("human", "error[SCH002]: unknown structure `livr`"),
        ("json", '"code": "SCH002"'),
    ],
)
def test_lint_formats(vesalius, tmp_path, form, expected):
    bad = "schema: scheme/1\nscheme: bad\ntitle: Bad\nlabels:\n  1: livr\n"
    (tmp_path / "bad.yaml").write_text(bad)
    done = vesalius("lint", "bad.yaml", "--format", form, cwd=tmp_path)
    assert done.returncode == 1
    assert expected in done.stdout


def test_lint_says_that_a_file_has_no_kind(vesalius, tmp_path):
    (tmp_path / "bad.yaml").write_text("schema: schem/1\n")
    done = vesalius("lint", "bad.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith(
        "error[CLI002]: `schem/1` is no kind of file vesalius reads\n"
        "  --> bad.yaml:1:9\n"
        "   |\n"
        " 1 | schema: schem/1\n"
        "   |         ^^^^^^^\n"
        "   = help: did you mean `scheme/1`?\n"
    )


def test_lint_of_a_folder_without_yaml(vesalius, tmp_path):
    assert vesalius("lint", tmp_path).returncode == 3


def test_compile_is_the_same_to_the_byte(vesalius, tmp_path):
    """Whatever the seed of hashes, the working folder and the order of the sources."""
    names = ["amos22", "verse", "ctpelvic1k", "vista3d", "ribseg_v2"]
    plans, stages, said = set(), set(), set()
    for seed in ("0", "4321"):
        folder = tmp_path / seed
        folder.mkdir()
        names.append(names.pop(0))
        sources = [word for name in names for word in ("-s", name)]
        for target in ("dap_atlas", "totalsegmentator_v2"):
            done = vesalius(
                "compile", *sources, "-t", target, "-o", f"{target}.json",
                cwd=folder, PYTHONHASHSEED=seed,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            said.add(done.stderr.splitlines()[-1])
            written = (folder / f"{target}.json").read_bytes()
            plans.add(written)
            assert hashlib.sha256(written).hexdigest() in done.stderr
        for stage in ("linked", "lowered", "scheduled"):
            done = vesalius("compile", *sources, "--stage", stage, PYTHONHASHSEED=seed)
            stages.add((stage, done.stdout))
    assert (len(plans), len(said), len(stages)) == (2, 2, 3)


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("linked", "male: prostate | female: uterus"),
        ("lowered", "choose by sex"),
        ("scheduled", "first painted ... last painted"),
    ],
)
def test_compile_stages(vesalius, stage, expected):
    assert expected in vesalius("compile", "-s", "amos22", "--stage", stage).stdout


def test_no_command_is_usage(vesalius):
    assert vesalius().returncode == 2
    done = vesalius("convrt")
    assert done.returncode == 2
    assert "convert" in done.stderr


def test_version_and_help(vesalius):
    assert vesalius("--version").stdout.startswith("vesalius ")
    text = vesalius("--help").stdout
    for verb in ("demo", "run", "convert", "lint", "compile", "ls", "explain", "new"):
        assert verb in text
