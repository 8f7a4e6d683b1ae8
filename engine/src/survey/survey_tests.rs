use super::testing::context;
use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::graph::testing::{graph, reference, sink, source, step};
use crate::graph::{
    Annotate, Filter, Graph, IndexMode, OnConflict, Part, Source, Step, StepKind, Template,
    Transform,
};
use crate::plan::{Action, Kept, Plan, Reason, Written, make};
use crate::role::testing::{Call, FakeLedger, FakeRegistry, roles};
use crate::role::{Ledger, Mirrored, Roles};
use crate::survey::SurveyContext;
use crate::survey::survey;
use std::collections::BTreeMap;
use std::sync::Arc;

struct World {
    from: FakeRegistry,
    to: FakeRegistry,
}

impl World {
    /// A source with 50 multi-architecture tags.
    fn new() -> Self {
        let world = Self { from: FakeRegistry::default(), to: FakeRegistry::default() };
        for tag in 0..50 {
            let tag = format!("1.{tag}");
            world.from.index("lib/a", &tag, &["linux/amd64", "linux/arm64"]);
        }
        world
    }

    fn mirror_all(&self, to: &str) {
        for tag in 0..50 {
            self.to.mirror(&self.from, "lib/a", &format!("1.{tag}"), to);
        }
    }

    fn roles(&self) -> Arc<Roles> {
        roles(&[("from", &self.from), ("to", &self.to), ("also", &self.to)])
    }

    async fn plan(&self, graph: &Graph, context: &SurveyContext) -> Plan {
        self.from.forget_calls();
        self.to.forget_calls();
        make(graph, survey(graph, &self.roles(), context).await)
    }
}

fn from(source: Source) -> Step {
    step("from", &[], StepKind::Source(source))
}

fn to(inputs: &[&str]) -> Step {
    sink("to", inputs, "to.io/m/{repo}", OnConflict::default())
}

fn annotate(value: &[Part]) -> Step {
    let set = BTreeMap::from([("x".to_owned(), Template { parts: value.to_vec() })]);
    let annotate = Annotate { set, ..Annotate::default() };
    step("mark", &["from"], StepKind::Transform(Transform::Annotate(annotate)))
}

fn platforms(index: IndexMode) -> Step {
    let keep = vec!["linux/amd64".parse().unwrap()];
    step("cut", &["from"], StepKind::Transform(Transform::Platforms { keep, index }))
}

/// Does what the plan says, as far as names go.
fn carry_out(world: &World, plan: &Plan, ledger: Option<&FakeLedger>) {
    for item in plan.items.iter().filter(|item| item.action.writes()) {
        let name = &item.destination.name;
        let source = item.source.name.tag.as_deref().unwrap();
        match &item.copying.as_ref().unwrap().written {
            Written::Same(_) => {
                let repository = &item.source.name.repository;
                world.to.mirror(&world.from, repository, source, &name.repository);
            }
            Written::Edited { descriptor, bytes, .. } => {
                let (tag, kind) = (name.tag.as_deref(), &descriptor.media_type);
                world.to.put(&name.repository, tag, kind, bytes);
            }
            Written::After { .. } => panic!("nothing is compressed here"),
        }
        if let Some(ledger) = ledger {
            let row = Mirrored {
                destination: item.destination.to_string(),
                digest: item.wanted().unwrap().clone(),
                source: item.source.to_string(),
                source_digest: item.pinned.digest.clone(),
                chain: item.chain.clone(),
                incomplete: false,
            };
            ledger.record_mirrored(&row).unwrap();
        }
    }
}

#[tokio::test]
async fn an_unchanged_tag_costs_two_requests() {
    let world = World::new();
    world.mirror_all("m/lib/a");
    let graph = graph(vec![from(source(&["from.io/lib/a"])), to(&["from"])]);
    let plan = world.plan(&graph, &context()).await;
    assert_eq!(plan.totals().unchanged, 50);
    assert_eq!((world.from.calls(Call::Tags), world.from.all_calls()), (1, 51));
    assert_eq!((world.to.calls(Call::Resolve), world.to.all_calls()), (50, 50));
}

