# make demo: a real search from nothing.  make test: all tests; those on Slurm need one, tests/on_slurm/slurm-up brings it up.
# make lint, make bench, make docs: what they say. Each makes its own environment in .venv; python3 (3.11 or newer) is all that must be there.

PYTHON ?= python3
BIN := .venv/bin
SEARCH := demo-search
comma := ,

.PHONY: demo test lint bench docs clean

# What is installed is compiled when it is first imported: most of it never is.
define install
	@$(PYTHON) -c 'import sys; sys.exit("python3 is %d.%d; 3.11 or newer is needed" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-compile --editable '.[$(1)]'
	touch $@
endef

.venv/demo.stamp: pyproject.toml
	$(call install,example$(comma)report)

.venv/test.stamp: pyproject.toml
	$(call install,test)

demo: .venv/demo.stamp
	PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/demo.sh $(SEARCH)

test: .venv/test.stamp
	PATH="$(CURDIR)/$(BIN):$$PATH" bash tests/lanes.sh

lint: .venv/test.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check src
	$(BIN)/mypy

bench: .venv/demo.stamp
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/overhead.py

# The site in site/; each page is a file of docs/, and mkdocs.yml has the menu.
docs: .venv/test.stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

clean:
	rm -rf .venv site $(SEARCH) $(SEARCH).html
