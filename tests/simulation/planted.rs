//! Corruptions planted in ledgers that lived through everything, one at a time: the audit must name each.

use std::collections::BTreeMap;

use aethel::billing::AuditReport;
use aethel::billing::store::{Database, Sql, Statement, Value};
use aethel::ledger::{AccountId, Fault};

use crate::STEPS;
use crate::chance::Chance;
use crate::world::World;

const PLANTED: usize = 1_000;
/// So many ledgers, from seed 1 on: together they have every kind of row.
const LEDGERS: u64 = 8;
/// Rows that one may hope to find: entries of an account, and what it has of anything else.
const ENTRIES: i64 = 40;
const OTHERS: i64 = 6;

/// Where a fault must be named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the entry, or at the next, which no longer follows on it.
    Entry,
    /// At the account, wherever in it.
    Account,
}

use Place::{Account, Entry};

/// One entry's row: `$1` is the account and `$2` the seq.
macro_rules! entry {
    ($change:literal) => {
        (Entry, concat!("update entries set ", $change, " where account_id = $1 and seq = $2"))
    };
}

/// The account's own row.
macro_rules! account {
    ($change:literal) => {
        (Account, concat!("update accounts set ", $change, " where id = $1 and $2 > 0"))
    };
}

/// One of the account's rows in another table, as `$2` has it.
macro_rules! beside {
    ($begin:literal, $key:literal, $table:literal, $such:literal) => {
        (
            Account,
            concat!(
                $begin,
                " where account_id = $1 and ",
                $key,
                " = (select ",
                $key,
                " from (select ",
                $key,
                ", row_number() over (order by ",
                $key,
                ") as n from ",
                $table,
                " where account_id = $1 and ",
                $such,
                ") where n = $2)"
            ),
        )
    };
}

/// The answer to one of the account's requests.
macro_rules! answer {
    ($field:literal, $value:literal) => {
        answer!(
            concat!(
                "update requests set outcome = json_set(outcome, '$.",
                $field,
                "', ",
                $value,
                ")"
            ),
            "outcome like '%\"transaction\":\"TXN%'",
            whole
        )
    };
    ($begin:expr, $such:literal, whole) => {
        (
            Account,
            concat!(
                $begin,
                " where scope = $1 and request = (select request from (select request, row_number() over (order by request)
                   as n from requests where scope = $1 and ",
                $such,
                ") where n = $2)"
            ),
        )
    };
}

