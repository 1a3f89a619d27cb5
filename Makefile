# Everything a machine with Python 3.11, pip and make needs. Each target makes .venv first.
#
#   TORCH_INDEX   an extra package index for the CPU build of torch, where pip would otherwise
#                 take the CUDA build: make test TORCH_INDEX=https://download.pytorch.org/whl/cpu
#   PYTHON        the interpreter that makes .venv
#   WORKERS       test processes side by side

PYTHON ?= $(shell command -v python3.11 || command -v python3)
TORCH_INDEX ?=
# The torch that `make lock` pins; the newest one would bring another build on some machines.
TORCH ?= 2.13.0
WORKERS ?= 2
CORPUS ?= service/demo/data
FUZZ_EXAMPLES ?= 200
PIP_AUDIT ?= 2.10.1

BIN := .venv/bin
STAMP := .venv/.installed
INDEX := $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
CODE := models clustering service benchmarks tests

.PHONY: demo test lint format lock fuzz audit train-reader train-adapters train-lens evaluate \
	evaluate-left-out clean
.DEFAULT_GOAL := test

demo: $(STAMP)
	$(BIN)/groundswell demo $(DEMO_FLAGS)

test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(TEST_FLAGS)

lint: $(STAMP)
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(STAMP)
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

# Where the system's Python has no ensurepip (Debian without python3-venv), its pip fills .venv.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv || { $(PYTHON) -m venv --clear --without-pip .venv && \
		$(PYTHON) -m pip --python $(BIN)/python install pip; }
	$(BIN)/python -m pip install --quiet --constraint constraints.txt $(INDEX) --editable '.[dev]'
	@touch $@

# Newest versions that pyproject.toml allows, resolved in an environment of their own. Left out:
# what only the CUDA build of torch brings, and the local part of a version (2.13.0+cpu), so
# that one file holds on machines with either build.
lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet $(INDEX) '.[dev]' 'torch==$(TORCH)'
	{ echo '# Exact versions of everything installed. Made by `make lock`; do not edit.'; \
		build/lock/bin/python -m pip freeze --exclude groundswell \
		| grep -v -i -E '^(nvidia|cuda|triton)' | sed -E 's/\+[a-z0-9.]+$$//'; } > build/constraints.txt
	mv build/constraints.txt constraints.txt
	rm -rf build/lock

# The fuzz tests of `make test`, with many more examples: half an hour or more on two cores.
fuzz: $(STAMP)
	OMP_NUM_THREADS=1 FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) FUZZ_CASES=20000 $(BIN)/python -m pytest -n 0 tests/fuzz \
		$(TEST_FLAGS)

# Known vulnerabilities in what constraints.txt pins. Asks PyPI, so it needs a network, and is
# no part of `make test`; what could not be asked about fails it too (--strict). pip-audit lives in
# an environment of its own: it audits, it is not used.
audit: build/audit/bin/pip-audit
	build/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict \
		--progress-spinner off $(AUDIT_FLAGS) || { echo 'make audit: found something, or could' \
		'not ask PyPI (it needs a network); see above.' >&2; exit 1; }

build/audit/bin/pip-audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet 'pip-audit==$(PIP_AUDIT)' || { \
		echo 'make audit: pip-audit could not be installed; it needs a network.' >&2; \
		rm -rf build/audit; exit 1; }

train-reader: $(STAMP)
	$(BIN)/python -m clustering.training.train_reader $(TRAIN_FLAGS)

# The encoder's updates and the landmarks, then the re-ranker: fold by fold, for their figures and
# for what scores mean, then on all packs. The folds stay in build/left-out, for evaluate-left-out.
train-adapters: $(STAMP)
	$(BIN)/python -m clustering.training.train_adapter --cache build/left-out $(TRAIN_FLAGS)
	$(BIN)/python -m clustering.training.train_landmarks
	$(BIN)/python -m clustering.training.train_reranker --folds 6 --cache build/left-out \
		$(TRAIN_FLAGS)

train-lens: $(STAMP)
	$(BIN)/python -m clustering.training.train_lens $(TRAIN_FLAGS)

# Groundswell and stock pipelines on a labelled corpus, in one run: the README's figures. With
# EVALUATE_FLAGS=--peers BERTopic and EVoC too, after `.venv/bin/pip install --editable '.[peers]'`.
evaluate: $(STAMP)
	$(BIN)/python -m benchmarks.corpus $(EVALUATE_FLAGS) $(CORPUS)

# How good we are on products left out of all training; trains what build/left-out lacks.
evaluate-left-out: $(STAMP)
	$(BIN)/python -m benchmarks.left_out --cache build/left-out $(EVALUATE_FLAGS)

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache groundswell-demo*
