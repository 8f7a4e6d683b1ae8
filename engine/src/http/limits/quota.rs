//! The quota of pulls that a registry tells about: how many manifests it lets us read yet.
//!
//! What is left is known from the last answer, and what is on its way counts as spent. Once no
//! more is left than the spec keeps in reserve, no further pull is sent: each would be refused, and
//! some registries answer refused clients more slowly, or not at all.
//!
//! Source: Docker Hub, "Usage and limits" (`ratelimit-remaining: 76;w=21600`); the IETF's
//! draft-ietf-httpapi-ratelimit-headers (`RateLimit: "default";r=50;t=30`, and the three headers
//! of its earlier versions).

use reqwest::header::HeaderMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// When a quota is filled again, where the registry does not say. Docker Hub says six hours.
const UNTOLD_WINDOW: Duration = Duration::from_hours(1);
/// The longest window that is believed.
const MAX_WINDOW: Duration = Duration::from_hours(24 * 7);

/// What is known of a registry's quota.
#[derive(Default)]
pub(in crate::http) struct Quota(Mutex<Known>);

#[derive(Default)]
struct Known {
    told: Option<Told>,
    /// Pulls without an answer yet.
    pulling: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    remaining: u64,
    at: Instant,
    until: Instant,
}

/// Leave for one pull, which counts as spent until it is answered or dropped.
pub(in crate::http) struct Pull<'a> {
    quota: &'a Quota,
    open: bool,
}

/// No pull is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Spent {
    /// How many the registry would still give, reserved ones among them.
    pub(in crate::http) remaining: u64,
    /// When it gives more.
    pub(in crate::http) after: Duration,
}

impl Quota {
    /// Leave to read one manifest, if more than `reserve` are left.
    pub(in crate::http) fn pull(&self, reserve: u64) -> Result<Pull<'_>, Spent> {
        let mut known = self.known();
        let now = Instant::now();
        known.told = known.told.filter(|told| told.until > now);
        let used = reserve.saturating_add(known.pulling);
        if let Some(told) = known.told.filter(|told| told.remaining <= used) {
            return Err(Spent { remaining: told.remaining, after: told.until - now });
        }
        known.pulling += 1;
        Ok(Pull { quota: self, open: true })
    }

    /// Takes note of an answer, to a pull or to anything else, that was asked for at `asked`.
    /// `tell` gets how many pulls are left, where that is news, one after the other.
    ///
    /// Answers overtake each other: a higher number is true only if it was asked for after the
    /// lower one had come.
    pub(in crate::http) fn answered(
        &self,
        pull: Option<Pull<'_>>,
        headers: &HeaderMap,
        asked: Instant,
        tell: impl FnOnce(u64),
    ) {
        let mut known = self.known();
        if let Some(mut pull) = pull {
            pull.open = false;
            known.pulling -= 1;
        }
        let Some((remaining, window)) = read(headers) else { return };
        let before = known.told;
        if before.is_some_and(|told| told.remaining < remaining && asked <= told.at) {
            return;
        }
        let at = Instant::now();
        known.told = Some(Told { remaining, at, until: at + window });
        if before.is_none_or(|told| told.remaining != remaining) {
            tell(remaining);
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pull<'_> {
    fn drop(&mut self) {
        if self.open {
            self.quota.known().pulling -= 1;
        }
    }
}

/// What is left, and when the quota is filled again.
fn read(headers: &HeaderMap) -> Option<(u64, Duration)> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let seconds = |value: &str| value.trim().parse().ok().map(Duration::from_secs);
    let (remaining, window) = match (text("ratelimit-remaining"), text("ratelimit")) {
        (Some(value), _) => {
            let reset = || text("ratelimit-reset").and_then(seconds);
            let limit = || text("ratelimit-limit").and_then(|limit| parameter(limit, "w"));
            let window = || parameter(value, "w").or_else(limit).and_then(seconds);
            let first = value.split([';', ',']).next()?;
            (first.trim().parse().ok()?, reset().or_else(window))
        }
        // Of several policies the one that ends first.
        (None, Some(value)) => {
            let policies = value.split(',').filter_map(|policy| {
                let left: u64 = parameter(policy, "r")?.parse().ok()?;
                Some((left, parameter(policy, "t").and_then(seconds)))
            });
            policies.min()?
        }
        (None, None) => return None,
    };
    Some((remaining, window.unwrap_or(UNTOLD_WINDOW).min(MAX_WINDOW)))
}

