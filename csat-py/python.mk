# Python: `include csat-py/python.mk` from the Makefile at the top. Cargo and pip share one target folder.
# PY_PROFILE=dev shares what `cargo test` compiled; dev-release is for measuring.
PY_PROFILE ?= dev
VENV := $(CURDIR)/.venv
VENV_RUN := VIRTUAL_ENV=$(VENV) CARGO_TARGET_DIR=$(CURDIR)/target

.PHONY: .venv python generate-py test-py

.venv: $(VENV)/ready

$(VENV)/ready: csat-py/requirements-test.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r csat-py/requirements-test.txt
	touch $@

# The package in the virtual environment, editable: Python files are used where they lie.
python: $(VENV)/ready
	cd csat-py && $(VENV_RUN) $(VENV)/bin/maturin develop --quiet --profile $(PY_PROFILE)

# Functions, statistics modules and their documentation, from the lists of the compiled module.
generate-py: python
	$(VENV)/bin/python csat-py/scripts/generate.py

test-py: python
	cd csat-py && $(VENV)/bin/python -m pytest
