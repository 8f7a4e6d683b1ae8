use super::testing::context;
use crate::diagnostic::{Code, Fault, Kind, Origin as Whose, Retry};
use crate::event::{Event, Events, Reader};
use crate::graph::testing::{graph, sink, source, step};
use crate::graph::{Filter, OnConflict, Origin, Source, StepKind, TagRule};
use crate::oci::Digest;
use crate::plan::{Action, Facts, Plan, Reason, make};
use crate::role::testing::{Call, FakeRegistry, roles};
use crate::survey::SurveyContext;
use crate::survey::survey;
use std::sync::{Arc, Mutex};

fn from(source: Source) -> crate::graph::Step {
    step("from", &[], StepKind::Source(source))
}

fn to(inputs: &[&str], to: &str) -> crate::graph::Step {
    sink("to", inputs, to, OnConflict::default())
}

fn tags(plan: &Plan) -> Vec<&str> {
    plan.items.iter().filter_map(|item| item.source.name.tag.as_deref()).collect()
}

/// Remembers what was said.
#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl Reader for Heard {
    fn read(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

#[tokio::test]
async fn twenty_thousand_tags_are_planned_quickly() {
    let (one, two) = (FakeRegistry::default(), FakeRegistry::default());
    for number in 0..20_000 {
        let tag = format!("1.{number}");
        let text = format!("{{\"schemaVersion\":2,\"n\":{number}}}");
        for (registry, repository) in [(&one, "a"), (&two, "m/a")] {
            let kind = crate::oci::media_type::OCI_MANIFEST;
            registry.put(repository, Some(&tag), kind, text.as_bytes());
        }
    }
    let graph = graph(vec![from(source(&["from.io/a"])), to(&["from"], "to.io/m/{repo}")]);
    let roles = roles(&[("from", &one), ("to", &two)]);
    let plan = make(&graph, survey(&graph, &roles, &context()).await);
    assert_eq!(plan.totals().unchanged, 20_000);
    assert_eq!(one.all_calls() + two.all_calls(), 40_001);
    let text = crate::plan::to_json(&plan).unwrap();
    assert!(text.len() < 20_000 * 1024, "{} bytes", text.len());
}

#[tokio::test]
async fn a_union_counts_an_image_once() {
    let registry = FakeRegistry::default();
    for tag in ["1", "2", "3"] {
        registry.image("a", Some(tag), "linux/amd64", &[]);
    }
    let only = |tag: &str| {
        let include = vec![format!("^{tag}$")];
        StepKind::Filter(Filter::Tags(TagRule { include, ..TagRule::default() }))
    };
    let graph = graph(vec![
        from(source(&["from.io/a", "from.io/a:1"])),
        step("ones", &["from"], only("[12]")),
        step("twos", &["from"], only("[23]")),
        to(&["ones", "twos"], "to.io/m"),
    ]);
    let roles = roles(&[("from", &registry), ("to", &FakeRegistry::default())]);
    let plan = make(&graph, survey(&graph, &roles, &context()).await);
    assert_eq!(tags(&plan), ["1", "2", "3"]);
    assert_eq!(plan.items[1].trace, ["from", "ones", "to"], "the first way counts");
    assert_eq!(plan.skips.len(), 2);
    assert_eq!(registry.calls(Call::Resolve), 3);
}

#[tokio::test]
async fn repositories_are_found_by_their_names() {
    let registry = FakeRegistry::default();
    for repository in ["apps/a", "apps/b", "other/c"] {
        registry.image(repository, Some("1"), "linux/amd64", &[]);
    }
    let all = |glob: &str| Origin::Repositories {
        transport: "docker".to_owned(),
        form: crate::oci::ReferenceForm::REGISTRY,
        place: "from.io".to_owned(),
        glob: glob.to_owned(),
    };
    for (globs, count, faults) in [
        (vec!["apps/*"], 2, 0),
        (vec!["*/c", "apps/*"], 3, 0),
        (vec![""], 3, 0),
        (vec!["none/*", "apps/a"], 1, 1),
    ] {
        let origins = globs.into_iter().map(all).collect();
        let source = Source { origins, ..source(&[]) };
        let graph = graph(vec![from(source), to(&["from"], "to.io/m/{repo}")]);
        let roles = roles(&[("from", &registry), ("to", &FakeRegistry::default())]);
        let plan = make(&graph, survey(&graph, &roles, &context()).await);
        assert_eq!((plan.items.len(), plan.faults.len()), (count, faults));
    }
}

#[tokio::test]
async fn a_directory_holds_one_image() {
    let registry = FakeRegistry::default();
    registry.image("a", Some("1"), "linux/amd64", &[]);
    registry.image("a", Some("2"), "linux/arm64", &[]);
    let graph = graph(vec![
        from(source(&["from.io/a"])),
        sink("to", &["from"], "docker://to.io/m:{tag}", OnConflict::default()),
        sink("one", &["from"], "dir:out", OnConflict::default()),
    ]);
    let empty = FakeRegistry::default();
    let roles = roles(&[("from", &registry), ("to", &empty), ("one", &empty)]);
    let plan = make(&graph, survey(&graph, &roles, &context()).await);
    let actions: Vec<_> = plan.items.iter().map(|item| item.action).collect();
    assert_eq!(actions, [Action::Copy, Action::Copy, Action::Conflict, Action::Conflict]);
    assert!(matches!(&plan.items[3].reason,
        Reason::SameDestination { other } if other == "from.io/a:1"));
}

#[tokio::test]
async fn a_tag_must_point_to_the_digest_beside_it() {
    let registry = FakeRegistry::default();
    let image = registry.image("a", Some("1"), "linux/amd64", &[]);
    let right = format!("from.io/a:1@{}", image.digest);
    let wrong = format!("from.io/a:1@{}", Digest::of(b"other"));
    let graph = graph(vec![from(source(&[&right, &wrong])), to(&["from"], "to.io/m")]);
    let roles = roles(&[("from", &registry), ("to", &FakeRegistry::default())]);
    let plan = make(&graph, survey(&graph, &roles, &context()).await);
    assert_eq!((plan.totals().copy, plan.totals().failed), (1, 1));
    let failed = plan.items.iter().find(|item| item.action == Action::Fail).unwrap();
    assert!(
        matches!(&failed.reason, Reason::Fault { fault } if fault.code == "survey::pin-broken")
    );
    assert_eq!(failed.destination.to_string(), "to.io/m:1", "it is named all the same");
}

#[tokio::test]
async fn a_stopped_survey_asks_nothing_more() {
    let registry = FakeRegistry::default();
    registry.image("a", Some("1"), "linux/amd64", &[]);
    let graph = graph(vec![from(source(&["from.io/a:1"])), to(&["from"], "to.io/m")]);
    let roles = roles(&[("from", &registry), ("to", &registry)]);
    let context = context();
    context.stop.request(crate::role::Signal::Interrupt);
    let plan = make(&graph, survey(&graph, &roles, &context).await);
    assert_eq!(registry.all_calls(), 0);
    assert!(matches!(&plan.items[0].reason,
        Reason::Fault { fault } if fault.code == "survey::stopped"));
}

#[tokio::test]
async fn what_a_filter_cannot_see_fails_and_is_not_let_through() {
    let registry = FakeRegistry::default();
    let kind = crate::oci::media_type::OCI_MANIFEST;
    registry.put("a", Some("1"), kind, b"not a manifest");
    let wanted = Filter::Platforms(vec!["linux/amd64".parse().unwrap()]);
    let graph = graph(vec![
        from(source(&["from.io/a"])),
        step("cut", &["from"], StepKind::Filter(wanted)),
        to(&["cut"], "to.io/m"),
    ]);
    let roles = roles(&[("from", &registry), ("to", &FakeRegistry::default())]);
    let plan = make(&graph, survey(&graph, &roles, &context()).await);
    assert!(matches!(&plan.items[0].reason,
        Reason::Fault { fault } if fault.code == "survey::manifest"));
}

#[tokio::test]
async fn what_is_seen_is_said() {
    let (good, bad) = (FakeRegistry::default(), FakeRegistry::default());
    good.image("a", Some("1"), "linux/amd64", &[]);
    bad.fail(
        Fault::new(Code::new("http::denied", Kind::Other), Whose::Source, "no").retry(Retry::Never),
    );
    let graph = graph(vec![
        from(source(&["from.io/a"])),
        step("bad", &[], StepKind::Source(source(&["bad.io/a"]))),
        to(&["from", "bad"], "to.io/m"),
    ]);
    let roles = roles(&[("from", &good), ("bad", &bad), ("to", &FakeRegistry::default())]);
    let heard = Arc::new(Heard::default());
    let events = Events::new(vec![Arc::clone(&heard) as Arc<dyn Reader>]);
    let context = SurveyContext { events, ..context() };
    let facts = sendable(survey(&graph, &roles, &context)).await;
    assert_eq!(facts.len(), 1);
    let heard = heard.0.lock().unwrap();
    let finished = |name: &str| {
        heard.iter().find_map(|event| match event {
            Event::SurveyFinished { step, images } if step == name => Some(*images),
            _ => None,
        })
    };
    assert_eq!((finished("from"), finished("bad")), (Some(1), Some(0)));
    let failed: Vec<_> =
        heard.iter().filter(|event| matches!(event, Event::SurveyFailed { .. })).collect();
    assert_eq!(failed.len(), 1);
    let started = |event: &&Event| matches!(event, Event::SurveyStarted { .. });
    assert_eq!(heard.iter().filter(started).count(), 2);
}

#[tokio::test]
async fn a_signature_that_came_late_follows() {
    let (one, two) = (FakeRegistry::default(), FakeRegistry::default());
    for tag in ["1", "2", "also-2"] {
        let platform = if tag == "1" { "linux/amd64" } else { "linux/arm64" };
        let labels = [("tag", &tag[tag.len() - 1..])];
        let image = one.put(
            "a",
            Some(tag),
            crate::oci::media_type::OCI_MANIFEST,
            format!("{{\"of\":\"{platform}{labels:?}\"}}").as_bytes(),
        );
        two.put(
            "m",
            Some(tag),
            crate::oci::media_type::OCI_MANIFEST,
            format!("{{\"of\":\"{platform}{labels:?}\"}}").as_bytes(),
        );
        if tag != "1" {
            let signature = format!("sha256-{}.sig", image.digest.hex());
            one.image("a", Some(&signature), "linux/amd64", &[]);
            let referrers = format!("sha256-{}", image.digest.hex());
            one.image("a", Some(&referrers), "linux/amd64", &[]);
        }
    }
    let graph = graph(vec![from(source(&["from.io/a"])), to(&["from"], "to.io/m")]);
    let roles = roles(&[("from", &one), ("to", &two)]);
    let plan = make(&graph, survey(&graph, &roles, &context()).await);
    assert_eq!((plan.totals().unchanged, plan.totals().copy), (3, 1), "one, for both its tags");
    let copied = plan.items.iter().find(|item| item.action == Action::Copy).unwrap();
    let tag = copied.source.name.tag.clone().unwrap();
    assert!(crate::companion::names::companion_of(&tag).is_some());
    assert_eq!(copied.destination.to_string(), format!("to.io/m:{tag}"));
    assert_eq!((one.all_calls(), two.all_calls()), (1 + 3 + 1, 3 + 1 + 1));

    two.mirror(&one, "a", &tag, "m");
    two.forget_calls();
    let plan = make(&graph, survey(&graph, &roles, &context()).await);
    assert_eq!(plan.totals().unchanged, 3);
    assert_eq!(two.all_calls(), 4, "one list of tags tells");
}

#[tokio::test]
async fn what_passes_is_waited_for_and_what_takes_too_long_is_not() {
    for (retry, failures, copied, calls) in [
        (Retry::Backoff, 2, 1, 3 + 1),
        (Retry::AfterMillis(1), 2, 1, 3 + 1),
        (Retry::AfterMillis(3_600_000), 2, 0, 1),
        (Retry::Never, 1, 0, 1),
    ] {
        let registry = FakeRegistry::default();
        registry.image("a", Some("1"), "linux/amd64", &[]);
        registry.fail_times(
            failures,
            Fault::new(Code::new("x::busy", Kind::Other), Whose::Source, "no").retry(retry),
        );
        let graph = graph(vec![from(source(&["from.io/a"])), to(&["from"], "to.io/m")]);
        let roles = roles(&[("from", &registry), ("to", &FakeRegistry::default())]);
        let plan = make(&graph, survey(&graph, &roles, &context()).await);
        assert_eq!(plan.totals().copy, copied, "{retry:?}");
        assert_eq!(registry.all_calls(), calls, "{retry:?}");
    }
}

/// A survey may be moved between threads.
fn sendable<F: Future<Output = Facts> + Send>(survey: F) -> F {
    survey
}