/// The value of a parameter: `21600` of `w` in `100;w=21600`.
fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let mut parameters = value.split([';', ',']).skip(1).filter_map(|part| part.split_once('='));
    parameters.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        all.iter().copied().map(pair).collect()
    }

    #[test]
    fn the_headers_are_read() {
        let hours = |hours: u64| Some(Duration::from_hours(hours));
        for (all, left, window) in [
            (
                &[("ratelimit-remaining", "76;w=21600"), ("ratelimit-limit", "100;w=21600")][..],
                76,
                hours(6),
            ),
            (&[("ratelimit-remaining", "7"), ("ratelimit-limit", "10, 10;w=7200")], 7, hours(2)),
            (&[("ratelimit-remaining", "7"), ("ratelimit-reset", "3600")], 7, hours(1)),
            (&[("ratelimit-remaining", "0")], 0, Some(UNTOLD_WINDOW)),
            (&[("ratelimit", "\"day\";r=500;t=86400, \"hour\";r=5;t=7200")], 5, hours(2)),
            (&[("ratelimit-remaining", "1;w=99999999999")], 1, Some(MAX_WINDOW)),
        ] {
            assert_eq!(read(&headers(all)).unzip(), (Some(left), window), "{all:?}");
        }
        for all in [&[("ratelimit-remaining", "many")][..], &[("ratelimit", "x")], &[]] {
            assert_eq!(read(&headers(all)), None, "{all:?}");
        }
    }

    /// What an answer with so many left, to a request of so many milliseconds ago, is news of.
    fn answered(
        quota: &Quota,
        pull: Option<Pull<'_>>,
        left: &'static str,
        ago: u64,
    ) -> Option<u64> {
        let headers = headers(&[("ratelimit-remaining", left)]);
        let mut news = None;
        let asked = Instant::now() - Duration::from_millis(ago);
        quota.answered(pull, &headers, asked, |left| news = Some(left));
        news
    }

    #[tokio::test(start_paused = true)]
    async fn pulls_end_at_the_reserve() {
        let quota = Quota::default();
        let first = quota.pull(2).expect("nothing is known yet");
        assert_eq!(answered(&quota, Some(first), "4;w=60", 1), Some(4));
        assert_eq!(answered(&quota, None, "4;w=60", 1), None, "no news");
        let (one, two) = (quota.pull(2).unwrap(), quota.pull(2).unwrap());
        let spent = quota.pull(2).err().expect("two are on their way");
        assert_eq!(spent, Spent { remaining: 4, after: Duration::from_mins(1) });
        drop(one);
        assert_eq!(answered(&quota, Some(two), "3;w=60", 1), Some(3));
        let last = quota.pull(2).unwrap();
        assert_eq!(answered(&quota, Some(last), "2;w=60", 1), Some(2));
        assert!(quota.pull(2).is_err() && quota.pull(1).is_ok());
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(quota.pull(2).is_ok(), "it is filled again");
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_were_overtaken_say_nothing_new() {
        let quota = Quota::default();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(answered(&quota, None, "5;w=60", 10), Some(5));
        assert_eq!(answered(&quota, None, "6;w=60", 20), None, "it was overtaken");
        assert_eq!(answered(&quota, None, "4;w=60", 20), Some(4));
        tokio::time::advance(Duration::from_millis(5)).await;
        assert_eq!(answered(&quota, None, "9;w=60", 1), Some(9), "it was filled");
    }
}
