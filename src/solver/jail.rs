//! Where the solver lives: a thread gives up files and the network for good, and starts the processes, which inherit that.
//!
//! Landlock and seccomp bind a thread and all that it starts, and cannot be undone. So nothing has to run between fork
//! and exec, and the warm processes are as fast as free ones. The server's own threads stay as they are.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    Scope, path_beneath_rules,
};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::{SolverConfig, SolverError, Walls};

/// The newest Landlock that we know; an older kernel enforces what it knows.
const KNOWN: ABI = ABI::V6;
/// Where the system's libraries are, and the list of them.
const LIBRARIES: [&str; 6] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"];
/// The header of a program and the name of its loader stand within this.
const HEAD_BYTES: u64 = 64 * 1024;
/// Files that a solver may have open: its pipes, and one library after the other while it starts.
const OPEN_FILES_MAX: u64 = 32;
/// What a solver may take beyond the limit that it keeps itself: stacks, and what it does not count.
const MEMORY_BEYOND_MB: u64 = 512;
/// The same calls by their other number, for programs of 32-bit pointers on x86-64.
const X32: i64 = 0x4000_0000;

/// What no solver needs: sockets, other processes, and ways around the other walls.
const FORBIDDEN: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    libc::SYS_kill,
    libc::SYS_pidfd_send_signal,
    libc::SYS_pidfd_getfd,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_kexec_load,
    libc::SYS_open_by_handle_at,
    libc::SYS_memfd_create,
    libc::SYS_personality,
    libc::SYS_setrlimit,
];

/// A process to be started, and who waits for it.
struct Order {
    command: Command,
    /// Whose event loop its pipes belong to.
    runtime: Handle,
    started: oneshot::Sender<std::io::Result<Child>>,
}

/// A confined thread that starts processes; it ends when this is dropped.
pub(super) struct Jail {
    orders: mpsc::Sender<Order>,
    walls: Walls,
    memory_mb: u64,
}

impl Jail {
    /// Builds the walls. A kernel that has none of them is no reason to fail: `walls` says which stand.
    ///
    /// # Errors
    /// `Unavailable` when there can be no thread.
    pub async fn build(config: &SolverConfig) -> Result<Self, SolverError> {
        let (orders, taken) = mpsc::channel::<Order>();
        let (told, walls) = oneshot::channel();
        let (executable, reads) = (config.executable.clone(), config.reads.clone());
        let inside = move || {
            let walls = Walls { files: close_files(&executable, &reads), network: close_network() };
            if told.send(walls).is_ok() {
                work(&taken);
            }
        };
        let unavailable = |error: &dyn std::fmt::Display| SolverError::Unavailable(format!("its jail: {error}"));
        thread::Builder::new().name("solvers".into()).spawn(inside).map_err(|error| unavailable(&error))?;
        let walls = walls.await.map_err(|error| unavailable(&error))?;
        Ok(Self { orders, walls, memory_mb: config.memory_mb })
    }

    /// Which walls stand.
    pub const fn walls(&self) -> Walls {
        self.walls
    }

    /// Starts a process inside.
    ///
    /// # Errors
    /// When it cannot be started, or not be limited.
    pub async fn start(&self, command: Command) -> std::io::Result<Child> {
        let (started, child) = oneshot::channel();
        let order = Order { command, runtime: Handle::current(), started };
        self.orders.send(order).map_err(|_| std::io::Error::other("its jail is gone"))?;
        let child = child.await.map_err(|_| std::io::Error::other("its jail is gone"))??;
        // From out here: inside, no limit can be set. One that cannot be limited is dropped, which kills it.
        self.limit(&child)?;
        Ok(child)
    }

    /// The backstops, before the process is asked anything. Of processes there is no limit: it would be one for all that
    /// the server's user runs.
    fn limit(&self, child: &Child) -> std::io::Result<()> {
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        // One that has ended already needs no limits.
        let Some(id) = id else { return Ok(()) };
        let memory = self.memory_mb.saturating_add(MEMORY_BEYOND_MB).saturating_mul(1024 * 1024);
        let limits =
            [(Resource::Data, memory), (Resource::Fsize, 0), (Resource::Core, 0), (Resource::Nofile, OPEN_FILES_MAX)];
        for (resource, most) in limits {
            prlimit(Some(id), resource, Rlimit { current: Some(most), maximum: Some(most) })?;
        }
        Ok(())
    }
}

