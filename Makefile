# The commands of this project. `make run` and `make test` work on a bare Debian machine.
.PHONY: run test test-postgres check lint fmt build web screenshots bench crash power-cut schemathesis deploy-tests cluster-tests deps deps-test example clean

CARGO ?= cargo
export PATH := $(HOME)/.cargo/bin:$(PATH)

## Install what is missing, build, and start the server with its data in ./data.
run: deps web
	$(CARGO) build --release --locked -p streamsphere
	exec target/release/streamsphere serve

## What CI runs: format, lints, every test.
test: deps-test
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	scripts/check-tree
	scripts/web check
	$(CARGO) build --locked -p streamsphere
	scripts/web e2e
	$(CARGO) test --locked --doc --workspace --quiet
	scripts/with-postgres $(CARGO) nextest run --locked --workspace
	scripts/engine-tests
	scripts/deploy-tests
	scripts/cluster-tests
	scripts/crash-tests

## The tests that run on either engine, on PostgreSQL.
test-postgres: deps-test
	scripts/engine-tests

## The files in deploy/: two nodes and a worker behind nginx and Caddy, alerts, dashboard, units.
deploy-tests: deps-test build
	scripts/deploy-tests

## Two web nodes and two workers under load, each part killed, stopped and cut off: make cluster-tests SEED=7 CLUSTER_ROUNDS=3
CLUSTER_ROUNDS ?= 1
cluster-tests: deps-test build
	scripts/cluster-tests --seed $(SEED) --rounds $(CLUSTER_ROUNDS)

## A quick look: format, lints, the tests that start no server.
check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) nextest run --locked -p streamsphere-model -p streamsphere-store -p streamsphere-objects -p streamsphere-bus -p streamsphere-delivery

## Measure against nginx, axum, dd and SQLite beside us; writes bench/results.md.
bench: deps-test
	$(CARGO) build --release --locked -p streamsphere -p streamsphere-bench
	target/release/streamsphere-bench all

## Kill the server over and over: make crash ROUNDS=1000 SEED=7
ROUNDS ?= 100
SEED ?= 1
crash: build
	$(CARGO) run --locked -p streamsphere-bench -- crash --rounds $(ROUNDS) --seed $(SEED) --binary target/debug/streamsphere

## Cut the power over and over (needs /dev/fuse): make power-cut ROUNDS=100
power-cut: build
	$(CARGO) run --locked -p streamsphere-bench -- crash --power-cut --rounds $(ROUNDS) --seed $(SEED) --binary target/debug/streamsphere

## More requests made of the OpenAPI document than tests have time for: make schemathesis EXAMPLES=200
EXAMPLES ?= 100
schemathesis: build
	scripts/install-tools test
	SCHEMATHESIS_EXAMPLES=$(EXAMPLES) $(CARGO) nextest run --locked -p streamsphere -E 'test(/schemathesis/)'

build:
	$(CARGO) build --locked -p streamsphere

## The web app, where the next build of the server takes it from.
web:
	scripts/web build

## Pictures of every page, on a desk and a phone, dark and light, in target/screenshots.
screenshots: web build
	scripts/web screenshots

## Write what is generated from the settings again.
example: build
	target/debug/streamsphere config print --example > streamsphere.example.toml

deps:
	scripts/install-tools run

deps-test:
	scripts/install-tools test

fmt:
	$(CARGO) fmt --all

clean:
	$(CARGO) clean
