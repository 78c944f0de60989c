# `make demo` and `make test` install what is missing, then do what they say. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# What every recipe starts with: the tools .ci/setup put aside.
USE := . .ci/env;

.PHONY: help
help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: ## shows Lockstep at work on practice platforms: asks nothing, touches none of your data
	@.ci/demo

.PHONY: test
test: setup ui ## runs every test
	@$(USE) if [ -f ui/package.json ]; then npm --prefix ui test; fi
	@$(USE) LOCKSTEP_OWN_KEYCHAIN=1 .ci/with-keychain .ci/with-display cargo test --workspace
	@$(USE) SEEDS=$${SEEDS:-10000} cargo test --profile sim -p lockstep-app --test simulation -- whatever_happens equal_seeds v10_ every_broken a_week

.PHONY: soak
soak: setup ## lives through simulated worlds: SEED_START=20000 SEEDS=5000 make soak
	@$(USE) log=$$(mktemp); trap 'rm -f "$$log"' EXIT; status=0; \
	SEEDS=$${SEEDS:-5000} cargo test --profile sim -p lockstep-app --test simulation -- \
		whatever_happens --nocapture 2>&1 | tee "$$log" || status=$$?; \
	grep -E '^[0-9]+ seeds, [0-9]+ violations$$' "$$log" | tail -1; exit $$status

.PHONY: test-contracts
test-contracts: ## holds the practice platforms and our own traffic against the vendors' contracts
	@tests/contracts/run

.PHONY: test-clients
test-clients: ## lets third-party clients work against the practice platforms
	@tests/clients/run

.PHONY: fuzz
fuzz: ## searches for input that breaks a parser, 60 s each (SECONDS_EACH=…, LAWS="adf toml")
	@.ci/setup fuzz
	@.ci/fuzz

.PHONY: run
run: ## opens the desktop app
	@.ci/setup run
	@$(MAKE) ui
	@$(USE) cargo run --bin lockstep-desktop

.PHONY: shots
shots: setup ## takes pictures of every screen, light and dark, three sizes, into target/shots (ONLY=mapping for some)
	@$(USE) npm --prefix ui run pictures -- ../target/shots $(ONLY)
	@$(USE) npm --prefix ui run geometry

.PHONY: serve
serve: ## serves the pages to a plain browser over the real backend, for working on them
	@.ci/setup run
	@$(USE) npm --prefix ui run build:server
	@$(USE) cargo run --package lockstep-devserver

.PHONY: bundle
bundle: ## makes a .deb, and an AppImage where its tools can be fetched
	@.ci/bundle

.PHONY: bench
bench: setup ## measures speed and memory
	@$(USE) LOCKSTEP_OWN_KEYCHAIN=1 .ci/with-keychain cargo xtask bench

.PHONY: crash
crash: ## kills the program at random moments of its runs: KILLS=… (50), SEED=… (1)
	@.ci/setup test
	@$(USE) cargo build --package lockstep-cli --package xtask
	@$(USE) LOCKSTEP_OWN_KEYCHAIN=1 .ci/with-keychain cargo xtask crash --kills $(or $(KILLS),50) --seed $(or $(SEED),1)

.PHONY: check
check: ## runs what CI runs
	@.ci/run --local

.PHONY: setup
setup: ## installs what building and testing need, and nothing that is there already
	@.ci/setup test

.PHONY: ui
ui: ## builds the pages
	@$(USE) if [ -f ui/package.json ]; then npm --prefix ui run build; else echo "No ui/package.json: no pages to build."; fi
