# The commands of this project. `make demo` and `make test` need Rust (by rustup) and a C compiler,
# nothing else; what each step does stands in .ci/.

.POSIX:
.SUFFIXES:
.PHONY: help setup demo test bench lint format deny

help:
	@echo 'make demo    builds the engine and mirrors a small image, without network or server'
	@echo 'make test    everything that must pass: format, lints, licenses, all tests'
	@echo 'make bench   measures the targets; SKOPEO=PATH and DOCKER_REGISTRY=PATH name other'
	@echo '             programs to measure beside, ONLY=WORD one measurement, ROUNDS=N the pairs'
	@echo 'make setup   finds a way to build components (demo and test do this first)'
	@echo 'make lint    clippy; make format: rustfmt; make deny: licenses and origins'

setup:
	@sh .ci/setup

demo: setup
	@sh .ci/with sh examples/quickstart/demo.sh

# In this order: what is quick to fail comes first.
test: setup
	cargo fmt --all --check
	@sh .ci/with sh .ci/lint
	@sh .ci/deny
	@sh .ci/authors
	sh .ci/with cargo test --workspace --no-fail-fast

bench: setup
	sh .ci/with cargo build --release -p engine-tests --bins
	@TMPDIR="$$(if [ -w /dev/shm ]; then echo /dev/shm; else echo /tmp; fi)" \
	    target/release/bench --skopeo '$(SKOPEO)' --docker-registry '$(DOCKER_REGISTRY)' \
	    --only '$(ONLY)' --rounds '$(ROUNDS)'

lint: setup
	@sh .ci/with sh .ci/lint

format:
	cargo fmt --all

deny:
	@sh .ci/deny
