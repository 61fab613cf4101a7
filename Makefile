# The verbs of this repository. `make` alone lists them. Everything is made in .venv; a second call does nothing again.

PYTHON ?= python3
ARGS ?=
VARIANT ?=
SECONDS ?= 60

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
PIP := -m pip -qq --disable-pip-version-check --no-input
HASHED := install --require-hashes

SUFFIX := $(addprefix -,$(VARIANT))
PAGE := lanchat/web/ui/index.html
PAGE_SOURCES := $(shell find assets -name node_modules -prune -o -type f -print 2>/dev/null)
FUZZED := $(notdir $(wildcard tests/fuzz/corpus/*))
SOURCES := $(shell find lanchat -name ui -prune -o -type f -name '*.py' -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
MAKEFLAGS += --no-print-directory
# Images of containers set it. Hundreds of programs that the tests start would then compile everything that they load.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the verbs.
	@echo 'make VERB, where VERB is one of:'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' Makefile
	@echo 'Variables: PYTHON=python3.12 chooses the Python, ARGS="…" goes to the program or to pytest.'

.PHONY: run
run: packages-run $(STAMP)-run $(STAMP)-project ## Start Lanchat from this folder; ARGS="…" goes to it.
	@$(BIN)/lanchat $(ARGS)

.PHONY: test
test: packages-test $(STAMP)-test $(STAMP)-project $(VENV)/bonjour/.stamp ## Run all checks and tests; ARGS="…" goes to pytest.
	@.ci/with-checks $(BIN)/python -m pytest -n auto -m 'not soak' $(ARGS)

.PHONY: quick
quick: packages-test $(STAMP)-test $(STAMP)-project ## Run all checks, and the tests that are quick; ARGS="…" goes to pytest.
	@.ci/with-checks $(BIN)/python -m pytest -n auto -m 'not soak and not slow' $(ARGS)

.PHONY: check
check: $(STAMP)-test $(STAMP)-project ## Read the Python code only: style and types.
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

.PHONY: check-page
check-page: $(PAGE)
	$(BIN)/python assets/build_page.py --check

.PHONY: pictures
pictures: packages-test $(STAMP)-test $(STAMP)-project $(PAGE) ## Photograph every view into docs/pictures.
	PICTURES=docs/pictures $(BIN)/python -m pytest -q -n 0 tests/page/test_views.py tests/page/test_invite_views.py tests/page/test_people.py
	$(BIN)/python -m tests.pictures

.PHONY: soak
soak: packages-test $(STAMP)-test $(STAMP)-project ## Run the long tests.
	$(BIN)/python -m pytest -n auto -m soak $(ARGS)

.PHONY: fuzz
fuzz: packages-test $(STAMP)-test $(STAMP)-project $(STAMP)-fuzz ## Look for input that breaks what reads it; SECONDS=… for each target.
	@for target in $(FUZZED); do \
		mkdir -p .fuzz/$$target && echo "Fuzzing $$target for $(SECONDS) s" && \
		$(BIN)/python -m tests.fuzz $$target -max_total_time=$(SECONDS) -print_final_stats=1 -verbosity=0 \
			-artifact_prefix=.fuzz/ .fuzz/$$target tests/fuzz/corpus/$$target || exit 1; \
	done

.PHONY: bench
bench: packages-test packages-bench $(STAMP)-test $(STAMP)-project $(VENV)-peers/.stamp ## Measure speed and memory; ARGS="…" goes to it.
	@$(BIN)/python -m tests.bench $(ARGS)

# Other servers, which the bench compares with. What they require contradicts our own requirements, hence the environment.
$(VENV)-peers/.stamp: requirements/peers.txt $(wildcard tests/bench/peers/package*.json) $(STAMP)-test $(STAMP)-node
	@echo 'Making $(VENV)-peers'
	@rm -rf $(VENV)-peers
	@$(PYTHON) -m venv $(VENV)-peers
	@$(VENV)-peers/bin/python $(PIP) $(HASHED) -r $<
	@$(BIN)/python -m tests.bench.peers.environment
	@touch $@

.PHONY: suites
suites: packages-test $(VENV)-suites/.stamp ## Run the tests of channels, channels_redis and fast-channels against our classes.
	@$(VENV)-suites/bin/python -m tests.suites $(ARGS)

$(VENV)-suites/.stamp: requirements/suites.txt $(STAMP)-venv
	@echo 'Making $(VENV)-suites'
	@rm -rf $(VENV)-suites
	@$(PYTHON) -m venv $(VENV)-suites
	@$(VENV)-suites/bin/python $(PIP) $(HASHED) -r $<
	@touch $@

# Another implementation of mDNS, beside which ours is tried.
$(VENV)/bonjour/.stamp: tests/support/lan/bonjour/package-lock.json $(STAMP)-test $(STAMP)-node
	@$(BIN)/python -m tests.support.npm $(dir $<) $(dir $@)
	@touch $@

.PHONY: page
page: $(PAGE) ## Build the page from assets/.

.PHONY: binary
binary: dist/lanchat$(SUFFIX) ## Build dist/lanchat, one file; VARIANT=qt builds dist/lanchat-qt.

.PHONY: audit
audit: $(VENV)-audit/.stamp dist/lanchat$(SUFFIX) $(STAMP)-node ## List what is in the program file, and look for known faults in it.
	@$(BIN)/python -m release.sbom $(VENV)-audit/bin $(VENV)-binary$(SUFFIX)/bin/python dist/lanchat$(SUFFIX)
	@$(BIN)/python -m release.audit $(VENV)-audit/bin

$(VENV)-audit/.stamp: requirements/audit.txt $(STAMP)-venv
	@echo 'Making $(VENV)-audit'
	@rm -rf $(VENV)-audit
	@$(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python $(PIP) $(HASHED) -r $<
	@touch $@

.PHONY: requirements
requirements: ## Renew the hashed files in requirements/ (needs uv).
	@command -v uv >/dev/null || { echo 'This needs uv; install it with: pipx install uv'; exit 1; }
	$(COMPILE) --extra qt -o requirements/run.txt
	$(COMPILE) --extra qt --extra redis --group test -o requirements/test.txt
	$(COMPILE_GROUP) --group build -o requirements/build.txt
	$(COMPILE_GROUP) --group node -o requirements/node.txt
	$(COMPILE_GROUP) --group peers -o requirements/peers.txt
	$(COMPILE) --extra redis --extra sync --group suites -o requirements/suites.txt
	$(COMPILE_GROUP) --group fuzz -o requirements/fuzz.txt
	$(COMPILE_GROUP) --group audit -o requirements/audit.txt
	$(COMPILE) --group binary -o requirements/binary.txt
	$(COMPILE) --extra qt --group binary -o requirements/binary-qt.txt

COMPILE_GROUP = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
COMPILE = $(COMPILE_GROUP) pyproject.toml

.PHONY: clean
clean: ## Remove everything that the other verbs made.
	rm -rf $(VENV) $(VENV)-binary $(VENV)-binary-qt $(VENV)-peers $(VENV)-suites $(VENV)-audit .fuzz build dist lanchat/web/ui assets/node_modules \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis

.PHONY: packages-run packages-test packages-bench
packages-run packages-test packages-bench: packages-%:
	@.ci/packages $* $(PYTHON)

# The environment -------------------------------------------------------------------------------------------------------

$(STAMP)-venv:
	@command -v $(PYTHON) >/dev/null || { \
		echo 'Lanchat needs Python 3.11 or newer, and there is no $(PYTHON); name yours: make PYTHON=…'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Lanchat needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1); name another: make PYTHON=…"; \
		exit 1; }
	@.ci/packages venv $(PYTHON)
	@echo 'Making $(VENV)'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(STAMP)-build: requirements/build.txt $(STAMP)-venv
	@$(BIN)/python $(PIP) $(HASHED) -r $<
	@touch $@

$(STAMP)-run: requirements/run.txt $(STAMP)-venv
	@echo 'Installing what Lanchat needs into $(VENV); the first time this takes a minute or two'
	@$(BIN)/python $(PIP) $(HASHED) -r $<
	@touch $@

$(STAMP)-test: requirements/test.txt $(STAMP)-venv
	@echo 'Installing what the tests need into $(VENV); the first time this takes a minute or two'
	@$(BIN)/python $(PIP) $(HASHED) -r $<
	@touch $@

$(STAMP)-fuzz: requirements/fuzz.txt $(STAMP)-venv
	@$(BIN)/python $(PIP) $(HASHED) -r $<
	@touch $@

$(STAMP)-node: requirements/node.txt assets/build_page.py $(STAMP)-build
	@$(BIN)/python -c 'from assets.build_page import find_node; find_node(npm=True)' 2>/dev/null || { \
		echo 'Installing Node into $(VENV), to build the page'; $(BIN)/python $(PIP) $(HASHED) -r $<; }
	@touch $@

$(PAGE): $(PAGE_SOURCES) $(STAMP)-build $(STAMP)-node
	@echo 'Building the page'
	@$(BIN)/python assets/build_page.py
	@touch $@

$(STAMP)-project: pyproject.toml hatch_build.py $(STAMP)-build $(PAGE)
	@$(BIN)/python $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# The binary ------------------------------------------------------------------------------------------------------------

# Made in an environment of its own: what is not in it cannot get into the file.
dist/lanchat$(SUFFIX): requirements/binary$(SUFFIX).txt build.spec pyproject.toml $(SOURCES) $(STAMP)-build $(PAGE)
	@.ci/packages binary $(PYTHON)
	rm -rf $(VENV)-binary$(SUFFIX) build/wheel$(SUFFIX)
	$(PYTHON) -m venv $(VENV)-binary$(SUFFIX)
	$(VENV)-binary$(SUFFIX)/bin/python $(PIP) $(HASHED) -r $<
	$(BIN)/python $(PIP) wheel --no-deps --no-build-isolation --wheel-dir build/wheel$(SUFFIX) .
	$(VENV)-binary$(SUFFIX)/bin/python $(PIP) install --no-deps build/wheel$(SUFFIX)/lanchat-*.whl
	LANCHAT_BINARY=$(VARIANT) $(VENV)-binary$(SUFFIX)/bin/python -m PyInstaller --noconfirm --clean --log-level WARN build.spec
