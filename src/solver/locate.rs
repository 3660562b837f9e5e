//! Where the solver's executable is, when nobody says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// `AETHEL_Z3`, else `z3` on the path, else the copy that set-up keeps in the cache.
/// `variable` reads the environment: `|name| std::env::var_os(name)`.
pub fn locate(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(given) = variable("AETHEL_Z3") {
        // What was asked for is used, or fails by its own name; nothing else takes its place.
        return Some(PathBuf::from(given));
    }
    let path = variable("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("z3"));
    let cache = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let home_cache = variable("HOME").map(|home| Path::new(&home).join(".cache"));
    let cached = [cache, home_cache].into_iter().flatten().map(|folder| folder.join("aethel/z3/bin/z3"));
    on_path.chain(cached).find(|candidate| candidate.is_file())
}

/// Where a bare name is looked for: solvers start with an empty environment.
const FOLDERS: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// The whole path of an executable, because solvers do not start in the server's own directory.
pub(super) fn absolute(executable: PathBuf) -> PathBuf {
    let bare = executable.components().count() == 1 && executable.is_relative();
    let found = FOLDERS.iter().map(|folder| Path::new(folder).join(&executable)).find(|path| path.is_file());
    match found.filter(|_| bare) {
        Some(found) => found,
        None => std::path::absolute(&executable).unwrap_or(executable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_comes_first_then_the_path_then_the_cache() {
        let home = tempfile::tempdir().expect("a directory");
        let place = |folder: &str| {
            let folder = home.path().join(folder);
            std::fs::create_dir_all(&folder).expect("made");
            std::fs::write(folder.join("z3"), "").expect("written");
            folder
        };
        let cached = place(".cache/aethel/z3/bin");
        let from = |given: Option<OsString>, path: Option<OsString>| {
            locate(|name| match name {
                "AETHEL_Z3" => given.clone(),
                "PATH" => path.clone(),
                "HOME" => Some(home.path().into()),
                _ => None,
            })
        };
        assert_eq!(from(None, None), Some(cached.join("z3")));
        let tools = place("tools");
        let path = Some(tools.clone().into_os_string());
        assert_eq!(from(None, path.clone()), Some(tools.join("z3")));
        assert_eq!(from(Some("/given/z3".into()), path), Some(PathBuf::from("/given/z3")));
        assert_eq!(locate(|_| None), None);
    }

    #[test]
    fn a_path_is_made_whole_and_a_bare_name_is_looked_for() {
        assert_eq!(absolute("/opt/z3".into()), PathBuf::from("/opt/z3"));
        assert!(absolute("bin/z3".into()).is_absolute());
        let shell = absolute("sh".into());
        assert!(shell.is_file() && shell.is_absolute(), "{}", shell.display());
        assert!(absolute("no-such-program".into()).is_absolute());
    }
}
