# make demo and make test do all the set-up themselves, in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := runs/secretome-healthy-mice

# Kept bytecode spares every pytest process most of the time that it takes to collect the tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test verify check bench docs wheel lock clean help
.DEFAULT_GOAL := help

help: ## Show these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "afcsim needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(READY)

demo: $(READY) ## Plan the real study: power, type I error, certified n, figures
	$(BIN)/afcsim size secretome-healthy-mice --output $(DEMO) --force

test: $(READY) ## Run the tests (some minutes)
	$(BIN)/python -m pytest -n auto -m "not long and not browser"
	$(BIN)/python -m pytest -m "browser and not long" tests/e2e

verify: $(READY) ## Run the long statistical verification as well
	$(BIN)/python -m pytest -n auto -m "long and not browser"
	$(BIN)/python -m pytest -m "browser and long" tests/e2e

check: $(READY) ## Lint, types, layer laws
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

wheel: $(READY) ## Build the wheel and run the program from it
	rm -rf build/wheel
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build/wheel .
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --target build/wheel/site build/wheel/*.whl
	cd build/wheel && PYTHONPATH=site $(abspath $(BIN))/python -m simulator size too-small --json \
	  | grep -q infeasible
	cd build/wheel && PYTHONPATH=site $(abspath $(BIN))/python -m simulator scenarios

bench: $(READY) ## Compare the speed with peers, as ratios
	$(BIN)/python -m benchmarks.run

docs: $(READY) ## Renew the output and the pictures that the pages show
	AFCSIM_REWRITE_DOCS=1 $(BIN)/python -m pytest -q tests/architecture/test_readme.py
	$(BIN)/afcsim size secretome-healthy-mice --output runs/docs --force
	$(BIN)/afcsim conduct one-technician --output runs/laboratory --force || [ $$? -eq 1 ]
	cp runs/docs/figures/power-curve.png runs/docs/figures/dose-response.png \
	  runs/laboratory/figures/gantt.png docs/figures/
	$(BIN)/python -m tests.e2e.page_pictures docs/figures

lock: $(READY) ## Renew the pinned versions
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --upgrade --no-header --no-annotate \
	  --output-file requirements.lock

clean: ## Remove the environment and everything that was made
	rm -rf $(VENV) runs build dist simulator/__pycache__ .pytest_cache .mypy_cache .ruff_cache .hypothesis
