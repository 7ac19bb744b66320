# `make demo` and `make test` set up all they need: a virtual environment in .venv, the module built into it.
# Needed: cargo, gcc, g++, make, python3 (3.11 or newer), and the package registries of cargo and pip.

PYTHON ?= python3
CARGO ?= cargo
PREFIX ?= /usr/local
# maturin and cargo share what they build.
export CARGO_TARGET_DIR ?= $(CURDIR)/target
export VIRTUAL_ENV := $(CURDIR)/.venv
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_QUIET := 1
BIN := $(VIRTUAL_ENV)/bin

RUST := $(shell find csat-core/src csat-core/data csat-py/src -type f) \
        $(wildcard Cargo.toml Cargo.lock csat-core/Cargo.toml csat-py/Cargo.toml csat-py/pyproject.toml)

.PHONY: all demo test test-rust test-python vectors check generated bless bench coverage install uninstall clean

all: test

# ---- set-up ----

$(BIN)/maturin:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "csat needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VIRTUAL_ENV)
	$(BIN)/python -m pip install --quiet 'maturin>=1.9,<2'

# The module as it is tested: the development profile, so that cargo test and maturin build csat-core once.
$(VIRTUAL_ENV)/module: $(BIN)/maturin $(RUST)
	cd csat-py && $(BIN)/maturin develop --quiet --extras cli
	@touch $@

$(VIRTUAL_ENV)/tools: $(BIN)/maturin csat-py/requirements-test.txt
	$(BIN)/python -m pip install --quiet -r csat-py/requirements-test.txt
	@touch $@

# ---- what it does ----

demo: $(VIRTUAL_ENV)/module
	$(BIN)/csat demo

# ---- tests ----

test: test-rust test-python

# All crates with their documentation examples, the C programs of csat-ffi, the vectors and the story in three languages.
# Packages are always chosen together: chosen alone, their dependencies get other features and are built again.
test-rust: $(VIRTUAL_ENV)/module
	CSAT_PYTHON=$(BIN)/python CSAT_VECTORS_LANGUAGES=rust,c,python $(CARGO) test

test-python: $(VIRTUAL_ENV)/module $(VIRTUAL_ENV)/tools
	cd csat-py && $(BIN)/python -m pytest

# The vectors alone; CSAT_VECTORS names further directories, separated by colons.
vectors: $(VIRTUAL_ENV)/module
	CSAT_PYTHON=$(BIN)/python CSAT_VECTORS_LANGUAGES=rust,c,python $(CARGO) test --test vectors -- --nocapture

# ---- style ----

check: generated $(VIRTUAL_ENV)/tools
	$(CARGO) fmt --all --check
	$(CARGO) clippy --quiet --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --quiet --workspace --no-deps
	cd csat-py && $(BIN)/python -m mypy python
	cd csat-py && $(BIN)/python -m mypy.stubtest csat._csat

MADE := $(CARGO) test --quiet --test generated --test saved_states --test header

# What is made from the catalogue is what is committed.
generated: $(VIRTUAL_ENV)/module
	$(MADE)
	$(BIN)/python csat-py/scripts/generate.py --check

# Writes what is made from the catalogue: docs/MEASURES.md, the table in README.md, csat.h, the functions of Python, and
# the bytes of saved states that have none yet.
bless:
	CSAT_BLESS=1 $(MADE) -- --test-threads=1
	$(MAKE) $(VIRTUAL_ENV)/module
	$(BIN)/python csat-py/scripts/generate.py

# ---- measurements ----

bench: $(BIN)/maturin
	$(CARGO) bench -p csat-core --bench fold
	$(MAKE) -C csat-ffi bench
	$(BIN)/python -m pip install --quiet numpy pandas polars duckdb pyarrow maturin
	cd csat-py && $(BIN)/maturin develop --quiet --release
	$(BIN)/python benches/bench.py
	@rm -f $(VIRTUAL_ENV)/module

# How often intervals hold what they should hold, by simulation; some minutes.
coverage:
	$(CARGO) run --release -p csat-core --example coverage

# ---- the C library ----

install:
	$(MAKE) -C csat-ffi lib install PREFIX=$(PREFIX)

uninstall:
	$(MAKE) -C csat-ffi uninstall PREFIX=$(PREFIX)

clean:
	rm -rf $(VIRTUAL_ENV)
	$(CARGO) clean
