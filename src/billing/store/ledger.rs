//! What one batch of the kernel reads and writes: one go each, however many commands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::budgets::count_keys;
use super::rows::{
    Rows, account_of, account_row, entry_of, entry_row, grant_of, grant_row, hold_of, hold_row, key_budget_of,
    key_budget_row, list, refund_row, row,
};
use super::tables::{CHARGES_NAMED, ENTRIES, GRANTS_NAMED, ONE_HOLD, OPEN_GRANTS, OPEN_HOLDS, READ_ACCOUNT, WRITTEN};
use super::together::LOAD;
use super::{Row, Sql, Statement, StoreError, Transaction};
use crate::ledger::{
    Account, AccountId, Charge, Command, Entry, Grant, GrantId, Hash, HoldId, KeyId, PurchaseId, Timestamp,
    TransactionId,
};

const CLAIM_REQUEST: Sql = Sql::both(
    "insert into requests (scope, request, fingerprint, outcome, at) values ($1, $2, $3, 'null', $4)
     on conflict do nothing",
);
const REQUEST_HOLDER: Sql = Sql::both("select fingerprint from requests where scope = $1 and request = $2");

/// What a batch starts from.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The accounts that exist, locked, each with its open grants and the holds that matter.
    pub accounts: HashMap<AccountId, Account>,
    /// What was answered before, by scope and idempotency key.
    pub answered: HashMap<(String, String), (String, String)>,
}

/// An idempotency row to write.
#[derive(Debug)]
pub struct RequestRow {
    /// Whose keys these are.
    pub scope: String,
    /// The idempotency key.
    pub request: String,
    /// What was asked for.
    pub fingerprint: Hash,
    /// The receipt as JSON.
    pub outcome: String,
}

