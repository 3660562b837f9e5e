//! The pool against a real solver: what it answers, and what happens to those who overstep.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::testing::{executable, pool};
use super::*;

fn contradiction() -> Script {
    let mut script = Script::default();
    script.declare("s0", Sort::Integer);
    script.assert_labelled("f0", "(> s0 3)");
    script.assert_labelled("f1", "(< s0 100)");
    script.assert_labelled("f2", "(< s0 2)");
    script
}

fn possible() -> Script {
    let mut script = Script::default();
    script.declare("s0", Sort::Integer);
    script.declare("s1", Sort::Boolean);
    script.assert("(= (* 2 s0) (- 14))");
    script.assert("(not s1)");
    script
}

/// Three cubes that sum to 114: unsolved by mankind, so surely not within a second.
fn endless() -> Script {
    let mut script = Script::default();
    for symbol in ["s0", "s1", "s2"] {
        script.declare(symbol, Sort::Integer);
    }
    script.assert("(= 114 (+ (* s0 s0 s0) (* s1 s1 s1) (* s2 s2 s2)))");
    script.nonlinear = true;
    script
}

fn small(processes: usize) -> SolverConfig {
    SolverConfig {
        processes,
        wall: Duration::from_millis(700),
        rlimit: u64::from(u32::MAX),
        ..SolverConfig::new(executable())
    }
}

