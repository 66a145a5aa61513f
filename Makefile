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
	@echo '  make test ONLY=tests/x    run these tests only, in one process: a folder, a file, or tests/x.py::test_y'
	@echo '  make test PYTEST="-x -v"  give pytest further options, such as -x, -v, --lf, -k words, -m "not browser"'
	@echo '  make soak ONLY=cases      run the long cases that make test leaves out; without ONLY, every trial'

.PHONY: demo
demo: setup-demo  ## install what is missing, start everything, send contributions through every door
	@$(BIN)/python -m tests.demo.run $(DEMO_OPTIONS)

.PHONY: up
up: setup-demo  ## start the gateway as ./portevoix.toml says, until Ctrl-C
	@$(BIN)/portevoix up

.PHONY: sample
sample: setup-demo  ## fill an installation with invented contributions (CONTRIBUTIONS=200 DATA=folder SEED=1)
	@$(if $(DATA),PORTEVOIX_DATA_DIR="$(DATA)/data" PORTEVOIX_KEYS_DIR="$(DATA)/keys") $(BIN)/portevoix sample \
		--contributions $(or $(CONTRIBUTIONS),200) --seed $(or $(SEED),1)

# Tests that start processes mostly wait for them: one more than there are cores keeps all of these busy. A file's tests
# stay together, and tests/conftest.py puts the long files first.
SPREAD := --numprocesses $(shell expr $$(nproc) + 1) --dist loadfile --no-loadscope-reorder

.PHONY: test
test: setup  ## run all tests
	@$(BIN)/pytest $(or $(ONLY),$(SPREAD)) $(PYTEST)

# What starts neither a browser nor PostgreSQL nor the gateway's processes, and reads no picture or sound.
FAST := tests/channels tests/config tests/inbox tests/transcription/test_language.py tests/transcription/test_themes.py \
	tests/transcription/test_numbers.py tests/test_architecture.py tests/test_manual.py tests/test_packaging.py

.PHONY: check
check: setup  ## run the fast tests and lint, in less than 90 seconds: before each commit
	@$(MAKE) lint
	@$(BIN)/pytest $(SPREAD) --quiet -m "not browser and not postgres and not processes" \
		--ignore tests/inbox/pages --ignore tests/inbox/test_histories.py --ignore tests/channels/test_hostile_mail.py \
		$(FAST) $(PYTEST)

.PHONY: coverage
coverage: setup  ## run all tests and list the lines that none of them runs; takes half as long again as make test
	@$(BIN)/pytest $(SPREAD) --cov --cov-report=term-missing:skip-covered $(PYTEST)

.PHONY: bench
bench: setup setup-whisper  ## measure speed as ratios against the bare engines (ROUNDS=5, ONLY="speech doors")
	@$(BIN)/python -m tests.bench.run $(ONLY)

.PHONY: soak
soak: setup setup-whisper  ## run the long trials: floods, kills, mutated mails; an hour or more (ONLY="texts backlog")
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

.PHONY: lock
lock:  ## choose versions anew where pyproject.toml asks for it, with hashes (LOCK="--upgrade-package flask")
	@[ -x .venv/uv/bin/uv ] || { python3 -m venv .venv/uv && .venv/uv/bin/pip install --quiet uv; }
	@.venv/uv/bin/uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock $(LOCK)
	@.venv/uv/bin/uv pip compile pyproject.toml --extra whisper --universal --python-version 3.11 --generate-hashes \
		--constraints requirements.lock --custom-compile-command "make lock" --quiet --output-file requirements-whisper.lock

.PHONY: wheel
wheel: setup  ## build the wheel into dist, install it into an empty environment and try it
	@bin/wheel

.PHONY: setup
setup:  ## install everything the tests need (packages with apt, libraries into .venv)
	@bin/setup all

# What understands people, for make bench and make soak; make test skips its tests where it is not there.
.PHONY: setup-whisper
setup-whisper: setup
	@[ -f .cache/models/whisper-base/model.bin ] || { echo 'setup: fetching the second speech engine and its model, 250 MB' && \
		$(BIN)/pip install --quiet --require-hashes --requirement requirements-whisper.lock && \
		$(BIN)/python -m tests.transcription.whisper_model; }

.PHONY: setup-demo
setup-demo:  ## install what the demo and the gateway need
	@bin/setup demo

.PHONY: clean
clean:  ## remove what these commands made here: .venv, demo-data, caches
	@rm -rf .venv demo-data build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
