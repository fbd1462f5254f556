# make live        the app, on http://127.0.0.1:8501
# make booth       the same for visitors: full screen, with a browser in kiosk mode; kept running
# make test        every test
# make test-import the tests of importing TensorFlow graphs, with TensorFlow, in an environment of their own
# make bench       how fast every runtime of this machine is: tables, runs/bench.json and a plot (about 9 minutes, three of them compiling)
# make lint types  ruff, mypy --strict
# make screenshot  docs/pictures/live.png and booth.png from the running app
# make clean       forget the environment and the caches
#
# PYTHON=python3.12 chooses the interpreter of .venv; ARGS="--port 9000" goes on to the program.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

export PYTHONUNBUFFERED = 1

.PHONY: help live booth test test-import bench lint format types check screenshot clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

$(BIN)/python:
	@PYTHON=$(PYTHON) tools/system.sh live
	$(PYTHON) -m venv $(VENV)

# A stamp is younger than its requirements once pip is through with them, so a second call starts at once.
$(VENV)/live.stamp: requirements.txt | $(BIN)/python
	@PYTHON=$(PYTHON) tools/system.sh live
	@echo "Installing what the app needs into $(VENV) (about two minutes the first time) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-train.txt requirements-dev.txt requirements-wheels.txt | $(BIN)/python
	@PYTHON=$(PYTHON) tools/system.sh live
	@echo "Installing what the tests need into $(VENV) (a few minutes the first time) ..."
	@$(PIP) -r requirements-dev.txt
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps -d $(VENV)/wheels -r requirements-wheels.txt
	@touch $@ $(VENV)/live.stamp

$(VENV)/bench.stamp: requirements.txt requirements-bench.txt | $(BIN)/python
	@PYTHON=$(PYTHON) tools/system.sh live
	@echo "Installing what the benchmark needs into $(VENV) ..."
	@$(PIP) -r requirements-bench.txt
	@touch $@ $(VENV)/live.stamp

live: $(VENV)/live.stamp
	@$(BIN)/python -m live $(ARGS)

booth: $(VENV)/live.stamp
	@$(BIN)/python -m live.booth $(ARGS)

test: $(VENV)/test.stamp
	@$(BIN)/python -m pytest $(ARGS)

# TensorFlow is 1.3 GB that nothing else needs, so it stays out of .venv; so do the other tests' fixtures.
build/venv-import/stamp: requirements-import.txt requirements-dev.txt
	@PYTHON=$(PYTHON) tools/system.sh live
	@echo "Installing TensorFlow into build/venv-import (about 300 MB to download) ..."
	@$(PYTHON) -m venv build/venv-import
	@build/venv-import/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-import.txt $$(grep '^pytest==' requirements-dev.txt)
	@touch $@

test-import: build/venv-import/stamp
	@build/venv-import/bin/python -m pytest --noconftest tests/twingan/test_import_graph.py

bench: $(VENV)/bench.stamp
	@$(BIN)/python -m live.bench $(ARGS)

lint: $(VENV)/test.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/test.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(VENV)/test.stamp
	@$(BIN)/mypy

check: lint types test

screenshot: $(VENV)/test.stamp
	@TWINGAN_SCREENSHOT=docs/pictures/live.png $(BIN)/python -m pytest tests/browser/test_page.py -k screenshot -rA
	@TWINGAN_OVERLAY_PICTURE=docs/pictures/overlay.png $(BIN)/python -m pytest tests/browser/test_overlay.py -k checkerboard -rA
	@TWINGAN_BOOTH_SCREENSHOT=docs/pictures/booth.png $(BIN)/python -m pytest tests/browser/test_booth.py -k screenshot -rA

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build
	find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +
