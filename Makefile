# Halftide's verbs. `make run` and `make test` set up what they need.
PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help run test test-all check fix lock clean

help:  ## Show these verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## ?/\1\t/' | expand -t 12

run:  ## Set up and start Halftide on http://localhost:8000
	@$(PYTHON) bootstrap.py run
	@exec .venv/bin/halftide up

test:  ## Set up and run every test but the long ones
	@$(PYTHON) bootstrap.py test
	@.venv/bin/python -m pytest -m "not long"

test-all:  ## Every test, the long suites too
	@$(PYTHON) bootstrap.py test
	@.venv/bin/python -m pytest

check:  ## Lint, format and types
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

fix:  ## Mend what the linter and the formatter can mend
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

lock:  ## Pin every Python dependency again, with hashes (needs uv)
	@uv pip compile --quiet $(LOCK) requirements/build.in -o requirements/build.txt
	@uv pip compile --quiet $(LOCK) -c requirements/build.txt pyproject.toml requirements/build.in -o requirements/platform.txt
	@uv pip compile --quiet $(LOCK) -c requirements/platform.txt --extra test pyproject.toml requirements/build.in -o requirements/dev.txt
	@uv pip compile --quiet $(LOCK) requirements/node.in -o requirements/node.txt
	@uv pip compile --quiet $(LOCK) images/analysis/requirements.in -o images/analysis/requirements.txt

LOCK = --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

clean:  ## Remove what set-up made, but never the state folder
	@rm -rf .setup .venv .venv-analysis node_modules extensions/halftide-lab/node_modules extensions/halftide_workspace/labextension
