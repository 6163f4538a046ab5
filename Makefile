# make setup    what cupc needs, in the folder .venv; quick when it is there already
# make demo     a firewall between two networks (as root; over recorded traffic otherwise), and a verdict about what it let through
# make test     all tests
#
# PYTHON=python3.12 names another Python (3.11 or newer). VENV=DIR puts the environment elsewhere.

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
PREPARED := $(VENV)/prepared
FIREWALL := examples/firewall
RESULT := $(FIREWALL)/build/demo
TRAFFIC := $(FIREWALL)/traffic

.PHONY: setup demo live-demo capture-demo traffic test system clean

setup: $(PREPARED)
	@echo "cupc is ready: $(BIN)/cupc"

# Python packages again when their list changes.
$(INSTALLED): pyproject.toml setup/system
	@PYTHON="$(PYTHON)" sh setup/system
	@if [ ! -x $(BIN)/python ]; then "$$(PYTHON="$(PYTHON)" sh setup/system --python)" -m venv $(VENV); fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

# The parser's table and the templates again when the grammar, what reads it, the library or a template changes.
$(PREPARED): $(INSTALLED) $(wildcard grammar/*.lark stdlib/*.cup codegen/*/*.j2 clickup_lang/syntax/*.py clickup_lang/source/*.py) clickup_lang/frozen.py clickup_lang/diagnostics/problem.py clickup_lang/backends/templates.py
	$(BIN)/python -m clickup_lang.syntax.prepare > /dev/null
	$(BIN)/python -m clickup_lang.backends.templates
	@touch $@

# Connections recorded anew, which needs root; `make demo` takes the recorded ones.
traffic: setup
	$(BIN)/python $(FIREWALL)/traffic.py $(TRAFFIC)

# Live where network namespaces can be made, over captures elsewhere.
demo: setup
	@sh setup/system --demo
	$(BIN)/cupc test $(FIREWALL)/firewall.cup
	@if $(BIN)/python $(FIREWALL)/live.py --probe; then $(MAKE) --no-print-directory live-demo; \
	else echo "so the firewall runs over recorded traffic instead"; $(MAKE) --no-print-directory capture-demo; fi

live-demo: setup
	$(BIN)/python $(FIREWALL)/live.py

capture-demo: setup
	@mkdir -p $(RESULT)
	$(BIN)/cupc run $(FIREWALL)/firewall.cup \
	    --set inside=pcap:$(TRAFFIC)/inside.pcap,$(RESULT)/to_inside.pcap \
	    --set outside=pcap:$(TRAFFIC)/outside.pcap,$(RESULT)/to_outside.pcap
	$(BIN)/python $(FIREWALL)/verdict.py $(TRAFFIC) $(RESULT)

test: setup
	@sh setup/system --tests
	$(BIN)/python -m pytest -n auto --dist worksteal

clean:
	rm -rf $(VENV) $(RESULT) clickup_lang/syntax/prepared clickup_lang/backends/prepared
