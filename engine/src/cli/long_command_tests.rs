use super::*;
use crate::event::Reader;
use std::future::{pending, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Remembers what was said.
#[derive(Default)]
struct Memory(Mutex<Vec<Event>>);

impl Reader for Memory {
    fn read(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

fn beside(memory: &Arc<Memory>) -> Beside<'static> {
    let events = Events::new(vec![Arc::clone(memory) as Arc<dyn Reader>]);
    Beside { stop: Stop::default(), events, beat: &|| {}, every: Duration::from_secs(30) }
}

/// Walks with these signals already waiting.
async fn attended(
    walking: impl Future<Output = u8> + Send + 'static,
    signals: &[Signal],
    beside: &Beside<'_>,
) -> WalkEnd<u8> {
    let (sender, receiver) = mpsc::channel(4);
    for signal in signals {
        sender.send(*signal).await.unwrap();
    }
    let mut walk = JoinSet::new();
    walk.spawn(walking);
    attend(walk, receiver, beside).await
}

#[tokio::test]
async fn the_first_signal_asks_and_the_walk_ends_by_itself() {
    let memory = Arc::new(Memory::default());
    let beside = beside(&memory);
    let stop = beside.stop.clone();
    let walking = async move {
        while stop.requested().is_none() {
            tokio::task::yield_now().await;
        }
        7
    };
    let ended = attended(walking, &[Signal::Terminate], &beside).await;
    assert_eq!(ended, WalkEnd::Done(7, Some(Signal::Terminate)));
    let said = memory.0.lock().unwrap();
    assert_eq!(*said, [Event::Stopping { signal: "SIGTERM".into() }]);
}

#[tokio::test]
async fn the_second_signal_drops_the_walk() {
    let memory = Arc::new(Memory::default());
    let signals = [Signal::Terminate, Signal::Interrupt];
    let ended = attended(pending(), &signals, &beside(&memory)).await;
    assert_eq!(ended, WalkEnd::Aborted(Signal::Interrupt));
    assert_eq!(memory.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_panic_is_a_fault_of_the_engine() {
    let memory = Arc::new(Memory::default());
    let ended = attended(async { panic!("on purpose") }, &[], &beside(&memory)).await;
    assert_eq!(ended, WalkEnd::Panicked);
    assert_eq!(ended.exit(|_| Exit::Done), Exit::Engine);
}

#[tokio::test]
async fn a_beat_comes_at_each_interval() {
    let memory = Arc::new(Memory::default());
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let beat = || {
        count.fetch_add(1, Ordering::Relaxed);
    };
    let beside = Beside { beat: &beat, every: Duration::from_millis(5), ..beside(&memory) };
    let walking = async move {
        while seen.load(Ordering::Relaxed) < 3 {
            tokio::task::yield_now().await;
        }
        0
    };
    assert_eq!(attended(walking, &[], &beside).await, WalkEnd::Done(0, None));
    assert!(count.load(Ordering::Relaxed) >= 3);
}

/// Sends a signal to this process. It is heard, as the walk began to listen before it ran.
fn send(signal: &str) {
    let process = std::process::id().to_string();
    let sent = std::process::Command::new("kill").args(["-s", signal, &process]).status();
    assert!(sent.unwrap().success());
}

/// One test for both, as signals reach every walk of the process.
#[test]
fn a_real_walk_ends_and_one_that_blocks_its_thread_is_aborted() {
    let memory = Arc::new(Memory::default());
    assert_eq!(walk(ready(3), &beside(&memory)).unwrap(), WalkEnd::Done(3, None));

    let beside = beside(&memory);
    let stop = beside.stop.clone();
    let stuck = async move {
        send("INT");
        while stop.requested().is_none() {
            std::thread::yield_now();
        }
        send("TERM");
        loop {
            std::thread::park();
        }
    };
    let ended: WalkEnd<()> = walk(stuck, &beside).unwrap();
    assert_eq!(ended, WalkEnd::Aborted(Signal::Terminate));
}

#[test]
fn ends_have_exit_codes() {
    for (ended, exit) in [
        (WalkEnd::Done(Exit::SomeFailed, None), Exit::SomeFailed),
        (WalkEnd::Done(Exit::SomeFailed, Some(Signal::Interrupt)), Exit::Interrupted),
        (WalkEnd::Done(Exit::Unauthorized, Some(Signal::Interrupt)), Exit::Unauthorized),
        (WalkEnd::Done(Exit::Done, Some(Signal::Terminate)), Exit::Terminated),
        (WalkEnd::Aborted(Signal::Interrupt), Exit::Interrupted),
        (WalkEnd::Panicked, Exit::Engine),
    ] {
        assert_eq!(ended.exit(|exit| exit), exit);
    }
}