#[tokio::test]
async fn a_second_sink_costs_one_more() {
    let world = World::new();
    world.mirror_all("m/lib/a");
    let also = sink("also", &["from"], "to.io/m/{repo}:{tag}", OnConflict::default());
    let graph = graph(vec![from(source(&["from.io/lib/a"])), to(&["from"]), also]);
    let plan = world.plan(&graph, &context()).await;
    assert_eq!(plan.totals().unchanged, 100);
    assert_eq!((world.from.all_calls(), world.to.all_calls()), (51, 100));
}

#[tokio::test]
async fn an_edit_costs_three_without_state_and_two_with() {
    for edit in [annotate(&[Part::Tag]), platforms(IndexMode::Rewrite)] {
        let world = World::new();
        let id = edit.id.clone();
        let graph = graph(vec![from(source(&["from.io/lib/a"])), edit, to(&[&id])]);
        let plan = world.plan(&graph, &context()).await;
        assert_eq!(plan.totals().copy, 50);
        carry_out(&world, &plan, None);

        let ledger = Arc::new(FakeLedger::default());
        let context = SurveyContext { ledger: Some(ledger), ..context() };
        for per_tag in [3, 2] {
            let plan = world.plan(&graph, &context).await;
            assert_eq!(plan.totals().unchanged, 50, "{id}");
            let calls = world.from.all_calls() + world.to.all_calls();
            assert_eq!(calls, 1 + per_tag * 50, "{id}");
        }
    }
}

#[tokio::test]
async fn who_passed_a_filter_is_remembered() {
    let world = World::new();
    world.mirror_all("m/lib/a");
    let wanted = Filter::Platforms(vec!["linux/arm64".parse().unwrap()]);
    let filter = step("arm", &["from"], StepKind::Filter(wanted));
    let graph = graph(vec![from(source(&["from.io/lib/a"])), filter, to(&["arm"])]);
    let ledger = Arc::new(FakeLedger::default());
    let context = SurveyContext { ledger: Some(ledger), ..context() };
    for per_tag in [3, 2] {
        let plan = world.plan(&graph, &context).await;
        assert_eq!(plan.totals().unchanged, 50);
        assert_eq!(world.from.all_calls() + world.to.all_calls(), 1 + per_tag * 50);
    }
}

#[tokio::test]
async fn a_tag_that_never_moves_costs_nothing() {
    let world = World::new();
    world.from.image("lib/a", Some("latest"), "linux/amd64", &[]);
    let rule =
        Source { mutable_tags: Some(vec!["latest".to_owned()]), ..source(&["from.io/lib/a"]) };
    let graph = graph(vec![from(rule), to(&["from"])]);
    let ledger = Arc::new(FakeLedger::default());
    let context =
        SurveyContext { ledger: Some(Arc::clone(&ledger) as Arc<dyn Ledger>), ..context() };
    let first = world.plan(&graph, &context).await;
    assert_eq!(first.totals().copy, 51);
    carry_out(&world, &first, Some(&ledger));

    let again = world.plan(&graph, &context).await;
    assert_eq!(again.totals().unchanged, 51);
    let known = again.items.iter().filter(|item| item.reason == Reason::ImmutableKnown);
    assert_eq!(known.count(), 50);
    assert_eq!((world.from.all_calls(), world.to.all_calls()), (2, 2));

    world.from.image("lib/a", Some("1.7"), "linux/amd64", &[("new", "1")]);
    let without_state = world.plan(&graph, &crate::survey::tests::context()).await;
    let conflict: Vec<_> =
        without_state.items.iter().filter(|item| item.action == Action::Conflict).collect();
    assert_eq!(conflict.len(), 1);
    assert!(matches!(conflict[0].reason, Reason::ImmutableDiffers { .. }));

    // The same with an edit on the way, whose template does without the digest or with it.
    for part in [Part::Tag, Part::Digest] {
        let source = graph.steps[0].clone();
        let sink = sink("to", &["mark"], "to.io/m/{repo}", OnConflict::Overwrite);
        let graph = crate::survey::tests::graph(vec![source, annotate(&[part]), sink]);
        let edited = world.plan(&graph, &context).await;
        carry_out(&world, &edited, Some(&ledger));
        let again = world.plan(&graph, &context).await;
        assert_eq!(again.totals().unchanged, 51);
        assert_eq!((world.from.all_calls(), world.to.all_calls()), (2, 2));
    }
}

