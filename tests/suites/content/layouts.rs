//! Layouts as other tools write them: names, lists, and folders that are no layout yet.

use super::pair::Pair;
use engine_tests::audit::Audited;
use engine_tests::images::{Seed, Seeded};
use serde_json::{Value, json};
use std::fs;

const TO: &str =
    "sinks: {mirror: {inputs: [all], to: \"MIRROR/copy/{{ item.source.repo }}:{{ item.tag }}\"}}";

/// An entry of an index.
fn entry(image: &Seeded, name: &str) -> Value {
    let mut entry = image.descriptor();
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": name});
    entry
}

/// A pair with a layout of images whose index has these entries.
fn with_layout(images: &[&Seeded], entries: &[Value]) -> Pair {
    let pair = Pair::new();
    let index = json!({"schemaVersion": 2, "manifests": entries});
    write(&pair, images, &index.to_string());
    pair
}

fn write(pair: &Pair, images: &[&Seeded], index: &str) {
    let folder = pair.world.here().join("in");
    for image in images {
        image.write_layout(&folder, "x");
    }
    fs::write(folder.join("index.json"), index).unwrap();
}

fn all(to: &str) -> String {
    format!("run: {{attempts: 1}}\nsources: {{all: {{from: \"oci:in\"}}}}\n{to}")
}

#[test]
fn a_name_of_two_images_is_a_fault_that_names_both() {
    let mut seed = Seed::new(850);
    let [amd, arm] = [seed.image(&[100]), seed.image(&[100])];
    let mut entries = vec![entry(&arm, "app:fine"), entry(&arm, "app:fine")];
    for tag in ["a", "b", "c", "d"] {
        entries.extend([entry(&amd, &format!("app:{tag}")), entry(&arm, &format!("app:{tag}"))]);
    }
    let pair = with_layout(&[&amd, &arm], &entries);
    drop(pair.run(&all(TO)).expect_code(1));
    assert_eq!(pair.names(), ["copy/app:fine"], "the others hide it not");
    let report = pair.report();
    let failed = report["items"].as_array().unwrap().iter();
    let failed: Vec<&Value> = failed.filter(|item| item["status"] == "failed").collect();
    assert_eq!(failed.len(), 4, "{report}");
    for item in failed {
        let fault = item["fault"].to_string();
        assert!(fault.contains("transport::conflict"), "{fault}");
        for image in [&amd, &arm] {
            assert!(fault.contains(image.top.digest.as_str()), "{fault}");
        }
    }
    // By digest each is copied.
    let by_digest = format!("oci:in@{}", amd.top.digest);
    let spec = format!(
        "sources: {{all: {{from: \"{by_digest}\"}}}}\n\
         sinks: {{mirror: {{inputs: [all], to: MIRROR/one:amd}}}}"
    );
    drop(pair.run(&spec).expect_success());
    pair.assert_same(&amd, "one", "amd");
}

#[test]
fn names_are_those_that_containerd_and_skopeo_write() {
    let mut seed = Seed::new(851);
    let images: Vec<Seeded> = (0..4).map(|_| seed.image(&[100])).collect();
    let named = [
        ("docker.io/library/app:3.20", "copy/docker.io/library/app:3.20"),
        ("localhost:5000/app:1", "copy/app:1"),
        ("app", "copy:app"),
        ("quay.io/team/app", "copy/quay.io/team/app:latest"),
    ];
    let mut entries = vec![images[0].descriptor(), entry(&images[0], "")];
    entries[0]["annotations"] = json!(null);
    for (image, (name, _)) in images.iter().zip(named) {
        entries.extend([entry(image, name), json!({"digest": "md5:1"}), json!(null)]);
    }
    entries.push(entry(&images[0], "what is this?"));
    let every: Vec<&Seeded> = images.iter().collect();
    let pair = with_layout(&every, &entries);
    drop(pair.run(&all(TO)).expect_success());
    let mut wanted: Vec<&str> = named.iter().map(|(_, to)| *to).collect();
    wanted.sort_unstable();
    let mut names = pair.names();
    names.sort_unstable();
    assert_eq!(names, wanted);
    let skips = pair.report()["skips"].to_string();
    assert!(skips.contains("what is this?"), "{skips}");
    // Each is reached by what it says.
    let names =
        ["docker.io/library/app:3.20", "localhost:5000/app:1", "app", "quay.io/team/app:latest"];
    for (image, name) in images.iter().zip(names) {
        let spec = format!(
            "sources: {{all: {{from: \"oci:in:{name}\"}}}}\n\
             sinks: {{mirror: {{inputs: [all], to: MIRROR/one:x}}, \
             layout: {{inputs: [all], to: \"oci:out:{{{{ item.source.repo }}}}:{{{{ item.tag }}}}\"}}}}"
        );
        drop(pair.run(&spec).expect_success());
        assert_eq!(pair.mirrored("one", "x").as_ref(), Some(&image.top.digest), "{name}");
        let index = fs::read_to_string(pair.world.here().join("out/index.json")).unwrap();
        assert!(index.contains(&format!("\"{name}\"")), "{index}");
    }
    Audited::Layout(&pair.world.here().join("out")).assert_sound();
}

