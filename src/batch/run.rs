//! Runs transactions one at a time over balances.

use std::collections::BTreeMap;

use super::read::{BatchRequest, TRANSACTIONS_MAX, Transaction};
use super::report::Reason;
use crate::language::{Budget, Condition, Decimal, Name, STEPS_MAX, Value, evaluate_within};

/// What the guard of one transaction may cost: all together no more than one program. Each has its own share, so that
/// it says the same in whatever order transactions run.
const GUARD_STEPS_MAX: u64 = STEPS_MAX / TRANSACTIONS_MAX as u64;

/// A balance's place: account and asset.
pub(super) type Cell = (String, String);

/// Balances of a batch; what was never touched is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Book(pub BTreeMap<Cell, Decimal>);

impl Book {
    pub fn opening(request: &BatchRequest) -> Self {
        let cell = |account: &String, asset: &String| (account.clone(), asset.clone());
        let mut book: BTreeMap<Cell, Decimal> =
            request.balances.iter().map(|one| (cell(&one.account, &one.asset), one.amount.clone())).collect();
        for one in &request.transactions {
            for account in [&one.from, &one.to].into_iter().flatten() {
                book.entry(cell(account, &one.asset)).or_default();
            }
        }
        Self(book)
    }

    fn balance(&self, account: Option<&String>, asset: &str) -> Option<Decimal> {
        Some(self.0.get(&(account?.clone(), asset.to_owned())).cloned().unwrap_or_default())
    }

    /// Applies a transaction, or leaves everything as it is and says why.
    pub fn apply(&mut self, request: &BatchRequest, ready: &Ready) -> Result<(), Reason> {
        let one = ready.transaction;
        let from = self.balance(one.from.as_ref(), &one.asset);
        let to = self.balance(one.to.as_ref(), &one.asset);
        ready.guarded(from.as_ref(), to.as_ref())?;
        let from_after = from.as_ref().map(|balance| balance.minus(&one.amount));
        let to_after = to.as_ref().map(|balance| balance.plus(&one.amount));
        if let (Some(account), Some(before), Some(after)) = (&one.from, &from, &from_after)
            && after.is_negative()
            && !request.overdraft.contains(account)
        {
            let (needed, available) = (one.amount.to_string(), before.to_string());
            return Err(Reason::InsufficientBalance { account: account.clone(), needed, available });
        }
        let outside = [(&one.from, &from_after), (&one.to, &to_after)]
            .into_iter()
            .find_map(|(account, after)| after.as_ref().filter(|after| after.leaves_64_bits()).and(account.clone()));
        if let Some(account) = outside {
            return Err(Reason::Overflow { account });
        }
        for (account, after) in [(&one.from, from_after), (&one.to, to_after)] {
            if let (Some(account), Some(after)) = (account, after) {
                self.0.insert((account.clone(), one.asset.clone()), after);
            }
        }
        Ok(())
    }
}

/// A transaction with its guard read once.
pub(super) struct Ready<'a> {
    pub transaction: &'a Transaction,
    conditions: Vec<Condition>,
}

impl<'a> Ready<'a> {
    pub fn all(request: &'a BatchRequest) -> Vec<Self> {
        let ready = |transaction: &'a Transaction| Self { transaction, conditions: transaction.conditions() };
        request.transactions.iter().map(ready).collect()
    }

    /// The places it reads and writes.
    pub fn cells(&self) -> Vec<Cell> {
        let one = self.transaction;
        [&one.from, &one.to].into_iter().flatten().map(|account| (account.clone(), one.asset.clone())).collect()
    }

    fn guarded(&self, from: Option<&Decimal>, to: Option<&Decimal>) -> Result<(), Reason> {
        let number = |amount: &Decimal| Value::Number(amount.value().clone());
        let values = |name: &Name| match name.base.as_str() {
            "amount" => Some(number(&self.transaction.amount)),
            "from_balance" => from.map(number),
            "to_balance" => to.map(number),
            _ => None,
        };
        let budget = Budget::of(GUARD_STEPS_MAX);
        for condition in &self.conditions {
            match evaluate_within(&budget, &condition.expression, &values) {
                Ok(Value::Boolean(true)) => {}
                Ok(_) => return Err(Reason::Guard { guard: condition.text.clone() }),
                Err(fault) => {
                    return Err(Reason::GuardFault { guard: condition.text.clone(), fault: fault.to_string() });
                }
            }
        }
        Ok(())
    }
}
