//! The hostile guests and the plugins of the examples, as components, and one without a run around it.

mod alone;
mod component;
mod heard;

pub use alone::Alone;
pub use component::component;
pub use heard::Heard;
