//! `engine plugin`: look at plugins, make them, try them.

pub(super) mod arguments;
mod build;
mod call;
mod inspect;
mod list;
mod new;
mod pull;
mod reach;
mod shown;
mod wit;
