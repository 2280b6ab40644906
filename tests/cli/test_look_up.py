"""`ls`, `explain`, `new`, `lint`, `schema`, `compile`: what a reader does in a minute."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest
import yaml

from vesalius.adapters.cli.known_rules import rule_lines
from vesalius.ontology.load import load_ontology
from vesalius.rules.places import load_anchors


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


def test_explain_a_structure_tells_the_rules_that_judge_it(vesalius, root):
    done = vesalius("explain", "kidney_left")
    said = done.stdout[done.stdout.index("rules that judge it:\n") :]
    assert "\n  dap_atlas\n" in said
    assert "\n  recommended\n" in said
    (line,) = [x for x in said.splitlines() if x.split()[:1] == ["contact/left-kidney"]]
    assert line.endswith("  The left kidney is far from the spleen.")
    assert "spine/" not in said
    assert "sex/" not in said
    assert "contact/adrenal-glands" not in said  # it only compares with the kidneys
    assert "rules that make it:" not in said
    made = vesalius("explain", "unknown_tissue").stdout
    assert "rest/unknown-tissue" in made[made.index("rules that make it:\n") :]


def test_a_scheme_is_found_by_the_name_of_its_task(vesalius):
    page = vesalius("explain", "total_mr").stdout
    assert page.startswith("totalsegmentator_total_mr ")
    assert "also called        total_mr\n" in page
    both = vesalius("explain", "lung_vessels").stdout
    assert both.startswith("lung_vessels ")
    assert both.endswith("also a scheme: `vesalius explain totalsegmentator_lung_vessels`\n")
    rows = json.loads(vesalius("ls", "schemes", "--format", "json").stdout)
    assert [row["name"] for row in rows if row["also called"] == "total_mr"] == [
        "totalsegmentator_total_mr"
    ]


def test_rule_lines_keep_to_the_width():
    rules = [
        ("a/b", "Short."),
        ("sides/long", "A piece of a paired structure belongs to its mirror."),
    ]
    assert rule_lines(rules, 42) == [
        "    a/b         Short.",
        "    sides/long  A piece of a paired ...",
    ]
    assert rule_lines(rules, 22) == ["    a/b         Short.", "    sides/long"]
    assert rule_lines(rules, None)[1].endswith("belongs to its mirror.")


def test_ls_rules_of_a_structure_says_what_it_is_to_each(vesalius):
    listed = ("ls", "rules", "--pack", "recommended", "--format", "json", "--structure")
    rows = json.loads(vesalius(*listed, "kidney_left").stdout)
    parts = {row["name"]: row["part"] for row in rows}
    assert parts["sides/parts-across"] == "judges, may move to"
    assert parts["contact/adrenal-glands"] == "compares with"
    assert parts["contact/left-kidney"] == "judges"
    assert not [name for name in parts if name.startswith(("spine/", "ribs/", "sex/"))]
    both = json.loads(vesalius(*listed, "kidney_left", "--structure", "vertebrae_L1").stdout)
    spine = json.loads(vesalius(*listed, "vertebrae_L1").stdout)
    names = {row["name"] for row in both}
    assert names == {row["name"] for row in rows} | {row["name"] for row in spine}
    assert names > set(parts)


def test_ls_rules_of_a_group(vesalius):
    listed = ("ls", "rules", "--format", "names", "--structure")
    group = vesalius(*listed, "vertebral_column").stdout.split()
    assert set(vesalius(*listed, "vertebrae_L3").stdout.split()) <= set(group)
    assert "spine/numbers" in group


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rules", "--structure", "kidny_left"), "did you mean `kidney_left`?"),
        (("schemes", "--structure", "liver"), "--structure works with `rules`"),
    ],
)
def test_ls_structure_mistakes(vesalius, words, said):
    done = vesalius("ls", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_ls_anchors(vesalius):
    done = vesalius("ls", "anchors")
    line = next(x for x in done.stdout.splitlines() if x.startswith("head_base"))
    assert line.split(None, 5)[:5] == ["head_base", "level", "vertebrae_C6,", "vertebrae_C7", "2"]
    rows = {
        row["name"]: row for row in json.loads(vesalius("ls", "anchors", "--format", "json").stdout)
    }
    assert vesalius("ls", "anchors", "--format", "names").stdout.split() == list(rows)
    assert list(rows) == list(load_anchors(load_ontology()))
    assert done.stderr == f"{len(rows)} anchors\n"
    assert rows["midline"]["kind"] == "plane"
    assert rows["midline"]["needs at least"] == "4"
    assert "vertebrae_L5" in rows["midline"]["fitted from"].split(", ")
    assert rows["face_base"]["used by"].endswith(" rules")


def test_explain_an_anchor(vesalius):
    done = vesalius("explain", "midline")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "midline   (an anchor)"
    facts = {line[2:18].strip(): line[18:] for line in lines if line.startswith("  ")}
    assert facts["kind"] == "plane"
    assert {"sternum", "vertebrae_T1"} <= set(facts["from"].split(", "))
    assert facts["needs at least"].startswith("4 of ")
    assert facts["implausible"].startswith(
        "tilted by more than 25.8 deg, or points more than 25 mm"
    )
    assert facts["written in"].endswith("rules/anchors.yaml:6")
    used = done.stdout[done.stdout.index("rules that use it:\n") :]
    assert "sides/parts-across" in used
    assert "pieces/small" not in used


def test_a_project_that_has_a_wrong_pack_is_still_looked_up(vesalius, tmp_path):
    (tmp_path / "vesalius.yaml").write_text("schema: project/1\nrules: [rules]\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bad.yaml").write_text("schema: rules/1\npack: bad\n")
    for word in ("liver", "midline"):
        done = vesalius("explain", word, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "rules/bad.yaml cannot be read; see `vesalius lint rules/bad.yaml`" in done.stdout
        assert "  recommended\n" in done.stdout


def test_explain_takes_an_alias_and_a_code_and_a_scheme(vesalius):
    assert "inferior_vena_cava" in vesalius("explain", "postcava").stdout
    assert vesalius("explain", "SCH002").stdout.startswith("# SCH002: ")
    assert "prostate/uterus" in vesalius("explain", "amos22").stdout


def test_explain_offers_the_nearest_word(vesalius):
    done = vesalius("explain", "aorrta")
    assert done.returncode == 2
    assert done.stderr.startswith("error[CLI001]: nothing is known by the name `aorrta`")
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


COMPILED = """\
import json, sys
from calling import call_vesalius
for words in json.loads(sys.argv[1]):
    done = call_vesalius("compile", *words)
    print(json.dumps([done.returncode, done.stdout, done.stderr]))
