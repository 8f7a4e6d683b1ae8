//! One client's connection through the proxy.

use super::Fault;
use super::head::{Framing, Head};
use super::outlet::{End, Outlet};
use super::rules::{Kept, Rules};
use super::wire::Wire;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// Bytes of the largest answer that is kept for [`Fault::Duplicate`] or sent with another length.
const MAX_KEPT_BYTES: usize = 64 * 1024 * 1024;

/// One client's connection through the proxy, and its own connection to the server.
pub(super) struct Connection<'a> {
    client: Wire,
    server: Option<Wire>,
    upstream: SocketAddr,
    rules: &'a Rules,
}

impl<'a> Connection<'a> {
    pub(super) fn new(
        client: TcpStream,
        upstream: SocketAddr,
        rules: &'a Rules,
    ) -> io::Result<Self> {
        Ok(Self { client: Wire::new(client)?, server: None, upstream, rules })
    }

    /// Passes requests on, one after the other, until somebody hangs up.
    pub(super) async fn run(mut self) -> io::Result<()> {
        while let Some(head) = self.client.head().await? {
            let closes = head.closes();
            match self.exchange(head).await? {
                End::Whole if !closes => {}
                End::Whole | End::Closed => break,
                End::Reset => {
                    if let Some(server) = self.server.take() {
                        server.reset();
                    }
                    self.client.reset();
                    break;
                }
                End::Silent => {
                    self.client.gone().await;
                    break;
                }
            }
        }
        Ok(())
    }

    async fn exchange(&mut self, mut request: Head) -> io::Result<End> {
        let fault = self.rules.strike(request.method(), request.uri());
        match &fault {
            Some(Fault::Refuse) => return Ok(End::Reset),
            Some(Fault::Delay(pause)) => tokio::time::sleep(*pause).await,
            Some(Fault::Unauthorized) => request.remove("authorization"),
            _ => {}
        }
        if let Some((head, body)) = fault.as_ref().and_then(|fault| own_answer(fault, &request)) {
            let mut framing = request.request_framing();
            while self.client.piece(&mut framing).await?.is_some() {}
            return self.say(None, head, body, request.method()).await;
        }
        let limit = match &fault {
            Some(Fault::ResetRequest { after }) => Some(*after),
            _ => None,
        };
        self.forward(&request, limit).await?;
        if limit.is_some() {
            // The server has noticed before the client does, so what the client asks next is
            // never answered from before the break.
            if let Some(server) = self.server.take() {
                server.hang_up().await;
            }
            return Ok(End::Reset);
        }
        let method = request.method();
        let mut answer = self.answer_head().await?;
        match &fault {
            Some(Fault::Unauthorized) if answer.status() != 401 => {
                self.collect(&answer, method).await?;
                let body = br#"{"errors":[{"code":"UNAUTHORIZED","message":"lost"}]}"#;
                return self.say(None, Head::answer(401), body.to_vec(), method).await;
            }
            Some(Fault::WrongDigest) => {
                let other = engine_oci::Digest::of(b"other content");
                answer.set("Docker-Content-Digest", other.as_str());
            }
            Some(Fault::WrongLength { by }) => {
                let body = self.collect(&answer, method).await?;
                let length = answer.get("content-length").and_then(|length| length.parse().ok());
                let length = length.unwrap_or(i64::try_from(body.len()).unwrap_or(i64::MAX));
                let told = length.saturating_add(*by).max(0);
                answer.remove("transfer-encoding");
                answer.set("Content-Length", &told.to_string());
                return self.send(fault.as_ref(), &answer, body, method).await;
            }
            Some(Fault::Duplicate) => {
                let own = Kept { body: self.collect(&answer, method).await?, head: answer };
                let kept = self.rules.last().unwrap_or(own);
                return self.say(None, kept.head, kept.body, method).await;
            }
            _ if self.rules.keeps() => {
                let body = self.collect(&answer, method).await?;
                self.rules.keep(Kept { head: answer.clone(), body: body.clone() });
                return self.say(fault.as_ref(), answer, body, method).await;
            }
            _ => {}
        }
        self.stream(fault.as_ref(), &answer, method).await
    }

