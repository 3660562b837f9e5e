//! The parts of a page that live: the browser's program is these and nothing else. What stands around them is plain HTML.
//!
//! Each is whole without scripts, as the server writes it. Its props travel in the page, so they are few and small.

mod asking;
mod code_field;
mod editor;
mod ledger_check;
mod live;
mod monitor;
mod program;
mod start_monitor;
mod zones;

pub use asking::Asking;
pub use code_field::{CodeField, Reading};
pub use ledger_check::LedgerCheck;
pub use live::{LiveBalance, PILL, balance_title};
pub use monitor::LiveMonitor;
pub use program::ProgramField;
pub use start_monitor::StartForm;
pub use zones::ZoneChoice;