const WAYS: &[(Place, &str)] = &[
    entry!("at = at + 1"),
    entry!("id = 'TXN_00000000000000000000000001'"),
    entry!("kind = case kind when 'grant' then 'purchase' else 'grant' end"),
    entry!("from_bucket = case from_bucket when 'issued' then 'spent' else 'issued' end"),
    entry!("to_bucket = case to_bucket when 'expired' then 'reversed' else 'expired' end"),
    entry!("amount = amount + 1"),
    entry!("amount = -amount"),
    entry!("balance = balance - 1"),
    entry!("operation = case when operation = 'state_storage' then 'ghost_identity' else 'state_storage' end"),
    entry!("quantity = quantity + 1"),
    entry!("grants = '[]'"),
    entry!("hold_id = case when hold_id is null then 'HLD_00000000000000000000000001' end"),
    entry!("purchase_id = case when purchase_id is null then 'PUR_00000000000000000000000001' end"),
    entry!("refunds = case when refunds is null then 'TXN_00000000000000000000000001' end"),
    entry!("key_id = case when key_id is null then 'KEY_00000000000000000000000001' end"),
    entry!("price_book = price_book + 1"),
    entry!("request = request || '.'"),
    entry!("memo = memo || '.'"),
    entry!("previous = 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'"),
    entry!("hash = 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'"),
    (Entry, "delete from entries where account_id = $1 and seq = $2"),
    (Account, "update entries set seq = seq + 100000 where account_id = $1 and seq = $2"),
    entry!("kind = 'nonsense'"),
    entry!("hash = 'none'"),
    entry!("grants = 'nonsense'"),
    entry!("key_id = 'nonsense'"),
    account!("available = available + 1, issued = issued - 1"),
    account!("spent = spent + 1, issued = issued - 1"),
    account!("held = held + 1, available = available - 1"),
    account!("expired = expired + 1, spent = spent - 1"),
    account!("reversed = reversed + 1, issued = issued - 1"),
    account!("owed = owed - 1, spent = spent + 1"),
    account!("available = available + 1"),
    account!("seq = seq + 1"),
    account!("seq = seq - 1"),
    account!("head = 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'"),
    account!("tier = 'nonsense'"),
    account!("last_at = last_at + 1"),
    beside!("update grants set remaining = remaining - 1", "id", "grants", "remaining > 0"),
    beside!("update grants set remaining = remaining + 1", "id", "grants", "true"),
    beside!("update grants set held = held + 1", "id", "grants", "remaining > 0"),
    beside!("update grants set owed = owed + 1", "id", "grants", "true"),
    beside!("update grants set size = size + 1", "id", "grants", "true"),
    beside!("update grants set reversed = reversed + 1", "id", "grants", "true"),
    beside!("update grants set kind = case kind when 'gift' then 'paid' else 'gift' end", "id", "grants", "true"),
    beside!("update grants set kind = 'nonsense'", "id", "grants", "true"),
    beside!("update grants set granted_at = granted_at + 1", "id", "grants", "true"),
    beside!(
        "update grants set purchase_id = case when purchase_id is null then 'PUR_00000000000000000000000001' end",
        "id",
        "grants",
        "true"
    ),
    beside!("delete from grants", "id", "grants", "remaining > 0"),
    beside!("delete from grants", "id", "grants", "remaining = 0 and owed = 0"),
    beside!("update holds set parts = '[]'", "id", "holds", "state = 'open'"),
    beside!("update holds set parts = 'nonsense'", "id", "holds", "state = 'open'"),
    beside!("update holds set amount = amount + 1", "id", "holds", "state = 'open'"),
    beside!("update holds set quantity = quantity + 1", "id", "holds", "state = 'open'"),
    beside!("update holds set held_at = held_at + 1", "id", "holds", "state = 'open'"),
    beside!("update holds set price_book = price_book + 1", "id", "holds", "state = 'open'"),
    beside!("delete from holds", "id", "holds", "state = 'open'"),
    beside!("update holds set state = 'released'", "id", "holds", "state = 'open'"),
    beside!("update holds set state = 'open'", "id", "holds", "state <> 'open'"),
    beside!("update usage_slots set credits = credits + 1", "slot", "usage_slots", "true"),
    beside!("update usage_slots set charges = charges + 1", "slot", "usage_slots", "true"),
    beside!("update usage_slots set quantity = quantity - 1", "slot", "usage_slots", "true"),
    beside!("update usage_slots set slot = slot + 1", "slot", "usage_slots", "true"),
    beside!("update usage_slots set key_id = key_id || 'x'", "slot", "usage_slots", "true"),
    beside!("delete from usage_slots", "slot", "usage_slots", "true"),
    (
        Account,
        "insert into usage_slots (account_id, slot, operation, key_id, charges, quantity, credits)
           select $1, 0, 'ghost_identity', '', 0, 0, 0 where $2 = 1",
    ),
    beside!("update refunds set credits = credits + 1", "charge_id", "refunds", "true"),
    beside!("delete from refunds", "charge_id", "refunds", "true"),
    (
        Entry,
        "insert into refunds (charge_id, account_id, credits) select id, account_id, 1 from entries
         where account_id = $1 and seq = $2 and kind in ('charge', 'capture') and id not in (select charge_id from refunds)",
    ),
    answer!("available", "json_extract(outcome, '$.available') + 1"),
    answer!("held", "json_extract(outcome, '$.held') + 1"),
    answer!("amount", "json_extract(outcome, '$.amount') + 1"),
    answer!("seq", "json_extract(outcome, '$.seq') + 1"),
    answer!("at", "json_extract(outcome, '$.at') - 1"),
    answer!("hold", "case when json_extract(outcome, '$.hold') is null then 'HLD_00000000000000000000000001' end"),
    answer!("grant", "case when json_extract(outcome, '$.grant') is null then 'GRT_00000000000000000000000001' end"),
    answer!("transaction", "null"),
    answer!("account", "'ACC_00000000000000000000000001'"),
    answer!("hash", "'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'"),
    answer!("update requests set outcome = 'nonsense'", "outcome <> 'null'", whole),
    answer!("update requests set outcome = 'null'", "outcome like '%\"transaction\":\"TXN%'", whole),
    answer!("update requests set request = request || '.'", "outcome like '%\"transaction\":\"TXN%'", whole),
    answer!("update requests set at = at + 1", "outcome <> 'null'", whole),
    answer!("delete from requests", "outcome like '%\"transaction\":\"TXN%'", whole),
    answer!(
        "update requests set outcome = json_set(outcome, '$.available', json_extract(outcome, '$.available') + 1)",
        "outcome like '%\"transaction\":null%'",
        whole
    ),
    answer!(
        "update requests set outcome = json_set(outcome, '$.amount', 1)",
        "outcome like '%\"transaction\":null%'",
        whole
    ),
    answer!(
        "update requests set outcome = json_set(outcome, '$.seq', json_extract(outcome, '$.seq') + 1)",
        "outcome like '%\"transaction\":null%'",
        whole
    ),
    (
        Account,
        "update requests set outcome = json_set(outcome, '$.available', json_extract(outcome, '$.available') + 1)
         where scope = 'accounts' and json_extract(outcome, '$.account') = $1 and $2 = 1",
    ),
];

