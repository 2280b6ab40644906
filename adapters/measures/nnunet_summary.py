"""nnU-Net's `summary.json`: written for its tools, and read as a table.

Source: nnunetv2/evaluation/evaluate_predictions.py (v2.8): per case and label Dice, IoU, FP, TP,
FN, TN, n_pred, n_ref; a region's key is the text of the tuple of its labels; NaN where neither
side has a voxel, and means leave it out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vesalius.adapters.files.io_diagnostics import unreadable
from vesalius.adapters.files.json_files import parse_object
from vesalius.adapters.measures.case_names import case_name
from vesalius.adapters.measures.shared import shared_structures
from vesalius.adapters.measures.structure_map import listed_structures
from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.table_schema import Cell
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.meaning import of_sex, structures_of
from vesalius.ontology.scheme.scheme import Scheme

SUMMARY = "summary.json"
_COUNTS = ("TP", "FP", "FN")


def summary_json(
    cases: Iterable[tuple[str, str, Iterable[Mapping[str, Any]]]],
) -> str:
    """Write rows of `validate` as nnU-Net does.

    Parameters
    ----------
    cases : iterable of (prediction file, reference file, rows)
        One of each case.

    Returns
    -------
    str
        JSON; NaN stands for what is undefined, as nnU-Net writes it.
    """
    per_case: list[dict[str, Any]] = [
        {
            "metrics": {_key(row["truth_integers"]): _metrics(row) for row in rows},
            "prediction_file": pred,
            "reference_file": truth,
        }
        for pred, truth, rows in cases
    ]
    keys = dict.fromkeys(key for case in per_case for key in case["metrics"])
    means = {
        key: _mean([case["metrics"][key] for case in per_case if key in case["metrics"]])
        for key in keys
    }
    document = {
        "foreground_mean": _mean(list(means.values())),
        "mean": means,
        "metric_per_case": per_case,
    }
    return json.dumps(document, indent=4, sort_keys=True) + "\n"


def read_summary(
    path: Path, scheme: Scheme, ontology: Ontology, sex: str = "unknown"
) -> Iterator[dict[str, Cell]]:
    """Read the summary of nnU-Net as rows of `validate`.

    Parameters
    ----------
    path : Path
        The file.
    scheme : Scheme
        What its labels mean.
    ontology : Ontology
        What makes a region.
    sex : str
        Of all patients; a label that it decides has no name where it is unknown.

    Yields
    ------
    dict
        Volumes and distances are not in the file, and are undefined.

    Raises
    ------
    DiagnosticError
        MEA010 where it is no such file, or a label is not in the scheme.
    """
    try:
        cases = parse_object(path.read_text(encoding="utf-8"))["metric_per_case"]
        found = [
            (case_name(Path(case["reference_file"])), key, _read(metrics))
            for case in cases
            for key, metrics in case["metrics"].items()
        ]
    except OSError as failed:
        raise unreadable(path, failed) from None
    except (ValueError, KeyError, TypeError, AttributeError) as failed:
        text = f"this is no summary.json of nnU-Net: {type(failed).__name__} {failed}"
        raise _no_summary(path, text) from None
    names = _names(scheme, ontology, sex)
    for case, key, row in found:
        integers = tuple(sorted(int(number) for number in re.findall(r"\d+", key)))
        if integers not in names:
            more = "" if sex != "unknown" else ", for a patient of unknown sex"
            text = f"scheme `{scheme.name}` has no structure for label {key}{more}"
            raise _no_summary(path, text)
        text = ",".join(map(str, integers))
        yield {"case": case, "structure": names[integers], "truth_integers": text, **row}


def _no_summary(path: Path, text: str) -> DiagnosticError:
    hint = "nnUNetv2_evaluate_folder writes one; --scheme-truth says what its labels mean"
    return DiagnosticError([Diagnostic("MEA010", "error", text, path=str(path), help=hint)])


def _key(integers: str) -> str:
    found = tuple(int(number) for number in integers.split(","))
    return str(found[0] if len(found) == 1 else found)


def _metrics(row: Mapping[str, Any]) -> dict[str, float | int]:
    tp = row["common_voxels"]
    fp, fn = row["pred_voxels"] - tp, row["truth_voxels"] - tp
    return {
        # From the counts, as nnU-Net has them, not from what the table has rounded.
        "Dice": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else math.nan,
        "IoU": tp / (tp + fp + fn) if tp + fp + fn else math.nan,
        "FP": fp,
        "TP": tp,
        "FN": fn,
        "TN": row["grid_voxels"] - tp - fp - fn,
        "n_pred": row["pred_voxels"],
        "n_ref": row["truth_voxels"],
    }


def _mean(each: list[dict[str, float | int]]) -> dict[str, float]:
    """Average each figure over what is defined; NaN where nothing is."""
    means = {}
    for key in each[0] if each else ():
        defined = [one[key] for one in each if not math.isnan(one[key])]
        means[key] = float(np.mean(defined)) if defined else math.nan
    return means


def _read(metrics: Mapping[str, Any]) -> dict[str, Cell]:
    tp, fp, fn = (int(metrics[name]) for name in _COUNTS)
    pred, truth = tp + fp, tp + fn
    state = ("both" if truth else "only_pred") if pred else ("only_truth" if truth else "neither")
    undefined = state == "neither"
    return {
        "state": state,
        "pred_voxels": pred,
        "truth_voxels": truth,
        "common_voxels": tp,
        "grid_voxels": tp + fp + fn + int(metrics["TN"]) if "TN" in metrics else None,
        "dice": None if undefined else rounded(float(metrics["Dice"])),
        "iou": None if undefined else rounded(float(metrics["IoU"])),
    }


def _names(scheme: Scheme, ontology: Ontology, sex: str) -> dict[tuple[int, ...], str]:
    """Give the structure that labels together are."""
    integers: dict[str, set[int]] = {}
    for entry in scheme.entries:
        for name in structures_of(of_sex(entry.target, sex)):
            integers.setdefault(name, set()).add(entry.integer)
    listed = listed_structures(scheme, sex)
    groups = {a for name in listed for a in ontology.ancestors(name)} | listed
    found: dict[tuple[int, ...], str] = {}
    for shared in shared_structures(ontology, [listed, frozenset(groups)], at_least=1):
        members = shared.members[0]
        together = tuple(sorted({i for name in members for i in integers[name]}))
        if together and (shared.structure in listed or together not in found):
            found[together] = shared.structure
    return found
