"""`python -m vesalius`: the command line."""

from __future__ import annotations

from vesalius.adapters.cli.main import main

if __name__ == "__main__":
    main()
