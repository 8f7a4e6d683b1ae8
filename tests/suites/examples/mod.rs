//! The examples and the README do what they say.

mod folder;
mod judged;
mod mirrors;
mod quickstart;
mod specs;