#[test]
fn without_a_name_the_only_image_is_meant_or_all_named_ones() {
    let mut seed = Seed::new(852);
    let [one, two] = [seed.image(&[100]), seed.image(&[100])];
    let to = |to: &str| format!("sinks: {{mirror: {{inputs: [all], to: \"MIRROR/copy{to}\"}}}}");
    for (entries, sink, names) in [
        (vec![one.descriptor()], ":only", &["copy:only"][..]),
        (vec![one.descriptor(), one.descriptor()], ":only", &["copy:only"]),
        (vec![entry(&one, "a name")], ":only", &["copy:only"]),
        (vec![entry(&one, "v1")], "", &["copy:v1"]),
        (vec![entry(&one, "v1"), entry(&two, "v2"), two.descriptor()], "", &["copy:v1", "copy:v2"]),
    ] {
        let pair = with_layout(&[&one, &two], &entries);
        drop(pair.run(&all(&to(sink))).expect_success());
        assert_eq!(pair.names(), names, "{entries:?}");
    }
    let pair = with_layout(&[&one, &two], &[one.descriptor(), two.descriptor()]);
    drop(pair.run(&all(&to(":only"))).expect_code(1));
    let fault = pair.report()["items"][0]["fault"].to_string();
    assert!(fault.contains("the layout holds 2 images"), "{fault}");
    // An image without a name has no tag: that is found when it is planned.
    let pair = with_layout(&[&one], &[one.descriptor()]);
    drop(pair.run(&all(&to(":{{ item.tag }}"))).expect_code(1));
    assert_eq!(pair.report()["items"][0]["fault"]["code"], "survey::no-tag");
}

#[test]
fn a_list_that_other_programs_wrote_is_read() {
    let image = Seed::new(853).image(&[100]);
    let list = json!([entry(&image, "app:v1")]);
    for index in [
        format!("\u{feff}{}", json!({"schemaVersion": 2, "manifests": list})),
        json!({"schemaVersion": 2, "Manifests": list, "annotations": null}).to_string(),
    ] {
        let pair = Pair::new();
        write(&pair, &[&image], &index);
        fs::remove_file(pair.world.here().join("in/oci-layout")).unwrap();
        drop(pair.run(&all(TO)).expect_success());
        assert_eq!(pair.names(), ["copy/app:v1"], "{index}");
    }
}

#[test]
fn the_lost_and_found_of_a_new_volume_is_no_obstacle() {
    let pair = Pair::new();
    let image = Seed::new(854).image(&[100]);
    pair.give(&image, "app", "v1");
    let spec = "sources: {app: {from: SOURCE/app}}\n\
        sinks: {disk: {inputs: [app], to: \"oci:volume:app\"}}";
    let spec = spec.replace("volume:app", "volume:{{ item.tag }}");
    let volume = pair.world.here().join("volume");
    fs::create_dir_all(volume.join("lost+found")).unwrap();
    drop(pair.run(&spec).expect_success());
    Audited::Layout(&volume).assert_sound();
    assert!(volume.join("lost+found").is_dir());
    let other = pair.world.here().join("volume/other");
    fs::create_dir_all(other.join("lost+found/deeper")).unwrap();
    fs::create_dir_all(other.join("data")).unwrap();
    let refused = pair.run(&spec.replace("oci:volume", "oci:volume/other"));
    assert_eq!(refused.code, 1, "{}", refused.snapshot());
    assert!(refused.stderr.contains("`data`"), "{}", refused.snapshot());
}
