//! The plan that the simulated database fails by: at most two faults a batch, each at a step counted from its start.

use std::sync::Mutex;

use aethel::billing::store::{Failure, FaultPlan, Step, When};
use tokio::sync::Notify;

/// Where a fault lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the first commit.
    Commit,
    /// At the step of this number, counted from 0.
    Nth(usize),
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub place: Place,
    pub when: When,
    pub failure: Failure,
}

#[derive(Debug, Default)]
struct State {
    steps: usize,
    faults: Vec<Fault>,
}

/// The faults ahead, and a bell that rings when the process is to be taken for crashed.
#[derive(Debug, Default)]
pub struct Plan {
    state: Mutex<State>,
    crashed: Notify,
}

impl Plan {
    /// From now on these faults lie ahead, and no others.
    pub fn arm(&self, faults: Vec<Fault>) {
        *self.state.lock().expect("nobody panics here") = State { steps: 0, faults };
    }

    pub async fn crashed(&self) {
        self.crashed.notified().await;
    }
}

impl FaultPlan for Plan {
    fn strike(&self, step: Step) -> Option<(When, Failure)> {
        let mut state = self.state.lock().expect("nobody panics here");
        let number = state.steps;
        state.steps += 1;
        let here = |fault: &Fault| match fault.place {
            Place::Commit => step == Step::Commit,
            Place::Nth(place) => place == number,
        };
        let index = state.faults.iter().position(here)?;
        let fault = state.faults.remove(index);
        if fault.failure == Failure::Silence {
            self.crashed.notify_one();
        }
        Some((fault.when, fault.failure))
    }
}
