//! What tests need to find a solver. A missing one fails them: a skipped proof proves nothing.

use std::path::PathBuf;

use super::{SolverConfig, SolverPool, locate};

pub fn executable() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "the one setting that tests take from outside")]
    let found = locate(|name| std::env::var_os(name));
    found.expect("no Z3 found: run `make setup`, or set AETHEL_Z3 to a z3 executable")
}

pub async fn pool() -> SolverPool {
    SolverPool::start(SolverConfig::new(executable())).await.expect("the pool starts")
}