#[test]
fn each_of_a_thousand_planted_corruptions_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let worlds: Vec<World> = (1..=LEDGERS)
        .map(|seed| {
            let mut world = World::calm(seed, directory.path());
            (0..STEPS).for_each(|step| _ = world.step(step));
            world
        })
        .collect();
    let mut chance = Chance::new(LEDGERS);
    let (mut planted, mut tries) = (BTreeMap::<&str, usize>::new(), 0);
    while planted.values().sum::<usize>() < PLANTED || planted.len() < WAYS.len() {
        tries += 1;
        if tries >= 100 * PLANTED {
            let missing: Vec<_> = WAYS.iter().map(|(_, way)| way).filter(|way| !planted.contains_key(*way)).collect();
            panic!("hardly anything can be spoilt: {planted:?}; never: {missing:?}");
        }
        let (place, way) = chance.pick(WAYS).copied().expect("there are ways");
        let world = chance.pick(&worlds).expect("there are ledgers");
        let accounts: Vec<AccountId> = world.tills.keys().copied().collect();
        let Some(account) = chance.pick(&accounts).copied() else { continue };
        let row = chance.between(1, if way.contains("entries") { ENTRIES } else { OTHERS });
        let life = world.life.as_ref().expect("alive");
        let Some(faults) = life.runtime.block_on(plant(&life.database, way, account, row)) else { continue };
        let named =
            |fault: &Fault| fault.account == account.to_string() && (place == Account || fault.seq.abs_diff(row) <= 1);
        assert!(faults.iter().any(named), "row {row} of {account}, `{way}`: {faults:?}");
        *planted.entry(way).or_default() += 1;
    }
}

/// Spoils one row and audits everything; nothing of it stays. `None` when there is no such row.
async fn plant(database: &Database, way: &'static str, account: AccountId, row: i64) -> Option<Vec<Fault>> {
    let mut transaction = database.begin().await.expect("a transaction");
    // The schema would refuse some of them; a broken disk does not ask it.
    let unchecked = Statement::new(Sql::both("pragma ignore_check_constraints = on"), Vec::new());
    transaction.execute(unchecked).await.expect("SQLite knows it");
    let args: Vec<Value> = vec![account.to_string().into(), row.into()];
    let touched = transaction.execute(Statement::new(Sql::both(way), args)).await.expect("it can be spoilt");
    if touched == 0 {
        return None;
    }
    Some(AuditReport::within(&mut transaction).await.expect("the store answers").faults)
}
