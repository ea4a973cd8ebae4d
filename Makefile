# Everything a fresh Debian machine with Python 3.11+ needs is installed by these targets themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := PYTHONPATH=$(CURDIR) $(BIN)/python
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help chat test lint format eval bench docs train refit clean system-browser system-postgres system-python

help: ## Show these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

chat: $(VENV)/.base ## Serve the chat page (builds the index when needed)
	$(RUN) -m assistant chat

test: $(VENV)/.dev system-browser system-postgres ## Run the whole test suite
	$(RUN) -m pytest --numprocesses 2 --dist loadfile $(TESTS)

lint: $(VENV)/.dev ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

eval: $(VENV)/.dev ## Measure the assistant and its baselines, write eval/reports/latest
	$(RUN) -m eval full

bench: $(VENV)/.dev ## Measure times and memory, then twenty people at once for five minutes
	$(RUN) -m eval.bench
	$(RUN) -m eval.load --people 20 --minutes 5

docs: $(VENV)/.dev ## Write the generated tables of the documentation anew
	$(RUN) -m assistant.docs

train: ## Train adapter, ranking and decision on the bank (maintainers, about two hours)
refit: ## As train, but keep the adapters: all that rests on their evidence (about twenty minutes)
refit: KEEP := --keep-adapters

train refit: $(VENV)/.dev
	$(RUN) -m index train --bundled $(KEEP)
	$(RUN) -m index calibrate --bundled
	$(RUN) -m assistant.dialogue.fit

clean: ## Remove the environment and caches (not the data folder)
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .hypothesis build *.egg-info

$(VENV)/.base: pyproject.toml | system-python
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python tools/install.py
	touch $@

$(VENV)/.dev: $(VENV)/.base pyproject.toml
	$(BIN)/python tools/install.py dev eval train postgresql
	touch $@

# Debian keeps venv apart from Python; root can mend that at once.
system-python:
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq python3 python3-venv; \
	  else echo "Python 3.11 or later with venv is needed (Debian: apt-get install python3-venv)"; exit 1; fi

# The page is tested in Debian's Chromium.
system-browser:
	@command -v chromium >/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-liberation fonts-dejavu-core >/dev/null; \
	  else echo "Chromium is needed for the page's tests (Debian: apt-get install chromium)"; fi

# Feedback in PostgreSQL is tested on a server that the tests start themselves, on a port of their own.
system-postgres:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null; \
	  else echo "PostgreSQL is needed for the tests of feedback (Debian: apt-get install postgresql)"; fi
