//! Places in memory, for tests: strict about order, with faults to be injected.

mod image;
mod place;
mod session;
mod world;

pub(crate) use image::Image;
pub(crate) use place::{Pace, Place};
pub(crate) use world::World;
