//! What a component that means harm can take: time after its limit, and memory.

use crate::bench::{Bench, folder, line};
use crate::figures::Figures;
use engine::role::{GrantedHost, Selector, Side};
use engine_tests::guest::{Alone, component};
use engine_tests::images::Seed;
use engine_tests::server::Server;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The limit of what computes and of what waits.
const LIMIT: Duration = Duration::from_millis(300);
/// Milliseconds that a call may end after it.
const LATE: f64 = 100.0;
/// The memory that a guest may have, in MiB.
const MEMORY: f64 = 32.0;
/// What a guest that hoards can do, and the exit code of a run in which it does.
const HOARDS: [(&str, i32); 7] = [
    ("own", 1),
    ("engine", 1),
    ("concat", 1),
    ("answer", 1),
    ("texts", 0),
    ("names", 0),
    ("request", 0),
];

/// Prints how late calls end, and how much memory is taken.
pub(crate) fn measure(bench: &Bench) {
    let runtime = Runtime::new().expect("a runtime");
    let silent = Server::accept(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    });
    let host = format!("http://{}", silent.address());
    let wait = format!("answer {host}/");
    for (guest, what) in [("spin", "compute"), ("spin", "clock"), ("sleeper", &wait)] {
        let latest = (0..bench.rounds).map(|_| runtime.block_on(late(guest, what, &host)));
        let name = format!("hostile: {guest} ends after its limit, latest");
        line(&name, latest.fold(0.0, f64::max), LATE, "ms");
    }
    hoards(bench);
}

/// Milliseconds from a call's limit to its end.
async fn late(guest: &str, what: &str, host: &str) -> f64 {
    let mut alone = Alone::of(guest);
    alone.grants.http.push(GrantedHost::anonymous(host));
    let millis = u64::try_from(LIMIT.as_millis()).expect("a short time");
    (alone.limits.cpu_millis, alone.limits.idle_millis) = (millis, millis);
    if guest == "sleeper" {
        alone.limits.time_millis = millis;
    }
    let session = alone.open(Side::Source, "resolve", what).await;
    let begun = Instant::now();
    let ended = session.resolve("app", &Selector::Tag("v1".to_owned())).await;
    let took = begun.elapsed();
    ended.expect_err("a call that never ends by itself");
    took.saturating_sub(LIMIT).as_secs_f64() * 1000.0
}

/// What the whole program grows by.
fn hoards(bench: &Bench) {
    let home = folder();
    fs::create_dir(home.path().join("shared")).expect("a folder");
    Seed::new(7).image(&[2000]).write_layout(&home.path().join("honest"), "v1");
    let peak = |acts: Value, code| {
        let spec = spec(&component("hoard"), &acts).to_string();
        fs::write(home.path().join("sync.yaml"), spec).expect("a spec");
        let program = bench.engine(home.path(), &["run", "sync.yaml"]);
        Figures::ended_with(&program, home.path(), code).memory
    };
    peak(json!({}), 0); // It is compiled here, which takes more than any hoard.
    let idle = peak(json!({}), 0);
    for (act, code) in HOARDS {
        let grown = peak(json!({act: act}), code) - idle;
        line(&format!("hostile: hoard ({act}), growth of memory"), grown, MEMORY, "MiB");
    }
}

fn spec(guest: &Path, acts: &Value) -> Value {
    let limits = json!({"memory": format!("{MEMORY}MiB"), "cpu": "60s", "time": "60s"});
    json!({
        "apiVersion": "engine/v1",
        "run": {"attempts": 1, "state": "none"},
        "plugins": {
            "guest": {"from": guest, "grants": {"dirs": {"shared": "shared"}}, "limits": limits},
        },
        "sources": {
            "honest": {"from": "oci:honest:v1"},
            "hostile": {"plugin": "guest", "with": {"at": "resolve", "acts": acts}},
        },
        "sinks": {
            "out": {
                "inputs": ["honest", "hostile"],
                "to": "oci:out:{{ item.source.repo }}:{{ item.tag }}",
            },
        },
    })
}
