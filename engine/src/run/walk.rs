//! The walk itself.

use super::run_resources::Opened;
use super::{Checked, Refused, Request, check, policy};
use crate::diagnostic::Fault;
use crate::drive::{self, drive};
use crate::event::{Event, Events, Reader};
use crate::graph::Graph;
use crate::plan::{self, Facts, Plan};
use crate::report::{Collector, FaultStage, Report, Times};
use crate::role::{Clock, SystemClock, timestamp};
use crate::survey::{SurveyContext, survey};
use crate::transfer::{self, Transfer};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A plan that was made, and nothing done.
pub struct Planned {
    /// What is to be done.
    pub graph: Graph,
    /// The plan.
    pub plan: Plan,
}

/// A run that came to its end.
pub struct Finished {
    /// What is to be written down.
    pub graph: Graph,
    /// What was done.
    pub report: Report,
}

/// Destinations that are known to be empty, as `transfer::Settings` takes them.
type Empty = BTreeSet<(String, String)>;

/// Makes a plan: reads only.
///
/// # Errors
///
/// What keeps the walk from beginning; what goes wrong later is in the plan.
pub async fn plan(request: &Request) -> Result<Planned, Refused> {
    let (opened, _) = begin(request, check(request)?, request.events.clone()).await?;
    let facts = survey(&opened.graph, &opened.roles, &context(&opened, request, name())).await;
    let plan = make(&opened, facts);
    Ok(Planned { graph: opened.graph, plan })
}

/// Makes a plan and carries it out.
///
/// # Errors
///
/// What keeps the walk from beginning; what goes wrong later is in the report.
pub async fn run(request: &Request) -> Result<Finished, Refused> {
    let collector = Arc::new(Collector::default());
    let events = request.events.with(Arc::clone(&collector) as Arc<dyn Reader>);
    let checked = check(request)?;
    let (opened, started) = begin(request, checked, events).await?;
    let name = name();
    let pipeline = opened.graph.name.clone();
    opened.events.say(&Event::RunStarted { run: name.run.clone(), pipeline });
    let facts = survey(&opened.graph, &opened.roles, &context(&opened, request, name)).await;
    let empty = empty(&facts);
    let plan = make(&opened, facts);
    carry_out(&opened, request, &plan, empty).await;
    if let Err(fault) = opened.ledger.close() {
        opened.events.say(&Event::Warned { fault });
    }
    if let Some(signal) = request.stop.requested() {
        // Said by whoever heard the signal, to readers that the report is not among.
        collector.read(&Event::Stopping { signal: signal.name().to_owned() });
    }
    let times = Times { started, finished: SystemClock.since_epoch() };
    let report = collector.report(&plan, times);
    opened.events.say(&Event::RunFinished { exit_code: report.run.exit_code });
    Ok(Finished { graph: opened.graph, report })
}

async fn begin(
    request: &Request,
    checked: Checked,
    events: Events,
) -> Result<(Opened, Duration), Refused> {
    let started = SystemClock.since_epoch();
    let machine_policy = policy::of_machine(request)?;
    let text = checked.text.clone();
    let opened = Opened::open(request, (checked, machine_policy), events).await;
    let opened = opened.map_err(|fault: Fault| Refused {
        faults: vec![fault],
        file: request.spec.name(),
        text,
        stage: FaultStage::Start,
    })?;
    Ok((opened, started))
}

/// The name of a run and the day it began.
struct Name {
    run: String,
    date: String,
}

/// Names a run by the clock: runs of one pipeline do not overlap.
fn name() -> Name {
    let now = SystemClock.since_epoch();
    let date = timestamp(now).get(..10).unwrap_or_default().to_owned();
    Name { run: format!("{:x}", now.as_millis()), date }
}

/// What the survey gets besides the graph and the roles.
fn context(opened: &Opened, request: &Request, Name { run, date }: Name) -> SurveyContext {
    SurveyContext {
        ledger: Some(Arc::clone(&opened.ledger)),
        machine_policy: opened.machine_policy.clone(),
        events: opened.events.clone(),
        run,
        date,
        // Twice as many found nothing sooner, and held twice the instances: 15 % more computing.
        at_once: opened.graph.run.concurrency,
        stop: request.stop.clone(),
    }
}

fn empty(facts: &Facts) -> Empty {
    let empty = facts.empty_repositories().iter().map(|repository| {
        let place = format!("{}:{}", repository.transport, repository.place);
        (place, repository.name.repository.clone())
    });
    empty.collect()
}

/// Remembers when each source was first seen to have its digest.
fn record_seen(opened: &Opened, facts: &Facts) {
    for (source, digest) in facts.pinned() {
        if let Err(fault) = opened.ledger.record_seen(&source.to_string(), digest) {
            opened.events.say(&Event::Warned { fault });
            break;
        }
    }
}

/// Makes the plan of these facts, and says how much it is.
fn make(opened: &Opened, facts: Facts) -> Plan {
    record_seen(opened, &facts);
    let plan = plan::make(&opened.graph, facts);
    let bytes = plan.forecast.at_most();
    opened.events.say(&Event::PlanReady { totals: plan.totals(), bytes });
    plan
}

async fn carry_out(opened: &Opened, request: &Request, plan: &Plan, empty: Empty) {
    let settings = &opened.graph.run;
    let transfer = Transfer::new(
        Arc::clone(&opened.roles),
        Arc::clone(&opened.ledger),
        opened.events.clone(),
        transfer::Settings {
            empty,
            unsigned: opened.graph.unsigned_sinks(),
            ..request.bounds.copies.clone()
        },
    );
    let driving = drive::DriveSettings {
        concurrency: settings.concurrency,
        attempts: settings.attempts,
        pause: settings.pause,
        max_pause: settings.max_pause,
        grace: settings.grace,
        partial: opened.graph.partial_sinks(),
    };
    drive(plan, &transfer, &opened.events, driving, request.stop.clone()).await;
}
