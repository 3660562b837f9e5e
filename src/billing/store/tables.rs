//! The ledger's tables and the set-based statements over them, each written once for both databases.
//!
//! Lists travel as one JSON text, which SQLite opens with `json_each` and PostgreSQL with `jsonb_array_elements`.

use std::sync::LazyLock;

use super::Sql;

/// A column that a batch writes, and whether it is BIGINT rather than TEXT.
pub(super) type Column = (&'static str, bool);

pub(super) const fn text(name: &'static str) -> Column {
    (name, false)
}

pub(super) const fn int(name: &'static str) -> Column {
    (name, true)
}

/// A table that a batch writes with one statement, however many rows.
pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub(super) insert: LazyLock<(String, String)>,
}

/// A table's name, its columns, and what becomes of a row that is there already; empty where there can be none.
macro_rules! table {
    ($name:ident, $table:literal, [$($column:expr),+ $(,)?], $on_conflict:literal) => {
        pub(super) static $name: Table = Table {
            name: $table,
            columns: &[$($column),+],
            insert: LazyLock::new(|| ($name.statement_of_one($on_conflict), $name.statements($on_conflict).1)),
        };
    };
}
pub(super) use table;

impl Table {
    /// How many columns a row has.
    pub const fn width(&self) -> usize {
        self.columns.len()
    }