    /// Sends a request to the server, at most `limit` bytes of its body.
    async fn forward(&mut self, request: &Head, limit: Option<usize>) -> io::Result<()> {
        if self.server.is_none() {
            self.server = Some(Wire::new(TcpStream::connect(self.upstream).await?)?);
        }
        let Some(server) = &mut self.server else { return Ok(()) };
        let mut framing = request.request_framing();
        let chunked = framing == Framing::Chunked;
        server.write(&request.bytes()).await?;
        let mut left = limit.unwrap_or(usize::MAX);
        // A server may answer before it has read everything; then writing fails, and its answer
        // is what counts.
        let mut listening = true;
        while let Some(mut piece) = self.client.piece(&mut framing).await? {
            piece.truncate(left);
            left -= piece.len();
            if chunked {
                let start = format!("{:x}\r\n", piece.len()).into_bytes();
                piece = [start.as_slice(), piece.as_slice(), b"\r\n"].concat();
            }
            listening = listening && server.write(&piece).await.is_ok();
            if left == 0 {
                return Ok(());
            }
        }
        if chunked && listening {
            drop(server.write(b"0\r\n\r\n").await);
        }
        Ok(())
    }

    /// The head of the server's answer; what only announces an answer is left out.
    async fn answer_head(&mut self) -> io::Result<Head> {
        let server = self.server.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        loop {
            let head = server.head().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
            if head.status() >= 200 {
                return Ok(head);
            }
        }
    }

    /// The whole body of the server's answer.
    async fn collect(&mut self, answer: &Head, method: &str) -> io::Result<Vec<u8>> {
        let server = self.server.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let mut framing = answer.answer_framing(method);
        let mut body = Vec::new();
        while let Some(piece) = server.piece(&mut framing).await? {
            body.extend_from_slice(&piece);
            if body.len() > MAX_KEPT_BYTES {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
        }
        Ok(body)
    }

    /// Passes the server's answer on, piece by piece.
    async fn stream(
        &mut self,
        fault: Option<&Fault>,
        answer: &Head,
        method: &str,
    ) -> io::Result<End> {
        let mut framing = answer.answer_framing(method);
        let server = self.server.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let (mut outlet, mut end) = Outlet::open(&mut self.client, fault, answer, framing).await?;
        while end == End::Whole {
            let Some(piece) = server.piece(&mut framing).await? else {
                end = outlet.finish().await?;
                break;
            };
            end = outlet.piece(piece).await?;
        }
        if answer.closes() {
            self.server = None;
        }
        Ok(if end == End::Whole && answer.closes() { End::Closed } else { end })
    }

    /// Says an answer whose body is at hand, with its true length.
    async fn say(
        &mut self,
        fault: Option<&Fault>,
        mut head: Head,
        body: Vec<u8>,
        method: &str,
    ) -> io::Result<End> {
        head.remove("transfer-encoding");
        if method != "HEAD" || head.get("content-length").is_none() {
            head.set("Content-Length", &body.len().to_string());
        }
        self.send(fault, &head, body, method).await
    }

    async fn send(
        &mut self,
        fault: Option<&Fault>,
        head: &Head,
        body: Vec<u8>,
        method: &str,
    ) -> io::Result<End> {
        let framing = Framing::Length(body.len() as u64);
        let (mut outlet, end) = Outlet::open(&mut self.client, fault, head, framing).await?;
        if end != End::Whole {
            return Ok(end);
        }
        if method != "HEAD" && !body.is_empty() {
            let end = outlet.piece(body).await?;
            if end != End::Whole {
                return Ok(end);
            }
        }
        outlet.finish().await
    }
}

/// The answer that the proxy gives itself, for faults that keep the request from the server.
fn own_answer(fault: &Fault, request: &Head) -> Option<(Head, Vec<u8>)> {
    let body = |code: &str| format!(r#"{{"errors":[{{"code":"{code}","message":"broken"}}]}}"#);
    Some(match fault {
        Fault::TooManyRequests { retry_after } => {
            let mut head = Head::answer(429);
            if let Some(seconds) = retry_after {
                head.set("Retry-After", &seconds.to_string());
            }
            (head, body("TOOMANYREQUESTS").into())
        }
        Fault::ServerFault { status } => (Head::answer(*status), body("UNKNOWN").into()),
        Fault::Redirect { to } => {
            let mut head = Head::answer(307);
            head.set("Location", &format!("{to}{}", request.uri()));
            (head, Vec::new())
        }
        Fault::LostUpload => (Head::answer(404), body("BLOB_UPLOAD_UNKNOWN").into()),
        _ => return None,
    })
}
