import os
import socket
import threading

import pytest

from processes import PATIENCE_S
from vesalius.ontology.names.label_tables import classes_from_file
from vesalius.ontology.reading import side_files
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.side_files import MIB, UnfitFileError, read_side_file


def test_a_file_is_read_as_it_is(tmp_path):
    (tmp_path / "a").write_bytes(b"\x00abc\xff")
    assert read_side_file(tmp_path / "a", MIB) == b"\x00abc\xff"


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * MIB)
    assert len(read_side_file(tmp_path / "a", MIB)) == MIB
    (tmp_path / "a").write_bytes(b"x" * (MIB + 1))
    with pytest.raises(UnfitFileError, match="larger than 1 MB"):
        read_side_file(tmp_path / "a", MIB)


def test_a_file_without_end_is_not_read_to_its_end(tmp_path):
    # Sparse: it takes no room on the disk, and would take all memory.
    with open(tmp_path / "a", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UnfitFileError, match="larger than 1 MB"):
        read_side_file(tmp_path / "a", MIB)


def _fifo(path):
    os.mkfifo(path)


def _socket(path):
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.fspath(path))


def _device(path):
    path.symlink_to("/dev/zero")


def _loop(path):
    path.symlink_to(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("make", [_fifo, _socket, _device, _loop])
@pytest.mark.parametrize(
    ("name", "read", "code"),
    [("a.yaml", load_document, "YML004"), ("dataset.json", classes_from_file, "SCH030"),
     ("a.csv", classes_from_file, "SCH030"), ("a.txt", classes_from_file, "SCH030")],
)  # fmt: skip
def test_pipes_sockets_and_devices_are_refused_and_never_waited_for(
    tmp_path, monkeypatch, make, name, read, code
):
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    path = tmp_path / name
    make(path.relative_to(tmp_path) if make is _socket else path)
    done = []

    def attempt():
        with pytest.raises(DiagnosticError) as failed:
            read(path)
        done.append([d.code for d in failed.value.diagnostics])

    # In a thread: reading a pipe would wait for ever.
    reader = threading.Thread(target=attempt, daemon=True)
    reader.start()
    reader.join(PATIENCE_S)
    assert done == [[code]]


def test_a_yaml_that_is_too_large_is_a_diagnostic(tmp_path):
    with open(tmp_path / "a.yaml", "wb") as file:
        file.truncate(side_files.YAML_BYTES + 1)
    with pytest.raises(DiagnosticError) as failed:
        load_document(tmp_path / "a.yaml")
    (problem,) = failed.value.diagnostics
    assert problem.code == "YML004"
    assert "larger than 8 MB" in problem.message


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("d.json", "[" * 200_000, "nested too deeply"),
        ("d.json", '{"labels": {"a": ' + "9" * 5000 + "}}", "too many digits"),
        ("d.json", '{"labels": {"a": "' + "9" * 4000 + '"}}', "expected an integer"),
        ("d.json", '{"labels": {"' + "9" * 5000 + '": "a"}}', "expected an integer"),
        ("d.csv", "1," + "x" * 200_000, "cannot be read here"),
        ("d.txt", "9" * 5000 + ' 0 0 0 1 1 1 "a"\n', "expected an integer"),
    ],
)
def test_label_tables_of_absurd_depth_or_numbers_are_diagnostics(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(DiagnosticError) as failed:
        classes_from_file(tmp_path / name)
    (problem,) = failed.value.diagnostics
    assert said in problem.message
    assert len(problem.message) < 300


def test_regions_that_would_take_hours_to_tell_apart_are_refused(tmp_path):
    rows = ", ".join(f'"r{i}": [1, {i}]' for i in range(2, 2100))
    (tmp_path / "d.json").write_text(f'{{"labels": {{{rows}}}}}')
    with pytest.raises(DiagnosticError) as failed:
        classes_from_file(tmp_path / "d.json")
    assert [d.code for d in failed.value.diagnostics] == ["SCH032"]
