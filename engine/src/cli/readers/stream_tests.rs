use super::*;
use crate::cli::readers::sample::{Hand, Paper, blob_started, digest, finished, plan_ready};
use crate::event::Status;
use serde_json::Value;
use std::sync::atomic::Ordering;

fn lines(paper: &Paper) -> Vec<Value> {
    paper.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_line_has_version_number_and_time() {
    let (paper, clock) = (Paper::default(), Hand::default());
    let stream = EventStream::open(Box::new(paper.clone()), Arc::new(clock.clone())).unwrap();
    clock.0.store(1_500, Ordering::Relaxed);
    stream.read(&plan_ready(1, 0, 0));
    stream.read(&Event::PluginLog {
        step: "s".into(),
        level: "info".into(),
        line: "\u{9b}31m\nx".into(),
    });
    let text = paper.text();
    let mut written = text.lines();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        written.next().unwrap(),
        format!(
            "{{\"v\":1,\"seq\":0,\"ts\":\"1970-01-01T00:00:00.000Z\",\"type\":\"opened\",\
             \"engine\":\"{version}\"}}"
        )
    );
    assert_eq!(
        written.next().unwrap(),
        "{\"v\":1,\"seq\":1,\"ts\":\"1970-01-01T00:00:01.500Z\",\"type\":\"plan-ready\",\
         \"totals\":{\"copy\":1,\"move\":0,\"sign\":0,\"unchanged\":0,\"conflict\":0,\"rejected\":0,\"failed\":0},\
         \"bytes\":3328599654}"
    );
    assert!(written.next().unwrap().ends_with("\"line\":\"\\u009b31m\\nx\"}"), "{text}");
    assert_eq!(written.next(), None);
}

#[test]
fn progress_is_summed_up_and_forgotten_with_its_item() {
    let (paper, clock) = (Paper::default(), Hand::default());
    let stream = EventStream::open(Box::new(paper.clone()), Arc::new(clock.clone())).unwrap();
    let progress = |bytes| Event::BlobProgress { digest: digest("a"), bytes };
    stream.read(&blob_started(1, "a", None));
    for (millis, bytes) in [(100, 1), (900, 2), (1_000, 4), (1_100, 8), (2_000, 16)] {
        clock.0.store(millis, Ordering::Relaxed);
        stream.read(&progress(bytes));
    }
    stream.read(&Event::ItemFinished { item: 1, outcome: finished(Status::Failed) });
    clock.0.store(9_000, Ordering::Relaxed);
    stream.read(&progress(32));
    let told: Vec<_> = lines(&paper)
        .iter()
        .filter(|line| line["type"] == "blob-progress")
        .map(|line| line["bytes"].as_u64().unwrap())
        .collect();
    assert_eq!(told, [7, 24]);
    assert!(stream.pen.lock().unwrap().progress.is_empty());
}

struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nobody_reading_is_no_fault() {
    let stream = EventStream::open(Box::new(Closed), Arc::new(Hand::default())).unwrap();
    stream.read(&plan_ready(1, 0, 0));
    assert!(stream.pen.lock().unwrap().out.is_none());
}
