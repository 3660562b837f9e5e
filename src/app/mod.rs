//! The pages: shell, routes, and what each page shows and does.
//!
//! Reaches no store and decides nothing about money: server functions call one use case each. The server writes every
//! page whole; what lives in the browser is in `islands` and nothing else, so most of the rest is the server's alone.

mod check;
#[cfg_attr(not(feature = "ssr"), allow(dead_code, unused_imports, reason = "the browser has the islands' parts only"))]
mod components;
pub mod error;
#[cfg(feature = "ssr")]
mod flash;
#[cfg_attr(not(feature = "ssr"), allow(dead_code, reason = "the browser has the islands' parts only"))]
pub(crate) mod format;
mod functions;
#[cfg(feature = "hydrate")]
mod hydrate;
#[cfg_attr(
    not(feature = "ssr"),
    expect(unused_imports, reason = "only pages name them; the browser finds them by itself")
)]
mod islands;
mod ledger_check;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod present;
#[cfg(feature = "ssr")]
mod respond;
#[cfg(not(feature = "ssr"))]
#[path = "respond_browser.rs"]
mod respond;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod shell;
#[cfg_attr(not(feature = "ssr"), allow(dead_code, unused_imports, reason = "the browser has the islands' parts only"))]
mod views;

#[cfg(feature = "ssr")]
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
