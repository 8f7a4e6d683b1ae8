//! What is copied: content of every kind, as it is; what steps choose and cut.

mod as_it_is;
mod changed;
mod chosen;
mod compressed;
mod compressed_again;
mod conflicts;
mod left_behind;
mod lost;
mod pair;
mod placed;
mod referrers;
