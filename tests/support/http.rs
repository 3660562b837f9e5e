//! A small HTTP client on what the server already depends on: no redirects, no cookies, no opinion.

use axum::http::{HeaderMap, Method};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Connections to the server and the sandbox.
pub struct Http(Client<HttpConnector, Full<Bytes>>);

/// A request that is not sent yet.
pub struct Request {
    head: axum::http::request::Builder,
    body: Vec<u8>,
}

impl Http {
    pub fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    /// Status, headers and the whole body.
    pub async fn send(&self, request: Request) -> (u16, HeaderMap, Bytes) {
        let request = request.head.body(Full::new(Bytes::from(request.body))).expect("a whole request");
        let response = self.0.request(request).await.expect("the server answers");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        (head.status.as_u16(), head.headers, body)
    }
}

impl Request {
    pub fn new(method: Method, url: String) -> Self {
        Self { head: axum::http::Request::builder().method(method).uri(url), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head = self.head.header(name, value);
        self
    }

    pub fn bearer_auth(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string().into_bytes())
    }
}
