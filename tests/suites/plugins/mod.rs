//! The sandbox against guests that mean harm: each ends as its own named fault, in bounded time,
//! and whatever else is in the run goes on.

mod archive;
mod archive_file;
mod archive_scene;
mod bounds;
mod cache;
mod depths;
mod forged;
mod giants;
mod hoards;
mod lies;
mod logins;
mod memory;
mod overreach;
mod play;
mod races;
mod redirected_hosts;
mod refusals;
mod roll;
mod secrets;
mod sinks;
mod smuggling;
mod waits;
mod walls;
mod words;

pub(crate) use archive_file::ArchiveFile;
pub(crate) use play::Play;
