"""The problems of a release, as diagnostics with the codes ``REL001``...

Every code has a page in ``adapters/codes``; the titles here are the first lines of the pages.
"""

from __future__ import annotations

TITLES: dict[str, str] = {
    "REL001": "the release folder cannot be used",
    "REL002": "no case comes into the release",
    "REL003": "a file is not the one that the report of the case tells of",
    "REL004": "there is no cohort to release",
}
"""Title of every code of this package."""
