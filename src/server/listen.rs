//! Takes connections, and gives up those that never say what they want.
//!
//! `axum::serve` sets no clock on a request's headers: a client that sends them letter by letter would be waited for
//! as long as it likes, and enough of them would keep everybody else out. Deliberately absent: HTTP/2 and TLS, which
//! a proxy in front speaks.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::serve::{Listener, ListenerExt};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::jobs::stop;

/// How long a connection may take to send a request's headers; also how long it may stay idle between two.
pub(super) const HEADER_LIMIT: Duration = Duration::from_secs(10);

/// Serves until `stopped` turns true, then lets the requests under way end.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    header_limit: Duration,
    stopped: watch::Receiver<bool>,
) {
    // An answer is written whole: waiting for more to fill a packet would only delay it.
    let mut listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let (open, held) = watch::channel(());
    let mut until = std::pin::pin!(stop(stopped.clone()));
    loop {
        let (stream, peer) = tokio::select! {
            connection = listener.accept() => connection,
            () = &mut until => break,
        };
        let (router, stopped, held) = (router.clone(), stopped.clone(), held.clone());
        tokio::spawn(async move {
            converse(stream, peer, router, header_limit, stopped).await;
            drop(held);
        });
    }
    drop((listener, held));
    open.closed().await;
}

/// One connection, request after request.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    header_limit: Duration,
    stopped: watch::Receiver<bool>,
) {
    let router = TowerToHyperService::new(router);
    // Handlers find the caller's address where axum's own server would have put it.
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(header_limit);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop(stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients go away as they like; that is no fault of ours.
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::task::JoinHandle;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    async fn house(header_limit: Duration) -> (TcpStream, watch::Sender<bool>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let slow = get(|| async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            "at last"
        });
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(serve(listener, Router::new().route("/slow", slow), header_limit, stopped));
        (TcpStream::connect(address).await.unwrap(), stop, server)
    }

    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await.expect("it is closed").unwrap();
        text
    }

    #[tokio::test]
    async fn headers_that_never_end_are_not_waited_for() {
        let (mut stream, _stop, _server) = house(Duration::from_millis(50)).await;
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a").await.unwrap();
        assert!(!rest(&mut stream).await.contains("at last"));
    }

    #[tokio::test]
    async fn a_request_under_way_is_answered_before_the_end() {
        let (mut stream, stop, server) = house(PATIENCE).await;
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.send(true).unwrap();
        assert!(rest(&mut stream).await.ends_with("at last"));
        tokio::time::timeout(PATIENCE, server).await.expect("nothing is held").unwrap();
    }
}
