//! A world to test the engine in: everything on loopback, everything from a seed, everything
//! counted. Test code: it panics where a test should fail.

pub mod audit;
pub mod fault;
pub mod guest;
pub mod images;
pub mod judging;
pub mod real;
pub mod registry;
pub mod server;
pub mod walk;
pub mod world;
