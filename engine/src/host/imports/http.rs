//! `http` for guests. What may be asked is decided in `http::permission`, from the access of the call that
//! the host made for the call; here requests are counted and bodies change hands.

use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::engine::plugin::http::{
    Host, Request as WitRequest, Response as WitResponse,
};
use crate::host::bindings::engine::plugin::types::Fault as WitFault;
use crate::host::codes;
use crate::host::fault::HostFault;
use crate::host::instance::guest::Guest;
use crate::http::{Request, Response};
use futures_util::future::join_all;
use std::time::Instant;
use wasmtime::Result;

/// Requests of one `send-many`.
const MAX_MANY: usize = 64;

impl Guest {
    /// Counts one request of the call.
    pub(in crate::host) fn count_request(&mut self) -> Result<()> {
        self.requests += 1;
        if self.requests > self.limits.requests {
            return Err(HostFault::TooManyRequests(self.limits.requests).into());
        }
        Ok(())
    }

    fn take_request(&mut self, request: WitRequest) -> Result<Request> {
        self.count_request()?;
        let body = match request.body {
            Some(source) => self.take_source(source)?,
            None => None,
        };
        let WitRequest { method, url, headers, follow, .. } = request;
        Ok(Request { method, url, headers, body, follow })
    }

    fn give_response(
        &mut self,
        answer: std::result::Result<Response, Fault>,
    ) -> Result<std::result::Result<WitResponse, WitFault>> {
        match answer {
            Ok(Response { status, headers, final_url, with_login, led_to, body }) => {
                let body = self.push_source(body)?;
                let login = (!with_login).then(|| ("login".to_owned(), "none".to_owned()));
                let led_to = led_to.map(|host| ("led-to".to_owned(), host));
                let extra = login.into_iter().chain(led_to).collect();
                Ok(Ok(WitResponse { status, headers, final_url, body, extra }))
            }
            Err(fault) => Ok(Err(self.give(fault))),
        }
    }
}

impl Host for Guest {
    async fn send(
        &mut self,
        request: WitRequest,
    ) -> Result<std::result::Result<WitResponse, WitFault>> {
        let since = Instant::now();
        let request = self.take_request(request)?;
        let answer = self.client.send(request, &self.call_access).await;
        self.activity.bump();
        self.leave_import(since);
        self.give_response(answer)
    }

    async fn send_many(
        &mut self,
        requests: Vec<WitRequest>,
    ) -> Result<Vec<std::result::Result<WitResponse, WitFault>>> {
        let since = Instant::now();
        if requests.len() > MAX_MANY {
            let message = format!("`send-many` takes at most {MAX_MANY} requests");
            let fault = Fault::new(codes::INVALID, Origin::Plugin, message);
            return Ok(requests.iter().map(|_| Err(self.give(fault.clone()))).collect());
        }
        let mut taken = Vec::new();
        for request in requests {
            taken.push(self.take_request(request)?);
        }
        let (client, call_access) = (&self.client, &self.call_access);
        let answers =
            join_all(taken.into_iter().map(|request| client.send(request, call_access))).await;
        self.leave_import(since);
        answers.into_iter().map(|answer| self.give_response(answer)).collect()
    }
}
