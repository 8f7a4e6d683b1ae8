//! Follows a registry to where it sends us.

use super::connections::Way;
use crate::diagnostic::Fault;
use crate::http::client::Client;
use crate::http::codes;
use crate::http::fault;
use crate::http::permission;
use crate::http::place::{Place, host_port};
use crate::http::wire::{Answer, Call};
use crate::role::Errand;
use reqwest::Method;
use reqwest::header::LOCATION;
use url::Url;

/// Redirects of one request. Source: what browsers and the container tools allow is 10 to 20.
const MAX_REDIRECTS: u32 = 10;

impl Client {
    /// Follows the redirects of an answer to GET or HEAD. The registry's credentials stay with
    /// the registry, and nothing goes from https to http.
    pub(in crate::http) async fn follow(
        &self,
        place: &Place,
        spare: Call,
        answer: Answer,
        errand: &Errand,
    ) -> Result<Answer, Fault> {
        let (mut call, mut answer) = (spare, answer);
        for _ in 0..MAX_REDIRECTS {
            let Some(next) = location(&answer.0).filter(|_| redirects(&answer.0)) else {
                return Ok(answer);
            };
            let weaker = call.url.scheme() == "https" && next.scheme() != "https";
            // Its own name with http is what a registry behind a TLS proxy says; we stay with https.
            if weaker && !place.owns(&next) {
                let what = format!("`{}` redirects from https to http", host_port(&call.url));
                return Err(fault::not_granted(&what).at(&place.name));
            }
            let way = place.lead(&next, "redirect", &self.events)?;
            // Somebody else who points back at the registry has no say in what we sign there.
            let trusted = place.owns(&call.url)
                || permission::path(next.as_str(), &next, &call.method, errand).is_ok();
            self.discard(answer).await;
            call.url = next;
            let spare = call.again();
            answer = match way {
                Way::Own => {
                    call.url = Place::moved(&call.url, place.truth());
                    if trusted {
                        self.signed(place, call, errand).await?
                    } else {
                        self.exchange(place, way, call, fault::origin(errand)).await?
                    }
                }
                Way::Led | Way::Open => {
                    self.exchange(place, way, call, fault::origin(errand)).await?
                }
            };
            call = spare.ok_or_else(|| fault::invalid("a request with a body was redirected"))?;
        }
        if location(&answer.0).is_some() && redirects(&answer.0) {
            let message = format!("`{}` redirects more than {MAX_REDIRECTS} times", place.name);
            let fault = Fault::new(codes::TOO_MANY_REDIRECTS, fault::origin(errand), message);
            return Err(fault.at(&place.name));
        }
        Ok(answer)
    }

    /// Remembers where an upload goes on, if the answer to `method` says so.
    pub(in crate::http) fn note_upload(
        &self,
        place: &Place,
        method: &Method,
        answer: &reqwest::Response,
    ) {
        let writes = matches!(*method, Method::POST | Method::PATCH | Method::PUT);
        // 201 names what was made, not where to go on.
        let goes_on = answer.status().is_success() && answer.status().as_u16() != 201;
        if let Some(next) = location(answer).filter(|_| writes && goes_on) {
            place.lead_upload(answer.url(), &next, &self.events);
        }
    }
}

/// Whether an answer sends GET and HEAD elsewhere.
fn redirects(answer: &reqwest::Response) -> bool {
    matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where an answer points to, without a user, a password and a fragment.
fn location(answer: &reqwest::Response) -> Option<Url> {
    let value = answer.headers().get(LOCATION)?.to_str().ok()?;
    let mut url = answer.url().join(value).ok()?;
    url.set_fragment(None);
    let plain = url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && plain).then_some(url)
}
