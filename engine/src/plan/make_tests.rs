use super::*;
use crate::diagnostic::{Code, Fault, Kind, Origin};
use crate::graph::testing::{graph, reference, sink, source, step};
use crate::oci::{Codec, Recipe};
use crate::plan::{Copying, Expected, Forecast, Kept, Written, explain, summary, text};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

fn digest(of: u8) -> Digest {
    Digest::of(&[of])
}

/// The source tag `tag`, at the sink of this rule, wanting digest `wanted` where `has` is.
fn seen(sink: usize, tag: &str, wanted: u8, has: Option<u8>) -> Sighting {
    let copying = Copying { written: Written::Same(None), kept: Kept::All, referrers: true };
    Sighting {
        sink,
        source: Arc::new(reference(&format!("from.io/a:{tag}"))),
        pinned: Some(Descriptor::new("", digest(wanted), 1)),
        trace: Arc::new(["from".to_owned(), format!("sink{sink}")]),
        chain: String::new(),
        destination: reference(&format!("to.io/{sink}/a:{tag}")),
        by_digest: false,
        mutable: true,
        sizes: None,
        signs: Vec::new(),
        unsigned: Vec::new(),
        verdicts: Vec::new(),
        done_by: String::new(),
        incomplete: false,
        standing: Standing::Seen {
            wanted: Expected::Exact(digest(wanted)),
            has: has.map(digest),
            differs: true,
            copying: (has != Some(wanted)).then(|| Box::new(copying)),
        },
    }
}

/// A source, and sinks 1 to 4 with each rule of conflict.
fn all_rules() -> Graph {
    let rules =
        [OnConflict::OverwriteMutable, OnConflict::Overwrite, OnConflict::Skip, OnConflict::Fail];
    let mut steps = vec![step("from", &[], StepKind::Source(source(&["from.io/a"])))];
    for (rule, number) in rules.into_iter().zip(1..) {
        steps.push(sink(&format!("sink{number}"), &["from"], "to.io/{repo}", rule));
    }
    graph(steps)
}

fn planned(sightings: Vec<Sighting>) -> Plan {
    make(&all_rules(), Facts { sightings, ..Facts::default() })
}

#[test]
fn each_rule_gives_its_action() {
    let has = || digest(9);
    for (sink, mutable, found, action, reason) in [
        (1, true, None, Action::Copy, Reason::Missing),
        (4, false, None, Action::Copy, Reason::Missing),
        (1, false, Some(1), Action::Unchanged, Reason::Present),
        (4, false, Some(1), Action::Unchanged, Reason::Present),
        (1, true, Some(9), Action::Move, Reason::Differs { has: has() }),
        (1, false, Some(9), Action::Conflict, Reason::ImmutableDiffers { has: has() }),
        (2, false, Some(9), Action::Move, Reason::Differs { has: has() }),
        (3, true, Some(9), Action::Drift, Reason::KeptByRule { has: has() }),
        (4, true, Some(9), Action::Conflict, Reason::Differs { has: has() }),
    ] {
        let plan = planned(vec![Sighting { mutable, ..seen(sink, "x", 1, found) }]);
        let item = &plan.items[0];
        assert_eq!((item.action, &item.reason), (action, &reason), "sink {sink}");
        assert_eq!(item.copying.is_some(), action.writes());
        assert_eq!(item.previous, found.map(digest));
    }
}

#[test]
fn two_for_one_destination_are_a_conflict_of_those_two() {
    let mut first = seen(1, "a", 1, None);
    let mut second = seen(2, "b", 2, None);
    first.destination = reference("to.io/one:x");
    second.destination = reference("to.io/one:x");
    let plan = planned(vec![first.clone(), second, seen(1, "c", 3, None)]);
    let reasons: Vec<_> = plan.items.iter().map(|item| (item.action, &item.reason)).collect();
    let other = |tag: &str| Reason::SameDestination { other: format!("from.io/a:{tag}") };
    assert_eq!(reasons[0], (Action::Copy, &Reason::Missing));
    assert_eq!(reasons[1], (Action::Conflict, &other("b")));
    assert_eq!(reasons[2], (Action::Conflict, &other("a")));
    let mut same = seen(2, "b", 1, None);
    same.destination = reference("to.io/one:x");
    let plan = planned(vec![first, same]);
    assert_eq!(plan.totals().copy, 2, "the same digest twice is no conflict");
}

/// The source tag `tag`, whose result is known only after, made from `pinned` by `chain`.
fn made_after(tag: &str, pinned: u8, chain: &str, has: Option<u8>) -> Sighting {
    let recipe = Recipe { codec: Codec::Zstd, level: 3, force: false };
    let bytes = bytes::Bytes::from_static(b"{}");
    let draft = Descriptor::new("", digest(pinned), 2);
    let written = Written::After { draft, bytes, made: Vec::new(), recipe };
    let copying = Some(Box::new(Copying { written, kept: Kept::All, referrers: true }));
    let (wanted, has) = (Expected::After(recipe), has.map(digest));
    let standing = Standing::Seen { wanted, has, differs: false, copying };
    Sighting { standing, chain: chain.to_owned(), ..seen(1, tag, pinned, None) }
}

