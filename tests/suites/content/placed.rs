//! Signatures that a place keeps beside its manifests: files of a `dir:`.

use engine::event::Status;
use engine_tests::guest::component;
use engine_tests::images::{Dialect, Seed};
use engine_tests::registry::Registry;
use engine_tests::walk::Walk;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

const OPENPGP: &[u8] = b"\x89\x01 not checked by anybody here";
const SIGSTORE: &[u8] =
    b"\0sigstore-json\n{\"mimeType\":\"x/y\",\"payload\":\"\",\"annotations\":{}}";

/// A walk whose folder `signed` has an image with two signatures, and a spec from there.
fn signed(source: &Registry, sinks: &str) -> Walk {
    let first = format!(
        "apiVersion: engine/v1\nregistries:\n  source.test: {{endpoint: \"{}\"}}\nsources:\n  \
         app: {{from: \"source.test/app:v1\"}}\nsinks:\n  out: {{inputs: [app], to: \"dir:signed\"}}\n",
        source.url()
    );
    let walk = Walk::new(&first);
    assert_eq!(walk.run().run.exit_code, 0);
    for (number, bytes) in [(1, OPENPGP), (2, SIGSTORE)] {
        fs::write(walk.folder().join(format!("signed/signature-{number}")), bytes).unwrap();
    }
    let second = format!(
        "apiVersion: engine/v1\nrun: {{state: none, attempts: 1}}\nregistries:\n  \
         copy.test: {{endpoint: \"{}\"}}\nsources:\n  signed: {{from: \"dir:signed\"}}\nsinks:\n{sinks}",
        source.url()
    );
    walk.write("sync.yaml", &second);
    walk
}

fn source() -> Registry {
    let source = Registry::open();
    Seed::new(500).image(&[3000]).push_into(&source, "app", "v1");
    source
}

fn signatures(folder: &Path) -> Vec<Vec<u8>> {
    let file = |number| fs::read(folder.join(format!("signature-{number}")));
    (1..).map_while(|number| file(number).ok()).collect()
}

/// All files of a folder, with what is in them.
fn content(folder: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn signature_files_travel_from_folder_to_folder() {
    let source = source();
    let walk = signed(&source, "  out: {inputs: [signed], to: \"dir:copy\"}\n");
    let report = walk.run();
    assert_eq!(report.run.exit_code, 0, "{report:?}");
    assert_eq!(signatures(&walk.folder().join("copy")), [OPENPGP, SIGSTORE]);
    assert_eq!(content(&walk.folder().join("signed")), content(&walk.folder().join("copy")));
}

/// Those of an index and of its children, byte for byte; and nothing is done again.
#[test]
fn signatures_of_children_travel_too() {
    let source = Registry::open();
    let index = Seed::new(501).index(Dialect::Oci, &["linux/amd64", "linux/arm64"], &[2000, 900]);
    index.push_into(&source, "app", "v1");
    let walk = signed(&source, "  out: {inputs: [signed], to: \"dir:copy\"}\n");
    let child = &index.manifests[0].digest;
    let name = format!("{}.signature-1", child.hex());
    fs::write(walk.folder().join("signed").join(&name), SIGSTORE).unwrap();
    let report = walk.run();
    assert_eq!(report.run.exit_code, 0, "{report:?}");
    assert_eq!(report.items[0].referrers, 3);
    let copy = walk.folder().join("copy");
    assert_eq!(signatures(&copy), [OPENPGP, SIGSTORE]);
    assert_eq!(fs::read(copy.join(&name)).unwrap(), SIGSTORE);
    assert_eq!(content(&walk.folder().join("signed")), content(&copy));
    let before = fs::metadata(copy.join("signature-1")).unwrap().modified().unwrap();
    let again = walk.run();
    assert_eq!(again.items[0].status, Status::Unchanged);
    assert_eq!(fs::metadata(copy.join("signature-1")).unwrap().modified().unwrap(), before);
    assert_eq!(content(&walk.folder().join("signed")), content(&copy));
}

/// What an edit makes is another image: nobody signed it.
#[test]
fn signatures_of_what_changes_stay_behind() {
    let source = source();
    let walk = signed(&source, "  out: {inputs: [note], to: \"dir:copy\"}\n");
    let spec = fs::read_to_string(walk.folder().join("sync.yaml")).unwrap();
    let edit = "transforms:\n  note: {inputs: [signed], annotate: {set: {a: b}}}\nsinks:\n";
    walk.write("sync.yaml", &spec.replace("sinks:\n", edit));
    let report = walk.run();
    assert_eq!(report.run.exit_code, 0, "{report:?}");
    assert!(signatures(&walk.folder().join("copy")).is_empty());
    let warned = report.warnings.iter().any(|fault| fault.code == "transfer::referrers-left");
    assert!(warned, "{report:?}");
}

/// A registry, a layout and an archive: the plan says so, nothing is written, and the sink decides.
#[test]
fn what_cannot_hold_them_fails_unless_the_sink_says_so() {
    let source = source();
    let plugin = format!("plugins:\n  archive: {{from: {:?}}}\n", component("archive"));
    for (to, plugin, written) in [
        ("copy.test/out:v1", "", None),
        ("oci:layout:v1", "", Some("layout")),
        ("archive:out.archive:app:v1", plugin.as_str(), Some("out.archive")),
    ] {
        let sink = |more: &str| format!("  out: {{inputs: [signed], to: {to:?}{more}}}\n{plugin}");
        let refused = signed(&source, &sink(""));
        let report = refused.run();
        let fault = report.items[0].fault.as_ref().unwrap();
        assert_eq!(fault.code, "role::signatures-unsupported", "{to}");
        assert!(fault.message.contains("2 signatures"), "{}", fault.message);
        assert!(fault.help.as_ref().unwrap().contains("removeSignatures: true"));
        assert!(written.is_none_or(|path| !refused.folder().join(path).exists()), "{to}");
        assert!(written.is_some() || source.store().tags("out").is_empty());
        let removed = signed(&source, &sink(", removeSignatures: true"));
        let report = removed.run();
        assert_eq!(report.run.exit_code, 0, "{to}: {report:?}");
        let left =
            report.warnings.iter().find(|fault| fault.code == "transfer::signatures-removed");
        assert!(left.unwrap().message.starts_with("2 signatures"), "{report:?}");
        let again = removed.run();
        assert_eq!(again.items[0].status, Status::Unchanged, "{to}");
    }
}
