//! Wiring: configuration, state, router, security headers, jobs and the command line. No rule of the trade lives here.

mod clock;
pub mod command_line;
pub mod config;
pub mod context;
mod demo;
mod door;
mod download;
mod guard;
mod jobs;
pub mod limits;
mod listen;
pub mod live;
mod memory;
mod moving;
pub mod permissions;
mod remote;
mod router;
mod security;
pub mod sharing;
mod start;
pub mod state;
mod verify;

pub use clock::{SystemClock, SystemIds};
pub use config::{Config, ConfigError};
pub use start::{Running, StartError, start};
