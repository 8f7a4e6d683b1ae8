//! A token, and how a token server gives it.

use crate::role::Secret;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;

/// Shorter lives are not believed. Source: the token specification (`expires_in`).
const MIN_LIFE: Duration = Duration::from_mins(1);

/// Longer lives are asked for again.
const MAX_LIFE: Duration = Duration::from_hours(24);

/// A token, and until when it is used.
pub(in crate::http) struct Token {
    /// The value of an `Authorization` header.
    pub(in crate::http) value: Secret,
    until: Instant,
}

/// What a token server answers.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

impl Token {
    /// Reads the answer of a token server.
    ///
    /// # Errors
    ///
    /// What is wrong with it, to be read after the server's name. The answer is not repeated: it may
    /// hold a token.
    pub(super) fn parse(answer: &[u8]) -> Result<Self, &'static str> {
        let given: Given =
            serde_json::from_slice(answer).map_err(|_| "its answer makes no sense")?;
        let value = given.token.or(given.access_token).filter(|token| !token.is_empty());
        let value = value.ok_or("its answer holds no token")?;
        let life = Duration::from_secs(given.expires_in.unwrap_or(0)).clamp(MIN_LIFE, MAX_LIFE);
        let value = Secret::new(format!("Bearer {value}"));
        Ok(Self { value, until: Instant::now() + life.mul_f32(0.9) })
    }

    /// Whether it may still be used. It is dropped a little before its end, so that a request
    /// with a body, which cannot be repeated, does not meet that end.
    pub(super) fn lives(&self) -> bool {
        Instant::now() < self.until
    }
}
