use super::*;
use crate::event::Reader;
use crate::graph::testing::{graph, sink, source, step};
use crate::graph::{Graph, OnConflict, Source, StepKind};
use crate::plan::{Action, Plan, Reason, make};
use crate::role::testing::{FakeLedger, FakeRegistry, roles};
use crate::role::{Ledger, MatchedScope, Mirrored, Requirement, ScopeRequirements};
use crate::survey::survey;
use crate::survey::testing::context;

/// Asks for this of the images whose names hold a text, and for nothing of the others.
struct Asks(&'static str, Requirement);

impl MachinePolicy for Asks {
    fn requirements(&self, image: &Reference) -> ScopeRequirements {
        let is_meant = image.to_string().contains(self.0);
        let requirement = if is_meant { self.1 } else { Requirement::AcceptAnything };
        let (file, scope) = ("/p".to_owned(), MatchedScope::Default);
        ScopeRequirements { file, scope, requirements: vec![requirement] }
    }
}

/// How many verdicts were said.
#[derive(Default)]
struct Heard(Mutex<usize>);

impl Reader for Heard {
    fn read(&self, event: &Event) {
        if matches!(event, Event::Judged { step, .. } if step == "policy.json") {
            *self.0.lock().unwrap() += 1;
        }
    }
}

struct World {
    from: FakeRegistry,
    to: FakeRegistry,
}

impl World {
    fn new() -> Self {
        Self { from: FakeRegistry::default(), to: FakeRegistry::default() }
    }

    fn graph(source: Source) -> Graph {
        graph(vec![
            step("from", &[], StepKind::Source(source)),
            sink("to", &["from"], "to.io/m/{repo}:{tag}", OnConflict::default()),
            sink("also", &["from"], "to.io/n/{repo}:{tag}", OnConflict::default()),
        ])
    }

    async fn plan(&self, source: Source, context: SurveyContext) -> Plan {
        let graph = Self::graph(source);
        let roles = roles(&[("from", &self.from), ("to", &self.to), ("also", &self.to)]);
        make(&graph, survey(&graph, &roles, &context).await)
    }
}

fn asking(holds: &'static str, requirement: Requirement) -> SurveyContext {
    SurveyContext { machine_policy: Some(Arc::new(Asks(holds, requirement))), ..context() }
}

#[tokio::test]
async fn the_images_of_a_scope_are_refused_and_no_others() {
    for requirement in [Requirement::Reject, Requirement::SignedBy] {
        let world = World::new();
        for repository in ["bad", "good"] {
            world.from.image(repository, Some("1"), "linux/amd64", &[]);
        }
        world.to.mirror(&world.from, "bad", "1", "m/bad");
        let heard = Arc::new(Heard::default());
        let events = Events::new(vec![Arc::clone(&heard) as Arc<dyn Reader>]);
        let context = SurveyContext { events, ..asking("/bad", requirement) };
        let plan = world.plan(source(&["from.io/bad", "from.io/good"]), context).await;
        let totals = plan.totals();
        assert_eq!((totals.rejected, totals.copy, totals.unchanged), (2, 2, 0), "{requirement:?}");
        let rejected = plan.items.iter().filter(|item| item.action == Action::Reject);
        for item in rejected {
            assert_eq!(item.source.to_string(), "from.io/bad:1");
            let Reason::Refused { step, fault, .. } = &item.reason else { panic!("{item:?}") };
            assert_eq!(step, "policy.json");
            assert_eq!(fault.is_some(), requirement == Requirement::SignedBy, "{fault:?}");
        }
        assert_eq!(*heard.0.lock().unwrap(), 1, "once for both sinks");
    }
}

#[tokio::test]
async fn companions_are_no_images_and_stay_away_with_theirs() {
    let world = World::new();
    let image = world.from.image("a", Some("1"), "linux/amd64", &[]);
    let signature = format!("sha256-{}.sig", image.digest.hex());
    world.from.image("a", Some(&signature), "linux/amd64", &[("of", "1")]);
    for to in ["m/a", "n/a"] {
        world.to.mirror(&world.from, "a", "1", to);
    }
    for (holds, copied, rejected) in [("sha256-", 2, 0), ("a:1", 0, 2)] {
        let context = asking(holds, Requirement::Reject);
        let totals = world.plan(source(&["from.io/a"]), context).await.totals();
        assert_eq!((totals.copy, totals.rejected), (copied, rejected), "{holds}");
    }
}

#[tokio::test]
async fn a_tag_that_never_moves_is_refused_too() {
    let world = World::new();
    let image = world.from.image("a", Some("1"), "linux/amd64", &[]);
    let ledger = FakeLedger::default();
    for to in ["m/a", "n/a"] {
        world.to.mirror(&world.from, "a", "1", to);
        let row = Mirrored {
            destination: format!("to.io/{to}:1"),
            digest: image.digest.clone(),
            source: "from.io/a:1".to_owned(),
            source_digest: image.digest.clone(),
            chain: String::new(),
            incomplete: false,
        };
        ledger.record_mirrored(&row).unwrap();
    }
    let ledger: Arc<dyn Ledger> = Arc::new(ledger);
    let fixed = || Source { mutable_tags: Some(Vec::new()), ..source(&["from.io/a"]) };
    for (holds, unchanged, rejected) in [("other", 2, 0), ("a:1", 0, 2)] {
        let context = SurveyContext {
            ledger: Some(Arc::clone(&ledger)),
            ..asking(holds, Requirement::Reject)
        };
        let totals = world.plan(fixed(), context).await.totals();
        assert_eq!((totals.unchanged, totals.rejected), (unchanged, rejected), "{holds}");
    }
}
