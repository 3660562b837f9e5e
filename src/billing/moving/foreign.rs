//! The plain dump of another kernel: its accounts get ids of ours and open with their balance.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::MoveError;
use crate::billing::{Kernel, NewAccount, Order};
use crate::ledger::{AccountId, Command, Credits, Tier};

/// The longest name and id that are taken over.
const TEXT_CHARACTERS_MAX: usize = 200;

/// An account that was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its id in the other kernel.
    pub from: String,
    /// Its id here.
    pub to: AccountId,
    /// What it could spend there.
    pub balance: Credits,
    /// Whether an earlier import had taken it over already.
    pub already: bool,
    /// How many transactions of its past stay behind.
    pub transactions_left: usize,
}

/// What is read of the dump; other fields are the other kernel's own and stay behind.
#[derive(Deserialize)]
struct Dump {
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    account_id: String,
    #[serde(default)]
    customer_name: Option<String>,
    #[serde(default)]
    tier: Option<String>,
    credit_balance: i64,
    #[serde(default)]
    transactions: Vec<serde_json::Value>,
}

/// What an account needs to open here.
struct Checked {
    id: String,
    name: String,
    tier: Tier,
    balance: Credits,
    transactions: usize,
}

/// Takes over the accounts of `{"accounts": [{"account_id", "customer_name", "tier", "credit_balance", …}]}`.
///
/// Each opens under a new id, and its balance comes in as an adjustment that names where it came from. The same dump
/// again finds the accounts of the first time and changes nothing.
///
/// # Errors
/// Says which account of the dump is not what it should be; nothing was imported then. An account that the kernel
/// refuses is named, and those before it are imported: the same import again goes on from there.
pub async fn import_foreign(kernel: &Kernel, text: &str) -> Result<Vec<Moved>, MoveError> {
    let accounts = read(text).map_err(MoveError::Foreign)?;
    let mut moved = Vec::with_capacity(accounts.len());
    for account in accounts {
        let id = account.id.clone();
        moved.push(take_over(kernel, account).await.map_err(|error| MoveError::Account { id, error })?);
    }
    Ok(moved)
}

fn read(text: &str) -> Result<Vec<Checked>, String> {
    let dump: Dump = serde_json::from_str(text)
        .map_err(|error| format!("this is neither an export of ours nor {{\"accounts\": [{{…}}]}}: {error}"))?;
    let mut seen = BTreeSet::new();
    let checked = dump.accounts.into_iter().enumerate().map(|(index, account)| {
        let wrong = |why: String| format!("account {} of the dump: {why}", index + 1);
        if !seen.insert(account.account_id.clone()) {
            return Err(wrong(format!("{:?} comes twice", account.account_id)));
        }
        account.checked().map_err(wrong)
    });
    checked.collect()
}

impl Account {
    fn checked(self) -> Result<Checked, String> {
        let name = self.customer_name.unwrap_or_else(|| self.account_id.clone());
        for (field, text) in [("account_id", &self.account_id), ("customer_name", &name)] {
            let length = text.chars().count();
            if text.trim().is_empty() || length > TEXT_CHARACTERS_MAX || text.contains(char::is_control) {
                return Err(format!("{field} must be 1 to {TEXT_CHARACTERS_MAX} characters in one line"));
            }
        }
        let tier = self.tier.as_deref().map_or(Ok(Tier::Developer), |tier| tier.to_lowercase().parse::<Tier>());
        let balance = Credits::new(self.credit_balance).filter(|balance| *balance >= Credits::ZERO);
        Ok(Checked {
            id: self.account_id,
            name,
            tier: tier.map_err(|error| error.to_string())?,
            balance: balance.ok_or_else(|| {
                format!("credit_balance must be a whole number from 0 up, not {}", self.credit_balance)
            })?,
            transactions: self.transactions.len(),
        })
    }
}

async fn take_over(kernel: &Kernel, account: Checked) -> Result<Moved, crate::billing::KernelError> {
    // Callers' keys have no spaces, so this one is never theirs.
    let request = format!("import {}", account.id);
    let new = NewAccount { name: account.name, tier: account.tier, free: Credits::ZERO };
    let opened = kernel.open(new, &request, None).await?;
    if account.balance.is_positive() {
        let reason = format!("imported from another kernel, account {}", account.id);
        let command = Command::Add { grant: kernel.next_grant(), credits: account.balance, reason };
        kernel.submit(Order::new(opened.account, request, command)).await?;
    }
    Ok(Moved {
        from: account.id,
        to: opened.account,
        balance: account.balance,
        already: opened.replayed,
        transactions_left: account.transactions,
    })
}
