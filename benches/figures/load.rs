//! The asking side: keep-alive connections on a thread of their own, each sending its next request on an answer.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One request, ready to be written, and the status that its answer must have.
pub struct Ask {
    pub bytes: Vec<u8>,
    pub status: &'static str,
}

/// How hard to ask.
#[derive(Clone, Copy)]
pub struct Load {
    pub address: SocketAddr,
    pub connections: usize,
    pub millis: u64,
    /// How long each connection waits before its next request: zero for as fast as it goes.
    pub pause: Duration,
}

/// What came of it.
pub struct Answers {
    micros: Vec<u64>,
    elapsed: Duration,
}

impl Answers {
    pub fn per_second(&self) -> u64 {
        self.per_second_of(1)
    }

    /// How many a second where each answer is about so many.
    pub fn per_second_of(&self, each: usize) -> u64 {
        let millis = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
        u64::try_from(self.micros.len() * each).unwrap_or(u64::MAX).saturating_mul(1_000) / millis
    }

    /// The latency that so many per cent of the answers stayed within, in microseconds.
    pub fn percentile(&self, percent: usize) -> u64 {
        self.micros
            .get((self.micros.len() * percent / 100).min(self.micros.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0)
    }
}

/// Numbers every request of the process, so that no idempotency key is used twice.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

type Make<'a> = &'a (dyn Fn(usize) -> Ask + Sync);

impl Load {
    /// Asks until the time is over; an answer with another status ends the run with its text.
    pub fn run(&self, make: Make<'_>) -> Answers {
        let until = Instant::now() + Duration::from_millis(self.millis);
        self.run_while(&|| Instant::now() < until, make)
    }

    /// Asks for as long as `go_on` says.
    pub fn run_while(&self, go_on: &(dyn Fn() -> bool + Sync), make: Make<'_>) -> Answers {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let begun = Instant::now();
        let mut micros = runtime.block_on(async {
            let all = (0..self.connections).map(|_| self.converse(go_on, make));
            futures::future::join_all(all).await.concat()
        });
        micros.sort_unstable();
        Answers { micros, elapsed: begun.elapsed() }
    }

    async fn converse(&self, go_on: &(dyn Fn() -> bool + Sync), make: Make<'_>) -> Vec<u64> {
        let mut stream = TcpStream::connect(self.address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP stream");
        let (mut micros, mut buffer) = (Vec::new(), Vec::with_capacity(64 * 1024));
        while go_on() {
            let ask = make(NUMBER.fetch_add(1, Ordering::Relaxed));
            let begun = Instant::now();
            stream.write_all(&ask.bytes).await.expect("the server reads");
            read_answer(&mut stream, &mut buffer, ask.status).await;
            micros.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
            if !self.pause.is_zero() {
                tokio::time::sleep(self.pause).await;
            }
        }
        micros
    }
}

/// Reads one answer whole: by its length, or to the last chunk.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>, status: &str) {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.expect("the server answers");
        assert!(read > 0, "the server closed: {}", String::from_utf8_lossy(buffer));
        let Some(head) = find(buffer, b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")).map(str::trim);
        let whole = match length {
            Some(length) => buffer.len() >= head + 4 + length.parse::<usize>().expect("a length"),
            None => buffer.ends_with(b"0\r\n\r\n"),
        };
        if whole {
            assert!(text.starts_with(&format!("http/1.1 {status}")), "{}", String::from_utf8_lossy(buffer));
            return;
        }
    }
}

pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
