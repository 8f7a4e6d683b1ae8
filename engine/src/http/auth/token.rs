//! A token, and how a token server gives it.

use crate::role::Secret;
use serde::Deserialize;
use serde_json::Value;
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
    expires_in: Option<Value>,
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
        let life = given.expires_in.as_ref().and_then(life).unwrap_or(MIN_LIFE);
        let life = life.clamp(MIN_LIFE, MAX_LIFE);
        let value = Secret::new(format!("Bearer {value}"));
        Ok(Self { value, until: Instant::now() + life.mul_f32(0.9) })
    }

    /// Whether it may still be used. It is dropped a little before its end, so that a request
    /// with a body, which cannot be repeated, does not meet that end.
    pub(super) fn lives(&self) -> bool {
        Instant::now() < self.until
    }
}

/// The life that a token server tells. It is a hint: some write it as a text or with a fraction, and one that
/// makes no sense is no reason not to use the token.
fn life(told: &Value) -> Option<Duration> {
    let seconds = told.as_f64().or_else(|| told.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_life_that_makes_no_sense_is_the_shortest() {
        let lives_for = |told: &str, seconds| {
            let token = Token::parse(format!(r#"{{"token":"t","expires_in":{told}}}"#).as_bytes());
            let token = token.unwrap();
            let mut later = Token { until: token.until - Duration::from_secs(seconds), ..token };
            let lives = later.lives();
            later.until -= Duration::from_secs(1);
            lives && !later.lives()
        };
        for (told, seconds) in [
            ("300", 269),
            ("300.5", 270),
            ("\"300\"", 269),
            ("\" 300.0 \"", 269),
            ("null", 53),
            ("-1", 53),
            ("\"soon\"", 53),
            ("1e300", 53),
            ("[]", 53),
        ] {
            assert!(lives_for(told, seconds), "{told}");
        }
    }
}
