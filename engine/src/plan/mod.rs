//! What is to be done, and why: facts in, plan out.
//!
//! Pure: `survey` asks the places and gives [`Facts`]; [`make`] gives a [`Plan`]. Nothing here
//! waits, opens a place, or knows a component; the house test `purity` holds it to that. A plan can
//! be shown as text, kept as JSON, and asked why it does what it does.

mod codes;
mod expected;
mod explain;
mod fact;
mod forecast;
mod item;
mod json;
mod listing;
mod make;
mod saved_reference;
mod sign;
mod source_annotations;
mod text;
mod verdict;

pub use expected::Expected;
pub use explain::explain;
pub use fact::Facts;
pub(crate) use fact::{Sighting, Sizes, Standing};
pub use forecast::Forecast;
pub use item::{Action, Copying, Item, Kept, Made, Plan, Reason, Skip, Written};
pub use json::{from_json, to_json};
pub use listing::Listing;
pub use make::make;
pub use sign::Sign;
pub use source_annotations::SourceAnnotations;
pub use text::{summary, text};
pub use verdict::Verdict;
