//! Where the solver lives on systems that are not Linux: without walls, in processes of their own all the same.

use tokio::process::{Child, Command};

use super::{SolverConfig, SolverError, Walls};

/// Starts processes.
pub(super) struct Jail;

impl Jail {
    /// # Errors
    /// Never; as on Linux.
    pub async fn build(_: &SolverConfig) -> Result<Self, SolverError> {
        Ok(Self)
    }

    /// Which walls stand: none.
    pub const fn walls(&self) -> Walls {
        Walls { files: false, network: false }
    }

    /// Starts a process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(&self, mut command: Command) -> std::io::Result<Child> {
        command.spawn()
    }
}
