# `make demo` and `make test` work on a fresh machine with Python 3.10 or newer; nothing else is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
PACKAGES := ontology rules engine adapters
SOURCES := $(shell git ls-files --cached --others --exclude-standard $(PACKAGES) 2>/dev/null) pyproject.toml

.PHONY: help demo test lint types bench clean
help:
	@echo "make demo   create the environment and run the main job on the built-in phantom"
	@echo "make test   create the environment, check the code and run the tests"
	@echo "make lint   ruff, mypy, import-linter"
	@echo "make bench  the benchmarks (minutes; prints figures, judges nothing)"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The tests run against a normal install of the wheel, as a user has it. torch comes first and
# pinned: an open range would bring gigabytes of CUDA packages.
$(VENV)/.installed-test: $(BIN)/python tests/constraints.txt $(SOURCES)
	rm -rf build
	$(PIP) install -c tests/constraints.txt torch
	$(PIP) install -c tests/constraints.txt ".[test,nnunet]"
	$(PIP) install --no-deps --force-reinstall .
	touch $@

$(VENV)/.installed-demo: $(BIN)/python $(SOURCES)
	rm -rf build
	$(PIP) install ".[report]"
	$(PIP) install --no-deps --force-reinstall .
	touch $@

# Type checker and import linter follow the source tree, not the installed copy.
.links: Makefile
	mkdir -p .links/vesalius
	for package in $(PACKAGES); do ln -sfn ../../$$package .links/vesalius/$$package; done
	touch .links

demo: $(VENV)/.installed-demo
	$(BIN)/vesalius demo -o demo-out

lint: $(VENV)/.installed-test .links
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --no-error-summary -p vesalius.ontology -p vesalius.rules -p vesalius.engine -p vesalius.adapters
	PYTHONPATH=.links $(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: $(VENV)/.installed-test
	for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script; done

clean:
	rm -rf $(VENV) .links build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-out
