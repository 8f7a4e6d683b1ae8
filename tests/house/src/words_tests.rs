use super::check_with;
use crate::Tree;

const GLOSSARY: &str = "\
| word | meaning | floors | never |
|---|---|---|---|
| source, destination | the two ends | `plan`, `transfer` | `aim`, `end` |
";

fn found(files: &[(&str, &str)], exceptions: &[(&str, &str, &str)]) -> Vec<String> {
    let files: Vec<_> = files.iter().copied().chain([("specs/glossary.md", GLOSSARY)]).collect();
    check_with(&Tree::of(&files), exceptions).iter().map(ToString::to_string).collect()
}

#[test]
fn empty_names_are_refused() {
    let found = found(
        &[
            ("engine/src/plan/utils.rs", ""),
            ("engine/src/common/mod.rs", ""),
            ("engine/src/plan/item.rs", "struct A;\npub struct ItemManager;\nenum Engine {}"),
            ("engine/src/plan/metadata.rs", "struct Metadata; // struct Helper\nfn helper() {}"),
            ("engine/src/plan/body.rs", "impl<T> Body for X<T> { type Util = T; }"),
        ],
        &[],
    );
    assert_eq!(found.len(), 4, "{found:#?}");
    assert_eq!(found[0], "engine/src/common/mod.rs: `common` is no name for a folder");
    assert!(found[1].starts_with("engine/src/plan/item.rs:2: `ItemManager`: `manager`"));
    assert!(found[2].starts_with("engine/src/plan/item.rs:3: `Engine`"));
    assert!(found[3].starts_with("engine/src/plan/utils.rs: `utils.rs`: `util`"));
}

#[test]
fn a_word_is_refused_on_the_floors_of_its_row() {
    let files = [
        ("engine/src/plan/aim.rs", "pub(crate) enum BothEnds {}"),
        ("engine/src/http/end.rs", "struct End;"),
        ("tests/src/end.rs", ""),
    ];
    let found = found(&files, &[]);
    assert_eq!(found.len(), 2, "{found:#?}");
    let instead = "is said as source, destination, see specs/glossary.md";
    assert_eq!(found[0], format!("engine/src/plan/aim.rs: `aim.rs`: here `aim` {instead}"));
    assert_eq!(found[1], format!("engine/src/plan/aim.rs:1: `BothEnds`: here `end` {instead}"));
}

#[test]
fn an_exception_lets_one_name_pass_and_has_to_be_needed() {
    let files = [("engine/src/plan/x.rs", "struct End;"), ("engine/src/plan/y.rs", "struct End;")];
    let found = found(
        &files,
        &[
            ("engine/src/plan/x.rs", "End", "wasmtime's own"),
            ("engine/src/plan/gone.rs", "End", "was there once"),
        ],
    );
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("engine/src/plan/y.rs:1: `End`"));
    assert!(found[1].starts_with("engine/src/plan/gone.rs: `End` needs no exception"));
}
