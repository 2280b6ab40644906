"""The comment above an entry of a file."""

from __future__ import annotations

import pytest

from vesalius.ontology.reading.comments import comment_above
from vesalius.ontology.reading.document import parse_document

TEXT = """\
# Of the file.
rules:
  # Two lines,
  #   as one.
  - id: one
    about: |
      # in a text

  # Not above, for a line is empty.

  - {id: two}
  - before: |
      # . #
  - id: three  # beside it
  - {id: four}
  #
  # Of two paragraphs:
  #
  ## the second.
  - {id: five}
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\u2028"])
def test_the_comment_right_above(line_end):
    document = parse_document(TEXT.replace("\n", line_end), "x.yaml")
    found = [comment_above(document, ("rules", at)) for at in range(6)]
    assert found == ["Two lines, as one.", "", "", "", "", "Of two paragraphs: the second."]


def test_nothing_above_the_first_line():
    assert comment_above(parse_document("a: 1\n", "x.yaml"), ()) == ""
