//! Images from a seed: the same seed gives the same bytes, so digests can stand in snapshots.

mod dialect;
mod kinds;
mod layer;
mod layout;
mod push;
mod seed;
mod seeded;

pub use dialect::Dialect;
pub use layer::Layer;
pub use push::Pusher;
pub use seed::Seed;
pub use seeded::{Sealed, Seeded};
