//! Panics of imports.
//!
//! The attack: a guest finds numbers for which the engine's own code panics. The panic unwinds out of the
//! import and through the guest, and ends whatever waits for the call: in the survey, which is no task of
//! its own, that was the whole run. It is a defect of the engine in any case, but not one for others to
//! pay for.

use crate::host::fault::HostFault;
use futures_util::future::FutureExt;
use std::panic::AssertUnwindSafe;

/// Makes a panic of `work` the fault of its call. The instance must not be used again.
pub(in crate::host) async fn caught<T>(
    work: impl Future<Output = wasmtime::Result<T>>,
) -> wasmtime::Result<T> {
    let ended = AssertUnwindSafe(work).catch_unwind().await;
    ended.unwrap_or_else(|_| Err(HostFault::Panicked.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_fault_of_its_call() {
        let ended = caught::<()>(async { panic!("an import") }).await.unwrap_err();
        assert_eq!(ended.downcast_ref::<HostFault>(), Some(&HostFault::Panicked));
        assert_eq!(caught(async { Ok(7) }).await.unwrap(), 7);
    }
}
