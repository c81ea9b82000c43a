# Bjet24 Print Room. `make help` lists the targets.
#
# One set of flags for everything, so that there is one build cache:
# clang compiles the C of the window and of MuPDF in a third of gcc's time; gcc
# links, because clang's link adds libraries that the program does not need.
# The tag says that the window calls Fyne from the right goroutine.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

GO ?= $(or $(shell command -v go),$(wildcard /usr/local/go/bin/go),go)
export PATH := $(if $(findstring /,$(GO)),$(dir $(GO)):)$(PATH)
export CC := clang
TAGS := migrated_fynedo
export GOFLAGS := -buildvcs=false -tags=$(TAGS) -ldflags=-extld=gcc
TOOL := $(GO) tool -modfile=packaging/tools/go.mod
TEST := $(TOOL) gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg --hide-summary skipped,output

SYSTEM_PACKAGES ?= yes
# make demo
HEADLESS ?= $(if $(DISPLAY)$(WAYLAND_DISPLAY),,yes)
LETTERS ?=
OUT ?=
SEED ?=
ROOM_LANG ?=
# make bench; all rows when empty
ROWS ?=
# make fuzz
FUZZCOUNT ?= 30000x

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 15

.PHONY: build
build: packages-build go ## bin/printroom and bin/printroom-verify, with man pages and completions
	@mkdir -p bin
	$(GO) build -o bin/printroom .
	$(GO) build -o bin/printroom-verify ./vault/journal/verify/printroom-verify
	@$(MAKE) man

.PHONY: man
man: go ## bin/man/man1: a page for each command; bin/completions: for bash, zsh, fish
	$(GO) run ./ui/cli/manpages bin/man/man1 bin/completions

.PHONY: demo
demo: packages-run packages-test build ## a whole room around the application: HEADLESS=yes LETTERS=n OUT=dir SEED=n ROOM_LANG=fr
	$(GO) build -o bin/printroom-demo ./sync/room/demo
	bin/printroom-demo $(strip $(if $(filter-out no,$(HEADLESS)),-headless) $(if $(LETTERS),-letters $(LETTERS)) \
	  $(if $(OUT),-out '$(OUT)') $(if $(SEED),-seed $(SEED)) $(if $(ROOM_LANG),-lang $(ROOM_LANG)))

.PHONY: test
test: packages-build packages-run packages-test go vet lint test-race test-window ## vet, lint and every test with the race detector

# Never from the cache: the end-to-end and house tests build the program and list
# its packages themselves, which the cache does not see.
.PHONY: test-race
test-race:
	@mkdir -p bin/tests
	$(TEST) --jsonfile bin/tests/race.json -- -count=1 -race -timeout 15m ./...

# Tests that need a real display carry the tag `window` and its name; they get one of their own.
.PHONY: test-window
test-window:
	@mkdir -p bin/tests
	packaging/tagged-tests.sh window xvfb-run -a -s '-screen 0 1400x1000x24' \
	  $(TEST) --jsonfile bin/tests/window.json -- -count=1 -race -timeout 15m -run Window -tags $(TAGS),window

.PHONY: screenshots
screenshots: packages-run packages-test go ## docs/screenshots: the pictures of the documents, taken of a room at work
	xvfb-run -a -s '-screen 0 1400x1000x24' \
	  $(GO) test -count=1 -timeout 10m -tags $(TAGS),window,screenshots -run TestScreenshots ./sync/room

.PHONY: test-long
test-long: packages-build packages-run packages-test go test-kill test-memory test-generated ## kill tests, the window searched for secrets, generated files

# Tests that take minutes, such as a kill at every step, carry the tag `long`.
.PHONY: test-kill
test-kill:
	@mkdir -p bin/tests
	packaging/tagged-tests.sh long $(TEST) --jsonfile bin/tests/long.json -- -count=1 -race -timeout 40m -tags $(TAGS),long

# The crash tests of the journal at every system call and not at some.
.PHONY: test-crash
test-crash: packages-build packages-run packages-test go ## the journal struck at every system call, and its power cut after each
	@mkdir -p bin/tests
	$(TEST) --jsonfile bin/tests/crash.json -- -count=1 -timeout 2h -tags $(TAGS),long,crash \
	  -run 'TestEachSystemCall|TestPowerCuts|TestNoFailedSyncIsBelieved' ./vault/journal

# The window's memory takes minutes to read; the test carries the tag `memory` beside `window`.
.PHONY: test-memory
test-memory:
	@mkdir -p bin/tests
	packaging/tagged-tests.sh memory xvfb-run -a -s '-screen 0 1400x1000x24' \
	  $(TEST) --jsonfile bin/tests/memory.json -- -count=1 -race -timeout 15m -tags $(TAGS),window,memory

.PHONY: fuzz
fuzz: packages-build packages-test go ## every fuzz target with FUZZCOUNT (30000x) inputs
	@mkdir -p bin/tests
	packaging/fuzz.sh $(FUZZCOUNT) $(TEST) --jsonfile

.PHONY: generate
generate: go ## write the generated files anew
	$(GO) generate ./...

.PHONY: test-generated
test-generated: generate
	git --no-pager diff --exit-code -- '*.gen.go'

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: lint
lint: packages-build packages-test go ## golangci-lint and shellcheck
	$(TOOL) golangci-lint run
	shellcheck .ci/run packaging/*.sh

.PHONY: bench
bench: packages-run packages-test packages-bench build ## measure beside peers, ROWS=1,2,5 or all: a table and bench.json
	$(GO) build -o bin/printroom-bench ./sync/room/bench
	bin/printroom-bench -out bench.json$(if $(ROWS), -rows $(ROWS))

.PHONY: clean
clean: ## remove what was built
	rm -rf bin out bench.json

.PHONY: packages-build packages-run packages-test packages-bench
packages-build packages-run packages-test packages-bench: packages-%:
ifneq ($(SYSTEM_PACKAGES),no)
	@packaging/system-packages.sh $*
endif

# Debian 12's own golang package is too old for go.mod.
.PHONY: go
go:
	@packaging/check-go.sh $(GO)