/// Starts what is ordered, one after the other, until nobody can order any more.
fn work(orders: &mpsc::Receiver<Order>) {
    for Order { mut command, runtime, started } in orders {
        let _inside = runtime.enter();
        // When nobody waits any more, its pipes are closed at once, and it ends by itself.
        drop(started.send(command.spawn()));
    }
}

/// Only the program itself, its loader and the system's libraries can be read, and nothing can be written. With it go the
/// network (TCP) and signals to others, where the kernel knows that. Says whether the wall stands.
fn close_files(executable: &Path, reads: &[PathBuf]) -> bool {
    let run: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::Execute;
    let programs = [Some(executable.to_owned()), loader(executable)];
    let close = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(KNOWN))?
            .handle_access(AccessNet::from_all(KNOWN))?
            .scope(Scope::from_all(KNOWN))?
            .create()?
            .add_rules(path_beneath_rules(LIBRARIES, AccessFs::ReadFile))?
            .add_rules(path_beneath_rules(programs.iter().flatten(), run))?
            .add_rules(path_beneath_rules(reads, run | AccessFs::ReadDir))?
            .add_rules(path_beneath_rules(
                ["/dev/null"],
                AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate,
            ))?
            .restrict_self()
    };
    let closed: Result<_, RulesetError> = close();
    match closed {
        Ok(status) => status.ruleset != RulesetStatus::NotEnforced,
        Err(error) => {
            tracing::warn!(%error, "Landlock cannot be used");
            false
        }
    }
}

/// Refuses the calls of [`FORBIDDEN`]. Says whether the wall stands.
fn close_network() -> bool {
    let closed = refuse_calls();
    if let Err(error) = &closed {
        tracing::warn!(%error, "seccomp cannot be used");
    }
    closed.is_ok()
}

fn refuse_calls() -> Result<(), Box<dyn std::error::Error>> {
    let calls = FORBIDDEN.iter().flat_map(|call| [*call, *call | X32]);
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = calls.map(|call| (call, Vec::new())).collect();
    // Limits may be read, not set: a solver that runs as root could raise them.
    let sets = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
    for call in [libc::SYS_prlimit64, libc::SYS_prlimit64 | X32] {
        rules.insert(call, vec![SeccompRule::new(vec![sets.clone()])?]);
    }
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let machine: TargetArch = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, machine)?;
    Ok(apply_filter(&BpfProgram::try_from(filter)?)?)
}

/// The loader that a program names (`PT_INTERP` of a 64-bit ELF file); none for a static one, or what is no such file.
fn loader(executable: &Path) -> Option<PathBuf> {
    let mut head = Vec::new();
    File::open(executable).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    let bytes = |from: usize, count: usize| head.get(from..from.checked_add(count)?);
    let number = |from: usize, count: usize| -> Option<usize> {
        let little = bytes(from, count)?
            .iter()
            .rev()
            .try_fold(0_u64, |sum, byte| Some(sum.checked_mul(256)? | u64::from(*byte)))?;
        usize::try_from(little).ok()
    };
    // 64 bits, least byte first.
    if bytes(0, 6)? != [0x7f, b'E', b'L', b'F', 2, 1] {
        return None;
    }
    let (table, size, count) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
    let is_loader = |at: &usize| number(*at, 4) == Some(3);
    let at = (0..count).filter_map(|index| table.checked_add(index.checked_mul(size)?)).find(is_loader)?;
    let name = bytes(number(at.checked_add(8)?, 8)?, number(at.checked_add(32)?, 8)?)?;
    let name = std::str::from_utf8(name).ok()?.trim_end_matches('\0');
    Some(PathBuf::from(name))
}

#[cfg(test)]
mod tests;
