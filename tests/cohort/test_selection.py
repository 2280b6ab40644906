"""Which cases are kept, which dropped, and why."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.cohort.selection import slices
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.render import render_human


@given(
    order=st.permutations([0, 1, 2]),
    flips=st.tuples(*[st.sampled_from([-1, 1])] * 3),
    spacing=st.tuples(*[st.floats(0.5, 5)] * 3),
)
@settings(deadline=None, max_examples=50)
def test_slices_are_counted_along_the_patient(order, flips, spacing):
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis, direction in enumerate(order):
        affine[direction, axis] = flips[axis] * spacing[axis]
    shape = (3, 4, 5)
    codes = nib.aff2axcodes(affine)
    expected = next(n for n, code in zip(shape, codes, strict=True) if code in "SI")
    assert slices(Grid(shape, affine)) == expected


def test_slices_of_an_oblique_scan():
    turn = np.radians(30)
    affine = np.eye(4)
    affine[1:3, 1:3] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    assert slices(Grid((3, 4, 5), affine)) == 5


def kept_and_dropped(study):
    _, selection, tasks = study.preflight()
    why = {case: [r.text for r in reasons] for case, reasons in selection.dropped.items()}
    return list(selection.kept), why, tasks


def select(study, text):
    study.cohort("cases: {from: image}", f"cases: {{from: image}}\nselect:\n{text}")
    return kept_and_dropped(study)


def test_without_a_selection_all_are_kept(study):
    kept, why, tasks = kept_and_dropped(study)
    assert (kept, why) == (["a", "b", "c"], {})
    assert [task.case for task in tasks.ready] == kept
    assert [task.files.metadata for task in tasks.ready] == [
        {"sex": "male"},
        {"sex": "female"},
        {"sex": "male"},
    ]


def test_limits_are_inside(study):
    kept, why, _ = select(study, "  - slices: {at_least: 8, at_most: 9}")
    assert (kept, why) == (["b", "c"], {"a": ["7 slices"]})


def test_slices_follow_the_patient_not_the_array(study):
    affine = np.zeros((4, 4))
    affine[2, 0] = affine[0, 1] = affine[1, 2] = affine[3, 3] = 1
    study.volume("images/a_0000.nii.gz", np.zeros((8, 5, 6), np.int16), affine)
    kept, why, _ = select(study, "  - slices: {at_most: 8}")
    assert (kept, why) == (["a", "b"], {"c": ["9 slices"]})


def test_every_reason_is_named(study):
    kept, why, _ = select(
        study,
        "  - slices: {at_most: 8}\n"
        "  - metadata: {sex: [female], age: {at_most: 60}}\n"
        "  - exclude: [c, a]",
    )
    assert kept == ["b"]
    assert why == {
        "a": ["sex is `male`", "excluded by name"],
        "c": ["9 slices", "sex is `male`, age is 70", "excluded by name"],
    }


def test_numbers_in_a_list_are_compared_as_text(study):
    kept, _, _ = select(study, "  - metadata: {age: [50, 70]}")
    assert kept == ["a", "c"]


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ("{from: image}", ["a", "b", "c"]),
        ("{from: amos22}", ["a", "b", "c"]),
        ("{from: metadata}", ["c", "a"]),
        ("[b, a]", ["b", "a"]),
    ],
)
def test_where_cases_come_from(study, cases, expected):
    study.cohort("cases: {from: image}", f"cases: {cases}")
    study.table("Sex;name\nM;c\nM;a\n")
    assert list(study.preflight()[1].found) == expected


def test_a_dropped_case_may_lack_everything(study):
    study.table("name,Sex\nb,F\nc,?\n")
    Path("preds/a.nii.gz").unlink()
    kept, why, tasks = select(study, "  - exclude: [a, c]")
    assert (kept, [task.case for task in tasks.ready], tasks.problems) == (["b"], ["b"], ())
    assert set(why) == {"a", "c"}


def test_a_rule_that_cannot_tell_keeps_the_case_as_incomplete(study):
    Path("images/b_0000.nii.gz").unlink()
    study.cohort("{from: image}", "{from: metadata}\nselect: [{slices: {at_least: 8}}]")
    kept, why, tasks = kept_and_dropped(study)
    assert (kept, why) == (["b", "c"], {"a": ["7 slices"]})
    assert [task.case for task in tasks.ready] == ["c"]
    assert list(tasks.incomplete) == ["b"]
    assert [d.code for d in tasks.problems] == ["COH010"]


def test_every_missing_file_is_listed_however_many(study):
    names = [f"case{number:03}" for number in range(60)]
    study.table("name,Sex\na,M\n" + "".join(f"{name},M\n" for name in names))
    study.cohort("{from: image}", "{from: metadata}")
    _, _, tasks = study.preflight()
    text = render_human(tasks.problems, limit=None)
    for name in names:
        assert f"{name}: images/{name}_0000.nii.gz" in text
        assert f"{name}: preds/{name}.nii.gz" in text
    assert (len(tasks.ready), len(tasks.incomplete)) == (1, 60)


def test_where_every_case_lacks_a_file_the_template_is_wrong(study):
    names = [f"case{number:03}" for number in range(60)]
    study.table("name,Sex\n" + "".join(f"{name},M\n" for name in names))
    study.cohort("{from: image}", "{from: metadata}")
    _, _, tasks = study.preflight()
    text = render_human(tasks.problems, limit=None)
    assert "60 of 60 cases without the file of image" in text
    assert text.count("images/case") < 60
    assert (tasks.ready, len(tasks.incomplete)) == ((), 60)


def test_a_folder_without_masks_is_missing(study):
    study.cohort("preds/{case}.nii.gz", "masks/{case}")
    for name in "abc":
        Path(f"masks/{name}").mkdir(parents=True)
    study.volume("masks/a/spleen.nii.gz", np.ones((5, 6, 7), np.uint8))
    Path("masks/b/notes.txt").touch()
    _, _, tasks = study.preflight()
    assert [task.case for task in tasks.ready] == ["a"]
    assert sorted(tasks.incomplete) == ["b", "c"]


def test_outputs_among_the_masks_of_another_case_are_refused(study):
    study.cohort(
        "preds/{case}.nii.gz", "masks/{case}", "cases:", 'output: "{case}/x.nii.gz"\ncases:'
    )
    for name in "abc":
        study.volume(f"masks/{name}/spleen.nii.gz", np.ones((5, 6, 7), np.uint8))
    _, _, tasks = study.preflight(output="masks")
    assert [d.code for d in tasks.problems] == ["IO052"] * 3
    assert tasks.ready == ()


def test_two_models_of_one_scheme_and_a_scheme_file(study):
    from vesalius.ontology.load import scheme_paths

    text = scheme_paths()["amos22"].read_text()
    Path("mine.yaml").write_text(text.replace("scheme: amos22", "scheme: mine"))
    study.cohort(
        "  amos22: preds/{case}.nii.gz",
        "  one: {scheme: amos22, path: 'preds/{case}.nii.gz'}\n"
        "  two: {scheme: amos22, path: 'preds/{case}.nii.gz'}\n"
        "  mine.yaml: preds/{case}.nii.gz",
    )
    cohort, _, tasks = study.preflight()
    assert [source.scheme for source in cohort.sources] == ["amos22", "amos22", "mine.yaml"]
    assert len(tasks.ready) == 3
