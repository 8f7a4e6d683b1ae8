//! What the engine sees of a filter or a transform: the generated export traits, played by a [`Filter`]
//! or a [`Transform`].

use crate::bindings::engine::plugin::types;
use crate::bindings::filter::exports::engine::plugin::filter as wit_filter;
use crate::bindings::transform::exports::engine::plugin::transform as wit_transform;
use crate::filter::{Candidate, Choice};
use crate::raise::{checked, raise};
use crate::transform::Document;
use crate::{Fault, Filter, Transform};
use std::marker::PhantomData;

type Answer<T> = Result<T, types::Fault>;

/// Plays the generated trait with a [`Filter`]. Named by `export_filter!` alone.
pub struct ExportedFilter<T>(PhantomData<T>);

/// Plays the generated trait with a [`Transform`]. Named by `export_transform!` alone.
pub struct ExportedTransform<T>(PhantomData<T>);

impl<T: Filter> wit_filter::Guest for ExportedFilter<T> {
    fn needs(settings: String) -> Answer<Vec<String>> {
        Ok(T::needs(&settings)?)
    }

    fn select(
        candidates: Vec<wit_filter::Candidate>,
        settings: String,
    ) -> Answer<Vec<wit_filter::Choice>> {
        let candidate = |one: wit_filter::Candidate| {
            Ok(Candidate {
                repository: one.repository,
                tag: one.tag,
                descriptor: one.descriptor.map(raise).transpose()?,
                facts: one.facts,
            })
        };
        let candidates: Vec<Candidate> =
            candidates.into_iter().map(candidate).collect::<Result<_, Fault>>()?;
        let choice = |choice: Choice| {
            let (keep, reason) = match choice {
                Choice::Keep => (true, String::new()),
                Choice::Drop(reason) => (false, reason),
            };
            wit_filter::Choice { keep, reason, extra: Vec::new() }
        };
        Ok(T::select(&candidates, &settings)?.into_iter().map(choice).collect())
    }
}

impl<T: Transform> wit_transform::Guest for ExportedTransform<T> {
    fn needs(settings: String) -> Answer<Vec<String>> {
        Ok(T::needs(&settings)?)
    }

    fn rewrite(
        document: wit_transform::Document,
        settings: String,
    ) -> Answer<Option<wit_transform::Edit>> {
        let changed = |(old, new): (String, types::Descriptor)| Ok((checked(&old)?, raise(new)?));
        let document = Document {
            descriptor: raise(document.descriptor)?,
            bytes: document.bytes,
            config: document.config,
            changed: document.changed.into_iter().map(changed).collect::<Result<_, Fault>>()?,
            extra: document.extra,
        };
        let edit = T::rewrite(&document, &settings)?;
        Ok(edit.map(|edit| wit_transform::Edit {
            bytes: edit.bytes,
            config: edit.config,
            extra: Vec::new(),
        }))
    }
}
