//! What the shim of disk.c wrote down, and the files as a power cut would leave them.
//!
//! A sync is a promise about the writes before it. Everything later may be lost, torn in a page's middle, or be there
//! without what came before it: the disk and the system write back in whatever order suits them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What a disk writes in one piece: a page of SQLite is eight of these, so a page can tear.
const SECTOR: usize = 512;
const HEADER: usize = 32;

/// One thing that was done to one of the two files: 1 is the database, 2 its write-ahead log.
#[derive(Clone, Debug)]
pub enum Event {
    Write { file: usize, offset: usize, bytes: Vec<u8> },
    Cut { file: usize, length: usize },
    Sync { file: usize },
}

impl Event {
    pub const fn file(&self) -> usize {
        match self {
            Self::Write { file, .. } | Self::Cut { file, .. } | Self::Sync { file } => *file,
        }
    }

    pub const fn is_sync(&self) -> bool {
        matches!(self, Self::Sync { .. })
    }
}

/// The shim, compiled once for a test run.
pub fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/processes/disk.c");
        // Each test is a process of its own, and two of them may compile at once.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("disk-{}.so", std::process::id()));
        let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&target).arg(source).output();
        let built = built.expect("cc is there: Rust itself links with it");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        target
    })
}

/// Reads a recording: each event with the length of the log once it was written.
pub fn read(log: &[u8]) -> Vec<(usize, Event)> {
    let mut events = Vec::new();
    let mut at = 0;
    while at + HEADER <= log.len() {
        let number = |index: usize| {
            let bytes = log[at + 8 * index..at + 8 * index + 8].try_into().expect("eight bytes");
            usize::try_from(u64::from_le_bytes(bytes)).expect("this machine's numbers")
        };
        let (what, file, offset, length) = (number(0), number(1), number(2), number(3));
        at += HEADER;
        let event = match what {
            1 => {
                let bytes = log[at..at + length].to_vec();
                at += length;
                Event::Write { file, offset, bytes }
            }
            2 => Event::Cut { file, length: offset },
            3 => Event::Sync { file },
            other => panic!("{other} is no event"),
        };
        events.push((at, event));
    }
    assert_eq!(at, log.len(), "the recording ends in the middle of an event");
    events
}

/// The two files, as far as a sync has made them durable.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub files: [Vec<u8>; 2],
}

impl Disk {
    /// Does to the files what an event says; a torn write is done in part.
    pub fn carry_out(&mut self, event: &Event) {
        let file = &mut self.files[event.file() - 1];
        match event {
            Event::Write { offset, bytes, .. } => {
                let end = offset + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*offset..end].copy_from_slice(bytes);
            }
            Event::Cut { length, .. } => file.resize(*length, 0),
            Event::Sync { .. } => {}
        }
    }

    /// Only some of a write's sectors: those for which `kept` says so.
    pub fn tear(&mut self, event: &Event, mut kept: impl FnMut(usize) -> bool) {
        let Event::Write { file, offset, bytes } = event else { return self.carry_out(event) };
        for (index, sector) in bytes.chunks(SECTOR).enumerate() {
            if kept(index) {
                let (offset, bytes) = (offset + index * SECTOR, sector.to_vec());
                self.carry_out(&Event::Write { file: *file, offset, bytes });
            }
        }
    }
}
