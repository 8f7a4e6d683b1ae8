//! Handles that guests hold: of one instance, of all instances of a step, of all plugins.
//!
//! The attack: a guest opens hundreds of files in each of dozens of calls, and keeps them while it
//! computes. No instance breaks its bound, and other steps find no descriptor left, of which the process
//! has 1,024 in many a login shell. So the process asks for all that it may have, and what components
//! from outside hold is bounded for the process too: most handles hold a descriptor.

use crate::host::fault::HostFault;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What a process is taken to have that has no limit, or does not say.
const UNLIMITED: u32 = 1 << 20;

/// Handles of the components from outside, in this process.
pub(in crate::host) struct ProcessHandles {
    open: Count,
    most_of_step: u32,
}

impl ProcessHandles {
    /// Raises the process's own limit of open files as far as it may; half of them are for plugins, and
    /// no step gets more than half of that.
    pub(in crate::host) fn new() -> Arc<Self> {
        Arc::new(Self::of(descriptors()))
    }

    fn of(descriptors: u32) -> Self {
        Self { open: Count::of(descriptors / 2), most_of_step: descriptors / 4 }
    }
}

/// Handles of one step.
#[derive(Clone)]
pub(in crate::host) struct StepHandles(Option<Arc<(Arc<ProcessHandles>, Count)>>);

impl StepHandles {
    /// Those of a component from outside.
    pub(in crate::host) fn outside(process: &Arc<ProcessHandles>) -> Self {
        Self(Some(Arc::new((Arc::clone(process), Count::of(process.most_of_step)))))
    }

    /// Those of a component of this program, which holds few.
    pub(in crate::host) fn built_in() -> Self {
        Self(None)
    }

    /// Those of one instance of the step.
    pub(in crate::host) fn instance(&self, most: u32) -> OpenHandles {
        OpenHandles { open: 0, most, step: self.clone() }
    }

    fn open(&self) -> Result<(), HostFault> {
        let Some(shared) = &self.0 else { return Ok(()) };
        let (process, step) = &**shared;
        step.open()?;
        process.open.open().inspect_err(|_| step.close(1))
    }

    fn close(&self, handles: u32) {
        if let Some(shared) = &self.0 {
            shared.1.close(handles);
            shared.0.open.close(handles);
        }
    }
}

/// Handles of one instance. Those that are open when it is dropped are closed with it.
pub(in crate::host) struct OpenHandles {
    open: u32,
    most: u32,
    step: StepHandles,
}

impl OpenHandles {
    /// Asks for one more.
    pub(in crate::host) fn open(&mut self) -> Result<(), HostFault> {
        if self.open >= self.most {
            return Err(HostFault::TooManyHandles(self.most));
        }
        self.step.open()?;
        self.open += 1;
        Ok(())
    }

    /// Notes that what some of them stood for is gone.
    pub(in crate::host) fn close(&mut self, handles: u32) {
        let closed = handles.min(self.open);
        self.open -= closed;
        self.step.close(closed);
    }
}

impl Drop for OpenHandles {
    fn drop(&mut self) {
        self.close(self.open);
    }
}

/// So many at once.
struct Count {
    open: AtomicU32,
    most: u32,
}

impl Count {
    fn of(most: u32) -> Self {
        Self { open: AtomicU32::new(0), most }
    }

    fn open(&self) -> Result<(), HostFault> {
        let more = |open| (open < self.most).then_some(open + 1);
        let opened = self.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        opened.map(drop).map_err(|_| HostFault::NoHandlesLeft(self.most))
    }

    fn close(&self, handles: u32) {
        self.open.fetch_sub(handles, Ordering::Relaxed);
    }
}

/// How many files this process may have open, after it asked for as many as it can get.
fn descriptors() -> u32 {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let now =
        if setrlimit(Resource::Nofile, wanted).is_ok() { limit.maximum } else { limit.current };
    now.and_then(|most| u32::try_from(most).ok()).unwrap_or(UNLIMITED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_step_takes_the_handles_of_others() {
        let process = Arc::new(ProcessHandles::of(40));
        let (greedy, modest) = (StepHandles::outside(&process), StepHandles::outside(&process));
        let mut instances: Vec<_> = (0..5).map(|_| greedy.instance(4)).collect();
        let opened = instances.iter_mut().map(|one| (0..4).filter(|_| one.open().is_ok()).count());
        assert_eq!(opened.sum::<usize>(), 10, "a quarter of 40");
        assert_eq!(instances[4].open(), Err(HostFault::NoHandlesLeft(10)));
        assert_eq!(instances[0].open(), Err(HostFault::TooManyHandles(4)));
        let mut other = modest.instance(100);
        assert_eq!((0..100).filter(|_| other.open().is_ok()).count(), 10);
        let mut third = StepHandles::outside(&process).instance(100);
        assert_eq!(third.open(), Err(HostFault::NoHandlesLeft(20)), "half of 40 are in use");
        assert!((0..100).all(|_| StepHandles::built_in().instance(1).open().is_ok()));
        drop(instances);
        assert!(third.open().is_ok(), "those of an instance are closed with it");
    }

    #[test]
    fn the_limit_of_this_process_is_as_high_as_it_may_be() {
        descriptors();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