#[test]
fn results_for_one_name_conflict_unless_they_are_surely_the_same() {
    let at = |mut sighting: Sighting, by_digest| {
        sighting.destination = reference("to.io/one:x");
        sighting.by_digest = by_digest;
        sighting
    };
    let after = |tag: &str, pinned, chain| at(made_after(tag, pinned, chain, None), false);
    let known = |tag: &str, wanted| at(seen(1, tag, wanted, None), false);
    let mut remembered = known("r", 7);
    if let Standing::Seen { wanted, .. } = &mut remembered.standing {
        *wanted = Expected::Remembered(digest(7));
    }
    for (one, two, conflicts) in [
        (after("a", 1, "x"), after("b", 1, "x"), 0),
        (after("a", 1, "x"), after("b", 1, "y"), 2),
        (after("a", 1, "x"), after("b", 2, "x"), 2),
        (after("a", 1, "x"), known("b", 1), 2),
        (remembered.clone(), known("b", 7), 0),
        (remembered, after("b", 7, "x"), 2),
        (at(made_after("a", 1, "x", None), true), at(made_after("b", 2, "x", None), true), 0),
    ] {
        let plan = planned(vec![one, two]);
        assert_eq!(plan.totals().conflict, conflicts, "{}", text(&plan));
    }
}

#[test]
fn what_is_made_again_says_so() {
    let recipe = "layers compressed with zstd at level 3";
    let plan = planned(vec![made_after("a", 1, "x", None), made_after("b", 1, "x", Some(9))]);
    let said = text(&plan);
    assert_eq!(said.matches(&format!("known only after it is done: {recipe}\n")).count(), 2);
    assert!(said.contains(&format!("made again: whether {} is the result", digest(9).short())));
    assert_eq!(plan.items[1].reason, Reason::MadeAgain { has: digest(9) });
    let mut moved = made_after("c", 1, "x", Some(9));
    if let Standing::Seen { differs, .. } = &mut moved.standing {
        *differs = true;
    }
    let plan = planned(vec![moved.clone()]);
    assert_eq!(plan.items[0].reason, Reason::Differs { has: digest(9) });
    for (sink, mutable, action) in
        [(1, true, Action::Move), (1, false, Action::Conflict), (3, true, Action::Drift)]
    {
        let plan = planned(vec![Sighting { sink, mutable, ..made_after("d", 1, "x", Some(9)) }]);
        assert_eq!(plan.items[0].action, action);
    }
}

#[test]
fn people_read_it() {
    let mut failed = seen(1, "f", 1, None);
    failed.standing =
        Standing::Unknown(Fault::new(Code::new("x::y", Kind::Other), Origin::Source, "no answer"));
    let facts = Facts {
        sightings: vec![
            seen(1, "a", 1, None),
            seen(1, "b", 1, Some(9)),
            seen(1, "c", 1, Some(1)),
            failed,
            seen(4, "a", 1, Some(9)),
        ],
        skips: vec![crate::plan::Skip {
            step: "from".to_owned(),
            image: "from.io/a:z".to_owned(),
            why: "excluded".to_owned(),
        }],
        faults: vec![(
            "from".to_owned(),
            Fault::new(Code::new("x::y", Kind::Other), Origin::Source, "no answer"),
        )],
        ..Facts::default()
    };
    let plan = make(&all_rules(), facts);
    let nine = digest(9);
    let one = digest(1);
    let expected = format!(
        "sink1\n  + from.io/a:a → to.io/1/a:a\n  ~ from.io/a:b → to.io/1/a:b\n      {} becomes {}\n  \
         ! from.io/a:f → to.io/1/a:f\n      no answer [x::y]\n  = 1 unchanged\n\n\
         sink4\n  ! from.io/a:a → to.io/4/a:a\n      conflict: the destination has {}, and the \
         sink says `fail`\n\n! from: no answer\n\n\
         1 left out (`engine explain SPEC REF` says why).\n\
         Plan: 1 to copy, 1 to move, 1 unchanged, 1 conflict, 1 failed.\n",
        nine.short(),
        one.short(),
        nine.short()
    );
    assert_eq!(text(&plan), expected);
    assert_eq!(summary(&Plan::default()), "Plan: 0 to copy, 0 to move, 0 unchanged, 0 conflicts.");
    let told = explain(&plan, "from.io/a:b");
    assert!(told.contains("way: from → sink1"), "{told}");
    assert!(explain(&plan, "docker://from.io/a:z").contains("left out by `from`: excluded"));
    assert!(explain(&plan, "from.io/none").contains("`from` could not be looked at"));
    let companion = format!("from.io/a:sha256-{}.sig", one.hex());
    assert!(explain(&plan, &companion).contains("travels with the image"));
}

