//! What is copied: content of every kind, as it is; what steps choose and cut.

mod as_it_is;
mod changed;
mod chosen;
mod compressed;
mod compressed_again;
mod conflicts;
mod layouts;
mod left_behind;
mod lost;
mod nested;
mod pair;
mod placed;
mod referrers;
