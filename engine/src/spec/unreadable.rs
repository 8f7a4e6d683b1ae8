//! A file that cannot be read.

use crate::diagnostic::{Fault, Origin};
use std::io;

/// The fault for a spec file that cannot be read, or is not UTF-8; exit code 78.
pub fn unreadable(file: &str, why: &io::Error) -> Fault {
    let message = format!("`{file}` cannot be read: {why}");
    Fault::new("spec::unreadable", Origin::Local, message)
}
