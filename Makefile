# `make` lists what there is. Everything runs in the virtual environment .venv, which every
# command sets up by itself; nothing is installed outside this folder.

VENV   ?= .venv
TF     ?= cpu
ROBOT  ?= sphero
SEED   ?= 0
LOGDIR ?= logdir/$(ROBOT)$(if $(filter-out 0,$(SEED)),-seed$(SEED))
STEPS  ?=
SUITE  ?= paper
RUNS   ?=
TESTS  ?=
ARGS   ?=

PY := $(VENV)/bin/python
export VENV TF PYTHON
export TF_CPP_MIN_LOG_LEVEL ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev train video experiments results bench chaos faults adversary test test-long lint bazel-test wheel clean

help:  ## this list
	@echo 'make <target> [NAME=value ...]'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) \
	  | while IFS='|' read -r name text; do printf '  %-12s %s\n' $$name "$$text"; done
	@echo 'Names: ROBOT=sphero SEED=0 LOGDIR=logdir/sphero STEPS=10000 ARGS=... (train), TESTS=tests/... ARGS=...'
	@echo '       (test), SUITE=paper (experiments, results), RUNS=... (results), TF=cpu|cuda PYTHON=/path/to/python3.11 VENV=.venv (all).'

setup:  ## virtual environment with everything that training needs
	@tools/setup.sh

setup-dev:  ## the same, and what tests and lint need
	@tools/setup.sh dev

train: setup  ## teach the robot ROBOT from scratch, or go on where the run in LOGDIR stopped
	@$(PY) -m dreamer_tf.train --robot=$(ROBOT) --logdir=$(LOGDIR) --seed=$(SEED) \
	  $(if $(STEPS),--env_steps=$(STEPS)) $(ARGS)

video: setup  ## what the run in LOGDIR has learnt so far, as LOGDIR/episode.gif
	@$(PY) -m dreamer_tf.run --logdir=$(LOGDIR) --video=$(LOGDIR)/episode.gif $(ARGS)

experiments: setup  ## run or go on with the suite SUITE (ARGS='--robots=a1 --seeds=0,1 --jobs=2')
	@$(PY) -m dreamer_tf.experiments --suite=$(SUITE) $(ARGS)

results: setup  ## table and pictures of results/ into docs/results.md (RUNS='logdir/a1' takes runs in)
	@$(PY) -m dreamer_tf.experiments.report --suite=$(SUITE) --results=results \
	  --docs=docs/results.md $(RUNS:%=--add=%) $(ARGS)

bench: setup  ## how fast everything is here (ARGS='--only=train_step/*' for a part)
	@$(PY) -m benchmarks $(ARGS)

test: setup-dev  ## all tests but the long ones, fast ones first (ARGS='-m "not slow"' for the fast ones only)
	@$(PY) -m pytest -n 3 --dist=loadgroup --no-loadscope-reorder $(TESTS) $(ARGS)

test-long: setup-dev  ## the tests marked `long`: baselines that learn toys, runs of every agent
	@$(PY) -m pytest --long -n 3 --dist=loadgroup $(TESTS) $(ARGS)

chaos: setup-dev  ## 50 kills of replay, learner and actor; is every step there once? (ARGS=--kills=9)
	@PYTHONPATH=. $(PY) tests/dreamer_tf/roles/chaos.py $(ARGS)

faults: setup-dev  ## every fault of every emulated robot 25 times; is it safe, noticed, recovered? (hours; ARGS='--times=2')
	@PYTHONPATH=. $(PY) tests/robot_envs/fault_matrix.py $(ARGS)

adversary: setup-dev  ## 10,000 harmful commands to every emulated robot; does it keep its limits? (hours: arms move in real time)
	@PYTHONPATH=. $(PY) tests/robot_envs/adversary.py $(ARGS)

lint: setup-dev  ## ruff and mypy
	@$(PY) -m ruff check .
	@$(PY) -m mypy

bazel-test: setup-dev  ## the fast tests by Bazel, from the file BUILD
	@tools/bazel_test.sh $(ARGS)

wheel: setup-dev  ## dist/dreamer_tf-*.whl
	@$(PY) -m pip wheel -q --no-deps --no-build-isolation -w dist . && rm -rf build/lib build/bdist.* *.egg-info && ls dist/*.whl

clean:  ## remove caches and build products; .venv and logdir/ stay
	@rm -rf build dist *.egg-info bazel-* .pytest_cache .ruff_cache .mypy_cache
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
