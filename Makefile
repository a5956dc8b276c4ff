# Nightschool: one command each. On Windows use the plain commands in docs/windows.md.
#
# PYTHON=…       the interpreter to make .venv with (default: the first Python 3.11+ found)
# TORCH_INDEX=…  the package index to take PyTorch from (default: see packaging/environment.py)

VENV := .venv
IN_VENV := $(VENV)/bin/python
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done || true)
ifeq ($(strip $(PYTHON)),)
PYTHON := python3
endif
export TORCH_INDEX

.PHONY: help setup run test check bench bench-learning bundle clean distclean

help:
	@echo 'make run      set up what is missing, then open Nightschool'
	@echo 'make test     set up what is missing, then run all tests'
	@echo 'make check    ruff and mypy'
	@echo 'make bench    every measurement of docs/benchmarks.md (BENCH="engine ui yield")'
	@echo 'make bench-learning MODEL=FILE.gguf [LESSONS=FILE.jsonl] [SEEDS=0,1,2] [MORE="--json FILE"]'
	@echo '              every way to learn, side by side; with NIGHTS=4 taught four lessons a night'
	@echo 'make bundle   one folder under dist/ that installs without a network'
	@echo 'make clean    remove what was built (not .venv); make distclean: .venv too'

setup:
	@$(PYTHON) packaging/environment.py --venv $(VENV)

run: setup
	@$(IN_VENV) packaging/launch.py

test: setup
	@$(IN_VENV) -m pytest

check: setup
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m ruff format --check .
	@$(IN_VENV) -m mypy

bench: setup
	@$(IN_VENV) -m tests.bench $(BENCH)

bench-learning: setup
	@$(IN_VENV) -m tests.bench learning $(if $(MODEL),--model $(MODEL)) \
		$(if $(LESSONS),--lessons $(LESSONS)) --ids all \
		--more="$(if $(NIGHTS),--nights $(NIGHTS)) $(if $(SEEDS),--seeds $(SEEDS)) $(MORE)"

bundle: setup
	@$(IN_VENV) packaging/bundle.py

clean:
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
	@find app learner ui packaging tests -name __pycache__ -prune -exec rm -rf {} +

distclean: clean
	@rm -rf $(VENV)
