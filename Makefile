# `make run` starts a sample workshop, `make test` runs every test; both set up what they need first.

PYTHON ?= python3

# For `make rehearse CODE=...`: bots that take part in a running session.
PEOPLE := 200
SECONDS := 60

# Tests at a time: those in a browser mostly wait.
WORKERS := 2

BIN := .venv/bin
# As variables, and not as `-c`, the exact versions hold for the build of the package too.
INSTALL := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

.PHONY: run test fast check pictures bench quality rehearse chromium

run: .venv/.run
	@$(BIN)/facilitate demo $(ARGS)

test: .venv/.dev chromium
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

# Neither a browser nor processes of its own: what to run after every change.
fast: .venv/.dev
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not browser and not server" $(ARGS)

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports --no-logo

pictures: .venv/.dev chromium
	@$(BIN)/python -m tests.pictures $(ARGS)

# Our server, a bare Node relay and an ordinary NiceGUI board under the same load: one table. ARGS=--list names it all.
bench: .venv/.dev
	@$(BIN)/python -m tests.bench $(ARGS)

# How good suggestions are, on texts with topics that people gave them: ARGS=--data=FOLDER.
quality: .venv/.dev
	@$(BIN)/python -m tests.quality $(ARGS)

rehearse: .venv/.run
	@test -n "$(CODE)" || { echo "Name the session that the bots shall join: make rehearse CODE=ABC234" >&2; exit 2; }
	@$(BIN)/facilitate rehearse $(CODE) --people $(PEOPLE) --seconds $(SECONDS) $(ARGS)

chromium: .venv/.dev
	@$(BIN)/python -m tests.chromium >/dev/null

# The stamps: pip is called only where one of these two files has changed.
.venv/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing facilitate into .venv ..."
	@$(INSTALL) --editable .
	@touch $@

.venv/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing facilitate and what its tests need into .venv ..."
	@$(INSTALL) --editable '.[dev]'
	@touch .venv/.run $@

$(BIN)/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 none; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	if [ $$python = none ]; then \
		echo "Python 3.11 or newer is missing: apt install python3.11 python3.11-venv, or name one: make PYTHON=..." >&2; \
		exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "Python's venv is missing: apt install $$(basename $$python)-venv" >&2; \
		exit 1; \
	fi; \
	echo "Making .venv with $$($$python --version) ..."; \
	$$python -m venv --clear .venv
