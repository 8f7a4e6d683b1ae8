//! The sandbox against guests that mean harm: each ends as its own named fault, in bounded time,
//! and whatever else is in the run goes on.

mod bounds;
mod cache;
mod led;
mod lies;
mod play;
mod refusals;
mod roll;
mod walls;

pub(crate) use play::component;
