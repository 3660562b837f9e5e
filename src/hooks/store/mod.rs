//! What is kept about endpoints, events and deliveries, and the statements that change it. Decides nothing.

mod deliveries;
mod endpoints;

pub use deliveries::*;
pub use endpoints::*;