#[test]
fn referrers_of_what_is_unchanged_are_looked_for_where_the_source_says_so() {
    for always in [false, true] {
        let mut graph = all_rules();
        if let (true, StepKind::Source(source)) = (always, &mut graph.steps[0].kind) {
            source.referrers = Referrers::Always;
        }
        let sightings = vec![seen(1, "a", 1, Some(1)), seen(1, "b", 1, None)];
        let plan = make(&graph, Facts { sightings, ..Facts::default() });
        let follows: Vec<bool> = plan.items.iter().map(|item| item.follow).collect();
        assert_eq!(follows, [always, false], "with what is copied they come along");
        let told = text(&plan).contains("1 unchanged; 1 asked for new referrers");
        assert_eq!(told, always, "{}", text(&plan));
    }
}

#[test]
fn what_moves_is_added_up_as_far_as_it_is_known() {
    let sized = |tag: &str, blobs: &[(u8, u64)]| {
        let mut sighting = seen(1, tag, 1, None);
        sighting.sizes = Some(blobs.iter().map(|(of, size)| (digest(*of), *size)).collect());
        sighting
    };
    let both = vec![sized("a", &[(1, 10), (2, 2048)]), sized("b", &[(2, 2048), (3, 5)])];
    let plan = planned(both.clone());
    assert_eq!(plan.forecast, Forecast { bytes: 2063, unknown: 0 }, "a blob moves once");
    assert!(
        summary(&plan).ends_with("0 conflicts. At most 2.0 KiB to move."),
        "{}",
        summary(&plan)
    );
    let there = seen(1, "d", 1, Some(1));
    let plan = planned([both, vec![seen(1, "c", 1, None), there]].concat());
    assert_eq!(plan.forecast, Forecast { bytes: 2063, unknown: 1 });
    assert_eq!(plan.forecast.at_most(), None);
    let told = summary(&plan);
    assert!(
        told.ends_with("At most 2.0 KiB to move for 2; of 1 the sizes are not known."),
        "{told}"
    );
    let other = || {
        let mut other = sized("a", &[(2, 2048)]);
        other.destination = reference("else.io/a:a");
        other
    };
    let plan = planned(vec![sized("b", &[(2, 2048)]), other()]);
    assert_eq!(plan.forecast.bytes, 4096, "once for each place");
}

prop_compose! {
    /// Any image at any sink; few names, so that destinations meet.
    fn any_sighting()(
        sink in 1..5_usize,
        tag in 0..6_u8,
        to in 0..4_u8,
        wanted in 0..3_u8,
        has in proptest::option::of(0..3_u8),
        mutable: bool,
        fate in 0..6_u8,
    ) -> Sighting {
        let mut sighting = seen(sink, &tag.to_string(), wanted, has);
        sighting.destination = reference(&format!("to.io/a:{to}"));
        sighting.mutable = mutable;
        match fate {
            0 => sighting.standing = Standing::Unknown(Fault::new(Code::new("x::y", Kind::Other), Origin::Source, "no")),
            1 => sighting.standing = Standing::Known(digest(wanted)),
            _ => {}
        }
        sighting
    }
}

proptest! {
    #[test]
    fn the_same_facts_make_the_same_plan(
        (sightings, shuffled) in prop::collection::vec(any_sighting(), 0..12)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        // Sightings that agree in all that orders them are two of one kind; the survey has none.
        let key = |s: &Sighting| (s.sink, s.destination.clone(), s.source.clone());
        let unique: BTreeSet<_> = sightings.iter().map(key).collect();
        prop_assume!(unique.len() == sightings.len());
        let (one, two) = (planned(sightings), planned(shuffled));
        for (mut one, mut two) in one.items.into_iter().zip(two.items) {
            // Which of several rivals is named may depend on nothing but the facts either.
            prop_assert_eq!(std::mem::take(&mut one.trace), std::mem::take(&mut two.trace));
            prop_assert_eq!(format!("{one:?}"), format!("{two:?}"));
        }
    }

    #[test]
    fn each_sighting_is_one_item_and_no_name_gets_two_digests(
        sightings in prop::collection::vec(any_sighting(), 0..24)
    ) {
        let count = sightings.len();
        let plan = planned(sightings);
        prop_assert_eq!(plan.items.len(), count);
        let mut written: BTreeMap<&Reference, &Digest> = BTreeMap::new();
        for (item, id) in plan.items.iter().zip(1..) {
            prop_assert_eq!(item.id, id);
            prop_assert_eq!(item.action.writes(), item.copying.is_some());
            if let Some(wanted) = item.wanted() {
                prop_assert_eq!(*written.entry(&item.destination).or_insert(wanted), wanted);
            }
        }
    }
}
