# One command list for people and for CI; `make` alone explains it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# make demo ONCE=1 JSON=file DATA=folder PORT=8080 SAMPLES=file
DEMO_OPTIONS = $(if $(ONCE),--once) $(if $(JSON),--json "$(JSON)") $(if $(DATA),--data "$(DATA)") \
	$(if $(PORT),--port "$(PORT)") $(if $(SAMPLES),--samples "$(SAMPLES)")

.PHONY: help
help:  ## explain the targets
	@echo 'Portevoix: text messages, calls, e-mails and paper in one moderation inbox.'
	@echo
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  make demo ONCE=1          stop after the table; fails unless everything arrived and was read'
	@echo '  make demo JSON=file       also write the table to a file'
	@echo '  make test ONLY=tests/x    run these tests only'

.PHONY: demo
demo: setup-demo  ## install what is missing, start everything, send contributions through every door
	@$(BIN)/python -m tests.demo.run $(DEMO_OPTIONS)

.PHONY: up
up: setup-demo  ## start the gateway as ./portevoix.toml says, until Ctrl-C
	@$(BIN)/portevoix up

.PHONY: test
test: setup  ## run all tests
	@$(BIN)/pytest $(or $(ONLY),--numprocesses auto --dist loadfile) $(PYTEST)

.PHONY: bench
bench: setup  ## measure speed as ratios against the bare engines (ROUNDS=5, ONLY="speech doors")
	@$(BIN)/python -m tests.bench.run $(ONLY)

.PHONY: soak
soak: setup  ## run the long trials: floods, kills, mutated mails; an hour or more (ONLY="texts backlog")
	@$(BIN)/python -m tests.soak.run $(ONLY)

.PHONY: docs
docs: setup  ## write the pages of the manual that are made from the code
	@$(BIN)/python -m gateway.manual.manual_pages docs

.PHONY: lint
lint: setup  ## check format, style, types and which room imports which
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy --strict tests/standins tests/demo
	@$(BIN)/lint-imports

.PHONY: setup
setup:  ## install everything the tests need (packages with apt, libraries into .venv)
	@bin/setup all

.PHONY: setup-demo
setup-demo:  ## install what the demo and the gateway need
	@bin/setup demo

.PHONY: clean
clean:  ## remove what these commands made here: .venv, demo-data, caches
	@rm -rf .venv demo-data build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
