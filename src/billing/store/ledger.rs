//! What one batch of the kernel reads and writes: a handful of set-based statements, however many commands.
//!
//! Lists travel as one JSON text, which SQLite opens with `json_each` and PostgreSQL with `json_array_elements`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value as Json, json};

use super::budgets::count_keys;
use super::rows::{
    account_of, account_row, entry_of, entry_row, grant_of, grant_row, hold_of, hold_row, key_budget_of,
    key_budget_row, refund_row,
};
use super::tables::{
    ACCOUNTS, CHARGES_NAMED, ENTRIES, GRANTS, GRANTS_NAMED, GRANTS_OF_PURCHASES, HOLDS, HOLDS_DUE, HOLDS_NAMED,
    KEY_BUDGETS, KEY_BUDGETS_OF, LOCK_ACCOUNTS, OPEN_GRANTS, OPEN_HOLDS, READ_ACCOUNTS, REFUNDS, REQUESTS,
    REQUESTS_NAMED, USAGE_SLOTS,
};
use super::{Statement, StoreError, Transaction, Value};
use crate::ledger::{
    Account, AccountId, Charge, Command, Entry, Grant, GrantId, Hash, Hold, HoldId, KeyId, PurchaseId, Timestamp,
    TransactionId,
};

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

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Value {
    Value::Text(Json::Array(items.into_iter().map(|item| Json::String(item.to_string())).collect()).to_string())
}

fn rows(rows: Vec<Json>) -> Value {
    Value::Text(Json::Array(rows).to_string())
}

/// Reads everything that a batch of commands needs, locking its accounts in the order of their ids.
pub async fn load(transaction: &mut Transaction, named: &Named, now: Timestamp) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    for row in transaction.fetch(LOCK_ACCOUNTS.get(), vec![list(&named.accounts)]).await? {
        let account = account_of(&row)?;
        loaded.accounts.insert(account.id, account);
    }
    // Only now, behind the locks: another server may just have answered the same request.
    let wanted = named.requests.iter().map(|(scope, request)| json!([scope, request])).collect();
    for row in transaction.fetch(REQUESTS_NAMED.get(), vec![rows(wanted)]).await? {
        loaded.answered.insert((row.text(0)?, row.text(1)?), (row.text(2)?, row.text(3)?));
    }
    let mut gone = BTreeSet::new();
    if !named.charges.is_empty() {
        gone = load_charges(transaction, &named.charges, &mut loaded).await?;
    }
    load_grants(transaction, named, &gone, &mut loaded).await?;
    load_holds(transaction, named, now, &mut loaded).await?;
    for row in transaction.fetch(KEY_BUDGETS_OF.get(), vec![list(&named.accounts)]).await? {
        if let Some(account) = loaded.accounts.get_mut(&row.parsed(1)?) {
            account.budgets.keys.push(key_budget_of(&row)?);
        }
    }
    count_keys(transaction, &named.key_budgets, &mut loaded, now).await?;
    Ok(loaded)
}

/// Brings the charges along, and answers which grants they ate: those may have nothing left and come all the same.
async fn load_charges(
    transaction: &mut Transaction,
    charges: &BTreeSet<(AccountId, TransactionId)>,
    loaded: &mut Loaded,
) -> Result<BTreeSet<GrantId>, StoreError> {
    let mut grants = BTreeSet::new();
    for (owner, charge) in charges_named(transaction, charges).await? {
        grants.extend(charge.parts.iter().map(|part| part.grant));
        if let Some(account) = loaded.accounts.get_mut(&owner) {
            account.charges.push(charge);
        }
    }
    Ok(grants)
}

/// The charges and captures of these ids, each with its account and with what was refunded of it.
pub async fn charges_named(
    transaction: &mut Transaction,
    charges: &BTreeSet<(AccountId, TransactionId)>,
) -> Result<Vec<(AccountId, Charge)>, StoreError> {
    let wanted = charges.iter().map(|(account, charge)| json!([account, charge.at(), charge])).collect();
    let mut found = Vec::new();
    for row in transaction.fetch(CHARGES_NAMED.get(), vec![rows(wanted)]).await? {
        let entry = entry_of(&row)?;
        found.extend(Charge::of(&entry, row.amount(ENTRIES.width())?).map(|charge| (entry.account, charge)));
    }
    Ok(found)
}

