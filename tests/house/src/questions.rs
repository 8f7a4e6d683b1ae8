//! Where is it? Questions of a new maintainer, each answered by the file tree alone.

use crate::{Finding, Tree};

/// A question, and the file that answers it.
const ANSWERS: [(&str, &str); 10] = [
    ("where is a blob mounted from another repository?", "engine/src/transfer/mount_or_send.rs"),
    ("where is a tag that does not move skipped?", "engine/src/survey/immutable_tags.rs"),
    ("where do `.sig` tags travel?", "engine/src/transfer/companions.rs"),
    ("where is the semver rule?", "engine/src/graph/select/semver.rs"),
    ("where is a token requested?", "engine/src/http/auth/token_request.rs"),
    ("where is `index.json` written?", "plugins/transport-oci-layout/src/index_json.rs"),
    ("where is the text of `engine plan`?", "engine/src/plan/text.rs"),
    ("where is the schema of the ledger?", "engine/src/state/schema.rs"),
    ("where are layers compressed anew?", "engine/src/transfer/recompress.rs"),
    ("where is one place opened without a walk?", "engine/src/run/session.rs"),
];

/// Questions whose file is not there.
pub fn check(tree: &Tree) -> Vec<Finding> {
    check_with(tree, &ANSWERS)
}

fn check_with(tree: &Tree, answers: &[(&str, &str)]) -> Vec<Finding> {
    let lost = answers.iter().filter(|(_, path)| tree.text(path).is_none_or(str::is_empty));
    lost.map(|(question, path)| {
        let message = format!("`{path}` is not there: {question}");
        Finding::whole("tests/house/src/questions.rs", message)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{ANSWERS, check, check_with};
    use crate::Tree;

    #[test]
    fn a_question_without_its_file_is_found() {
        let tree = Tree::of(&[
            ("engine/src/run/session.rs", "//! One place."),
            ("engine/src/empty.rs", ""),
        ]);
        let answers = [
            ("where is one place opened?", "engine/src/run/session.rs"),
            ("where is nothing?", "engine/src/empty.rs"),
            ("where is the lost one?", "engine/src/lost.rs"),
        ];
        let found: Vec<String> =
            check_with(&tree, &answers).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[1].ends_with("`engine/src/lost.rs` is not there: where is the lost one?"));
        assert_eq!(check(&Tree::of(&[])).len(), ANSWERS.len());
    }
}
