//! Names in the list of a place that cannot be names: nothing can be asked about them, and each is
//! left out with a reason.

use crate::plan::Skip;
use crate::role::NameList;

/// Why the illegal names of a list are left out.
pub(super) struct IllegalNames<'a> {
    /// The source.
    pub step: &'a str,
    /// The list.
    pub list: &'a NameList,
    /// What the names are: `tag` or `repository`.
    pub kind: &'a str,
}

impl IllegalNames<'_> {
    /// A reason for each name that `is_meant`, which `full` gives as references have it; and one for
    /// those that the list only counts, at `place`.
    pub(super) fn skips(
        &self,
        place: &str,
        is_meant: impl Fn(&str) -> bool,
        full: impl Fn(&str) -> String,
    ) -> Vec<Skip> {
        let skip = |image: String, why: String| Skip { step: self.step.to_owned(), image, why };
        let meant = self.list.illegal.iter().filter(|name| is_meant(name));
        let mut skips: Vec<Skip> = meant
            .map(|name| skip(full(name), format!("no {} can be called so", self.kind)))
            .collect();
        let more = self.list.illegal_count.saturating_sub(self.list.illegal.len() as u64);
        if more > 0 {
            let why = format!("it lists {more} more names that no {} can have", self.kind);
            skips.push(skip(place.to_owned(), why));
        }
        skips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_a_reason_and_the_rest_is_counted() {
        let illegal = vec!["Team/App".to_owned(), "other//x".to_owned()];
        let list = NameList { names: Vec::new(), illegal, illegal_count: 5 };
        let names = IllegalNames { step: "all", list: &list, kind: "repository" };
        let skips =
            names.skips("r.io", |name| name.starts_with("Team"), |name| format!("r.io/{name}"));
        let told: Vec<_> =
            skips.iter().map(|skip| (skip.image.as_str(), skip.why.as_str())).collect();
        assert_eq!(
            told,
            [
                ("r.io/Team/App", "no repository can be called so"),
                ("r.io", "it lists 3 more names that no repository can have"),
            ]
        );
    }
}
