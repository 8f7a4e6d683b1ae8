//! For authors of plugins: from a name to a folder, and from a folder to a component.
//!
//! In goes the folder of a plugin, whatever language it is written in; out comes a component that
//! carries its manifest and imports no more than it wants. The tools of the language are run as
//! the author would run them; nothing is installed. `specs/plugins.md` describes the commands.

mod build;
mod cargo;
mod codes;
mod fault;
mod folder;
mod interface;
mod language;
mod manifest;
mod scripts;
mod template;
mod tool;
mod world;
mod wrap;

pub use build::{Built, build};
pub use fault::AuthorFault;
pub use folder::{New, create};
pub use interface::interface;
pub use language::Language;
pub use world::imports;
