# The two commands are `make run` and `make test`; both install what is missing first.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.PHONY: help run test hammer dev build bench demo aethel openapi fmt lint clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

run: ## install what is missing, build, and serve http://127.0.0.1:3000
	@scripts/setup.sh run
	@scripts/build.sh
	@exec scripts/serve.sh

test: ## install what is missing and run every check
	@scripts/setup.sh test
	@scripts/test.sh

hammer: ## hurt the till longer than make test does: crashes, bad disks, power cuts, fresh seeds
	@scripts/setup.sh test
	@scripts/hammer.sh

dev: ## like run, and rebuild, restart and reload on change
	@scripts/setup.sh run
	@exec scripts/dev.sh

build: ## leave a release build in dist/
	@scripts/setup.sh run
	@scripts/build.sh --release
	@scripts/dist.sh

bench: ## print the figures of docs/figures.md: all, or some, make bench ARGS='F1 F5'
	@scripts/bench.sh $(ARGS)

demo: ## fill data/demo.db with 90 days of three customers
	@scripts/setup.sh run
	@scripts/build.sh
	@scripts/demo.sh

aethel: ## run a command on the database of `make run`: make aethel ARGS=audit
	@scripts/serve.sh $(or $(ARGS),--help)

openapi: ## write docs/openapi.json and the clients anew, from the API as it is
	@scripts/build.sh
	@scripts/serve.sh openapi > docs/openapi.json
	@node scripts/clients.mjs

fmt: ## format the code
	@cargo fmt

lint: ## format check, clippy for both targets, licences
	@scripts/lint.sh

clean: ## remove what was built into the checkout; the shared cache stays
	@rm -rf dist end2end/artifacts end2end/test-results
	@. scripts/env.sh && echo "Builds and tools are in $$CACHE, shared between clones; remove that directory to start from nothing."