#[tokio::test]
async fn sparse_keeps_the_index_and_cuts_the_children() {
    let world = World::new();
    let graph = graph(vec![
        from(source(&["from.io/lib/a:1.1"])),
        platforms(IndexMode::Sparse),
        to(&["cut"]),
    ]);
    let plan = world.plan(&graph, &context()).await;
    let copying = plan.items[0].copying.as_ref().unwrap();
    assert!(matches!(&copying.written, Written::Same(Some(_))));
    assert!(matches!(&copying.kept, Kept::Only(kept) if kept.len() == 1));
    assert_eq!(plan.items[0].trace, ["from", "cut", "to"]);
}

#[tokio::test]
async fn platforms_and_labels_leave_out_with_a_reason() {
    let world = World { from: FakeRegistry::default(), to: FakeRegistry::default() };
    world.from.image("b", Some("amd"), "linux/amd64", &[("k", "v")]);
    world.from.image("b", Some("arm"), "linux/arm64", &[("k", "v")]);
    world.from.index("b", "both", &["linux/amd64", "linux/arm64"]);
    let wanted = Filter::Platforms(vec!["linux/amd64".parse().unwrap()]);
    let mut labels = crate::graph::LabelRule::default();
    labels.include.insert("k".to_owned(), "v".to_owned());
    for (kind, passing, left_out) in [
        (StepKind::Filter(wanted), ["amd", "both"], "arm"),
        (StepKind::Filter(Filter::Labels(labels)), ["amd", "arm"], "both"),
        (platforms(IndexMode::Rewrite).kind, ["amd", "both"], "arm"),
        (platforms(IndexMode::Keep).kind, ["amd", "both"], "arm"),
    ] {
        let middle = step("middle", &["from"], kind);
        let graph = graph(vec![from(source(&["from.io/b"])), middle, to(&["middle"])]);
        let plan = world.plan(&graph, &context()).await;
        let tags: Vec<_> =
            plan.items.iter().filter_map(|item| item.source.name.tag.as_deref()).collect();
        assert_eq!(tags, passing);
        assert_eq!(plan.skips.len(), 1, "{:?}", plan.skips);
        assert_eq!(plan.skips[0].image, format!("from.io/b:{left_out}"));
        assert_eq!(plan.skips[0].step, "middle");
        assert!(world.from.calls(Call::Manifest) <= 5, "each digest is read once");
    }
}

#[tokio::test]
async fn companions_travel_with_their_image() {
    let world = World { from: FakeRegistry::default(), to: FakeRegistry::default() };
    let image = world.from.image("b", Some("1"), "linux/amd64", &[]);
    let companion = format!("sha256-{}.sig", image.digest.hex());
    world.from.image("b", Some(&companion), "linux/amd64", &[]);
    let graph = graph(vec![from(source(&["from.io/b"])), to(&["from"])]);
    let plan = world.plan(&graph, &context()).await;
    assert_eq!(plan.items.len(), 1);
    assert!(plan.items[0].copying.as_ref().unwrap().referrers);
}

