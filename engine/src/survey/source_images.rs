//! The images of a source: its origins, with patterns and repositories resolved to tags.

use super::concurrency::concurrently;
use super::error;
use super::illegal_names::IllegalNames;
use super::image::Image;
use super::open_place::{OpenPlace, OpenPlaces};
use super::source_companions::SourceCompanions;
use super::survey_context::SurveyContext;
use crate::companion::names::companion_of;
use crate::diagnostic::Fault;
use crate::event::Event;
use crate::graph::{Endpoint, Globs, Origin, Source, TagRule};
use crate::oci::{Name, Reference};
use crate::plan::{Listing, Skip};
use crate::role::{NameList, Session};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The images of one source.
#[derive(Default)]
pub(super) struct SourceImages {
    /// The images, each once.
    pub images: Vec<Arc<Image>>,
    /// Tags that its own selection left out.
    pub skips: Vec<Skip>,
    /// The lists that were asked for.
    pub listings: Vec<Listing>,
    /// What could not be looked at.
    pub faults: Vec<Fault>,
}

impl SourceImages {
    /// Keeps a fault, once.
    fn note(&mut self, fault: Option<Fault>) {
        self.faults.extend(fault.filter(|fault| !self.faults.contains(fault)));
    }
}

/// A source that is asked for its images.
pub(super) struct SourceQuery<'a> {
    /// The step.
    pub step: &'a str,
    /// What it says.
    pub source: &'a Source,
    /// Who is told, and how many at once.
    pub context: &'a SurveyContext,
}

/// A repository whose tags are wanted.
struct RepositoryQuery {
    place: Arc<OpenPlace>,
    /// The repository; without tag and digest.
    repository: Reference,
    /// Whether the spec names it, so that it must have something.
    named: bool,
}

