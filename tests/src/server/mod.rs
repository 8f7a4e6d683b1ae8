//! A small HTTP server on a free loopback port, with its own thread, stopped on drop.

mod answer;
mod certificate;
mod running;
mod slices;

pub use answer::Answer;
pub use certificate::Certificate;
pub use running::Server;
pub use slices::Slices;
