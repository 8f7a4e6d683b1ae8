//! A spec that a program builds: the same walk, without a line of YAML.

use engine::report::Report;
use engine::spec::{Run, Sink, Source, Spec, Tags, Text};
use engine_tests::images::Seed;
use engine_tests::walk::Walk;
use std::path::Path;

/// A spec that copies from one layout into another.
fn spec(from: &str, inputs: &[&str], to: &str) -> Spec {
    let source = Source { from: Some([from].into_iter().collect()), ..Source::default() };
    let inputs = inputs.iter().map(|input| Text::from(*input)).collect();
    let sink = Sink { inputs, to: Some(to.into()), ..Sink::default() };
    Spec {
        sources: [("app".to_owned(), source)].into_iter().collect(),
        sinks: [("out".to_owned(), sink)].into_iter().collect(),
        ..Spec::default()
    }
}

fn images(folder: &Path) {
    Seed::new(1410).image(&[300]).write_layout(&folder.join("images"), "1.0");
}

fn copied(report: &Report) -> u64 {
    report.summary.copied
}

#[test]
fn it_is_walked_like_a_file_and_keeps_no_state() {
    let walk = Walk::built(spec("oci:images:1.0", &["app"], "oci:out:{{ item.tag }}"));
    images(walk.folder());
    assert_eq!(copied(&walk.run()), 1);
    assert!(walk.folder().join("out/index.json").exists(), "paths start at the working directory");
    assert!(!walk.folder().join("home/.local/state").exists(), "no state is kept");
    assert_eq!(walk.run().summary.unchanged, 1);
}

#[test]
fn its_texts_stand_for_themselves() {
    let walk = Walk::built(spec("oci:${HOME}:1.0", &["app"], "oci:out"));
    Seed::new(1411).image(&[300]).write_layout(&walk.folder().join("${HOME}"), "1.0");
    assert_eq!(copied(&walk.run()), 1);
}

#[test]
fn a_state_that_it_names_is_kept() {
    let built = spec("oci:images:1.0", &["app"], "oci:out");
    let run = Run { state: Some("mine.sqlite".into()), ..Run::default() };
    let walk = Walk::built(Spec { run, ..built });
    images(walk.folder());
    drop(walk.run());
    assert!(walk.folder().join("mine.sqlite").exists());
}

#[test]
fn its_faults_have_a_path_and_no_line() {
    let built = spec("oci:images:1.0", &["ap"], "oci:out:{{ item");
    let refused = Walk::built(built).try_run().unwrap_err();
    let places: Vec<_> = refused.faults.iter().filter_map(|fault| fault.place.as_deref()).collect();
    assert!(places.contains(&"sinks.out.inputs[0]"), "{refused:?}");
    assert!(places.contains(&"sinks.out.to"), "{refused:?}");
    assert_eq!((refused.text, refused.file.as_str()), (None, "<memory>"));
}

#[test]
fn keys_that_do_not_go_together_are_refused_as_in_a_file() {
    let mut built = spec("oci:images:1.0", &["app"], "oci:out");
    let source = Source {
        from: Some(["oci:images"].into_iter().collect()),
        file: Some("list.txt".into()),
        tags: Some(Tags::default()),
        ..Source::default()
    };
    built.sources = [("app".to_owned(), source)].into_iter().collect();
    let refused = Walk::built(built).try_run().unwrap_err();
    assert!(refused.faults.iter().any(|fault| fault.code == "spec::one-kind"), "{refused:?}");
}
