# Everything a fresh machine needs is Python 3.11 or newer and make: `make demo`, `make test`.

PYTHON ?= python3
VENV   ?= .venv
DIR    ?=
ARGS   ?=
EXAMPLES ?= 200
WORKERS ?= $(shell "$(PYTHON)" -c 'import os; print(1 + (os.cpu_count() or 1))')

BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help venv demo test check hostile model mutants bench picture constraints clean

help: ## this list
	@echo "make TARGET [PYTHON=python3.12] [VENV=.venv]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

venv: $(STAMP) ## the virtual environment, made anew when pyproject.toml or constraints.txt change

$(STAMP): pyproject.toml constraints.txt
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "make: there is no $(PYTHON) here. Install Python 3.11 or newer, or name yours: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) does not run, or is older than Python 3.11. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@test -x "$(BIN)/python" || "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: $(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@test -x "$(BIN)/python" || { echo "Making $(VENV)"; "$(PYTHON)" -m venv "$(VENV)"; }
	@echo "Installing coopscrape and its tools into $(VENV)"
	@"$(BIN)/python" -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch "$@"

demo: $(STAMP) ## crawl the bundled listing twice, on this machine only: into DIR (default coopscrape-demo)
	@"$(BIN)/coopscrape" demo -- $(if $(DIR),"$(DIR)")
	@command -v coopscrape >/dev/null || \
	  echo "Before all that, so that your shell knows coopscrape: . $(BIN)/activate"

test: $(STAMP) ## all tests; ARGS="-k robots" for some, WORKERS=0 for one process
	@"$(BIN)/python" -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(STAMP) ## style, types, floors and fences, documentation
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"
	"$(BIN)/python" -m pytest -q tests/docs

hostile: $(STAMP) ## the servers that misbehave, one line each; ARGS="gzip bomb" for some
	@PYTHONPATH=tests "$(BIN)/python" -m hostile.trial $(ARGS)

model: $(STAMP) ## lives of a listing, judged by what its site really did; EXAMPLES=2000, ARGS="--seed 7"
	@"$(BIN)/python" tests/model/many.py --examples $(EXAMPLES) $(ARGS)

mutants: $(STAMP) ## faults in a copy of reconcile, and which test finds each; ARGS="slid" for some
	@"$(BIN)/python" tests/model/seeded.py $(ARGS)

bench: $(STAMP) ## what a crawl costs, beside a bare fetch and parse
	@"$(BIN)/python" benchmarks/crawl.py $(ARGS)

picture: $(STAMP) ## draw the pictures of the documentation again
	@"$(BIN)/python" docs/make_picture.py

constraints: $(STAMP) ## write constraints.txt anew from what is installed
	@"$(BIN)/python" -m pip freeze --exclude-editable --exclude pip --exclude setuptools \
	  | grep -E '^[A-Za-z0-9._-]+==[^ ]+$$' | LC_ALL=C sort -f > constraints.new
	@mv constraints.new constraints.txt
	@touch "$(STAMP)"

clean: ## remove the environment, the demo and all caches
	rm -rf "$(VENV)" coopscrape-demo build dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
