# `make` lists what there is. Every target that needs tools beside Go installs them first.

FUZZTIME ?= 20s
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install missing tools (Debian packages; instant where all is there)
	@scripts/setup.sh

.PHONY: build
build: ## compile everything, commands into bin/
	CGO_ENABLED=0 go build -o bin/ ./... # without libc a command starts four milliseconds sooner

.PHONY: test
test: setup format vet ## format, vet and every test: what CI runs
	go test -timeout 14m ./...

.PHONY: format
format:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt -w these:" >&2; echo "$$unformatted" >&2; exit 1; }

.PHONY: vet
vet:
	go vet ./...

.PHONY: lint
lint: format vet ## format, vet and staticcheck
	go run $(STATICCHECK) ./...

.PHONY: race
race: setup ## every test under the race detector
	go test -race -timeout 30m ./...

.PHONY: golden
golden: setup ## rewrite the golden files; look at git diff afterwards
	@scripts/golden.sh

.PHONY: demo
demo: setup ## prove soil, then let its Go and C peers work over a bad link while both are killed: three minutes at most
	@go run ./cmd/demo

.PHONY: demo-burn
demo-burn: setup ## a key is burnt over a bad serial line while both peers die at any step: by hand, and as emitted; three minutes at most
	@go run ./cmd/rounds burn

.PHONY: demo-reboot
demo-reboot: setup ## a node restarts when it is told to, so that no answer comes: the same
	@go run ./cmd/rounds reboot

.PHONY: demo-gateway
demo-gateway: setup ## a gateway restarts in mid-conversation with a node that sleeps: the same
	@go run ./cmd/rounds gateway

.PHONY: bench-verify
bench-verify: setup ## the checker beside SPIN on the same states, and every program of the corpus: a quarter of an hour
	cd bench && go run ./verify

.PHONY: bench-chance
bench-chance: ## the figures of soil's calls, beside a million calls of the emitted code: a minute
	SPROCKET_BENCH=1 go test ./compile -count=1 -timeout 20m -run '^TestFiguresAgreeWithEmittedCode$$' -v

.PHONY: bench-cost
bench-cost: ## refresh schema/flash.csv: what each part of emitted C takes on Cortex-M0+, Cortex-M4, RV32 and AVR: a quarter of an hour
	@scripts/setup.sh cost
	go run ./cmd/cost
	SPROCKET_ALL=1 go test ./cmd/cost -count=1 -run '^TestEstimatesOfTheCorpus$$' -v

.PHONY: bench-size
bench-size: ## refresh docs/size.md: bytes of emitted C, beside code by hand and nanopb, for 1, 10 and 50 functions: a minute
	@scripts/setup.sh size
	@scripts/size.sh

.PHONY: prove
prove: setup ## emitted C has no undefined behaviour: Frama-C on every C peer of the corpus: ten minutes
	@scripts/prove.sh

.PHONY: fuzz-c
fuzz-c: setup ## libFuzzer drives every C peer of the corpus for FUZZTIME each, under sanitizers
	go run ./cmd/trials -time $(FUZZTIME) fuzz

.PHONY: coverage-c
coverage-c: setup ## refresh docs/coverage.md: branches of emitted C that vectors take, and why not the rest: ten minutes
	go run ./cmd/trials -time 5s coverage

.PHONY: misra
misra: ## emitted C breaks no rule of MISRA C:2012 but those of docs/misra.md, and compilers' analysers find nothing: five minutes
	@scripts/setup.sh misra
	@scripts/misra.sh

.PHONY: test-targets
test-targets: ## emitted C as firmware on emulated Cortex-M, RISC-V and AVR boards, which are killed and lose their power: a quarter of an hour
	@scripts/setup.sh targets
	go run ./cmd/targets

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (20s)
	@scripts/fuzz.sh $(FUZZTIME)

.PHONY: check
check: test lint race ## all that a change must pass: test, lint, race

.PHONY: bench-spin
bench-spin: setup ## SPIN and the TLA+ text against the checker: the whole corpus and 500 random systems, hours
	SPROCKET_ALL=1 SPROCKET_RANDOM=500 go test -count=1 -timeout 8h -v ./verify/export

.PHONY: clean
clean: ## remove what build left
	rm -rf bin
