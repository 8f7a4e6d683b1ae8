//! The rules, held against this repository.

use crate::{Finding, Tree};

fn hold(rule: impl Fn(&Tree) -> Vec<Finding>) {
    let findings = rule(&Tree::of_this_repository());
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn imports_point_down() {
    hold(crate::floors::check);
}

#[test]
fn the_plan_is_pure() {
    hold(crate::purity::check);
}

#[test]
fn methods_stand_with_their_type() {
    hold(crate::inherent::check);
}

#[test]
fn packages_stay_at_home() {
    hold(crate::packages::check);
}

#[test]
fn files_are_small() {
    hold(crate::sizes::check);
}

#[test]
fn mod_files_are_tables_of_contents() {
    hold(crate::modules::check);
}

#[test]
fn names_say_something() {
    hold(crate::words::check);
}

#[test]
fn plugins_look_the_same() {
    hold(crate::plugins::check);
}

#[test]
fn every_fault_code_is_explained() {
    assert!(crate::codes::has_table(&Tree::of_this_repository()), "specs/faults.md has no table");
    hold(crate::codes::check);
}

#[test]
fn behaviour_follows_no_text_of_a_code() {
    hold(crate::code_texts::check);
}

#[test]
fn readme_has_every_exit_code() {
    hold(crate::exit_codes::check);
}

#[test]
fn no_path_of_one_machine() {
    hold(crate::paths::check);
}

#[test]
fn unsafe_stays_where_it_may() {
    hold(crate::unsafety::check);
}

#[test]
fn every_source_file_is_compiled() {
    hold(crate::declared::check);
}

#[test]
fn every_promise_has_a_test() {
    hold(crate::promises::check);
}

#[test]
fn the_tests_leave_nothing_behind() {
    hold(crate::leftovers::check);
}

#[test]
fn questions_are_answered_by_the_file_tree() {
    hold(crate::questions::check);
}

#[test]
fn a_public_type_has_its_name_alone() {
    hold(crate::type_names::check);
}
