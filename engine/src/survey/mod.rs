//! The survey: what is at the sources, and what at the destinations.
//!
//! In go the checked graph and the components of the run, out come [`Facts`](crate::plan::Facts).
//! Only reads are made. A list of tags is read once per source and repository, a name is resolved
//! once, a manifest is read once per digest and only where a step must see into it. A source or a
//! destination that cannot be looked at becomes a fault; the others go on.
//!
//! `survey` reads like this: `source_images` asks the sources; `filter` and its kin choose;
//! `lookups` prepares what is asked at the sinks, where `immutable_tags` knows what need not be;
//! `comparison` looks at one image at one sink, with `transforms`, `judging` and `signatures`.
//! Files import downwards in that order, and none imports back.

mod codes;
mod comparison;
mod compress;
mod concurrency;
mod content_cache;
mod destination;
mod destinations;
mod edited_image;
mod empty_repositories;
mod error;
mod exhibit;
mod filter;
mod filter_content;
mod filter_plugin;
mod filtered;
mod graph_steps;
mod illegal_names;
mod image;
mod image_config;
mod immutable_tags;
mod judged;
mod judging;
mod left_out;
mod lookup;
mod lookups;
mod machine_judge;
mod missing_companions;
mod nested_indexes;
mod open_place;
mod outage;
mod platforms;
mod route;
mod signatures;
mod sizes;
mod source_companions;
mod source_images;
mod subjects;
#[expect(clippy::module_inception, reason = "files are named after their noun")]
mod survey;
mod survey_context;
mod tag_lists;
mod transform_plugin;
mod transforms;

pub use survey::survey;
pub use survey_context::SurveyContext;

#[cfg(test)]
mod testing;

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "edges_tests.rs"]
mod edges;

#[cfg(test)]
#[path = "graphs_tests.rs"]
mod graphs;
