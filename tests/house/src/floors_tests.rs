use super::{ARCHITECTURE, check};
use crate::Tree;

const PAGE: &str = "| floor | may import |\n|---|---|\n| `run` | `plan`, `oci` |\n| `plan` | |\n";
const MOD: (&str, &str) = ("engine/src/plan/mod.rs", "mod item;");

fn findings(path: &str, text: &str) -> Vec<String> {
    let run = ("engine/src/run/mod.rs", "mod walk;");
    let tree = Tree::of(&[(ARCHITECTURE, PAGE), MOD, run, (path, text)]);
    check(&tree).iter().map(ToString::to_string).collect()
}

#[test]
fn downward_and_own_floor_pass() {
    let text = "use crate::plan::Item;\nuse crate::{oci, run::x, plan::{a, b}};\nuse super::y;";
    assert!(findings("engine/src/run/walk.rs", text).is_empty());
}

#[test]
fn upward_is_refused_with_file_and_line() {
    let found = findings("engine/src/plan/item.rs", "// crate::run\n\nuse crate::run::Walk;");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("engine/src/plan/item.rs:3: `plan` may not import `run`"));
}

#[test]
fn a_group_is_looked_into() {
    let found = findings("engine/src/plan/item.rs", "use crate::{plan::{x, oci},\n run::Walk};");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("engine/src/plan/item.rs:2:"));
}

#[test]
fn a_path_inside_an_expression_is_an_import_too() {
    assert_eq!(findings("engine/src/plan/item.rs", "fn f() { crate::run::go(); }").len(), 1);
}

#[test]
fn super_is_followed_out_of_the_floor() {
    assert_eq!(findings("engine/src/plan/item.rs", "use super::super::run::Walk;").len(), 1);
    assert!(findings("engine/src/plan/item.rs", "use super::run;").is_empty());
    assert!(findings("engine/src/plan/a/b.rs", "use super::super::run;").is_empty());
    let inline = "mod tests { use super::super::run; }";
    assert!(findings("engine/src/plan/item.rs", inline).is_empty());
    assert_eq!(findings("engine/src/plan/item.rs", "mod a {} use super::super::run;").len(), 1);
}

#[test]
fn the_shared_words_need_a_row_too() {
    assert_eq!(findings("engine/src/plan/item.rs", "use engine_oci::Digest;").len(), 1);
    assert!(findings("engine/src/run/walk.rs", "use engine_oci::Digest;").is_empty());
}

#[test]
fn a_name_that_is_no_floor_is_refused() {
    assert_eq!(findings("engine/src/run/walk.rs", "use crate::somewhere::X;").len(), 1);
}

#[test]
fn a_table_that_points_up_is_refused() {
    let page = "| floor | may import |\n|---|---|\n| `run` | |\n| `plan` | `run` |\n";
    let run = ("engine/src/run/mod.rs", "");
    let found = check(&Tree::of(&[(ARCHITECTURE, page), MOD, run]));
    assert!(found[0].to_string().starts_with("specs/architecture.md:4:"));
}

#[test]
fn floors_and_rows_must_agree() {
    let found = check(&Tree::of(&[(ARCHITECTURE, PAGE), MOD, ("engine/src/new/mod.rs", "")]));
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(texts[0], "engine/src/new: a floor without a row in the table");
    assert_eq!(texts[1], "specs/architecture.md: the floor `run` has no folder");
}
