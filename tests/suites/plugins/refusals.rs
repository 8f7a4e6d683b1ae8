//! Files that are refused before any of their code runs.

use super::play::Play;
use engine_tests::guest::component;
use serde_json::{Value, json};
use std::fs;

const SECTION: &[u8] = b"engine:plugin-manifest";

/// A guest's bytes without its manifest, which is the last section; and the manifest.
pub(super) fn parts(guest: &str) -> (Vec<u8>, Value) {
    let mut bytes = fs::read(component(guest)).unwrap();
    let name = bytes.windows(SECTION.len()).rposition(|part| part == SECTION).unwrap();
    let manifest = serde_json::from_slice(&bytes[name + SECTION.len()..]).unwrap();
    // Before the name: the section's id, its length in two bytes, the length of the name.
    assert_eq!(bytes[name - 4], 0, "not where the section begins");
    bytes.truncate(name - 4);
    (bytes, manifest)
}

/// The bytes with a manifest behind them.
pub(super) fn with_manifest(mut bytes: Vec<u8>, manifest: &str) -> Vec<u8> {
    let mut length = 1 + SECTION.len() + manifest.len();
    bytes.push(0);
    while length >= 0x80 {
        bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes.push(u8::try_from(SECTION.len()).unwrap());
    bytes.extend(SECTION);
    bytes.extend(manifest.as_bytes());
    bytes
}

pub(super) fn play(bytes: &[u8]) -> Play {
    let play = Play::of("wanderer", "resolve", &[]);
    let path = play.world.here().join("guest.wasm");
    fs::write(&path, bytes).unwrap();
    play.component(path)
}

/// Found when the spec is read: nothing is done at all.
#[track_caller]
pub(super) fn refused(bytes: &[u8], code: &str) {
    let play = play(bytes);
    let outcome = play.refused().expect_code(65);
    assert!(outcome.stderr.contains(&format!("[{code}]")), "{}", outcome.snapshot());
    assert!(!play.world.here().join("out").exists(), "something was written");
}

/// Found when the component is loaded: its own steps fail, the others go on.
#[track_caller]
fn refused_at_loading(bytes: &[u8], code: &str) {
    let played = play(bytes).run();
    assert_eq!(played.faults(), [("hostile".to_owned(), code.to_owned())]);
    assert_eq!(played.ends(), [("honest".to_owned(), "copied".to_owned())].into());
    assert_eq!(played.outcome.code, 1);
}

#[test]
fn what_is_no_component() {
    let whole = fs::read(component("wanderer")).unwrap();
    refused(b"", "host::not-a-plugin");
    refused(b"#!/bin/sh\necho owned\n", "host::not-a-plugin");
    refused(b"\0asm\x01\0\0\0", "host::not-a-plugin");
    refused(&whole[..whole.len() / 2], "host::not-a-plugin");
    refused(&whole[..whole.len() - 1], "host::not-a-plugin");
}

#[test]
fn what_has_a_manifest_and_no_sense() {
    let (bytes, manifest) = parts("wanderer");
    let mut broken = bytes;
    let middle = broken.len() / 2;
    broken[middle..middle + 64].fill(0xff);
    refused_at_loading(&with_manifest(broken, &manifest.to_string()), "host::not-a-plugin");
    let empty = with_manifest(b"\0asm\x0d\0\x01\0".to_vec(), &manifest.to_string());
    refused_at_loading(&empty, "host::not-a-plugin");
}

#[test]
fn what_says_nothing_of_itself() {
    let (bytes, manifest) = parts("wanderer");
    refused(&bytes, "host::manifest");
    refused(&with_manifest(bytes.clone(), &" ".repeat(200)), "host::manifest");
    let mut more = manifest;
    more["manifest"]["wishes"] = json!(["everything"]);
    refused(&with_manifest(bytes, &more.to_string()), "host::manifest");
}

#[test]
fn what_imports_more_than_it_wants() {
    let (bytes, mut manifest) = parts("wanderer");
    manifest["manifest"]["wants"]["interfaces"] = json!(["clock", "random", "fs"]);
    refused_at_loading(&with_manifest(bytes, &manifest.to_string()), "host::foreign-import");
}

#[test]
fn what_imports_from_elsewhere() {
    let (own, foreign) = (b"engine:plugin/http@0.2.0", b"wasi:sockets/tcpip@0.1.0");
    let mut bytes = fs::read(component("wanderer")).unwrap();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(own.len()).position(|part| part == own) {
        bytes[at + found..][..own.len()].copy_from_slice(foreign);
        at += found + own.len();
    }
    assert!(at > 0, "the guest does not import what it should");
    refused_at_loading(&bytes, "host::foreign-import");
}
