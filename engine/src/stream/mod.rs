//! Bodies: bytes on their way from one place to another.
//!
//! A body is pulled: nothing is read before somebody asks for the next chunk, so a body that is
//! never read costs nothing. What happens on the way (counting, verifying, opening again after a
//! break, feeding several readers) is wrapped around it.

mod body;
pub(crate) mod codes;
mod fan_out;
mod reopen;
mod trail;

pub use body::{Body, Cause, Chunks};
pub use fan_out::{LEG_IDLE, fan_out};
pub use reopen::{Reopen, Told, reopening};
pub use trail::{Takeover, Trail};
