//! What tests need to find a solver. A missing one fails them: a skipped proof proves nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{SolverConfig, SolverPool, locate};

pub fn executable() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "the one setting that tests take from outside")]
    let found = locate(|name| std::env::var_os(name));
    found.expect("no Z3 found: run `make setup`, or set AETHEL_Z3 to a z3 executable")
}

pub async fn pool() -> SolverPool {
    SolverPool::start(SolverConfig::new(executable())).await.expect("the pool starts")
}

/// A program that takes itself for a solver: whatever it is asked, it can be satisfied, by these values.
pub fn pretender(folder: &Path, values: &str) -> PathBuf {
    let script = folder.join("pretender");
    let text = format!(
        "#!/bin/sh\nwhile read -r line; do case \"$line\" in\n'(echo \"end-of-answer\")') echo end-of-answer ;;\n\
         '(get-info :version)') echo '(:version \"0\")' ;;\n'(check-sat)') echo sat ;;\n\
         '(get-value '*) echo '{values}' ;;\nesac; done\n"
    );
    std::fs::write(&script, text).expect("written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("executable");
    script
}
