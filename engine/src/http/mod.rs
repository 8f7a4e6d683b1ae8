//! (stub until the branch is merged)
use crate::diagnostic::Fault;
use crate::role::Errand;
use crate::stream::Body;
/// x
#[derive(Clone)]
pub struct Client;
/// x
pub struct Request {
    /// x
    pub method: String,
    /// x
    pub url: String,
    /// x
    pub headers: Vec<(String, String)>,
    /// x
    pub body: Option<Body>,
    /// x
    pub follow: bool,
}
/// x
pub struct Response {
    /// x
    pub status: u16,
    /// x
    pub headers: Vec<(String, String)>,
    /// x
    pub final_url: String,
    /// x
    pub body: Body,
}
impl Client {
    /// x
    pub async fn send(&self, _r: Request, _e: &Errand) -> Result<Response, Fault> {
        Err(Fault::new("x::y", crate::diagnostic::Origin::Local, ""))
    }
}
