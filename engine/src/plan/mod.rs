//! What is to be done, and why: facts in, plan out.
//!
//! `survey` asks the places (network, reads only) and gives [`Facts`]; `make` is pure and gives a
//! [`Plan`]. A plan can be shown as text, kept as JSON, and asked why it does what it does.

mod codes;
pub(crate) mod companion;
pub(crate) mod evidence;
mod explain;
pub(crate) mod fact;
mod forecast;
mod item;
mod json;
mod make;
mod sign;
mod text;
mod verdict;

pub use companion::{
    COMPANION_SUFFIXES, companion_of, companion_tags, fallback_tag, signature_tag,
};
pub use explain::explain;
pub use fact::Facts;
pub use forecast::Forecast;
pub use item::{Action, Copying, Item, Kept, Made, Plan, Reason, Skip, Written};
pub use json::{from_json, to_json};
pub use make::make;
pub use sign::Sign;
pub use text::{summary, text};
pub use verdict::Verdict;

#[cfg(test)]
pub(crate) mod fake;
