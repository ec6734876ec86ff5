# `make run` and `make test` are all that a person needs; both set themselves up.
PYTHON ?= python3
BIN := .venv/bin
MESSAGES := analytics/locale
WAREHOUSE := $(or $(CLIENTELE_WAREHOUSE),data/warehouse)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := run
.PHONY: run test lint bench messages screenshots browser postgres nginx java strace sbom audit

run: .venv/run.stamp
	@test -f "$(WAREHOUSE)/current" || $(BIN)/python -m analytics demo
	$(BIN)/python -m streamlit run app.py

test: .venv/test.stamp browser postgres nginx java strace lint
	$(BIN)/python -m pytest -n auto

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/test.stamp
	PYTHONPATH=. $(BIN)/python tests/bench/run.py

# The README's pictures, from the demo bank.
screenshots: .venv/test.stamp browser
	@test -f "$(WAREHOUSE)/current" || $(BIN)/python -m analytics demo
	$(BIN)/python -m tests.e2e.screenshots

messages: .venv/test.stamp
	.ci/extract-messages $(BIN)/python $(MESSAGES)/clientele.pot
	$(BIN)/pybabel -q update -D clientele -i $(MESSAGES)/clientele.pot -d $(MESSAGES) -l zh_CN \
		--no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete --width=110 --init-missing
	rm $(MESSAGES)/clientele.pot

# Debian's own Chromium and Chinese letters where we may install them, else Playwright's browser.
browser: .venv/test.stamp
	@.ci/packages chromium fonts-noto-cjk || test -x /usr/bin/chromium || $(BIN)/playwright install chromium

# The programs of PostgreSQL, for the tests of a store on it; no server of the machine's own is used.
postgres:
	@.ci/packages postgresql || command -v initdb >/dev/null || { echo "On macOS: brew install postgresql" >&2; exit 1; }

# For the test of deploy/: a process of its own on a free port; no server of the machine's own is used.
nginx:
	@.ci/packages nginx-light || command -v nginx >/dev/null || { echo "On macOS: brew install nginx" >&2; exit 1; }

# Java, for the tests of Spark: a cluster of their own on loopback.
java:
	@.ci/packages openjdk-17-jre-headless || command -v java >/dev/null || { echo "On macOS: brew install openjdk@17" >&2; exit 1; }

# For the test of a slow disk: it holds up a process's writes. Linux only.
strace:
	@.ci/packages strace || true

# What runs, with its versions, as CycloneDX; and whether any of it is known to be vulnerable.
sbom: .venv/test.stamp
	@$(BIN)/python .ci/run-time-packages requirements.txt > .venv/run-time-packages.txt
	@$(BIN)/python -W ignore -m cyclonedx_py requirements .venv/run-time-packages.txt --pyproject pyproject.toml \
		--output-reproducible --of JSON --output-file sbom.json
	@echo "Written: sbom.json"

audit: .venv/test.stamp
	@$(BIN)/python .ci/run-time-packages requirements.txt > .venv/run-time-packages.txt
	@$(BIN)/python .ci/audit-packages $(BIN)/pip-audit .venv/run-time-packages.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Clientele needs Python 3.11 or newer.")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/packages python3-venv
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	@echo "Installing what it needs into .venv (once; a minute or two)"
	@$(BIN)/python -m pip install -q -r requirements.txt
	@touch $@

.venv/test.stamp: requirements.txt requirements-spark.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing what it and its tests need into .venv (once; a minute or two)"
	@$(BIN)/python -m pip install -q -r requirements-dev.txt
	@touch $@ .venv/run.stamp
