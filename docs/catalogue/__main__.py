"""`python -m catalogue FOLDER`: write the documentation as Markdown, for MkDocs."""

from __future__ import annotations

import sys
from pathlib import Path

from catalogue.known import load_known
from catalogue.site import write_site

if __name__ == "__main__":
    (folder,) = sys.argv[1:]
    sys.stdout.write(f"{write_site(Path(folder), load_known())} pages in {folder}\n")
