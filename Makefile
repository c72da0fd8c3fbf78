# The whole workflow; "make help" lists it.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?= data
DEMO_DATA ?= demo-data
BIN := .venv/bin
CODE := servicedesk collectors scripts tests benchmarks migrations wsgi.py

.DEFAULT_GOAL := help

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: prepare  ## Set up what is missing and start (PORT=8123 DATA=some/folder HOST=0.0.0.0)
	@exec $(BIN)/servicedesk run --host "$(HOST)" --port "$(PORT)" --data "$(DATA)"

demo: prepare  ## The same with a made-up client whose 40 devices are simulated (PORT=… DEMO_DATA=…)
	@exec $(BIN)/servicedesk run --demo --host "$(HOST)" --port "$(PORT)" --data "$(DEMO_DATA)"

prepare:
	@$(PYTHON) scripts/prepare.py

prepare-dev:
	@$(PYTHON) scripts/prepare.py --dev

test: prepare-dev  ## All tests; ARGS="-k name" chooses
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/collectors tests/servicedesk tests/tooling
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/browser tests/system
endif

lint: prepare-dev  ## Style, types, import contracts, templates, translations, migrations
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/python scripts/translations.py check
	@$(BIN)/python scripts/drift.py
	@$(BIN)/python scripts/workflow_docs.py check

format: prepare-dev  ## Format the code
	@$(BIN)/ruff check --fix --quiet $(CODE) || true
	@$(BIN)/ruff format $(CODE)

translations: prepare-dev  ## Take new messages into the catalogues
	@$(BIN)/python scripts/translations.py update
	@$(BIN)/python scripts/translations.py compile

docs: prepare-dev  ## Draw the workflows' tables into docs/
	@$(BIN)/python scripts/workflow_docs.py

assets: prepare  ## Fetch the front-end libraries again
	@$(BIN)/python scripts/assets.py

lock: prepare-dev  ## Renew the lock files from pyproject.toml
	@$(BIN)/python scripts/lock.py

score: prepare-dev  ## Compare what we read from recordings of real devices with what is expected
	@$(BIN)/python -m collectors.score

bench: prepare-dev  ## What things cost, beside what one would otherwise use (ARGS="snmp")
	@$(BIN)/python -m benchmarks $(ARGS)

clean:  ## Remove what was installed and built; data stays
	rm -rf .venv node_modules servicedesk/static/vendor .mypy_cache .ruff_cache .pytest_cache

.PHONY: help run demo prepare prepare-dev test lint format translations docs assets lock score bench clean
