//! Real tools: Debian's registry, and independent readers of what the engine writes.

mod docker_registry;
mod tool;

pub use docker_registry::{DockerRegistry, Wanted};
pub use tool::Tool;
