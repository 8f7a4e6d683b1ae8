//! Where the build put the components of the guests and of the examples.

use std::path::{Path, PathBuf};

/// The component of a guest.
pub fn component(guest: &str) -> PathBuf {
    Path::new(env!("HOSTILE_GUESTS")).join(format!("{guest}.wasm"))
}