#[tokio::test]
async fn what_has_no_tag_goes_by_digest() {
    let world = World { from: FakeRegistry::default(), to: FakeRegistry::default() };
    let image = world.from.image("b", None, "linux/amd64", &[]);
    let text = format!("from.io/b@{}", image.digest);
    let graph = graph(vec![from(source(&[&text])), annotate(&[Part::Digest]), to(&["mark"])]);
    let plan = world.plan(&graph, &context()).await;
    let item = &plan.items[0];
    assert_eq!(item.action, Action::Copy);
    assert_eq!(item.destination.name.digest.as_ref(), item.wanted());
    assert_ne!(item.wanted(), Some(&image.digest));
}

#[tokio::test]
async fn a_docker_manifest_cannot_be_annotated() {
    let world = World { from: FakeRegistry::default(), to: FakeRegistry::default() };
    let docker = crate::oci::media_type::DOCKER_LIST;
    world.from.put("b", Some("1"), docker, br#"{"schemaVersion":2,"manifests":[]}"#);
    world.from.index("b", "2", &["linux/amd64"]);
    let graph = graph(vec![from(source(&["from.io/b"])), annotate(&[Part::Tag]), to(&["mark"])]);
    let plan = world.plan(&graph, &context()).await;
    assert_eq!(
        plan.items.iter().map(|item| item.action).collect::<Vec<_>>(),
        [Action::Fail, Action::Copy]
    );
    assert!(
        matches!(&plan.items[0].reason, Reason::Fault { fault } if fault.code == "survey::edit")
    );
}

#[tokio::test]
async fn a_refused_credential_is_not_tried_fifty_times() {
    let world = World::new();
    let refused = Fault::new(Code::new("http::refused", Kind::Other), Origin::Destination, "no")
        .fact("status", "401");
    world.to.fail(refused);
    let other = sink("also", &["from"], "to.io/other/{repo}", OnConflict::default());
    let graph = graph(vec![from(source(&["from.io/lib/a"])), to(&["from"]), other]);
    let plan = world.plan(&graph, &context()).await;
    assert_eq!(plan.totals().failed, 100);
    assert_eq!(plan.faults.len(), 2, "one per sink");
    assert!(
        world.to.all_calls() <= 2 * (8 + 2),
        "only what was under way: {}",
        world.to.all_calls()
    );
}

#[tokio::test]
async fn a_source_that_is_down_leaves_the_others() {
    let world = World::new();
    let down = FakeRegistry::default();
    let silent =
        Fault::new(Code::new("http::unreachable", Kind::Other), Origin::Source, "no answer");
    down.fail(silent.retry(Retry::Backoff));
    let graph = graph(vec![
        from(source(&["from.io/lib/a"])),
        step("down", &[], StepKind::Source(source(&["down.io/x", "down.io/y:1"]))),
        to(&["from", "down"]),
    ]);
    let roles = roles(&[("from", &world.from), ("down", &down), ("to", &world.to)]);
    let plan = make(&graph, survey(&graph, &roles, &context()).await);
    assert_eq!((plan.totals().copy, plan.totals().failed), (50, 1));
    assert_eq!(plan.faults.len(), 1);
    assert_eq!(plan.faults[0].0, "down");
    let lists: Vec<_> =
        plan.listings.iter().map(|list| (list.of.as_str(), list.names, list.complete)).collect();
    assert_eq!(lists, [("down.io/x", 0, false), ("from.io/lib/a", 50, true)]);
    assert_eq!(down.all_calls(), 6, "three attempts at each question");
}

#[tokio::test]
async fn an_image_that_is_not_there_fails_alone() {
    let world = World::new();
    let graph =
        graph(vec![from(source(&["from.io/lib/a:1.1", "from.io/lib/a:no"])), to(&["from"])]);
    let plan = world.plan(&graph, &context()).await;
    assert_eq!((plan.totals().copy, plan.totals().failed), (1, 1));
    assert_eq!(plan.items[1].source, reference("from.io/lib/a:no"));
    assert!(plan.faults.is_empty());
}
