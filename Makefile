# SPDX-License-Identifier: Apache-2.0
# `make` or `make help` says what there is. One build configuration, debug, serves all but the benchmarks.

SOURCES = Package.swift Sources Tests Benchmarks/SimulateSearches

.PHONY: help build test demo real real-family containers workflows survive story browser fuzz bench check format lint modules docs clean
.DEFAULT_GOAL := help

# An import that Package.swift does not declare is an error.
BUILD = swift build --explicit-target-dependency-import-check error

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1|/' | awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'

build: ## builds the program, in .build
	scripts/install-missing
	$(BUILD)

test: ## installs what is missing, runs all tests
	scripts/install-missing
	scripts/test

demo: build ## plays an incident of 2025 on four small projects, under a minute
	scripts/demo

real: build ## the real Imath, OpenEXR and OpenVDB, from Debian's sources, bare and in containers; about ten minutes
	scripts/real

real-family: build ## five of the family together in podman, from Debian's sources; half an hour
	scripts/real-family

containers: build ## images pin, networks, ctrl-C and full disks with podman and docker; needs root; under a minute
	scripts/containers

survive: build ## kill -9, bad and full disks, odd servers and clocks, from outside; needs root; about five minutes
	scripts/survive/run

story: build ## a breakage from its first night to its end, with a receiver of notices that fails; seconds
	scripts/story

workflows: build ## the example workflows, with zizmor from PyPI, and how they keep history
	scripts/check-workflows

browser: build ## the pages in Debian's Chromium: flows, keyboard, axe; two minutes
	scripts/browser

SECONDS = 60
fuzz: ## mutated inputs for what reads text from outside, SECONDS=60 a subject; builds with sanitizers, in .build-fuzz
	scripts/install-missing
	scripts/fuzz --seconds $(SECONDS)

bench: ## canary against ninja, xargs, git and others: ratios in one run; builds release
	Benchmarks/run
	Benchmarks/history
	Benchmarks/debounce
	Benchmarks/bisection --worlds 100 --git 50

check: ## the one gate: linters, modules, links, build with warnings as errors, tests
	scripts/install-missing
	$(MAKE) --no-print-directory lint modules docs
	$(BUILD)
	scripts/test

format: ## formats all Swift and Python files in place
	swift format format --in-place --recursive --parallel $(SOURCES)
	scripts/lint --format

lint: ## checks formats, doc comments, scripts and the files of pages
	swift format lint --strict --recursive --parallel $(SOURCES)
	scripts/lint

modules: ## checks the sources against ARCHITECTURE.md and the walls of CONTRIBUTING.md
	scripts/check-modules --self-test
	scripts/check-modules

docs: ## checks every link between documents
	scripts/check-links

clean: ## removes what was built, and the folders of demo, real, containers and fuzz
	swift package clean
	rm -rf .demo .build-real .build-containers .build-workflows .build-fuzz