impl SourceQuery<'_> {
    /// Asks the source. What fails is among the faults; the rest of it goes on.
    pub(super) async fn ask(&self, mut places: OpenPlaces<'_>) -> SourceImages {
        let mut all = SourceImages::default();
        let globs = match self.source.mutable_tags.as_deref().map(Globs::new).transpose() {
            Ok(globs) => globs,
            Err(fault) => {
                // Not knowing which tags may move, none is offered.
                all.faults.push(fault);
                return all;
            }
        };
        let mutable = |tag: Option<&str>| match &globs {
            Some(globs) => tag.is_some_and(|tag| globs.matches(tag)),
            None => true,
        };
        let queries = self.resolve(&mut places, &mutable, &mut all).await;
        self.list(queries, &mutable, &mut all).await;
        let mut seen = BTreeSet::new();
        all.images.retain(|image| seen.insert(Arc::clone(&image.reference)));
        let images = all.images.len() as u64;
        self.context.events.say(&Event::SurveyFinished { step: self.step.to_owned(), images });
        all
    }

    /// Takes the images that are named one by one, and finds the repositories.
    async fn resolve(
        &self,
        places: &mut OpenPlaces<'_>,
        mutable: &impl Fn(Option<&str>) -> bool,
        all: &mut SourceImages,
    ) -> Vec<RepositoryQuery> {
        let mut queries = Vec::new();
        let mut reported = BTreeSet::new();
        for origin in &self.source.origins {
            let found = match origin {
                Origin::Image(endpoint) => {
                    if reported.insert(&endpoint.reference.place) {
                        self.report(&endpoint.reference.place);
                    }
                    let image = self.image(places, endpoint, mutable).await;
                    image.map(|image| all.images.push(Arc::new(image)))
                }
                Origin::Repository(endpoint) => {
                    let query = self.repository(places, endpoint).await;
                    query.map(|query| queries.push(query))
                }
                Origin::Repositories { transport, form, place, glob } => {
                    let at = Reference {
                        transport: transport.clone(),
                        form: *form,
                        place: place.clone(),
                        name: Name::default(),
                    };
                    let found = self.repositories(places, &at, glob, all).await;
                    if found.as_ref().is_ok_and(Vec::is_empty) {
                        let image = self.nameless(places, at, mutable).await;
                        image.map(|image| all.images.push(Arc::new(image)))
                    } else {
                        found.map(|found| queries.extend(found))
                    }
                }
            };
            all.note(found.err());
        }
        queries
    }

    fn report(&self, place: &impl ToString) {
        let (step, place) = (self.step.to_owned(), place.to_string());
        self.context.events.say(&Event::SurveyStarted { step, place });
    }

    async fn image(
        &self,
        places: &mut OpenPlaces<'_>,
        endpoint: &Endpoint,
        mutable: &impl Fn(Option<&str>) -> bool,
    ) -> Result<Image, Fault> {
        let reference = endpoint.reference.clone();
        let place = places.open(self.step, &reference.transport, &reference.place).await?;
        let moves = mutable(reference.name.tag.as_deref());
        Ok(Image::new(reference, place, false, moves))
    }

    /// The only image of a place where nothing has a name, as a layout with one image may be.
    async fn nameless(
        &self,
        places: &mut OpenPlaces<'_>,
        reference: Reference,
        mutable: &impl Fn(Option<&str>) -> bool,
    ) -> Result<Image, Fault> {
        let place = places.open(self.step, &reference.transport, &reference.place).await?;
        Ok(Image::new(reference, place, false, mutable(None)))
    }

    async fn repository(
        &self,
        places: &mut OpenPlaces<'_>,
        endpoint: &Endpoint,
    ) -> Result<RepositoryQuery, Fault> {
        let reference = &endpoint.reference;
        let place = places.open(self.step, &reference.transport, &reference.place).await?;
        let repository = reference.name.repository.clone();
        let repository = reference.with_name(Name { repository, ..Name::default() });
        Ok(RepositoryQuery { place, repository, named: true })
    }

    async fn repositories(
        &self,
        places: &mut OpenPlaces<'_>,
        at: &Reference,
        glob: &str,
        all: &mut SourceImages,
    ) -> Result<Vec<RepositoryQuery>, Fault> {
        // An empty text is no glob: the place's repositories are all meant.
        let globs = (!glob.is_empty()).then(|| Globs::new(&[glob.to_owned()])).transpose()?;
        self.report(&at.place);
        let place = places.open(self.step, &at.transport, &at.place).await?;
        let list = place.ask("", |session| async move { session.name_list(None).await }).await;
        all.listings.push(Listing::from_answer(self.step, &at.place, &list));
        let mut list = list?;
        let is_meant = |name: &str| globs.as_ref().is_none_or(|globs| globs.matches(name));
        list.names.retain(|repository| is_meant(repository));
        list.names.sort();
        // A place without a name that can be said may hold one image all the same.
        if globs.is_some() || !list.names.is_empty() {
            let illegal = IllegalNames { step: self.step, list: &list, kind: "repository" };
            let named = |name: &str| {
                let name = Name { repository: name.to_owned(), ..Name::default() };
                at.with_name(name).to_string()
            };
            all.skips.extend(illegal.skips(&at.place, is_meant, named));
        }
        if globs.is_some() && list.names.is_empty() {
            return Err(error::no_repositories(&at.place, glob));
        }
        let query = |repository| {
            let repository = at.with_name(Name { repository, ..Name::default() });
            RepositoryQuery { place: Arc::clone(&place), repository, named: false }
        };
        Ok(list.names.into_iter().map(query).collect())
    }

    /// Reads each list of tags once, and selects from it.
    async fn list(
        &self,
        queries: Vec<RepositoryQuery>,
        mutable: &impl Fn(Option<&str>) -> bool,
        all: &mut SourceImages,
    ) {
        let mut once = BTreeMap::new();
        for query in queries {
            once.entry(query.repository.clone()).or_insert(query);
        }
        let lists = concurrently(once.into_values().collect(), self.context.at_once, |query| {
            self.report(&query.repository);
            async move {
                let repository = query.repository.name.repository.as_str();
                let ask = |session: Arc<dyn Session>| async move {
                    session.name_list(Some(repository)).await
                };
                let tags = query.place.ask(repository, ask).await;
                (query, tags)
            }
        });
        for (query, tags) in lists.await {
            all.listings.push(Listing::from_answer(self.step, &query.repository, &tags));
            let names = tags.as_ref().map(|tags| tags.names.as_slice());
            let companions = names.map(SourceCompanions::among).unwrap_or_default();
            let companions = Arc::new(companions);
            match tags.and_then(|tags| self.select(&query, tags, all)) {
                Ok(kept) => all.images.extend(kept.into_iter().map(|tag| {
                    let moves = mutable(Some(&tag));
                    let reference = tagged(&query.repository, tag);
                    let image = Image::new(reference, Arc::clone(&query.place), true, moves);
                    Arc::new(image.with_companions(&companions))
                })),
                Err(fault) => all.note(Some(fault)),
            }
        }
    }

    /// The tags that the source's own rule lets through. Companion tags travel with their image,
    /// unless the rule names what it includes.
    fn select(
        &self,
        query: &RepositoryQuery,
        list: NameList,
        all: &mut SourceImages,
    ) -> Result<Vec<String>, Fault> {
        let illegal = IllegalNames { step: self.step, list: &list, kind: "tag" };
        let named = |tag: &str| tagged(&query.repository, tag.to_owned()).to_string();
        let of = query.repository.to_string();
        all.skips.extend(illegal.skips(&of, |_| true, named));
        let mut tags = list.names;
        if tags.is_empty() && query.named {
            return Err(error::no_tags(&query.repository));
        }
        let rule = self.source.tags.as_ref();
        let named = |tag: &String| rule.is_some_and(|rule| rule.always.contains(tag));
        if rule.is_none_or(|rule: &TagRule| rule.include.is_empty()) {
            tags.retain(|tag| companion_of(tag).is_none() || named(tag));
        }
        let Some(rule) = rule else { return Ok(tags) };
        let selected = rule.select(&tags)?;
        all.skips.extend(selected.left_out.into_iter().map(|(tag, why)| Skip {
            step: self.step.to_owned(),
            image: tagged(&query.repository, tag).to_string(),
            why,
        }));
        Ok(selected.kept)
    }
}

fn tagged(repository: &Reference, tag: String) -> Reference {
    repository.with_name(Name::tagged(repository.name.repository.clone(), tag))
}
