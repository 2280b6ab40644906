"""The demo cohort: what is planted is in its files, and is told when it is found or not."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from page_reader import Page
from vesalius.adapters.cohort.cohort_file import load_cohort
from vesalius.adapters.population.demo_cohort import COHORT, draw_patients, make_cohort
from vesalius.adapters.population.describe import Population
from vesalius.adapters.population.people import People
from vesalius.adapters.population.planted import read_planted
from vesalius.adapters.population.recovered import effects
from vesalius.adapters.population.settings import read_settings
from vesalius.adapters.population.trends import trends
from vesalius.adapters.population.volumes import Figures
from vesalius.ontology.load import load_ontology, load_scheme


@pytest.fixture(scope="module")
def planted():
    """Three patients, one of them mirrored, of coarse voxels."""
    found = read_planted()
    mirrored = found.mirrored.model_copy(update={"case": "demo_02"})
    return found.model_copy(update={"cases": 3, "spacing_mm": 8.0, "mirrored": mirrored})


@pytest.fixture(scope="module")
def made(planted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, make_cohort(planted, folder, load_ontology(), seed=2)


def test_volumes_are_as_planted_to_a_voxel(made, planted):
    folder, patients = made
    scheme = load_scheme("amos22", load_ontology())
    voxel_ml = 8.0**3 / 1000
    for patient in patients:
        image = nib.load(folder / f"cases/{patient.case}/predictions/amos22.nii.gz")
        labels = np.asarray(image.dataobj)
        for structure, ml in patient.volumes_ml.items():
            if patient.site != planted.stray.site:
                voxels = (labels == scheme.integer_of(structure)).sum()
                assert abs(voxels * voxel_ml - ml) <= voxel_ml / 2


def test_one_case_is_mirrored(made):
    folder, patients = made
    scheme = load_scheme("amos22", load_ontology())
    sides = {}
    for patient in patients:
        image = nib.load(folder / f"cases/{patient.case}/predictions/amos22.nii.gz")
        at = np.argwhere(np.asarray(image.dataobj) == scheme.integer_of("liver")).mean(axis=0)
        sides[patient.case] = bool(nib.affines.apply_affine(image.affine, at)[0] > 0)
    assert sides == {"demo_01": True, "demo_02": False, "demo_03": True}


def test_it_is_a_cohort_that_can_be_loaded_and_every_patient_has_lesions(made):
    folder, patients = made
    cohort = load_cohort(folder / COHORT, load_ontology())
    assert {name: row["site"] for name, row in cohort.rows.items()} == {
        patient.case: patient.site for patient in patients
    }
    for patient in patients:
        mask = nib.load(folder / f"lesions/{patient.case}.nii.gz")
        assert mask.header.get_zooms() == (4.0, 4.0, 4.0)
        assert np.asarray(mask.dataobj).any()


def test_volumes_of_all_forty_are_recovered_and_others_are_not():
    planted = read_planted()
    patients = draw_patients(planted, 0)
    people = People("demo", "amos22", (), frozenset(), {"sources": []})
    rows = [
        {"case": p.case, "structure": name, "voxels": 9, "cut_at_border": False, "volume_ml": ml,
         "hu_mean": None}
        for p in patients
        for name, ml in p.volumes_ml.items()
    ]  # fmt: skip
    persons = tuple(_person(p) for p in patients)
    people = People("demo", "amos22", persons, frozenset(), {"sources": []})
    figures = Figures().add(rows)
    fits = tuple(trends(people, figures, read_settings().trends, 0))
    tables = {"age_trends": tuple(fit.row() for fit in fits)}
    tables |= {"divergence": (), "lesion_rates": (), "rule_rates": ()}
    found = effects(planted, Population(people, figures, tables, fits))
    told = {effect.what: effect.recovered for effect in found}
    assert [what for what, did in told.items() if did] == [
        f"liver, {sex}: {what}"
        for sex in ("female", "male")
        for what in ("curvature, ml/year²", "age at the peak, years")
    ]
    assert len(told) == 10


def _person(patient):
    from vesalius.adapters.population.people import Person

    return Person(patient.case, "written", "", patient.age_years, patient.sex)


def test_the_command_says_of_each_effect_whether_it_was_found(planted, tmp_path, monkeypatch):
    """Three patients are too few for any interval: that is told, and gives exit code 1."""
    monkeypatch.setattr("vesalius.adapters.cli.demo_cohort.read_planted", lambda: planted)
    done = call_vesalius("demo", "cohort", "-o", "demo", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    lines = {line.split("  ")[0]: line.split() for line in done.stdout.splitlines() if line}
    assert lines["case that is mirrored"][-1] == "yes"
    assert "demo_02" in lines["case that is mirrored"]
    assert lines["liver, male: curvature, ml/year²"][-2:] == ["none", "NO"]
    page = Page(tmp_path / "demo/population/population.html")
    assert page.headings[1] == "What was planted, and what was found"
    assert Page(tmp_path / "demo/report/index.html").headings[0] == "Cohort demo"


@pytest.mark.parametrize("words", [("cohort", "--sex", "male"), ("case", "--workers", "2")])
def test_an_option_of_the_other_demo_is_refused(words, tmp_path):
    done = call_vesalius("demo", *words, "-o", "x", cwd=tmp_path)
    assert done.returncode == 2
    assert f"is not for `demo {words[0]}`" in done.stderr
    assert not (tmp_path / "x").exists()
