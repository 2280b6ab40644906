# `make demo` and `make test` work on a fresh machine with Python 3.10 or newer; nothing else is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
PACKAGES := ontology rules engine adapters
SOURCES := $(shell git ls-files --cached --others --exclude-standard $(PACKAGES) 2>/dev/null) pyproject.toml

.PHONY: help demo test lint bench fuzz fuzz-guided soak docs browser vendor clean
help:
	@echo "make demo   create the environment and run the main job on the built-in phantom"
	@echo "make test   create the environment, check the code and run the tests"
	@echo "make lint   ruff, mypy, import-linter"
	@echo "make links  the tree that mypy and import-linter read, after a file was added in adapters/"
	@echo "make bench  the benchmarks (minutes; prints figures, judges nothing)"
	@echo "make fuzz   mutated files on every way into the program (minutes; TRIES=1000 SEED=1)"
	@echo "make fuzz-guided  the same led by atheris into new code (ONLY=rules.yaml RUNS=10000)"
	@echo "make soak   a cohort under kills, full disks and other faults (minutes; TRIES=50 SEED=1)"
	@echo "make docs   the documentation as pages that work from the disk: site/index.html"
	@echo "make browser  a Chromium for the tests of pages, from the system's packages"
	@echo "make vendor   NiiVue again, as it is recorded in adapters/view/vendored"
	@echo "make clean  take away what all these have made"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The tests run against a normal install of the wheel, as a user has it. torch comes first and
# pinned: an open range would bring gigabytes of CUDA packages. pip installs a folder anew each time,
# and would compile what it installs before anything else may begin.
$(VENV)/.installed-test: $(BIN)/python tests/constraints.txt $(SOURCES)
	rm -rf build
	$(PIP) install --no-compile -c tests/constraints.txt torch
	$(PIP) install --no-compile -c tests/constraints.txt ".[test,nnunet]"
	touch $@

# What packages bring, compiled but for their own tests; not every file of it is of this Python.
$(VENV)/.compiled: $(VENV)/.installed-test
	$(BIN)/python -m compileall -qq -x 'packages/.*/tests/' $(VENV)/lib || true
	touch $@

$(VENV)/.installed-demo: $(BIN)/python $(SOURCES)
	rm -rf build
	$(PIP) install ".[report]"
	touch $@

# Type checker and import linter follow the source tree, not the installed copy: a tree of links
# laid as the packages are (pyproject.toml, package-dir), made anew so that it lacks no new module.
.PHONY: links
links:
	@rm -rf .links
	@mkdir -p .links/vesalius/adapters
	@ln -s $(addprefix ../../,ontology rules engine $(wildcard adapters/api/*)) .links/vesalius/
	@ln -s $(addprefix ../../../,$(filter-out adapters/api,$(wildcard adapters/*))) .links/vesalius/adapters/
	@$(MAKE) -s kernels

# The compiled kernels for this tree of links; a wheel brings its own (pyproject.toml, ext-modules).
# Without a compiler there are none, and numpy does their work.
KERNELS := engine/runs/_kernels
.PHONY: kernels
kernels: $(BIN)/python
	@at=$$($(BIN)/python -c 'import sysconfig as s; print(s.get_config_var("EXT_SUFFIX"))'); \
	include=$$($(BIN)/python -c 'import sysconfig as s; print(s.get_path("include"))'); \
	test -e $(KERNELS)$$at -a -z "$$(find engine/runs -name '_*.[ch]' -newer $(KERNELS)$$at)" || \
	$(CC) -O2 -Wall -fPIC -shared -I$$include $(KERNELS).c -o $(KERNELS)$$at || \
	echo "no kernels were compiled; numpy does their work"

demo: $(VENV)/.installed-demo
	$(BIN)/vesalius demo -o demo-out

lint: $(VENV)/.installed-test links
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --no-error-summary -p vesalius
	PYTHONPATH=.links $(BIN)/lint-imports

# Tests are compiled too, with their asserts told in words, by one core while the other checks types:
# else each worker does it for itself, and for nobody else where Python is asked to keep nothing.
.PHONY: compiled
compiled test: export PYTHONDONTWRITEBYTECODE =
compiled: $(VENV)/.compiled
	@$(BIN)/python -m pytest -q --collect-only > /dev/null || true

# A file at a time, in the order of tests/conftest.py: the longest first, not the one with most tests.
test: $(VENV)/.installed-test
	@$(MAKE) --no-print-directory -j 2 lint compiled
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.installed-test
	for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script; done

TRIES ?= 400
SEED ?= 0
fuzz: $(VENV)/.installed-test
	PYTHONPATH=tests nice $(BIN)/python -m fuzz --tries $(TRIES) --seed $(SEED)

# Not every system has a wheel of atheris, so that nothing else needs it.
ONLY ?= rules.yaml
RUNS ?= 10000
fuzz-guided: $(VENV)/.installed-test
	$(PIP) install atheris
	PYTHONPATH=tests nice $(BIN)/python -m fuzz.guided --only $(ONLY) --runs $(RUNS) --seed $(SEED)

soak: $(VENV)/.installed-test
	PYTHONPATH=tests nice $(BIN)/python -m soak --tries $(TRIES) --seed $(SEED)

$(VENV)/.installed-docs: $(BIN)/python tests/constraints.txt docs/constraints.txt $(SOURCES)
	rm -rf build/lib
	$(PIP) install -c tests/constraints.txt -c docs/constraints.txt ".[docs]"
	$(PIP) install --no-deps --force-reinstall .
	touch $@

# The catalogue is written anew from what is installed; then MkDocs makes pages of all Markdown.
docs: $(VENV)/.installed-docs
	PYTHONPATH=docs $(BIN)/python -m catalogue build/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet -f docs/mkdocs.yml
	@echo "open site/index.html"

# Tests of pages need a Chromium; without one they are skipped and say so.
browser:
	@sh tests/browser/install.sh

# The viewer's only script from elsewhere. What comes must be what was recorded; to take another
# version: make vendor NIIVUE=0.70.0 RECORD=1, look at the page, run tests/view and tests/browser.
NIIVUE ?= 0.69.0
VENDORED := adapters/view/vendored
vendor:
	sh $(VENDORED)/refresh.sh $(VENDORED) $(NIIVUE) $(RECORD)

clean:
	rm -rf $(VENV) .links build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-out site
