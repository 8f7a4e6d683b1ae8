//! What authors of plugins are promised: the commands, the tutorial, the store.

mod commands;
mod lacking;
mod pulled;
mod roles;
mod shell;
mod tutorial;
