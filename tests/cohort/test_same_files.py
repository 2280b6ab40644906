"""Cases that are given the same file: told in a few lines, however many they are."""

from vesalius.adapters.cohort.same_files import same_files


def test_of_many_cases_a_few_are_named(tmp_path):
    files = [tmp_path / f"{number:03}" for number in range(332)]
    for file in files:
        file.write_bytes(b"the same")
    (told,) = same_files([(file.name, "`ct`", file) for file in files], None)
    _, row = told.message.splitlines()
    assert row.strip().startswith("000, 001, ")
    assert row.endswith("011 and 320 more: `ct`")


def test_of_many_pairs_a_few_are_named(tmp_path):
    files = [tmp_path / f"{number:03}" for number in range(40)]
    for number, file in enumerate(files):
        file.write_bytes(f"{number // 2:03}".encode())
    (told,) = same_files([(file.name, "`ct`", file) for file in files], None)
    first, *rows = told.message.splitlines()
    assert first == "20 files stand under several cases, byte for byte the same"
    assert (len(rows), rows[0].strip(), rows[-1].strip()) == (13, "000 and 001: `ct`", "and 8 more")
