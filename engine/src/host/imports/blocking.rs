//! Work that may block or take long, away from the task of the call that waits for it.
//!
//! The attack: a guest has an import do what takes as long as the guest likes. In the task of the call
//! nothing could end it, since the call's clock is looked at only where the task waits; and it would keep
//! other calls from running. So such work runs on a thread that may block, and looks again and again
//! whether its call has ended.

use crate::diagnostic::{Fault, Origin, Retry};
use crate::host::codes;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells work whether the call that waits for it has ended.
#[derive(Clone, Default)]
pub(in crate::host) struct CallEnded(Arc<AtomicBool>);

impl CallEnded {
    /// Fails once the call has ended: whoever asks should stop then. Nobody sees the fault.
    pub(in crate::host) fn check(&self) -> Result<(), Fault> {
        if self.0.load(Ordering::Relaxed) { Err(stopped()) } else { Ok(()) }
    }
}

/// Ends the work when the call that waits is dropped.
struct Waiting(CallEnded);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `work` on a thread that may block.
///
/// # Errors
///
/// What `work` fails with; `fs::io` when it panicked, or when the program ends.
pub(in crate::host) async fn blocking<T: Send + 'static>(
    work: impl FnOnce(&CallEnded) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let ended = CallEnded::default();
    let _waiting = Waiting(ended.clone());
    tokio::task::spawn_blocking(move || work(&ended)).await.unwrap_or_else(|_| Err(stopped()))
}

fn stopped() -> Fault {
    Fault::new(codes::FS_IO, Origin::Local, "the work was interrupted").retry(Retry::Backoff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn work_ends_when_nobody_waits_for_it() {
        let (end, ended) = std::sync::mpsc::channel();
        let endless = blocking::<()>(move |call| {
            loop {
                if let Err(fault) = call.check() {
                    end.send(()).unwrap();
                    return Err(fault);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        assert!(tokio::time::timeout(Duration::from_millis(20), endless).await.is_err());
        ended.recv_timeout(Duration::from_secs(30)).expect("the work stopped");
    }

    #[tokio::test]
    async fn a_panic_is_a_fault() {
        let fault = blocking::<()>(|_| panic!("in an import")).await.unwrap_err();
        assert_eq!(fault.code, "fs::io");
    }
}
