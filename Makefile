# Every target works from a fresh clone; the first one that needs it builds .venv.
PYTHON ?= python3.11
TORCH ?= torch==2.13.0
# On the public index plain torch is a CUDA build of several GB; set TORCH_INDEX to a CPU index to avoid it.
TORCH_INDEX ?=
PORT ?= 3000
BIN := .venv/bin
export LIVEEVAL_HOME ?= $(CURDIR)

.DEFAULT_GOAL := help
.PHONY: help demo test proof dev generate lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$(TORCH)"
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/pip check
	touch $@

demo: .venv/.ready ## simulated world -> whole graph for every week -> marts -> scorecard
	$(BIN)/liveeval demo

test: .venv/.ready ## the suite (under 10 minutes)
	$(BIN)/liveeval init
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

proof: .venv/.ready ## the long statistical and fault runs; writes docs/evidence.md
	$(BIN)/liveeval init
	$(BIN)/python -m tests.proof

dev: .venv/.ready ## Dagster UI on http://127.0.0.1:3000 (or PORT=...)
	$(BIN)/liveeval init
	DAGSTER_HOME=$(abspath $(LIVEEVAL_HOME))/.dagster $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p $(PORT)

generate: .venv/.ready ## rewrite the generated files: dbt sources, docs/tables.md, docs/settings.md
	$(BIN)/liveeval generate

# resolved twice: the first tells which CUDA packages torch brings; torch is installed apart, so the lock leaves them out
LOCK := pip compile requirements.in --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements.lock
lock: .venv/.ready ## resolve requirements.in into requirements.lock
	$(BIN)/uv $(LOCK)
	$(BIN)/uv $(LOCK) $$(sed -n 's/^\(torch\|triton\|nvidia-[a-z0-9-]*\|cuda-[a-z0-9-]*\)==.*/--no-emit-package \1/p' requirements.lock)

clean: ## remove everything that a run has made (not the environment)
	rm -rf data_lake/*/ marts .dagster .journal inbox source dbt_project/target dbt_project/logs
