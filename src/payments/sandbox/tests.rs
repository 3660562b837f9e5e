//! The sandbox driven from outside, over real HTTP.

mod chaos;
mod client;
mod hosted_page;
mod lasting;
mod lists;
mod money_back;
mod rest;
mod stripe_library;
