# The two commands of the README are `make demo` and `make test`.
# Each needs Python 3.11+, make and git; everything else goes into .venv in this checkout.
PYTHON ?= python3
BIN := .venv/bin
# A file stays in one process: what its fixtures start, they start once.
PYTEST_ARGS ?= -n auto --dist loadfile

.PHONY: demo test lint types imports pytest format lock bench clean
.DELETE_ON_ERROR:

demo: .venv/installed
	$(BIN)/sanfang demo

test: lint types imports pytest

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

imports: .venv/installed
	$(BIN)/lint-imports

pytest: .venv/installed
	$(BIN)/python -m pytest $(PYTEST_ARGS)

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed
	$(BIN)/python benchmarks/run.py

# Versions for Python 3.11 to 3.14 on every platform, with hashes.
lock: .venv/installed
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --group dev \
	  --generate-hashes --no-header --no-annotate -o requirements.lock pyproject.toml

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "sanfang 需要 Python 3.11 以上 · sanfang needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .demo
