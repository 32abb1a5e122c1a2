# Needs Python 3.11 or newer, make, and a package index. Everything it makes lies in .venv, .demo and .bench.
# Another Python: make demo PYTHON=python3.12

PYTHON ?= python3
# Two more than there are processors: a test that waits for a disk or a clock leaves its own idle.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 2)')
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed
RIVALS := .venv/.rivals-installed
NIGHTLY := $(BIN)/ctct-etl run pipelines/nightly_members.yaml --state-dir .demo/state

.DEFAULT_GOAL := help
.PHONY: help demo test proof bench lint env clean

help:
	@echo "make demo    the nightly load on sample data: a dry run, the run, and a run that finds nothing left to do"
	@echo "make test    the tests, sampled and seeded"
	@echo "make proof   the same tests at large numbers"
	@echo "make bench   ours beside polars, duckdb, petl, dlt and plain loops, as a table, docs/benchmarks.json and a picture"
	@echo "make lint    ruff and mypy"
	@echo "make env     .venv with everything in it"
	@echo "make clean   remove .venv and what demo and bench wrote"

demo: $(RUNTIME)
	@rm -rf .demo
	@echo "== 1 of 3 · dry run: the account gets nothing but reads"
	@$(NIGHTLY) --dry-run
	@echo
	@echo "== 2 of 3 · the run: plan, guard, apply, report"
	@$(NIGHTLY)
	@echo
	@echo "== 3 of 3 · the same run again: nothing is left to do"
	@$(NIGHTLY)

test: $(DEVELOPMENT)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

proof: $(DEVELOPMENT)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --proof

# Other sizes: make bench SIZES="10000 5000000"
bench: $(RIVALS)
	@$(BIN)/python -m benchmarks $(SIZES) --json docs/benchmarks.json --picture docs/benchmarks.svg

lint: $(DEVELOPMENT)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

env: $(DEVELOPMENT)

clean:
	rm -rf .venv .demo .bench

# -- the environment: made once, and again when what it is made from changes --------------------------

.venv/bin/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ctct_etl needs Python 3.11 or newer, and $(PYTHON) is %d.%d: say make PYTHON=python3.12, or another that you have" % sys.version_info[:2])'
	@echo "Making .venv (once; this fetches packages)"
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "Python could not make .venv: on Debian and Ubuntu, install the package python3-venv" >&2; exit 1; }

$(RUNTIME): pyproject.toml constraints.txt | .venv/bin/python
	@$(PIP) install --upgrade 'pip>=25.1' # the first that reads dependency groups
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(DEVELOPMENT): $(RUNTIME)
	@$(PIP) install --constraint constraints.txt --group test --group lint
	@touch $@

$(RIVALS): $(RUNTIME)
	@$(PIP) install --constraint constraints.txt --group bench
	@touch $@
