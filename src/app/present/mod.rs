//! Turns what the rooms answer into what the pages show. Server only; decides nothing.

mod dates;
mod entries;
mod judge;
mod limits;
mod money;
mod people;
mod refusals;
mod request;
mod usage;
mod visitor;

pub use entries::{ledger, purchase};
pub use judge::{Program, bench, example_program, program_of, proof_request, verdict};
pub use limits::{alerts, back_to_settings, budgets, set_alerts, set_budgets};
pub use money::{packages, pricing, quote};
pub use people::{keys, mails, settings};
pub use refusals::{refused, refused_at};
pub use request::{fresh_request, local_path, request_key, set_theme_cookie};
pub use usage::{overview, usage};
pub use visitor::{public_frame, visitor};
