//! What an audit found of one account, kept short: one lost entry puts every later sum wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::{AccountId, Law};

/// Faults named of one law in one account. More of the same tell nobody more.
const NAMED_MAX: u32 = 100;

/// Something the laws forbid, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{account}, entry {seq}: {what}")]
pub struct Fault {
    /// Whose ledger.
    pub account: String,
    /// At which entry; the last one when it is the account's own row.
    pub seq: i64,
    /// Which law it breaks.
    pub law: Law,
    /// What is wrong, in a sentence.
    pub what: String,
}

/// The faults of one account, in the order they were found.
#[derive(Clone, Debug)]
pub struct Faults {
    account: String,
    named: BTreeMap<Law, u32>,
    list: Vec<Fault>,
}

impl Faults {
    /// None yet.
    #[must_use]
    pub fn of(account: AccountId) -> Self {
        Self { account: account.to_string(), named: BTreeMap::new(), list: Vec::new() }
    }

    /// Names one. The hundredth of a law says that there may be more, and is the last.
    pub fn add(&mut self, seq: i64, law: Law, what: impl Into<String>) {
        let named = self.named.entry(law).or_insert(0);
        *named = named.saturating_add(1);
        if *named > NAMED_MAX {
            return;
        }
        let mut what = what.into();
        if *named == NAMED_MAX {
            what.push_str("; further faults of this law are not named");
        }
        self.list.push(Fault { account: self.account.clone(), seq, law, what });
    }

    /// All that were named.
    #[must_use]
    pub fn into_list(self) -> Vec<Fault> {
        self.list
    }
}
