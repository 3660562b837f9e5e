//! What a confined process can do, asked of a shell that is confined as the solver is.

use std::os::unix::net::UnixListener;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpListener;

use super::*;
use crate::solver::testing::executable;

const SHELL: &str = "/bin/bash";

fn config(executable: &str) -> SolverConfig {
    SolverConfig::new(PathBuf::from(executable))
}

/// What a script of a confined shell writes, line by line.
async fn inside(jail: &Jail, script: &str) -> Vec<String> {
    let mut command = Command::new(SHELL);
    command.args(["--norc", "--noprofile", "-c", script]).env_clear().current_dir("/").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = jail.start(command).await.expect("started");
    let output = tokio::time::timeout(Duration::from_secs(20), child.wait_with_output()).await;
    let output = output.expect("in time").expect("ended");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

async fn jail() -> Jail {
    let jail = Jail::build(&config(SHELL)).await.expect("built");
    assert_eq!(jail.walls(), Walls { files: true, network: true }, "this kernel has Landlock and seccomp");
    jail
}

#[tokio::test]
async fn a_confined_process_reads_no_file_of_the_house_and_writes_none() {
    let folder = tempfile::tempdir().expect("a directory");
    let (ledger, written) = (folder.path().join("aethel.db"), folder.path().join("written"));
    std::fs::write(&ledger, "the ledger\n").expect("written");
    let script = format!(
        "read -r line < {ledger} && echo read; echo spoilt > {ledger} && echo spoilt; echo new > {written} && echo made; \
         for one in {folder}/*; do echo \"$one\"; done; read -r line < /etc/passwd && echo passwd; \
         read -r line < /proc/$PPID/environ && echo environment; echo done",
        ledger = ledger.display(),
        written = written.display(),
        folder = folder.path().display(),
    );
    // Outside the same script does it all, so that its silence inside says something.
    let free = std::process::Command::new(SHELL).args(["-c", &script]).output().expect("ran");
    let free = String::from_utf8_lossy(&free.stdout).into_owned();
    for word in ["read\n", "spoilt\n", "made\n", "aethel.db\n", "passwd\n"] {
        assert!(free.contains(word), "{word}: {free}");
    }
    std::fs::write(&ledger, "the ledger\n").expect("written");
    std::fs::remove_file(&written).expect("removed");
    let star = format!("{}/*", folder.path().display());
    assert_eq!(inside(&jail().await, &script).await, [star.as_str(), "done"]);
    assert_eq!(std::fs::read_to_string(&ledger).expect("there"), "the ledger\n");
    assert!(!written.exists());
}

#[tokio::test]
async fn a_confined_process_connects_to_nothing_and_runs_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let script = format!(
        "(exec 3<>/dev/tcp/127.0.0.1/{port}) && echo connected; (exec 3<>/dev/udp/127.0.0.1/{port}) && echo udp; \
         /bin/true && echo ran; kill -0 $PPID && echo signalled; echo done"
    );
    let free = tokio::process::Command::new(SHELL).args(["-c", &script]).output().await.expect("ran");
    assert_eq!(String::from_utf8_lossy(&free.stdout), "connected\nudp\nran\nsignalled\ndone\n");
    assert_eq!(inside(&jail().await, &script).await, ["done"]);
}

#[tokio::test]
async fn a_confined_process_has_small_limits_and_cannot_raise_them() {
    let limits = inside(
        &jail().await,
        "sleep_a_little() { for ((i = 0; i < 200000; i++)); do :; done; }; sleep_a_little; \
         ulimit -f; ulimit -c; ulimit -n; ulimit -d; ulimit -n 4000 && echo raised; echo done",
    )
    .await;
    let memory = ((512 + MEMORY_BEYOND_MB) * 1024).to_string();
    assert_eq!(limits, ["0", "0", "32", memory.as_str(), "done"]);
}

/// The walls are for the solvers alone: the server goes on as before.
#[tokio::test]
async fn the_server_itself_is_not_confined() {
    let jail = jail().await;
    assert_eq!(inside(&jail, "echo first").await, ["first"]);
    let folder = tempfile::tempdir().expect("a directory");
    std::fs::write(folder.path().join("ours"), "ours").expect("written");
    UnixListener::bind(folder.path().join("socket")).expect("a socket");
    TcpListener::bind("127.0.0.1:0").await.expect("a port");
}

#[test]
fn the_loader_is_the_one_that_the_program_names() {
    let found = loader(&executable()).expect("Z3 is a dynamic program");
    assert!(found.is_file() && found.to_string_lossy().contains("ld-"), "{}", found.display());
    assert_eq!(loader(Path::new("/etc/passwd")), None);
    assert_eq!(loader(Path::new("/nowhere")), None);
}
