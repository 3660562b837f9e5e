//! Turns what the rooms answer into what the pages show. Server only; decides nothing.

mod dates;
mod entries;
mod forecast;
mod grants;
mod judge;
mod money;
mod people;
mod refusals;
mod request;
mod usage;
mod visitor;
mod zones;

pub use entries::{ledger, purchase};
pub use judge::{Program, bench, example_program, program_of, proof_request, verdict};
pub use money::{packages, pricing, quote};
pub use people::{keys, mails, settings};
pub use refusals::{refused, refused_at};
pub use request::{fresh_request, local_path, request_key, set_theme_cookie};
pub use usage::{overview, usage, usage_query};
pub use visitor::{public_frame, visitor};
