//! One attempt over the network: to exactly the address that was looked at, no redirect followed, and neither a slow nor
//! a long answer waited for.

use std::time::Duration;

use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderName, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_rustls::{FixedServerNameResolver, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::signing::{Secret, signatures};
use super::target::{Reach, Target};

/// How long a whole attempt may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How much of an answer is read; the rest is never asked for.
const ANSWER_BYTES_MAX: usize = 1_024;
/// How much a header may be, all of them together.
const HEADER_BYTES_MAX: usize = 16 * 1024;
const AGENT: &str = concat!("Aethel-Webhooks/", env!("CARGO_PKG_VERSION"));

const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// What is to be sent.
pub(super) struct Letter<'a> {
    pub id: &'a str,
    pub payload: &'a str,
    pub secrets: &'a [Secret],
    /// When it is sent: an old letter that is sent again by somebody else is known by it.
    pub seconds: i64,
}

/// What came back.
pub(super) struct Reply {
    pub status: u16,
    /// How it began.
    pub answer: String,
}

/// Sends one letter.
///
/// # Errors
/// With a sentence for the endpoint's owner when no answer came.
pub(super) async fn carry(url: &str, letter: &Letter<'_>, reach: Reach) -> Result<Reply, String> {
    match tokio::time::timeout(LIMIT, send(url, letter, reach)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(format!("no answer within {} seconds", LIMIT.as_secs())),
    }
}

async fn send(url: &str, letter: &Letter<'_>, reach: Reach) -> Result<Reply, String> {
    let target = Target::parse(url, reach).map_err(|error| error.to_string())?;
    let address = target.resolve(reach).await.map_err(|error| error.to_string())?;
    let uri = target.at(address).ok_or("the address cannot be written down")?;
    // The connection goes to a number, so the name that the certificate must bear is said beside it.
    let name = target.host().to_owned().try_into().map_err(|_| "no certificate can bear this host's name")?;
    let connector = HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .with_server_name_resolver(FixedServerNameResolver::new(name))
        .enable_http1()
        .build();
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .http1_max_buf_size(HEADER_BYTES_MAX)
        .retry_canceled_requests(false)
        .build(connector);
    let request = Request::post(uri)
        .header(HOST, target.authority())
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json")
        .header(WEBHOOK_ID, letter.id)
        .header(WEBHOOK_TIMESTAMP, letter.seconds)
        .header(WEBHOOK_SIGNATURE, signatures(letter.secrets, letter.id, letter.seconds, letter.payload))
        .body(Full::new(Bytes::copy_from_slice(letter.payload.as_bytes())))
        .map_err(|_| "the request cannot be written down")?;
    let response = client.request(request).await.map_err(|error| told(&error))?;
    Ok(Reply { status: response.status().as_u16(), answer: beginning(response).await })
}

/// How the answer begins, as text that can be shown.
async fn beginning(response: Response<Incoming>) -> String {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX {
        let Some(Ok(frame)) = body.frame().await else { break };
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    bytes.truncate(ANSWER_BYTES_MAX);
    let text = String::from_utf8_lossy(&bytes);
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { '\u{fffd}' } else { letter }).collect()
}

/// What went wrong, in the words of whatever lies at the bottom of it.
fn told(error: &hyper_util::client::legacy::Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    let last = causes.last().map(ToString::to_string).unwrap_or_default();
    let kind = if error.is_connect() { "could not connect" } else { "the connection broke" };
    format!("{kind}: {}", last.chars().take(200).collect::<String>())
}
