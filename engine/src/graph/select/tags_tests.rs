use super::*;
use proptest::prelude::*;

fn list(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn kept(rule: &TagRule, tags: &str) -> String {
    rule.select(&list(tags)).unwrap().kept.join(" ")
}

#[test]
fn each_stage_alone_and_together() {
    let releases = TagRule {
        include: list(r"^v?\d+\.\d+\.\d+(-alpine)?$"),
        exclude: list("-(rc|beta|alpha)"),
        key: Some("^v?(?P<v>[0-9.]+)".to_owned()),
        semver: Some(">=1.26 <2 || >=7".to_owned()),
        sort: Some(TagSort::Semver),
        latest: Some(2),
        always: list("latest nightly"),
    };
    let tags = "1.25.9 1.26.0 latest 7.0.1-alpine 1.27.1-rc1 v1.27.1 sha-abc";
    assert_eq!(kept(&releases, tags), "latest 7.0.1-alpine v1.27.1");

    let rule = |change: fn(&mut TagRule)| {
        let mut rule = TagRule::default();
        change(&mut rule);
        rule
    };
    for (rule, tags, expected) in [
        (rule(|_| {}), "b a", "b a"),
        (rule(|r| r.include = list("^a ^b")), "b a c", "b a"),
        (rule(|r| r.exclude = list("rc")), "1-rc 1", "1"),
        (rule(|r| r.semver = Some(">=3.20".into())), "3.9 3.20 v3.21.1 4 edge", "3.20 v3.21.1 4"),
        (rule(|r| r.semver = Some("1.x".into())), "1.2.3-rc.1 1.2.3 1.2", "1.2.3 1.2"),
        (
            rule(|r| r.semver = Some(">=1.2.3-rc.1 <1.3".into())),
            "1.2.3-rc.2 1.2.4-rc.1",
            "1.2.3-rc.2",
        ),
        (rule(|r| (r.semver, r.latest) = (Some("*".into()), Some(2))), "1.9 1.10 1.2", "1.9 1.10"),
        (rule(|r| (r.sort, r.latest) = (Some(TagSort::Alphabetical), Some(1))), "b a c", "c"),
        (rule(|r| (r.sort, r.latest) = (Some(TagSort::Numerical), Some(2))), "9 10 x 008", "9 10"),
        (
            rule(|r| {
                (r.key, r.sort, r.latest) =
                    (Some("^b([0-9]+)$".into()), Some(TagSort::Numerical), Some(1));
            }),
            "b2 b11 c99",
            "b11",
        ),
        (rule(|r| r.sort = Some(TagSort::Semver)), "2024.01 x 1.0", "2024.01 1.0"),
    ] {
        assert_eq!(kept(&rule, tags), expected, "{rule:?}");
    }
}

#[test]
fn each_tag_left_out_has_a_reason() {
    let rule = TagRule {
        include: list("^[0-9v]"),
        exclude: list("-rc"),
        key: Some("^v?([0-9.]+)".to_owned()),
        semver: Some(">=1 <3".to_owned()),
        sort: None,
        latest: Some(1),
        always: Vec::new(),
    };
    let selected = rule.select(&list("1.0 2.0 3.0 edge 1.1-rc vx 1.2.3.4")).unwrap();
    assert_eq!(selected.kept, ["2.0"]);
    let reasons: Vec<String> =
        selected.left_out.iter().map(|(tag, why)| format!("{tag}: {why}")).collect();
    assert_eq!(
        reasons,
        [
            "1.0: not among the latest 1",
            "3.0: not in the range `>=1 <3`",
            "edge: not included",
            "1.1-rc: excluded by `-rc`",
            "vx: no match of the key `^v?([0-9.]+)`",
            "1.2.3.4: not a version",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_a_fault() {
    let pattern = TagRule { include: list("("), ..TagRule::default() };
    assert_eq!(pattern.select(&[]).unwrap_err().code, "graph::bad-pattern");
    let range = TagRule { semver: Some("banana".to_owned()), ..TagRule::default() };
    assert_eq!(range.select(&[]).unwrap_err().code, "graph::bad-range");
}

proptest! {
    /// The set of tags that pass does not depend on the order in which a registry lists them, and
    /// every tag is accounted for once.
    #[test]
    fn the_order_of_the_list_does_not_matter(
        tags in prop::collection::hash_set("(v)?[0-9]{1,2}(\\.[0-9]{1,2}){0,2}(-rc)?", 0..20),
        latest in prop::option::of(1u32..5),
        reversed in any::<bool>(),
    ) {
        let rule = TagRule {
            include: vec!["^v?[0-9]".to_owned()],
            exclude: vec!["-rc".to_owned()],
            semver: Some(">=1".to_owned()),
            latest,
            ..TagRule::default()
        };
        let one: Vec<String> = tags.into_iter().collect();
        let mut other = one.clone();
        if reversed { other.reverse() } else { other.sort() }
        let (first, second) = (rule.select(&one).unwrap(), rule.select(&other).unwrap());
        prop_assert_eq!(first.kept.len() + first.left_out.len(), one.len());
        let set = |tags: &[String]| tags.iter().cloned().collect::<BTreeSet<_>>();
        prop_assert_eq!(set(&first.kept), set(&second.kept));
        prop_assert!(latest.is_none_or(|latest| first.kept.len() <= latest as usize));
    }
}