/// What a batch adds to the usage roll-ups, by (account, slot, operation, key).
pub type UsageRow = BTreeMap<(String, i64, &'static str, String), (i64, i64, i64)>;

/// What the commands of a batch name, and so must be brought along.
#[derive(Debug, Default)]
pub struct Named {
    /// The accounts.
    pub accounts: BTreeSet<AccountId>,
    /// The idempotency keys, each with its scope.
    pub requests: Vec<(String, String)>,
    holds: BTreeSet<HoldId>,
    purchases: BTreeSet<PurchaseId>,
    charges: BTreeSet<(AccountId, TransactionId)>,
    key_budgets: BTreeSet<(AccountId, KeyId)>,
}

impl Named {
    /// Adds what one command names.
    pub fn add(&mut self, account: AccountId, command: &Command) {
        self.accounts.insert(account);
        self.holds.extend(command.hold());
        self.purchases.extend(command.purchase());
        self.charges.extend(command.charge().map(|charge| (account, charge)));
        if let Command::SetKeyBudget { key, .. } = command {
            self.key_budgets.insert((account, *key));
        }
    }
}

/// Reads everything that a batch of commands needs, locking its accounts in the order of their ids.
pub async fn load(transaction: &mut Transaction, named: &Named, now: Timestamp) -> Result<Loaded, StoreError> {
    let mut wanted = Rows::default();
    for (scope, request) in &named.requests {
        row!(wanted, [scope, request]);
    }
    let args = vec![
        list(&named.accounts),
        wanted.into_value(),
        list(&named.purchases),
        list(&named.holds),
        now.millis().into(),
    ];
    let mut loaded = Loaded::default();
    for row in transaction.fetch_together(&LOAD, args).await? {
        loaded.take(&row)?;
    }
    if !named.charges.is_empty() {
        let eaten = load_charges(transaction, &named.charges, &mut loaded).await?;
        for row in transaction.fetch(GRANTS_NAMED.get(), vec![list(&eaten)]).await? {
            loaded.take_grant(&row)?;
        }
    }
    count_keys(transaction, &named.key_budgets, &mut loaded, now).await?;
    Ok(loaded)
}

impl Loaded {
    /// Takes a row by the letter it ends with.
    fn take(&mut self, row: &Row) -> Result<(), StoreError> {
        match row.text(row.width().saturating_sub(1))?.as_str() {
            "a" => {
                let account = account_of(row)?;
                self.accounts.insert(account.id, account);
            }
            "r" => {
                self.answered.insert((row.text(0)?, row.text(1)?), (row.text(2)?, row.text(3)?));
            }
            "g" => self.take_grant(row)?,
            "h" => {
                let hold = hold_of(row)?;
                if let Some(account) = self.accounts.get_mut(&row.parsed(1)?)
                    && account.holds.iter().all(|known| known.id != hold.id)
                {
                    account.holds.push(hold);
                }
            }
            "k" => {
                if let Some(account) = self.accounts.get_mut(&row.parsed(1)?) {
                    account.budgets.keys.push(key_budget_of(row)?);
                }
            }
            other => return Err(StoreError::Corrupt(format!("a row of the kind {other:?}"))),
        }
        Ok(())
    }

    /// Takes a grant that may have come before under another name.
    fn take_grant(&mut self, row: &Row) -> Result<(), StoreError> {
        let grant = grant_of(row)?;
        if let Some(account) = self.accounts.get_mut(&row.parsed(1)?)
            && account.grants.iter().all(|known| known.id != grant.id)
        {
            account.grants.push(grant);
        }
        Ok(())
    }
}

/// Brings the charges along, and answers which grants they ate: those may have nothing left and come all the same.
async fn load_charges(
    transaction: &mut Transaction,
    charges: &BTreeSet<(AccountId, TransactionId)>,
    loaded: &mut Loaded,
) -> Result<BTreeSet<GrantId>, StoreError> {
    let mut grants = BTreeSet::new();
    for (owner, mut charge) in charges_named(transaction, charges).await? {
        if let Some(hold) = charge.hold {
            let rows = transaction.fetch(ONE_HOLD.get(), vec![hold.to_string().into()]).await?;
            if let Some(hold) = rows.first().map(hold_of).transpose()? {
                (charge.at, charge.key) = (hold.held_at, hold.key);
            }
        }
        grants.extend(charge.parts.iter().map(|part| part.grant));
        if let Some(account) = loaded.accounts.get_mut(&owner) {
            account.charges.push(charge);
        }
    }
    Ok(grants)
}

/// The charges and captures of these ids, each with its account and with what was refunded of it.
async fn charges_named(
    transaction: &mut Transaction,
    charges: &BTreeSet<(AccountId, TransactionId)>,
) -> Result<Vec<(AccountId, Charge)>, StoreError> {
    let mut wanted = Rows::default();
    for (account, charge) in charges {
        row!(wanted, [account, charge.seq(), charge]);
    }
    let mut found = Vec::new();
    for row in transaction.fetch(CHARGES_NAMED.get(), vec![wanted.into_value()]).await? {
        let entry = entry_of(&row)?;
        found.extend(Charge::of(&entry, row.amount(ENTRIES.width())?).map(|charge| (entry.account, charge)));
    }
    Ok(found)
}

/// Claims an account's idempotency key for something that is no order, so that the key can do nothing else; true when it
/// is claimed for this purpose, now or before.
///
/// # Errors
/// When the database does not answer.
pub async fn claim_request(
    transaction: &mut Transaction,
    account: AccountId,
    request: &str,
    purpose: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let place = || vec![account.to_string().into(), request.into()];
    let mut args = place();
    // A purpose is no fingerprint: whoever brings an order under this key is told of a conflict.
    args.extend([purpose.into(), now.millis().into()]);
    transaction.execute(Statement::new(CLAIM_REQUEST, args)).await?;
    let rows = transaction.fetch(REQUEST_HOLDER, place()).await?;
    let holder = rows.first().map(|row| row.text(0)).transpose()?;
    Ok(holder.as_deref() == Some(purpose))
}

/// One account with its open grants and holds, as a snapshot sees it. Nothing is locked.
pub async fn whole_account(snapshot: &mut Transaction, id: AccountId) -> Result<Option<Account>, StoreError> {
    let rows = snapshot.fetch(READ_ACCOUNT.get(), vec![id.to_string().into()]).await?;
    let Some(mut account) = rows.first().map(account_of).transpose()? else { return Ok(None) };
    for row in snapshot.fetch(OPEN_GRANTS.get(), vec![list([id])]).await? {
        account.grants.push(grant_of(&row)?);
    }
    for row in snapshot.fetch(OPEN_HOLDS.get(), vec![list([id])]).await? {
        account.holds.push(hold_of(&row)?);
    }
    Ok(Some(account))
}

/// What a batch changed, as rows to write.
#[derive(Debug, Default)]
pub struct Changes {
    accounts: Rows,
    grants: Rows,
    holds: Rows,
    refunds: Rows,
    key_budgets: Rows,
}

impl Changes {
    /// What differs between the accounts as they were and as they are.
    #[must_use]
    pub fn between(before: &HashMap<AccountId, Account>, after: &HashMap<AccountId, Account>) -> Self {
        let mut changes = Self::default();
        let mut changed: Vec<&Account> =
            after.values().filter(|account| before.get(&account.id) != Some(*account)).collect();
        changed.sort_by_key(|account| account.id);
        for account in changed {
            changes.add(before.get(&account.id), account);
        }
        changes
    }

    fn add(&mut self, old: Option<&Account>, account: &Account) {
        account_row(&mut self.accounts, account);
        let known: HashMap<GrantId, &Grant> =
            old.iter().flat_map(|old| &old.grants).map(|grant| (grant.id, grant)).collect();
        for grant in account.grants.iter().filter(|grant| known.get(&grant.id) != Some(grant)) {
            grant_row(&mut self.grants, account.id, grant);
        }
        for hold in account.holds.iter().filter(|hold| old.is_none_or(|old| !old.holds.contains(hold))) {
            hold_row(&mut self.holds, account.id, hold);
        }
        for charge in account.charges.iter().filter(|charge| old.is_none_or(|old| !old.charges.contains(charge))) {
            refund_row(&mut self.refunds, account.id, charge);
        }
        for key in account.budgets.keys.iter().filter(|key| old.is_none_or(|old| !old.budgets.keys.contains(key))) {
            key_budget_row(&mut self.key_budgets, account.id, key);
        }
    }
}

/// Writes what a batch changed: accounts, grants and holds as they are now, and the new entries, answers and usage.
pub async fn save(
    transaction: &mut Transaction,
    changes: Changes,
    entries: &[Entry],
    requests: &[RequestRow],
    usage: &UsageRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (mut posted, mut answered, mut used) = (Rows::default(), Rows::default(), Rows::default());
    for entry in entries {
        entry_row(&mut posted, entry);
    }
    for request in requests {
        row!(answered, [request.scope, request.request, request.fingerprint, request.outcome, now]);
    }
    for ((account, slot, operation, key), (charges, quantity, credits)) in usage {
        row!(used, [account, slot, operation, key, charges, quantity, credits]);
    }
    let Changes { accounts, grants, holds, refunds, key_budgets } = changes;
    let written = [accounts, grants, holds, posted, refunds, key_budgets, answered, used];
    let written = WRITTEN.into_iter().zip(written.into_iter().map(Rows::into_text));
    transaction.insert(written.collect()).await
}
