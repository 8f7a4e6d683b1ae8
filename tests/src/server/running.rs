//! The thread that a server runs on.

use super::{Certificate, Slices};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// A server with a thread of its own, so that tests with and without a runtime can use it.
///
/// Dropping it closes every connection and waits for the thread.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves HTTP/1.1 on a free loopback port; with a certificate, over TLS.
    pub fn start<A, F>(certificate: Option<&Certificate>, answer: A) -> Self
    where
        A: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<Slices>> + Send + 'static,
    {
        let answer = Arc::new(answer);
        let acceptor = certificate.map(Certificate::acceptor);
        Self::accept(move |stream| {
            let (answer, acceptor) = (answer.clone(), acceptor.clone());
            async move {
                match acceptor {
                    None => serve(stream, answer).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            serve(stream, answer).await;
                        }
                    }
                }
            }
        })
    }

    /// Accepts connections on a free loopback port and leaves the rest to `connection`.
    pub fn accept<C, F>(connection: C) -> Self
    where
        C: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free loopback port");
        let address = listener.local_addr().expect("the address of a bound socket");
        listener.set_nonblocking(true).expect("a socket for the runtime");
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(format!("server-{}", address.port()))
            .spawn(move || run(listener, stopped, connection))
            .expect("a thread for the server");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the server on {} panicked", self.address);
        }
    }
}

fn run<C, F>(listener: TcpListener, mut stopped: oneshot::Receiver<()>, connection: C)
where
    C: Fn(TcpStream) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime for the server");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listening socket");
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    stream.set_nodelay(true).expect("a socket without delay");
                    connections.spawn(connection(stream));
                }
                Some(ended) = connections.join_next() => ended.expect("a connection without panic"),
            }
        }
    });
}

async fn serve<S, A, F>(stream: S, answer: Arc<A>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Slices>>,
{
    let served = service_fn(|request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    // A client that goes away is none of the server's faults: tests cut connections on purpose.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), served).await);
}