    /// SQLite's statement that inserts or updates one row, a placeholder for each column.
    pub fn insert_one(&'static self) -> &'static str {
        &self.insert.0
    }

    /// PostgreSQL's statement that inserts or updates the rows in `$1`, a JSON array of arrays.
    pub fn insert_many(&'static self) -> &'static str {
        &self.insert.1
    }

    /// Its columns in their order, each with the table's short name before it.
    pub fn names(&self, table: &str) -> String {
        self.columns.iter().map(|(name, _)| format!("{table}{name}")).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn statement_of_one(&self, conflict: &str) -> String {
        let places = vec!["?"; self.width()].join(", ");
        format!("insert into {} ({}) values ({places}) {conflict}", self.name, self.names(""))
    }

    /// The two texts that insert the rows in `$1`; `conflict` says what becomes of a row that is there already.
    pub fn statements(&self, conflict: &str) -> (String, String) {
        let (table, names) = (self.name, self.names(""));
        let places = |prefix: &str, cast: &str| {
            let place = |(index, (_, is_int)): (usize, &Column)| {
                if *is_int && !cast.is_empty() {
                    format!("({prefix} ->> {index}){cast}")
                } else {
                    format!("{prefix} ->> {index}")
                }
            };
            self.columns.iter().enumerate().map(place).collect::<Vec<_>>().join(", ")
        };
        let (sqlite, postgres) = (places("value", ""), places("j", "::bigint"));
        (
            format!("insert into {table} ({names}) select {sqlite} from json_each($1) where true {conflict}"),
            format!(
                "insert into {table} ({names}) select {postgres} from jsonb_array_elements($1::jsonb) j {conflict}"
            ),
        )
    }
}

table!(
    ACCOUNTS,
    "accounts",
    [
        text("id"),
        text("name"),
        text("tier"),
        int("suspended"),
        int("seq"),
        text("head"),
        int("issued"),
        int("available"),
        int("held"),
        int("spent"),
        int("expired"),
        int("reversed"),
        int("owed"),
        int("opened_at"),
        int("last_at"),
        int("day_limit"),
        int("day"),
        int("day_used"),
        int("month_limit"),
        int("month"),
        int("month_used"),
    ],
    "on conflict (id) do update set tier = excluded.tier, suspended = excluded.suspended, seq = excluded.seq,
       head = excluded.head, issued = excluded.issued, available = excluded.available, held = excluded.held,
       spent = excluded.spent, expired = excluded.expired, reversed = excluded.reversed, owed = excluded.owed,
       last_at = excluded.last_at, day_limit = excluded.day_limit, day = excluded.day, day_used = excluded.day_used,
       month_limit = excluded.month_limit, month = excluded.month, month_used = excluded.month_used"
);

table!(
    GRANTS,
    "grants",
    [
        text("id"),
        text("account_id"),
        text("kind"),
        int("size"),
        int("remaining"),
        int("held"),
        int("reversed"),
        int("owed"),
        int("paid_cents"),
        text("purchase_id"),
        int("expires_at"),
        int("granted_at"),
    ],
    "on conflict (id) do update set remaining = excluded.remaining, held = excluded.held,
       reversed = excluded.reversed, owed = excluded.owed"
);

table!(
    HOLDS,
    "holds",
    [
        text("id"),
        text("account_id"),
        text("operation"),
        int("quantity"),
        int("unit_price"),
        int("amount"),
        text("parts"),
        text("state"),
        int("expires_at"),
        int("held_at"),
        text("key_id"),
        int("price_book"),
    ],
    "on conflict (id) do update set parts = excluded.parts, state = excluded.state"
);

table!(
    ENTRIES,
    "entries",
    [
        text("account_id"),
        int("seq"),
        text("id"),
        int("at"),
        text("kind"),
        text("from_bucket"),
        text("to_bucket"),
        int("amount"),
        int("balance"),
        text("operation"),
        int("quantity"),
        text("grants"),
        text("hold_id"),
        text("purchase_id"),
        text("refunds"),
        text("key_id"),
        int("price_book"),
        text("request"),
        text("memo"),
        text("previous"),
        text("hash"),
    ],
    ""
);

table!(
    REFUNDS,
    "refunds",
    [text("charge_id"), text("account_id"), int("credits")],
    "on conflict (charge_id) do update set credits = excluded.credits"
);

table!(
    KEY_BUDGETS,
    "key_budgets",
    [text("key_id"), text("account_id"), int("month_limit"), int("month"), int("month_used")],
    "on conflict (key_id) do update set month_limit = excluded.month_limit, month = excluded.month,
       month_used = excluded.month_used"
);

table!(REQUESTS, "requests", [text("scope"), text("request"), text("fingerprint"), text("outcome"), int("at")], "");

table!(
    USAGE_SLOTS,
    "usage_slots",
    [
        text("account_id"),
        int("slot"),
        text("operation"),
        text("key_id"),
        int("charges"),
        int("quantity"),
        int("credits"),
    ],
    "on conflict (account_id, slot, operation, key_id) do update set
       charges = usage_slots.charges + excluded.charges, quantity = usage_slots.quantity + excluded.quantity,
       credits = usage_slots.credits + excluded.credits"
);

/// A read whose text is put together once.
pub(super) struct Read(LazyLock<(String, String)>);

impl Read {
    /// The statement.
    pub fn get(&'static self) -> Sql {
        Sql::each(&self.0.0, &self.0.1)
    }
}

/// `select COLUMNS from TABLE` and then whatever stands here, once for each database.
macro_rules! read {
    ($(#[$doc:meta])* $name:ident, $table:ident, $sqlite:expr, $postgres:expr) => {
        $(#[$doc])*
        pub(super) static $name: Read = Read(LazyLock::new(|| {
            let select = format!("select {} from {} ", $table.names(""), $table.name);
            (format!("{select}{}", $sqlite), format!("{select}{}", $postgres))
        }));
    };
}

/// A column's values among a list of texts.
macro_rules! among {
    ($before:literal, $after:literal) => {
        (
            concat!($before, " in (select value from json_each($1))", $after),
            concat!($before, " = any (array(select jsonb_array_elements_text($1::jsonb)))", $after),
        )
    };
}

macro_rules! read_among {
    ($(#[$doc:meta])* $name:ident, $table:ident, $before:literal, $after:literal) => {
        read!($(#[$doc])* $name, $table, among!($before, $after).0, among!($before, $after).1);
    };
}

read_among!(READ_ACCOUNTS, ACCOUNTS, "where id", "");
read!(READ_ACCOUNT, ACCOUNTS, "where id = $1", "where id = $1");
read_among!(OPEN_GRANTS, GRANTS, "where account_id", " and (remaining > 0 or owed > 0)");
read_among!(GRANTS_OF, GRANTS, "where account_id", "");
read_among!(GRANTS_NAMED, GRANTS, "where id", "");
read_among!(KEY_BUDGETS_OF, KEY_BUDGETS, "where account_id", "");
read_among!(OPEN_HOLDS, HOLDS, "where account_id", " and state = 'open'");
read!(ENTRIES_BEFORE, ENTRIES, ENTRIES_DOWN, ENTRIES_DOWN);
read!(ENTRIES_AFTER, ENTRIES, ENTRIES_UP, ENTRIES_UP);
read!(ENTRIES_UP_TO, ENTRIES, ENTRIES_BETWEEN, ENTRIES_BETWEEN);
read!(GRANTS_BEFORE, GRANTS, GRANTS_DOWN, GRANTS_DOWN);
read!(ONE_HOLD, HOLDS, "where id = $1", "where id = $1");
read!(ENTRY_NAMED, ENTRIES, ENTRY_OF_ACCOUNT, ENTRY_OF_ACCOUNT);

const ENTRIES_DOWN: &str = "where account_id = $1 and seq < $2 order by seq desc limit $3";
const ENTRY_OF_ACCOUNT: &str = "where account_id = $1 and seq = $2 and id = $3";
const ENTRIES_UP: &str = "where account_id = $1 and seq > $2 order by seq limit $3";
const ENTRIES_BETWEEN: &str = "where account_id = $1 and seq > $2 and seq <= $3 order by seq limit $4";
const GRANTS_DOWN: &str =
    "where account_id = $1 and (granted_at, id) < ($2, $3) order by granted_at desc, id desc limit $4";

/// The charges in a list of [account, seq, id], each with what was refunded of it.
pub(super) static CHARGES_NAMED: Read = Read(LazyLock::new(|| {
    let select = format!("select {}, coalesce(r.credits, 0)", ENTRIES.names("e."));
    let refunds = "left join refunds r on r.charge_id = e.id";
    (
        format!(
            "{select} from json_each($1) j cross join entries e on e.account_id = j.value ->> 0
               and e.seq = j.value ->> 1 and e.id = j.value ->> 2 {refunds}"
        ),
        format!(
            "{select} from jsonb_array_elements($1::jsonb) j join entries e on e.account_id = j ->> 0
               and e.seq = (j ->> 1)::bigint and e.id = j ->> 2 {refunds}"
        ),
    )
}));

/// The tables that a batch writes, in an order that foreign keys allow.
pub(super) static WRITTEN: [&Table; 8] =
    [&ACCOUNTS, &GRANTS, &HOLDS, &ENTRIES, &REFUNDS, &KEY_BUDGETS, &REQUESTS, &USAGE_SLOTS];
