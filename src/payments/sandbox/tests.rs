//! The sandbox driven from outside, over real HTTP.

mod client;
mod hosted_page;
mod lists;
mod rest;
mod stripe_library;
