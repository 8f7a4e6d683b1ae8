//! Reading answers.

use reqwest::Response;
use serde_json::Value;

/// The body of an answer as JSON.
pub(super) async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// The code of the first fault in an answer.
pub(super) async fn code_of(response: Response) -> String {
    json_of(response).await["errors"][0]["code"].as_str().unwrap().to_owned()
}

/// A header as text; nothing when it is missing.
pub(super) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}
