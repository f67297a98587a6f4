# popcornd. `make demo` shows the main job end to end, `make test` passes every test; both install what they need.
#
#   make            build the programs into build/bin (static Swift library: they need Debian packages only)
#   make demo       phantom scans in, masks out, the model grows: a few minutes
#   make test       every test, the service under a real systemd included (root)
#   make test-crash kill -9 everywhere, files dropped in every way (part of make test)
#   make lint       swift format, as CI has it
#   make parity     the engine against PyTorch (installs PyTorch into .venv)
#   make bench      the engine's speed against PyTorch's, interleaved (installs PyTorch into .venv)
#   make study      all strategies on phantoms: hours, resumable
#   make install    DESTDIR= PREFIX=/usr

SHELL := /bin/bash
.DELETE_ON_ERROR:
BUILD := build
BIN := $(BUILD)/bin
PROGRAMS := popcornd popcornctl popcorn popcorn-admit
DESTDIR ?=
PREFIX ?= /usr
RELEASE := -c release --static-swift-stdlib
# Waiting threads sleep, after a moment that is shorter than waking them: on a shared machine a team that spins takes several
# times as long. A crash is reported, not debugged.
QUIET := OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=1000 SWIFT_BACKTRACE=enable=no

.PHONY: build demo test test-swift test-system test-crash lint study parity bench install clean
build: $(BIN)/popcorn-watch
	@tools/install-packages.sh build
	swift build $(RELEASE)
	@mkdir -p $(BIN)
	@for p in $(PROGRAMS); do install -C -m 755 "$$(swift build $(RELEASE) --show-bin-path)/$$p" $(BIN)/$$p; done

# C, under MIT, outside the package: no Swift runtime may be combined with libinotifytools, which is GPL-2-only.
$(BIN)/popcorn-watch: $(wildcard Sources/popcorn-watch/*.c Sources/popcorn-watch/*.h)
	@tools/install-packages.sh build
	@mkdir -p $(BIN)
	$(CC) -std=c11 -O2 -g -Wall -Wextra -Werror -o $@ $(filter %.c,$^) -linotifytools

demo: build
	tools/demo/demo.sh $(BIN)

test: lint test-swift test-crash test-system

test-swift: $(BIN)/popcorn-watch
	@tools/install-packages.sh build test
	$(QUIET) POPCORN_WATCH="$(abspath $(BIN)/popcorn-watch)" swift test --disable-xctest

# Debug builds: theirs are the fault points.
test-crash: $(BIN)/popcorn-watch
	@tools/install-packages.sh build test
	swift build
	@export POPCORN_WATCH="$(abspath $(BIN)/popcorn-watch)" debug="$$(swift build --show-bin-path)"; \
	Tests/System/intake.sh "$$debug" && Tests/System/crash.sh "$$debug"

test-system: build
	@tools/install-packages.sh build test
	Tests/System/run $(BIN)

lint:
	@tools/install-packages.sh build
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

# Hours, and resumable: what is done lies in docs/results and is not repeated.
study: build
	$(QUIET) tools/study/run $(BIN)
	[ -z "$$POPCORN_REAL_DATA" ] || $(QUIET) tools/study/real $(BIN)
	python3 tools/study/tables.py docs

parity bench: build .venv/installed
	tools/$@/run $(BIN) .venv/bin/python

.venv/installed: tools/python-packages.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet -r tools/python-packages.txt
	touch $@

install:
	tools/install.sh $(BIN) "$(DESTDIR)" "$(PREFIX)"

clean:
	rm -rf .build $(BUILD)
