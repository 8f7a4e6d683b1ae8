#!/bin/sh
# The demo: builds the engine, then mirrors the small image that this folder carries into two
# destinations, twice. It works in a copy below target/demo, with a home of its own, so it leaves
# nothing behind and depends on nobody's settings. No server, no network but cargo's.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || title() { printf '\n== %s\n' "$*"; }
show() { printf '\n$ engine %s\n' "$*"; "$engine" "$@"; }

title 'Building the engine and its components (the first time takes some minutes)'
cargo build -p engine
engine=${CARGO_TARGET_DIR:-$root/target}/debug/engine

demo=$root/target/demo
rm -rf "$demo"
mkdir -p "$demo/home/.config/containers"
cp -R examples/quickstart/images examples/quickstart/sync.yaml "$demo"
# The policy.json of this machine may reject images; the demo has one of its own.
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$demo/home/.config/containers/policy.json"
cd "$demo"
export HOME="$demo/home"
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR

title 'What is to be done: sync.yaml'
cat sync.yaml

title '1. Is the file right?'
show check sync.yaml

title '2. What would be done, and why? (reads only)'
show plan sync.yaml

title '3. Do it: blobs, then manifests, then tags'
show run sync.yaml

title '4. Once more: everything is there, so nothing is written'
show run sync.yaml

title '5. And why is the release candidate not there?'
show explain sync.yaml oci:images:1.2-rc1

title 'Done'
cat <<END
The mirror is in target/demo/out: everything/ is an OCI layout, arm64/ has a folder for each tag,
report.json lists every item. Next: examples/nightly-mirror, or a spec of your own:
  target/debug/engine plan sync.yaml
END