async fn load_grants(
    transaction: &mut Transaction,
    named: &Named,
    eaten: &BTreeSet<GrantId>,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    let mut found = transaction.fetch(OPEN_GRANTS.get(), vec![list(&named.accounts)]).await?;
    if !named.purchases.is_empty() {
        found.extend(transaction.fetch(GRANTS_OF_PURCHASES.get(), vec![list(&named.purchases)]).await?);
    }
    if !eaten.is_empty() {
        found.extend(transaction.fetch(GRANTS_NAMED.get(), vec![list(eaten)]).await?);
    }
    for row in &found {
        let grant = grant_of(row)?;
        if let Some(account) = loaded.accounts.get_mut(&row.parsed(1)?)
            && account.grants.iter().all(|known| known.id != grant.id)
        {
            account.grants.push(grant);
        }
    }
    Ok(())
}

async fn load_holds(
    transaction: &mut Transaction,
    named: &Named,
    now: Timestamp,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    let mut found = Vec::new();
    if !named.holds.is_empty() {
        found = transaction.fetch(HOLDS_NAMED.get(), vec![list(&named.holds)]).await?;
    }
    let holding = loaded.accounts.values().filter(|account| account.balances.held.is_positive()).map(|one| one.id);
    let holding: Vec<AccountId> = holding.collect();
    if !holding.is_empty() {
        found.extend(transaction.fetch(HOLDS_DUE.get(), vec![list(holding), now.millis().into()]).await?);
    }
    for row in &found {
        let hold = hold_of(row)?;
        if let Some(account) = loaded.accounts.get_mut(&row.parsed(1)?)
            && account.holds.iter().all(|known| known.id != hold.id)
        {
            account.holds.push(hold);
        }
    }
    Ok(())
}

/// One account with its open grants and holds, as a snapshot sees it. Nothing is locked.
pub async fn whole_account(snapshot: &mut Transaction, id: AccountId) -> Result<Option<Account>, StoreError> {
    let rows = snapshot.fetch(READ_ACCOUNTS.get(), vec![list([id])]).await?;
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
    accounts: Vec<Json>,
    grants: Vec<Json>,
    holds: Vec<Json>,
    refunds: Vec<Json>,
    key_budgets: Vec<Json>,
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
        self.accounts.push(account_row(account));
        let known = |grant: &&Grant| old.is_some_and(|old| old.grants.contains(grant));
        let grants = account.grants.iter().filter(|grant| !known(grant));
        self.grants.extend(grants.map(|grant| grant_row(account.id, grant)));
        let known = |hold: &&Hold| old.is_some_and(|old| old.holds.contains(hold));
        let holds = account.holds.iter().filter(|hold| !known(hold));
        self.holds.extend(holds.map(|hold| hold_row(account.id, hold)));
        let known = |charge: &&Charge| old.is_some_and(|old| old.charges.contains(charge));
        let charges = account.charges.iter().filter(|charge| !known(charge));
        self.refunds.extend(charges.map(|charge| refund_row(account.id, charge)));
        let budgets = account.budgets.keys.iter().filter(|key| old.is_none_or(|old| !old.budgets.keys.contains(key)));
        self.key_budgets.extend(budgets.map(|key| key_budget_row(account.id, key)));
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
    let requests = requests.iter().map(|row| json!([row.scope, row.request, row.fingerprint, row.outcome, now]));
    let usage = usage.iter().map(|((account, slot, operation, key), (charges, quantity, credits))| {
        json!([account, slot, operation, key, charges, quantity, credits])
    });
    let writes = [
        (&ACCOUNTS, changes.accounts),
        (&GRANTS, changes.grants),
        (&HOLDS, changes.holds),
        (&ENTRIES, entries.iter().map(entry_row).collect()),
        (&REFUNDS, changes.refunds),
        (&KEY_BUDGETS, changes.key_budgets),
        (&REQUESTS, requests.collect()),
        (&USAGE_SLOTS, usage.collect()),
    ];
    for (table, values) in writes {
        if !values.is_empty() {
            transaction.execute(Statement::new(table.insert(), vec![rows(values)])).await?;
        }
    }
    Ok(())
}
