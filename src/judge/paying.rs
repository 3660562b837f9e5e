//! The Judge behind the till: what a promise buys, what a solver that errs costs, and the same question again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::billing::store::testing::databases;
use crate::billing::{Kernel, NewAccount, Order};
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{AccountId, Clock, Command, Credits, IdSource, Promise, Tier};
use crate::solver::{SolverConfig, SolverPool, testing};

struct Counter {
    name: &'static str,
    judge: Judge,
    kernel: Kernel,
    account: AccountId,
}

/// A Judge with ten credits to spend on each store, over solvers of this executable.
async fn counters(executable: PathBuf) -> Vec<Counter> {
    let mut counters = Vec::new();
    for (name, database) in databases().await {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
        let ids: Arc<dyn IdSource> = Arc::new(CountingIds::default());
        let kernel = Kernel::start(database.clone(), price_book(), Arc::clone(&clock), Arc::clone(&ids));
        let new = NewAccount::by_operator("Proofs".into(), Tier::Developer);
        let account = kernel.open(new, "open", None).await.expect("opened").account;
        let grant = Command::Grant {
            grant: kernel.next_grant(),
            credits: Credits::new(10).expect("small"),
            reason: "tests".into(),
            expires_at: None,
        };
        kernel.submit(Order::new(account, "gift", grant)).await.expect("given");
        // A pretender is a script: its shell and the shell's loader have to be found.
        let config = SolverConfig { reads: vec!["/".into()], ..SolverConfig::new(executable.clone()) };
        let pool = Arc::new(SolverPool::start(config).await.expect("the pool starts"));
        let judge = Judge::new(database, kernel.clone(), pool, clock, ids);
        counters.push(Counter { name, judge, kernel, account });
    }
    counters
}

impl Counter {
    /// What is available and what is held.
    async fn credits(&self) -> (i64, i64) {
        let account = self.kernel.account(self.account).await.expect("reachable").expect("there");
        (account.available.get(), account.held.get())
    }
}

#[tokio::test]
async fn a_refutation_whose_values_refute_nothing_is_unknown_and_gives_the_hold_back() {
    // Its answer to everything: it can be broken, and x is 5.
    let folder = tempfile::tempdir().expect("a directory");
    for counter in counters(testing::pretender(folder.path(), "((s0 5))")).await {
        for (proof_type, formula) in [(ProofType::Validity, "x > 3"), (ProofType::Satisfiable, "x < 3")] {
            let request = ProofRequest::formula(proof_type, formula);
            let answer = counter.judge.verify(counter.account, None, request, formula).await.expect("answered");
            let (decision, name) = (answer.decision, counter.name);
            assert_eq!(decision.verdict, Verdict::Unknown, "{name} {formula}");
            assert_eq!(decision.evidence.reason.as_deref(), Some("the solver's values could not be confirmed"));
            assert_eq!((decision.evidence.counterexample, decision.evidence.example), (Vec::new(), Vec::new()));
            assert_eq!((answer.charged, counter.credits().await), (Credits::ZERO, (10, 0)), "{name}");
        }
        // Where the values do refute, they count, whoever says them.
        let request = ProofRequest::formula(ProofType::Validity, "x > 7");
        let answer = counter.judge.verify(counter.account, None, request, "honest").await.expect("answered");
        assert_eq!((answer.decision.verdict, counter.credits().await), (Verdict::Refuted, (9, 0)));
    }
}

#[tokio::test]
async fn the_same_question_again_has_the_limits_it_had() {
    for counter in counters(testing::executable()).await {
        let (judge, account) = (&counter.judge, counter.account);
        let request = ProofRequest::formula(ProofType::Validity, "x == x");
        let one = Some(Promise { credits: Credits::new(1).expect("small"), price_book: 1 });
        let quoted = judge.verify_at_most(account, None, request.clone(), "quoted", one).await.expect("verified");
        let again = judge.verify_again(&quoted, None, "again").await.expect("verified");
        let free = judge.verify(account, None, request, "free").await.expect("verified");
        let works = [&quoted, &again, &free].map(|one| one.decision.limits.map(|limits| limits.rlimit));
        assert_eq!(works, [Some(5_000_000), Some(5_000_000), Some(20_000_000)], "{}", counter.name);
        let kept = judge.verification(account, quoted.id).await.expect("reachable").expect("kept");
        let limits = SolverLimits { seed: 0, rlimit: 5_000_000, wall_ms: 5_000, memory_mb: 512 };
        assert_eq!(kept.decision.limits, Some(limits));
        assert_ne!(again.id, quoted.id);
        assert_eq!(counter.credits().await, (7, 0), "each of them was paid for");
    }
}

#[tokio::test]
async fn what_was_decided_before_is_known_without_asking() {
    for counter in counters(testing::executable()).await {
        let (judge, account) = (&counter.judge, counter.account);
        let mut request = ProofRequest::formula(ProofType::Validity, "x > 0");
        request.assumptions = vec!["x > 1".to_owned()];
        assert!(judge.known(account, &request).await.expect("reachable").is_none());
        let first = judge.verify(account, None, request.clone(), "one").await.expect("verified");
        let known = judge.known(account, &request).await.expect("reachable").map(|known| known.id);
        assert_eq!(known, Some(first.id), "{}", counter.name);
        request.assumptions.clear();
        assert!(judge.known(account, &request).await.expect("reachable").is_none(), "that is another question");
    }
}

#[tokio::test]
async fn a_promise_is_the_solvers_budget_and_lifts_no_limit() {
    let promised = |credits| Credits::new(credits).expect("small");
    assert_eq!([1, 4].map(|credits| solver_work(promised(credits))), [5_000_000, 20_000_000]);
    assert_eq!(solver_work(Credits::ZERO), 1, "no limit at all would be the other extreme");

    let started = |rlimit| async move {
        let config = SolverConfig::new(testing::executable());
        SolverPool::start(SolverConfig { rlimit, wall: Duration::from_secs(600), ..config }).await.expect("starts")
    };
    let decided = async |pool: &SolverPool, formula: &str, work| {
        let request = ProofRequest::formula(ProofType::Test, formula);
        let prepared = prepare(&request).await.expect("readable").within(work);
        let decision = decide_prepared(pool, prepared).await.expect("decided");
        assert_eq!(decision.program_hash, request.hash(), "a budget asks no other question");
        decision.verdict
    };
    // Were it the clock that decides, each of these would take ten minutes.
    let cubes = "x ** 3 + y ** 3 + z ** 3 != 114";
    let boundless = started(u64::from(u32::MAX)).await;
    assert_eq!(decided(&boundless, "x > 3 ==> x > 2", solver_work(promised(1))).await, Verdict::Proved);
    assert_eq!(decided(&boundless, cubes, 200_000).await, Verdict::Unknown);
    // The pool's own limit stays, however much was promised.
    assert_eq!(decided(&started(200_000).await, cubes, u64::MAX).await, Verdict::Unknown);
}
