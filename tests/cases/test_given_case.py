"""A case of paths, images and arrays: the same result, the same words for what is wrong."""

import io

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.cases.inputs import CaseInputs, Prediction
from vesalius.adapters.cases.load import load_case
from vesalius.adapters.files.given import GivenArray, GivenImage
from vesalius.engine.runs.labelmap import decode
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.rules.compile.compiler import compile_plan
from vesalius.rules.places import load_anchors
from vesalius.session import Session

SHAPE = (9, 8, 7)
RAS = np.diag([1.5, 1.5, 3.0, 1.0])
LPS = np.array([[-1.5, 0, 0, 12], [0, -1.5, 0, 10.5], [0, 0, 3, 0], [0, 0, 0, 1.0]])
WAYS = ("path", "loaded", "image", "array")


@pytest.fixture(scope="session")
def amos():
    return load_scheme("amos22", load_ontology())


@pytest.fixture(scope="session")
def compiled(amos):
    ontology = load_ontology()
    sources = {"amos22": amos, "amos22_2": amos}
    return compile_plan(ontology, amos, sources, load_anchors(ontology))


@pytest.fixture(scope="session")
def labels():
    return np.random.default_rng(8).integers(0, 16, SHAPE).astype(np.int64)


@pytest.fixture
def give(tmp_path):
    def give(way, array, affine, name="x"):
        image = nib.Nifti1Image(array, affine, dtype=array.dtype)
        if way == "array":
            return GivenArray(array, affine, f"the array given for {name}")
        if way == "image":
            return GivenImage(image, f"the image given for {name}")
        path = tmp_path / f"{name}.nii.gz"
        nib.save(image, path)
        return (
            GivenImage(nib.load(path), f"the image given for {name}") if way == "loaded" else path
        )

    return give


def case_of(*given, image=None, resample=False):
    tokens = ("amos22", "amos22_2")
    predictions = tuple(Prediction(t, g) for t, g in zip(tokens, given, strict=False))
    return CaseInputs(predictions, image, {}, resample)


def problems(case, compiled, amos):
    with pytest.raises(DiagnosticError) as raised:
        load_case(case, compiled.plan, {"amos22": amos, "amos22_2": amos})
    return [(d.code, d.message, d.path) for d in raised.value.diagnostics]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("image_way", [None, *WAYS])
def test_every_way_gives_the_labels_on_the_grid_of_the_case(
    give, labels, compiled, amos, way, image_way
):
    turned = labels[::-1, ::-1]
    image = None
    if image_way is not None:
        image = give(image_way, np.zeros(SHAPE, np.int16) - 1000, RAS, "the CT")
    case = case_of(give(way, turned, LPS), image=image)
    loaded = load_case(case, compiled.plan, {"amos22": amos})
    (source,) = loaded.predictions
    assert source.how == ("same" if image is None else "reoriented")
    assert np.array_equal(loaded.grid.affine, LPS if image is None else RAS)
    assert np.array_equal(decode(source.labels, np.uint8), turned if image is None else labels)
    assert source.path == case.predictions[0].name
    assert (loaded.header is None) == ((way if image is None else image_way) == "array")


@pytest.mark.parametrize("way", WAYS)
def test_what_is_written(tmp_path, give, labels, way):
    session = Session(["amos22", "amos22"], "amos22", rules=None)

    def run(way):
        one, two = give(way, labels, RAS), give(way, np.roll(labels, 1), RAS, "y")
        given = [Prediction("amos22", one), Prediction("amos22#2", two)]
        return session.run(CaseInputs(given, None, {}, resample=False))

    result, by_path = run(way), run("path")
    result.save_folder(tmp_path / "out")
    written = nib.load(tmp_path / "out/labels.nii.gz")
    assert np.array_equal(np.asarray(written.dataobj), result.array)
    assert np.array_equal(written.affine, RAS)
    assert np.array_equal(result.array, by_path.array)
    assert result.report["structures"] == by_path.report["structures"]
    assert result.report["sources"] == by_path.report["sources"]
    assert result.report["grid"] == by_path.report["grid"]


def test_a_lint_names_what_was_given(labels):
    lint = Session(target="amos22", rules=None).lint((labels, RAS))
    assert lint.path == "the array given for amos22"


def test_the_same_labels_twice(give, labels, compiled, amos):
    for way, noun in (("array", "labels"), ("path", "file")):
        case = case_of(give(way, labels, RAS), give(way, labels, RAS))
        loaded = load_case(case, compiled.plan, {"amos22": amos, "amos22_2": amos})
        (remark,) = loaded.diagnostics
        assert remark.code == "RUN004"
        assert f"are the same {noun}; the second adds nothing" in remark.message


@pytest.mark.parametrize("way", WAYS)
def test_problems_of_both_are_said_at_once(give, labels, compiled, amos, way):
    one = give(way, labels + 100, RAS, "one")
    two = give(way, labels / 2, RAS, "two")
    found = problems(case_of(one, two), compiled, amos)
    assert [code for code, _, _ in found] == ["RUN001", "IO020"]
    assert [path for _, _, path in found] == [Prediction("", g).name for g in (one, two)]


def test_another_grid_without_an_image(give, labels, compiled, amos):
    case = case_of(give("array", labels, RAS, "one"), give("array", labels[:-1], RAS, "two"))
    ((code, message, path),) = problems(case, compiled, amos)
    assert (code, path) == ("RUN002", "the array given for two")
    assert message.startswith("lies on another grid than the array given for one, and no image")


def test_an_image_that_cannot_be_read(give, labels, compiled, amos):
    image = GivenArray(np.zeros(SHAPE), np.full((4, 4), np.nan), "the CT")
    found = problems(case_of(give("array", labels, RAS), image=image), compiled, amos)
    assert [(code, path) for code, _, path in found] == [("IO012", "the CT")]


def test_every_file_is_opened_once(tmp_path, give, labels, monkeypatch):
    session = Session({"amos22": "amos22", "amos22_2": "amos22"}, "amos22", rules=None)
    one, two = give("path", labels, RAS, "one"), give("path", labels, RAS, "two")
    image = give("path", np.zeros(SHAPE, np.int16), RAS, "ct")
    opened = []
    file_io = io.FileIO

    def count(path, mode, **how):
        opened.append(path)
        return file_io(path, mode, **how)

    with monkeypatch.context() as patch:
        patch.setattr("io.FileIO", count)
        result = session.run(case_of(one, two, image=image))
        assert opened == [image, one, two]
        # The header of the output is the one that was read, whatever becomes of the file.
        image.unlink()
        result.save_folder(tmp_path / "out")
        assert opened == [image, one, two]
    assert np.array_equal(nib.load(tmp_path / "out/labels.nii.gz").affine, RAS)