async fn settled(pool: &SolverPool, alive: usize) -> Health {
    for _ in 0..100 {
        let health = pool.health();
        if health.alive == alive {
            return health;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    pool.health()
}

#[tokio::test]
async fn a_contradiction_is_unsat_with_its_core() {
    let outcome = pool().await.check(&contradiction()).await.expect("an answer");
    let Outcome::Unsat { mut core } = outcome else { panic!("{outcome:?}") };
    core.sort();
    assert_eq!(core, ["f0", "f2"]);
}

#[tokio::test]
async fn a_model_has_every_symbol() {
    let outcome = pool().await.check(&possible()).await.expect("an answer");
    let Outcome::Sat(model) = outcome else { panic!("{outcome:?}") };
    let seven = num_rational::BigRational::from_integer((-7).into());
    assert_eq!(model.get("s0"), Some(&ModelValue::Number(seven)));
    assert_eq!(model.get("s1"), Some(&ModelValue::Boolean(false)));
}

#[tokio::test]
async fn one_check_leaves_nothing_behind_for_the_next() {
    let pool = SolverPool::start(small(1)).await.expect("starts");
    for _ in 0..250 {
        assert!(matches!(pool.check(&contradiction()).await, Ok(Outcome::Unsat { .. })));
        assert!(matches!(pool.check(&possible()).await, Ok(Outcome::Sat(_))));
    }
    assert_eq!(pool.health().restarts, 0);
}

#[tokio::test]
async fn the_work_limit_gives_the_same_answer_and_costs_no_process() {
    let pool = SolverPool::start(SolverConfig { wall: Duration::from_secs(20), ..small(1) }).await.expect("starts");
    let mut script = endless();
    script.rlimit = Some(200_000);
    for _ in 0..2 {
        assert_eq!(pool.check(&script).await, Ok(Outcome::Unknown("the work limit was reached".to_owned())));
    }
    assert_eq!(pool.health().restarts, 0);
}

#[tokio::test]
async fn one_that_overruns_the_clock_is_killed_and_replaced() {
    let pool = SolverPool::start(small(1)).await.expect("starts");
    let started = Instant::now();
    let outcome = pool.check(&endless()).await;
    assert_eq!(outcome, Ok(Outcome::Unknown("the time limit was reached".to_owned())));
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(matches!(pool.check(&possible()).await, Ok(Outcome::Sat(_))));
    let health = settled(&pool, 1).await;
    assert_eq!(health.alive, 1);
    assert!(health.restarts >= 1);
}

#[tokio::test]
async fn one_that_outgrows_its_memory_ends_and_the_pool_goes_on() {
    let config = SolverConfig { memory_mb: 30, wall: Duration::from_secs(20), ..small(1) };
    let pool = SolverPool::start(config).await.expect("starts");
    let mut script = Script::default();
    for index in 0..40_000 {
        script.declare(&format!("s{index}"), Sort::Integer);
        script.assert(&format!("(> (* s{index} {index}) (+ s{index} s0 7))"));
    }
    let outcome = pool.check(&script).await;
    assert!(matches!(&outcome, Ok(Outcome::Unknown(reason)) if reason.contains("memory")), "{outcome:?}");
    assert!(matches!(pool.check(&possible()).await, Ok(Outcome::Sat(_))));
}

#[tokio::test]
async fn a_process_killed_from_outside_is_replaced() {
    let pool = SolverPool::start(small(1)).await.expect("starts");
    let id = pool.health().idle_ids[0];
    let killed = tokio::process::Command::new("kill").args(["-9", &id.to_string()]).status().await.expect("kill runs");
    assert!(killed.success());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(matches!(pool.check(&possible()).await, Ok(Outcome::Sat(_))));
    let health = pool.health();
    assert_eq!((health.alive, health.restarts), (1, 1));
    assert_ne!(health.idle_ids, [id]);
}

#[tokio::test]
async fn a_full_queue_says_busy_at_once() {
    let pool = SolverPool::start(SolverConfig { queue: 1, ..small(1) }).await.expect("starts");
    let ask = |pool: SolverPool| tokio::spawn(async move { pool.check(&endless()).await });
    let (first, second) = (ask(pool.clone()), ask(pool.clone()));
    while pool.health().waiting == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(pool.room(), Err(SolverError::Busy { waiting: 1 }));
    assert_eq!(pool.check(&possible()).await, Err(SolverError::Busy { waiting: 1 }));
    assert!(matches!(first.await, Ok(Ok(Outcome::Unknown(_)))));
    assert!(matches!(second.await, Ok(Ok(Outcome::Unknown(_)))));
    assert_eq!(pool.room(), Ok(()));
    assert!(matches!(pool.check(&possible()).await, Ok(Outcome::Sat(_))));
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_process_at_work() {
    let pool = SolverPool::start(small(1)).await.expect("starts");
    let gone = tokio::time::timeout(Duration::from_millis(50), pool.check(&endless())).await;
    assert!(gone.is_err());
    assert_eq!(pool.health().alive, 0);
    assert!(matches!(pool.check(&possible()).await, Ok(Outcome::Sat(_))));
    assert_eq!(pool.health().alive, 1);
}

#[tokio::test]
async fn nonsense_is_an_unknown_and_not_a_verdict() {
    let pool = SolverPool::start(small(1)).await.expect("starts");
    let mut script = Script::default();
    script.assert("(no such thing)");
    let outcome = pool.check(&script).await;
    assert!(matches!(outcome, Ok(Outcome::Unknown(_))), "{outcome:?}");
    assert!(matches!(pool.check(&contradiction()).await, Ok(Outcome::Unsat { .. })));
}

#[tokio::test]
async fn what_is_no_solver_is_refused_at_the_start() {
    for executable in ["/nowhere/z3", "/bin/cat", "/bin/true"] {
        let config = SolverConfig { executable: PathBuf::from(executable), ..small(1) };
        let started = SolverPool::start(config).await;
        assert!(matches!(started, Err(SolverError::Unavailable(_))), "{executable}");
    }
}

/// A solver that works until `hang` lies beside it, and from then on never answers at its start.
fn moody(folder: &std::path::Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let (script, hang) = (folder.join("moody"), folder.join("hang"));
    let (hang, solver) = (hang.display(), executable());
    let text = format!("#!/bin/sh\n[ -e {hang} ] && exec /bin/sleep 60\nexec {} \"$@\"\n", solver.display());
    std::fs::write(&script, text).expect("written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("executable");
    script
}

#[tokio::test]
async fn one_that_hangs_at_its_start_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().expect("a directory");
    // A script needs its shell, and looks at this folder.
    let config = SolverConfig { executable: moody(folder.path()), reads: vec!["/".into()], ..small(1) };
    let pool = SolverPool::start(config.clone()).await.expect("starts");
    std::fs::write(folder.path().join("hang"), "").expect("written");
    assert!(matches!(SolverPool::start(config).await, Err(SolverError::Unavailable(_))));
    let gone = tokio::time::timeout(Duration::from_millis(50), pool.check(&endless())).await;
    assert!(gone.is_err());
    assert!(matches!(pool.check(&possible()).await, Err(SolverError::Unavailable(_))));
    std::fs::remove_file(folder.path().join("hang")).expect("removed");
    assert!(matches!(pool.check(&possible()).await, Ok(Outcome::Sat(_))));
}

#[tokio::test]
async fn health_names_the_solver() {
    let health = pool().await.health();
    assert_eq!((health.alive, health.processes, health.restarts), (2, 2, 0));
    assert!(health.version.starts_with(|first: char| first.is_ascii_digit()), "{}", health.version);
    assert_eq!(health.walls, Walls { files: true, network: true });
}

#[tokio::test]
async fn one_question_overtakes_the_queue_of_a_busy_asker() {
    let pool = SolverPool::start(SolverConfig { queue: 40, ..small(1) }).await.expect("starts");
    let held = pool.session().await.expect("the only place");
    let (told, mut served) = tokio::sync::mpsc::unbounded_channel();
    let ask = |name: &'static str| {
        let (pool, told) = (pool.for_asker(name), told.clone());
        tokio::spawn(async move {
            let session = pool.session().await;
            // The place is given on only after it was told whose turn it was.
            told.send(session.is_ok().then_some(name)).expect("somebody listens");
        })
    };
    let mut all: Vec<_> = (0..40).map(|_| ask("busy")).collect();
    while pool.health().waiting < 40 {
        tokio::task::yield_now().await;
    }
    assert!(pool.for_asker("busy").room().is_err());
    assert_eq!(pool.for_asker("quiet").room(), Ok(()), "a full queue has room for a shorter line");
    all.push(ask("quiet"));
    assert_eq!(served.recv().await, Some(None), "the last of the long line is told that the pool is busy");
    drop(held);
    let mut order = Vec::new();
    for _ in 0..40 {
        order.push(served.recv().await.flatten().expect("served"));
    }
    assert_eq!(order.iter().position(|name| *name == "quiet"), Some(1), "{order:?}");
    for one in all {
        one.await.expect("no panic");
    }
    assert_eq!(pool.health().waiting, 0);
    assert!(matches!(pool.check(&possible()).await, Ok(Outcome::Sat(_))));
}

#[tokio::test]
async fn one_that_waits_and_goes_away_leaves_no_gap_in_the_line() {
    let pool = SolverPool::start(small(1)).await.expect("starts");
    let held = pool.session().await.expect("the only place");
    let gone = tokio::time::timeout(Duration::from_millis(20), pool.for_asker("gone").session()).await;
    assert!(gone.is_err());
    assert_eq!(pool.health().waiting, 0);
    drop(held);
    assert!(matches!(pool.for_asker("other").check(&possible()).await, Ok(Outcome::Sat(_))));
}

#[test]
fn what_the_kernel_does_not_keep_in_is_told() {
    let gap = |files, network| Walls { files, network }.gap().unwrap_or_default();
    assert_eq!(gap(true, true), "");
    assert!(gap(false, true).contains("no Landlock") && gap(true, false).contains("no seccomp"));
    assert!(gap(false, false).contains("read files and open sockets"));
}
