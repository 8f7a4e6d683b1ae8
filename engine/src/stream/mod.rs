//! Bodies: bytes on their way from one place to another.
//!
//! A body is pulled: nothing is read before somebody asks for the next chunk, so a body that is
//! never read costs nothing. What happens on the way (counting, verifying, opening again after a
//! break, feeding several readers, compressing and unpacking) is wrapped around it.

mod body;
pub(crate) mod codes;
mod compress;
mod fan_out;
mod gzip;
mod measure;
mod off_thread;
mod read_marks;
mod reopen;
mod step;
mod unpack_bounds;
mod unpacking;
mod zstd;

pub use body::{Body, Cause, Chunks};
pub use fan_out::{LEG_IDLE, fan_out};
pub use measure::Measure;
pub use read_marks::{ReadMarks, Takeover};
pub use reopen::{Reopen, Told, reopening};
pub use unpack_bounds::UnpackBounds;
