//! After each batch: what was answered, what the store kept and what the reference says must be one story.

use std::collections::BTreeMap;

use aethel::billing::{KernelError, Order, Receipt, Together};
use aethel::ledger::{AccountId, Command};

use crate::model::Till;
use crate::world::{Job, Kept, Outcome, World};

/// What the reference expects of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expected {
    /// Done now: the credits it moved, and what is available and held afterwards.
    Done(i64, i64, i64),
    /// Done before: the same receipt again.
    Replayed(Receipt),
    Refused(&'static str),
    Conflict,
    Undone,
}

/// The reference as a job would leave it.
struct Rehearsal {
    tills: BTreeMap<AccountId, Till>,
    kept: BTreeMap<(String, String), Kept>,
    expected: Vec<Expected>,
}

impl World {
    /// Brings the reference up to date with a batch, and fails when the three stories differ.
    pub fn reckon(&mut self, jobs: &[Job], answers: Option<&[Vec<Outcome>]>) {
        let stored = self.answers_kept(jobs);
        for (index, job) in jobs.iter().enumerate() {
            let answered = answers.map(|answers| &answers[index]);
            let known = answered.filter(|answers| !answers.iter().any(is_lost));
            let rehearsal = self.rehearse(job, &stored);
            let fresh = |order: &Order| {
                let place = (order.scope(), order.request.clone());
                !self.kept.contains_key(&place) && stored.contains_key(&place)
            };
            // Without an answer it has happened or not, and the store's own idempotency rows say which.
            let happened = known.is_some() || job.orders.iter().any(fresh);
            if let Some(answers) = known {
                self.compare(job, &rehearsal.expected, answers);
            } else {
                self.story.unknown += job.orders.len();
            }
            if happened {
                self.tills = rehearsal.tills;
                self.kept = rehearsal.kept;
            }
        }
        for order in jobs.iter().flat_map(|job| &job.orders) {
            let place = (order.scope(), order.request.clone());
            let (kept, stored) = (self.kept.get(&place), stored.get(&place));
            assert_eq!(kept.map(|kept| &kept.receipt), stored, "{place:?} is kept wrongly\n{}", self.told());
        }
    }

    fn compare(&mut self, job: &Job, expected: &[Expected], answers: &[Outcome]) {
        for ((order, expected), answer) in job.orders.iter().zip(expected).zip(answers) {
            let agree = match (expected, answer) {
                (Expected::Done(amount, available, held), Ok(receipt)) => {
                    self.story.acknowledged += 1;
                    let said = (receipt.amount.get(), receipt.available.get(), receipt.held.get());
                    !receipt.replayed && said == (*amount, *available, *held)
                }
                (Expected::Replayed(first), Ok(receipt)) => {
                    receipt.replayed && Receipt { replayed: false, ..receipt.clone() } == *first
                }
                (Expected::Refused(code), Err(KernelError::Refused(refusal))) => {
                    *self.story.refusals.entry(code).or_default() += 1;
                    refusal.code() == *code
                }
                (Expected::Conflict, Err(KernelError::IdempotencyConflict))
                | (Expected::Undone, Err(KernelError::Undone)) => true,
                _ => false,
            };
            assert!(agree, "{order:?}\nexpected {expected:?}\nanswered {answer:?}\n{}", self.told());
        }
    }

    /// What the reference would say to a job, and would be like afterwards.
    fn rehearse(&self, job: &Job, stored: &BTreeMap<(String, String), Receipt>) -> Rehearsal {
        let mut rehearsal =
            Rehearsal { tills: self.tills.clone(), kept: self.kept.clone(), expected: Vec::with_capacity(8) };
        for order in &job.orders {
            let expected = rehearsal.ask(self, order, stored);
            let refused = matches!(expected, Expected::Refused(_) | Expected::Conflict);
            rehearsal.expected.push(expected);
            if refused && job.together == Together::AllOrNone {
                let guilty = rehearsal.expected.len() - 1;
                rehearsal.expected.resize(job.orders.len(), Expected::Undone);
                rehearsal.expected[..guilty].fill(Expected::Undone);
                rehearsal.tills.clone_from(&self.tills);
                rehearsal.kept.clone_from(&self.kept);
                break;
            }
        }
        rehearsal
    }
}

/// An answer that leaves open whether it happened: a statement that was made to fail may have been the commit.
fn is_lost(answer: &Outcome) -> bool {
    matches!(answer, Err(KernelError::Unavailable | KernelError::Corrupt))
}

impl Rehearsal {
    fn ask(&mut self, world: &World, order: &Order, stored: &BTreeMap<(String, String), Receipt>) -> Expected {
        let now = aethel::ledger::Clock::now(&*world.clock);
        let place = (order.scope(), order.request.clone());
        let fingerprint = order.command.fingerprint();
        if let Some(kept) = self.kept.get(&place) {
            let same = kept.fingerprint == fingerprint;
            return if same { Expected::Replayed(kept.receipt.clone()) } else { Expected::Conflict };
        }
        let said = match (self.tills.get_mut(&order.account), &order.command) {
            (Some(till), command) => till.ask(command, order.key, now),
            (None, Command::Open { .. }) => {
                let (till, effect) = Till::open(&order.command, now);
                self.tills.insert(order.account, till);
                Ok(effect)
            }
            (None, _) => Err("account_not_found"),
        };
        let effect = match said {
            Ok(effect) => effect,
            Err(code) => return Expected::Refused(code),
        };
        let Some(till) = self.tills.get_mut(&order.account) else { return Expected::Refused("account_not_found") };
        // What was answered is the store's to say; where nothing is kept, the job did not happen.
        if let Some(receipt) = stored.get(&place) {
            if let (Some(sale), Some(transaction)) = (effect.sale, receipt.transaction) {
                till.sales.insert(transaction, sale);
            }
            self.kept.insert(place, Kept { fingerprint, receipt: receipt.clone() });
        }
        Expected::Done(effect.amount, till.sums.available, till.sums.held)
    }
}
