//! Lists of tags and of repositories, one page a call.

use crate::address::{Registry, Repository};
use crate::answer::refused;
use crate::link::next_query;
use engine_plugin_sdk::http::{Request, Response};
use engine_plugin_sdk::oci::Name;
use engine_plugin_sdk::{Fault, Page};
use serde::Deserialize;

/// Names asked for at once: what the registries that have a bound allow.
const PAGE: usize = 1000;
/// Names in one page of ours. Source: `wit/transport.wit`.
const MAX_PAGE: usize = 10_000;
/// Bytes of one page of a registry that does not page at all: some 100,000 names.
const MAX_LIST_BYTES: u64 = 16 << 20;

/// Where to go on: the registry's own query, and how many names of that page were had already.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    had: usize,
    query: Option<String>,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Option<Vec<Option<String>>>,
}

#[derive(Deserialize)]
struct Catalog {
    #[serde(default)]
    repositories: Option<Vec<Option<String>>>,
}

/// A page of tags; empty when there is no such repository.
///
/// Digest-shaped and empty entries, which some registries list, are passed over.
pub(crate) fn tags(repository: &Repository, after: Option<&str>) -> Result<Page, Fault> {
    let place = Place::parse(after)?;
    let answer = ask(&repository.tags(), &place)?;
    if answer.status == 404 {
        return Ok(Page::default());
    }
    let list = |text: &[u8]| Ok(serde_json::from_slice::<Tags>(text)?.tags.unwrap_or_default());
    page(answer, place, "listing tags", list, Name::is_tag)
}

/// A page of repositories; also names that cannot be repositories, which the engine reports.
pub(crate) fn repositories(registry: &Registry, after: Option<&str>) -> Result<Page, Fault> {
    let place = Place::parse(after)?;
    let answer = ask(&registry.catalog(), &place)?;
    let list =
        |text: &[u8]| Ok(serde_json::from_slice::<Catalog>(text)?.repositories.unwrap_or_default());
    page(answer, place, "listing repositories", list, |name| !name.is_empty())
}

fn ask(url: &str, place: &Place) -> Result<Response, Fault> {
    if let Some(query) = &place.query {
        return Request::new("GET", format!("{url}?{query}")).send();
    }
    let answer = Request::new("GET", format!("{url}?n={PAGE}")).send()?;
    // A registry with a smaller bound says so with 400 instead of sending less.
    if answer.status == 400 { Request::new("GET", url).send() } else { Ok(answer) }
}

fn page(
    answer: Response,
    place: Place,
    doing: &str,
    read: impl Fn(&[u8]) -> Result<Vec<Option<String>>, serde_json::Error>,
    is_name: impl Fn(&str) -> bool,
) -> Result<Page, Fault> {
    if answer.status != 200 {
        return Err(refused(answer, doing));
    }
    let following = answer.header("link").and_then(next_query).map(str::to_owned);
    let text = answer.body.read_all(MAX_LIST_BYTES)?;
    let names = read(&text)
        .map_err(|fault| Fault::protocol(format!("the list is not readable: {fault}")))?;
    // Some registries have a next page for ever. An empty one is the end.
    let following = following.filter(|_| !names.is_empty());
    if following.is_some() && following == place.query {
        return Err(Fault::protocol("the registry's next page is the page itself"));
    }
    let names: Vec<String> = names.into_iter().flatten().filter(|name| is_name(name)).collect();
    let total = names.len();
    let names: Vec<String> = names.into_iter().skip(place.had).take(MAX_PAGE).collect();
    let had = place.had + names.len();
    let next = if had < total {
        Some(Place { had, query: place.query })
    } else {
        following.map(|query| Place { had: 0, query: Some(query) })
    };
    Ok(Page { names, next: next.map(|place| place.text()) })
}

impl Place {
    /// Reads `had` or `had?query`.
    fn parse(after: Option<&str>) -> Result<Self, Fault> {
        let Some(text) = after else { return Ok(Self { had: 0, query: None }) };
        let (had, query) = match text.split_once('?') {
            Some((had, query)) => (had, Some(query.to_owned())),
            None => (text, None),
        };
        let had = had.parse().map_err(|_| Fault::invalid(format!("`{text}` is no page")))?;
        Ok(Self { had, query })
    }

    fn text(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.had),
            None => self.had.to_string(),
        }
    }
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