"""


def test_compile_is_the_same_to_the_byte(root, tmp_path):
    """Whatever the seed of hashes, the working folder and the order of the sources."""
    names = ["amos22", "verse", "ctpelvic1k", "vista3d", "ribseg_v2"]
    targets, stages = ("dap_atlas", "totalsegmentator_v2"), ("linked", "lowered", "scheduled")
    plans, shown, said = set(), set(), set()
    for seed in ("0", "4321"):
        folder = tmp_path / seed
        folder.mkdir()
        names.append(names.pop(0))
        sources = [word for name in names for word in ("-s", name)]
        words = [[*sources, "-t", target, "-o", f"{target}.json"] for target in targets]
        words += [[*sources, "--stage", stage] for stage in stages]
        done = subprocess.run(
            [sys.executable, "-c", COMPILED, json.dumps(words)],
            cwd=folder, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root / "tests")},
        )  # fmt: skip
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        for target, (code, _, stderr) in zip(targets, answers, strict=False):
            assert code == 0, stderr
            said.add(stderr.splitlines()[-1])
            written = (folder / f"{target}.json").read_bytes()
            plans.add(written)
            assert hashlib.sha256(written).hexdigest() in stderr
        shown |= {(stage, answer[1]) for stage, answer in zip(stages, answers[2:], strict=True)}
    assert (len(plans), len(said), len(shown)) == (2, 2, 3)


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
