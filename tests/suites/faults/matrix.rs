//! The fault matrix: every kind of request, broken in every way.
//!
//! A cell is a run in which requests of one kind are broken in one way. It ends with an image that
//! is there to the last byte, or with a fault that has a code and a tag that did not move; which of
//! both stands in `tests/cases/faults/matrix.txt`. The run after it finds no fault and completes.

use super::outcome::Outcome;
use super::requests::{ROWS, Row};
use super::stage::{Images, PASSWORD, Stage};
use super::strikes::{Column, columns};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Cells at once: they wait for timeouts most of the time.
const AT_ONCE: usize = 8;

/// What the outcome of a cell begins with after which something was unsound.
const PANIC: &str = "PANIC";

/// Where the outcomes stand, one cell a line.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/faults/matrix.txt");

#[test]
fn every_cell_ends_as_the_table_says() {
    let columns = columns();
    let cells: Vec<(&Row, &Column)> =
        ROWS.iter().flat_map(|row| columns.iter().map(move |column| (row, column))).collect();
    let images = Images::new();
    let found = all(&images, &cells);
    let found: BTreeMap<String, String> =
        cells.iter().map(|(row, column)| name(row, column)).zip(found).collect();
    let text = std::fs::read_to_string(TABLE).unwrap_or_default();
    if std::env::var_os("ENGINE_TESTS_WRITE_MATRIX").is_some() {
        return write(&cells, &found);
    }
    let table = read(&text);
    let mut wrong = Vec::new();
    for (row, column) in &cells {
        let (cell, outcome) = (name(row, column), &found[&name(row, column)]);
        match table.get(&cell) {
            Some(expected) if is_expected(expected, outcome) => {}
            Some(expected) => {
                // Answers must come within a second and a half, and eight cells ran beside other
                // tests. What went wrong alone too is wrong; what was unsound is so at once.
                let alone = (!outcome.starts_with(PANIC)).then(|| one(&images, row, column));
                eprintln!("{cell}: {outcome}, not {expected}; alone: {alone:?}");
                if !alone.is_some_and(|outcome| is_expected(expected, &outcome)) {
                    wrong.push(format!("{cell}: {outcome}, not {expected}"));
                }
            }
            None => wrong.push(format!("{cell}: {outcome}, and the table has no such cell")),
        }
    }
    let unknown = table.keys().filter(|cell| !found.contains_key(*cell));
    wrong.extend(unknown.map(|cell| format!("{cell}: stands in the table and is no cell")));
    eprintln!("fault matrix: {} cells of {} requests", found.len(), ROWS.len());
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), found.len(), wrong.join("\n"));
}

fn is_expected(expected: &str, outcome: &str) -> bool {
    expected.split(" or ").any(|one| one == outcome)
}

/// The outcome of each cell.
fn all(images: &Images, cells: &[(&Row, &Column)]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(vec![String::new(); cells.len()]);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some((row, column)) = cells.get(at) else { return };
                    let outcome = one(images, row, column);
                    outcomes.lock().unwrap()[at] = outcome;
                }
            });
        }
    });
    outcomes.into_inner().unwrap()
}

/// The outcome of one cell, or what was unsound after it.
fn one(images: &Images, row: &Row, column: &Column) -> String {
    let outcome = catch_unwind(AssertUnwindSafe(|| cell(images, row, column)));
    outcome.unwrap_or_else(|panic| format!("{PANIC} {}", said(&*panic)))
}

/// One cell: a run with the fault, and one without.
fn cell(images: &Images, row: &Row, column: &Column) -> String {
    let stage = Stage::new(images, row.way);
    stage.strike(row, column);
    let report = stage.walk.run();
    let struck = stage.was_struck(row, column);
    assert!(struck, "the fault never struck");
    let outcome = Outcome::of(&report);
    prove(&stage, &outcome);
    // A list of referrers that is none means, by the specification, that there is no such list.
    let left = outcome.is_whole() && !stage.has_referrer();
    let text = report.to_json().unwrap();
    assert!(!text.contains(PASSWORD), "the password stands in the report");

    stage.mend();
    let again = Outcome::of(&stage.walk.run());
    assert!(again.is_whole(), "the run without a fault: {}", again.words);
    prove(&stage, &again);
    assert!(left || stage.has_referrer(), "the run without a fault left the referrer behind");
    if left { format!("{} without its referrer", outcome.words) } else { outcome.words }
}

/// The destination is what the report says it is, and no name is without its content.
fn prove(stage: &Stage, outcome: &Outcome) {
    stage.audit();
    let [app, twin] = outcome.copied();
    assert_eq!(stage.has_new("team/app"), app, "{}: the tag of app", outcome.words);
    assert_eq!(stage.has_new("team/twin"), twin, "{}: the tag of twin", outcome.words);
    if app {
        stage.assert_app();
    }
    if twin {
        stage.assert_twin();
    }
}

fn name(row: &Row, column: &Column) -> String {
    format!("{} | {}", row.name, column.name)
}

/// `request | fault | outcome` in each line that is no comment.
fn read(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let cells = lines.map(|line| {
        let (cell, outcome) = line.rsplit_once(" | ").expect("request | fault | outcome");
        (cell.to_owned(), outcome.trim().to_owned())
    });
    cells.collect()
}

fn write(cells: &[(&Row, &Column)], found: &BTreeMap<String, String>) {
    let comments = std::fs::read_to_string(TABLE).unwrap_or_default();
    let comments = comments.lines().take_while(|line| line.starts_with('#'));
    let mut text: String = comments.flat_map(|line| [line, "\n"]).collect();
    let mut before = "";
    for (row, column) in cells {
        if row.name != before {
            text.push('\n');
            before = row.name;
        }
        let name = name(row, column);
        writeln!(text, "{name} | {}", found[&name]).unwrap();
    }
    std::fs::write(TABLE, text).unwrap();
}

fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?")
}
