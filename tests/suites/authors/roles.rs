//! What `engine plugin new` makes for the roles that judge and change images, built and run as it is, in
//! each language.

use super::shell::{install_javascript, install_python, shell};
use engine_tests::audit::Audited;
use engine_tests::images::Seed;
use engine_tests::world::World;
use std::time::Duration;

/// Components with an interpreter are compiled on first use.
const PATIENCE: Duration = Duration::from_mins(10);

/// Makes and builds one of each role, in a language whose tools `install` gets.
fn script(language: &str, install: &str) -> String {
    format!(
        r#"set -eu
made() {{
    engine plugin new "$1-mine" --language {language}
    cd "$1-mine"
    {install}
    engine plugin build
    engine plugin inspect "$1-mine.wasm"
}}
run() {{
    echo "== $1"
    code=0
    engine run sync.yaml --var "image=$2" 2>&1 || code=$?
    echo "== $1 ended with $code"
}}
(made filter && run filter oci:../images && engine explain sync.yaml oci:../images:edge --var image=oci:../images)
(made transform && run transform oci:../images && run "transform again" oci:../images)
(
    made policy
    run policy oci:../images
    sed -i s/org.opencontainers.image.version/org.example.note/ sync.yaml
    run "policy of noted" oci:../transform-mine/out
)
(
    made signer
    export ENGINE_KEY_PASSPHRASE=secret
    engine key generate --output-prefix release
    engine plugin inspect signer-mine.wasm --spec sync.yaml
    run signer oci:../images
    run "signer again" oci:../images
    cat >verify.yaml <<END
apiVersion: engine/v1
keys:
  release:
    file: release.pub
sources:
  all:
    from: oci:out
filters:
  trusted:
    inputs: [all]
    verify:
      keys: [release]
      identity:
        type: exactRepository
        dockerRepository: registry.example/mine
sinks:
  disk:
    inputs: [trusted]
    to: "oci:verified:{{{{ item.tag }}}}"
END
    echo "== verified"
    engine run verify.yaml 2>&1
)
"#
    )
}

#[track_caller]
fn play(world: &World, language: &str, install: &str) {
    let mut seed = Seed::new(70);
    for tag in ["3.1", "3.2", "edge"] {
        seed.image(&[50]).write_layout(&world.here().join("images"), tag);
    }
    world.write("../roles.sh", &script(language, install));
    let played = world.start(&["../roles.sh"]).wait(PATIENCE).expect_success();
    let mut left = played.stdout.as_str();
    for said in [
        "filter-mine 0.1.0, a filter",
        "done       2 copied, 1 left out;",
        "left out by `chosen`: does not begin with `3.`",
        "transform-mine 0.1.0, a transform",
        "done       3 copied;",
        "done       3 unchanged;",
        "policy-mine 0.1.0, a policy",
        "there is no annotation `org.opencontainers.image.version`",
        "policy ended with 3",
        "done       3 copied;",
        "signer-mine 0.1.0, a signer",
        "keys that the spec grants, by name",
        "see a private key, or have a text signed that is not about its image",
        "keys         release",
        "as registry.example/mine:3.1 (signed)",
        "done       3 copied;",
        "signer again",
        "done       3 unchanged;",
        "signer again ended with 0",
        "== verified",
        "done       3 copied;",
    ] {
        let at = left.find(said);
        let at = at.unwrap_or_else(|| panic!("{language}: {said}\n{}", played.snapshot()));
        left = &left[at + said.len()..];
    }
    for made in ["filter-mine", "transform-mine", "policy-mine", "signer-mine"] {
        Audited::Layout(&world.here().join(made).join("out")).assert_sound();
    }
}

#[test]
fn in_rust() {
    play(&shell(), "rust", ":");
}

#[test]
fn in_javascript() {
    let world = shell();
    if install_javascript(&world) {
        play(&world, "javascript", "npm install");
    }
}

#[test]
fn in_python() {
    let world = shell();
    if install_python(&world) {
        play(
            &world,
            "python",
            "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
        );
    }
}
