//! The sandbox's memory in a file, so that it outlives a restart: read at the start, written behind the changes and at
//! the end.
//!
//! Written whole and put in place in one step, so that the file is always a complete state. The signing secrets are not in
//! it: they come with the configuration of each start.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::state::Store;
use super::{Shared, lock};

/// The format that this program writes, and the only one it reads.
const VERSION: u64 = 2;
/// How long changes gather before they are written together.
const GATHERING: Duration = Duration::from_millis(250);
/// While a state is turned into text nobody is served, so that is at most a part of the time: one in so many.
const SHARE: u32 = 20;
/// How long after a failed attempt the next one is made.
const RETRY: Duration = Duration::from_secs(5);

/// Why a state cannot be kept in a file. What to do about it is part of the sentence.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It is there and cannot be read, or cannot be written.
    #[error("{} cannot be read and written ({why}); make it so, or name another file, or off to keep nothing", path.display())]
    Unusable { path: PathBuf, why: std::io::Error },
    /// It holds something else.
    #[error(
        "{} is not a state of the stripe sandbox ({why}); move it away to begin with an empty sandbox, or name another file, \
         or off to keep nothing", path.display()
    )]
    Broken { path: PathBuf, why: serde_json::Error },
    /// It is of a program that writes it otherwise.
    #[error(
        "{} was written by another version of the program (format {found}, this one reads {VERSION}); start that version, or \
         move the file away to begin with an empty sandbox, or name another file, or off to keep nothing", path.display()
    )]
    OtherVersion { path: PathBuf, found: u64 },
}

/// What is read back.
pub struct Kept {
    pub store: Store,
    /// Milliseconds of the outbox's time that passed before.
    pub timeline: u64,
}

/// Only the version is read before anything is believed of the rest.
#[derive(Deserialize)]
struct Read {
    version: u64,
    #[serde(default)]
    timeline: u64,
    #[serde(default)]
    store: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    timeline: u64,
    store: &'a Store,
}

/// A file in which the state of one sandbox is kept.
#[derive(Debug, Clone)]
pub struct Keeper {
    path: PathBuf,
    /// One at a time writes, or two would write one temporary file.
    writing: Arc<Mutex<()>>,
}

impl Keeper {
    pub fn new(path: PathBuf) -> Self {
        Self { path, writing: Arc::default() }
    }

    /// What was kept; nothing when there is no file yet.
    ///
    /// # Errors
    /// When the file cannot be read, or holds anything but a state of this program's format.
    pub fn read(&self) -> Result<Option<Kept>, StateError> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(StateError::Unusable { path: self.path.clone(), why }),
        };
        let broken = |why| StateError::Broken { path: self.path.clone(), why };
        let read: Read = serde_json::from_slice(&bytes).map_err(broken)?;
        if read.version != VERSION {
            return Err(StateError::OtherVersion { path: self.path.clone(), found: read.version });
        }
        let store = read.store.as_deref().map_or("", RawValue::get);
        Ok(Some(Kept { store: serde_json::from_str(store).map_err(broken)?, timeline: read.timeline }))
    }

    /// Writes the state as it stands.
    ///
    /// # Errors
    /// When the directory cannot be made or the file cannot be written.
    pub fn write(&self, shared: &Shared) -> Result<(), StateError> {
        let _turn = lock(&self.writing);
        let text = {
            let store = lock(&shared.store);
            serde_json::to_vec(&Written { version: VERSION, timeline: shared.timeline(0), store: &store })
        };
        let written = text.map_err(std::io::Error::from).and_then(|text| replace(&self.path, &text));
        written.map_err(|why| StateError::Unusable { path: self.path.clone(), why })
    }

    /// Writes behind every change, until it is aborted.
    pub async fn follow(self, shared: Arc<Shared>) {
        let mut pause = GATHERING;
        loop {
            shared.changed.notified().await;
            tokio::time::sleep(pause).await;
            let (keeper, of) = (self.clone(), Arc::clone(&shared));
            let began = Instant::now();
            let outcome = tokio::task::spawn_blocking(move || keeper.write(&of)).await;
            pause = GATHERING.max(began.elapsed() * SHARE);
            if let Ok(Err(error)) = outcome {
                tracing::error!(%error, "the stripe sandbox cannot keep its state and tries again");
                pause = RETRY;
                shared.changed.notify_one();
            }
        }
    }
}

/// Puts a complete file in the place of the old one, in one step.
fn replace(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let mut file = std::fs::File::create(&name)?;
    file.write_all(text)?;
    // Before the old one is gone: a machine that loses power must not be left with an empty file.
    file.sync_all()?;
    std::fs::rename(&name, path)
}
