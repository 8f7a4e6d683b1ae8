//! A destination that is not as wanted: what is overwritten, kept, or refused.

use super::pair::Pair;
use engine_tests::images::Seed;

/// Runs with another image at the destination, under the tags `latest` and `v1`, and says which
/// of the two were moved.
fn moved(source: &str, sink: &str, code: i32) -> (bool, bool) {
    let pair = Pair::new();
    let mut seed = Seed::new(840);
    let theirs = seed.image(&[100]);
    for tag in ["latest", "v1"] {
        pair.give(&seed.image(&[100]), "app", tag);
        theirs.push_into(&pair.mirror, "copy", tag);
    }
    let spec = format!(
        "sources: {{app: {{from: SOURCE/app{source}}}}}\n\
         sinks: {{mirror: {{inputs: [app], to: MIRROR/copy{sink}}}}}"
    );
    drop(pair.run(&spec).expect_code(code));
    let moved = |tag| pair.mirrored("copy", tag).unwrap() != theirs.top.digest;
    (moved("latest"), moved("v1"))
}

#[test]
fn a_tag_that_differs_is_treated_as_the_sink_says() {
    let mutable = ", mutableTags: [latest]";
    for (source, sink, code, wanted) in [
        ("", "", 0, (true, true)),
        (mutable, "", 4, (true, false)),
        (mutable, ", onConflict: overwrite", 0, (true, true)),
        (mutable, ", onConflict: skip", 0, (false, false)),
        ("", ", onConflict: fail", 4, (false, false)),
    ] {
        assert_eq!(moved(source, sink, code), wanted, "{source}{sink}");
    }
}

#[test]
fn two_images_for_one_name_are_both_named_and_neither_is_written() {
    let pair = Pair::new();
    let mut seed = Seed::new(841);
    let same = seed.image(&[100]);
    for (repository, tag) in [("one", "v1"), ("two", "v1")] {
        pair.give(&seed.image(&[100]), repository, tag);
        pair.give(&same, repository, "same");
    }
    let outcome = pair.run(
        "sources: {all: {from: [SOURCE/one, SOURCE/two]}}\n\
         sinks: {mirror: {inputs: [all], to: MIRROR/copy}}",
    );
    let outcome = outcome.expect_code(4);
    for name in ["/one:v1", "/two:v1"] {
        assert!(outcome.stderr.contains(name), "{name}\n{}", outcome.stderr);
    }
    assert_eq!(pair.names(), ["copy:same"], "what is the same on both sides is no conflict");
}

#[test]
fn a_tag_that_never_moves_is_not_asked_for_again() {
    let pair = Pair::new();
    let mut seed = Seed::new(842);
    for number in 0..10 {
        pair.give(&seed.image(&[100]), "app", &format!("v{number}"));
    }
    pair.give(&seed.image(&[100]), "app", "latest");
    drop(
        pair.run(
            "sources: {app: {from: SOURCE/app, mutableTags: [latest]}}\n\
             sinks: {mirror: {inputs: [app], to: MIRROR/copy}}",
        )
        .expect_success(),
    );
    let next = seed.image(&[100]);
    pair.give(&next, "app", "latest");
    for registry in [&pair.source, &pair.mirror] {
        registry.journal().clear();
    }
    drop(pair.again().expect_success());
    assert_eq!(pair.mirrored("copy", "latest").unwrap(), next.top.digest);
    for registry in [&pair.source, &pair.mirror] {
        let about_others = registry.journal().count(|asked| asked.path.contains("/manifests/v"));
        assert_eq!(about_others, 0, "{}", registry.journal().lines());
    }
}
