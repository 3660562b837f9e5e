//! From what was sent, as JSON or as tables, to a batch that can be run. All that is wrong is told at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::language::{Condition, Decimal, parse_law};

/// The most transactions of one batch: what its price is for.
pub const TRANSACTIONS_MAX: usize = 1_000;
/// The most opening balances: two for each transaction, and as many that none of them touches.
pub const OPENINGS_MAX: usize = 4_000;
/// After this many mistakes the rest is noise.
const PROBLEMS_MAX: usize = 20;
/// Longer than any account number, asset code or reference.
const NAME_CHARACTERS_MAX: usize = 100;
/// What a guard may speak of.
pub(super) const GUARD_NAMES: [&str; 3] = ["amount", "from_balance", "to_balance"];

/// A balance before the first transaction. What is not named begins with nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOpening {
    pub account: String,
    pub asset: String,
    pub amount: Decimal,
}

/// A transaction as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTransaction {
    pub id: String,
    /// Nothing where the amount enters from outside.
    #[serde(default)]
    pub from: Option<String>,
    /// Nothing where the amount leaves.
    #[serde(default)]
    pub to: Option<String>,
    pub asset: String,
    pub amount: Decimal,
    /// A formula over `amount`, `from_balance` and `to_balance`, as they are before the transaction.
    #[serde(default)]
    pub guard: Option<String>,
}

/// A batch as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewBatch {
    /// Whether one refused transaction undoes all.
    #[serde(default)]
    pub atomic: bool,
    #[serde(default)]
    pub balances: Vec<NewOpening>,
    #[serde(default)]
    pub transactions: Vec<NewTransaction>,
    /// The same as a table: `account,asset,amount`.
    #[serde(default)]
    pub balances_csv: Option<String>,
    /// The same as a table: `id,from,to,asset,amount,guard`.
    #[serde(default)]
    pub transactions_csv: Option<String>,
    /// Accounts that may go below zero.
    #[serde(default)]
    pub overdraft: Vec<String>,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchProblem {
    /// `transactions[3].amount`, or `transactions_csv line 5`.
    pub place: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// A balance before the first transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub account: String,
    pub asset: String,
    pub amount: Decimal,
}

/// A transaction that can be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    pub id: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub asset: String,
    pub amount: Decimal,
    pub guard: Option<String>,
}

/// A batch that can be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRequest {
    pub atomic: bool,
    pub balances: Vec<Opening>,
    pub transactions: Vec<Transaction>,
    pub overdraft: BTreeSet<String>,
}

impl NewBatch {
    /// Reads the tables and checks everything.
    ///
    /// # Errors
    /// All that is wrong, each with its place.
    pub fn read(mut self) -> Result<BatchRequest, Vec<BatchProblem>> {
        let mut problems = Problems::default();
        if let Some(table) = self.balances_csv.take() {
            self.balances.extend(rows(
                &table,
                "balances_csv",
                &["account", "asset", "amount"],
                opening_of,
                &mut problems,
            ));
        }
        if let Some(table) = self.transactions_csv.take() {
            let needed = ["id", "asset", "amount"];
            self.transactions.extend(rows(&table, "transactions_csv", &needed, transaction_of, &mut problems));
        }
        if self.transactions.is_empty() && problems.0.is_empty() {
            problems.add("transactions", "a batch has at least one transaction");
        }
        if self.transactions.len() > TRANSACTIONS_MAX {
            let count = self.transactions.len();
            problems.add("transactions", format!("a batch has at most 1,000 transactions, and these are {count}"));
        }
        if self.balances.len() > OPENINGS_MAX {
            problems.add("balances", format!("a batch has at most {OPENINGS_MAX} opening balances"));
        }
        if problems.0.is_empty() {
            problems.openings(&self.balances);
            problems.transactions(&self.transactions);
            for (index, name) in self.overdraft.iter().enumerate() {
                problems.name(&format!("overdraft[{index}]"), name);
            }
        }
        if !problems.0.is_empty() {
            return Err(problems.0);
        }
        let opening = |NewOpening { account, asset, amount }| Opening { account, asset, amount };
        Ok(BatchRequest {
            atomic: self.atomic,
            balances: self.balances.into_iter().map(opening).collect(),
            transactions: self.transactions.into_iter().map(transaction).collect(),
            overdraft: self.overdraft.into_iter().collect(),
        })
    }
}

fn transaction(new: NewTransaction) -> Transaction {
    let NewTransaction { id, from, to, asset, amount, guard } = new;
    Transaction { id, from, to, asset, amount, guard }
}

impl Transaction {
    /// The guard's conditions; it was read before, so that what cannot be read again is none.
    pub(super) fn conditions(&self) -> Vec<Condition> {
        self.guard.as_deref().map(|guard| parse_law(guard).unwrap_or_default()).unwrap_or_default()
    }
}

#[derive(Default)]
struct Problems(Vec<BatchProblem>);

impl Problems {
    fn add(&mut self, place: &str, message: impl Into<String>) {
        if self.0.len() < PROBLEMS_MAX {
            self.0.push(BatchProblem { place: place.to_owned(), message: message.into() });
        }
    }

    fn name(&mut self, place: &str, name: &str) {
        let shows = !name.is_empty() && name.trim() == name && !name.chars().any(char::is_control);
        if !shows || name.chars().count() > NAME_CHARACTERS_MAX {
            self.add(place, format!("write 1 to {NAME_CHARACTERS_MAX} characters without spaces around them"));
        }
    }

    fn openings(&mut self, openings: &[NewOpening]) {
        let mut seen = BTreeSet::new();
        for (index, opening) in openings.iter().enumerate() {
            let place = format!("balances[{index}]");
            self.name(&format!("{place}.account"), &opening.account);
            self.name(&format!("{place}.asset"), &opening.asset);
            if opening.amount.leaves_64_bits() {
                self.add(&format!("{place}.amount"), "a balance lies within 64 bits");
            }
            if !seen.insert((&opening.account, &opening.asset)) {
                let (account, asset) = (&opening.account, &opening.asset);
                self.add(&place, format!("{account} has an opening balance in {asset} already"));
            }
        }
    }

    fn transactions(&mut self, transactions: &[NewTransaction]) {
        let mut seen = BTreeSet::new();
        for (index, transaction) in transactions.iter().enumerate() {
            let place = format!("transactions[{index}]");
            self.name(&format!("{place}.id"), &transaction.id);
            self.name(&format!("{place}.asset"), &transaction.asset);
            for (field, name) in [("from", &transaction.from), ("to", &transaction.to)] {
                if let Some(name) = name {
                    self.name(&format!("{place}.{field}"), name);
                }
            }
            if transaction.from.is_none() && transaction.to.is_none() {
                self.add(&place, "say from, to or both");
            } else if transaction.from == transaction.to {
                self.add(&place, "from and to are the same account");
            }
            if !transaction.amount.is_positive() {
                self.add(&format!("{place}.amount"), "an amount is more than zero");
            }
            if !seen.insert(&transaction.id) {
                self.add(&format!("{place}.id"), format!("{} stands twice", transaction.id));
            }
            self.guard(&format!("{place}.guard"), transaction);
        }
    }

    fn guard(&mut self, place: &str, transaction: &NewTransaction) {
        let Some(guard) = &transaction.guard else { return };
        let conditions = match parse_law(guard) {
            Ok(conditions) => conditions,
            Err(diagnostics) => {
                for diagnostic in diagnostics {
                    self.add(place, diagnostic.to_string());
                }
                return;
            }
        };
        let mut names = BTreeSet::new();
        conditions.iter().for_each(|condition| condition.expression.collect_bases(&mut names));
        for name in names {
            let missing = match name.as_str() {
                "from_balance" => transaction.from.is_none(),
                "to_balance" => transaction.to.is_none(),
                _ => false,
            };
            if missing {
                self.add(place, format!("the transaction has no account for {name}"));
            } else if !GUARD_NAMES.contains(&name.as_str()) {
                self.add(place, format!("a guard speaks of {}, not of {name}", GUARD_NAMES.join(", ")));
            }
        }
    }
}

/// One field of a row by its column's name.
type Field<'a> = &'a dyn Fn(&str) -> Option<String>;

fn rows<T>(
    table: &str,
    name: &str,
    needed: &[&str],
    read: impl Fn(Field) -> Result<T, String>,
    problems: &mut Problems,
) -> Vec<T> {
    // A spreadsheet ends lines with two letters, of which the reader counts the second to the next line.
    let table = table.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table.as_bytes());
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => {
            problems.add(name, error.to_string());
            return Vec::new();
        }
    };
    if let Some(missing) = needed.iter().find(|column| !headers.iter().any(|header| header == **column)) {
        problems.add(name, format!("the first line names the columns, and {missing} is not among them"));
        return Vec::new();
    }
    let mut found = Vec::new();
    // One more than fit is enough to say so.
    for record in reader.records().take(OPENINGS_MAX + 1) {
        let (line, read) = match &record {
            Ok(record) => {
                let field = |column: &str| {
                    let index = headers.iter().position(|header| header == column)?;
                    record.get(index).filter(|text| !text.is_empty()).map(str::to_owned)
                };
                (record.position().map_or(0, csv::Position::line), read(&field))
            }
            Err(error) => (
                error.position().map_or(0, csv::Position::line),
                Err("the row has another number of columns than the first line".to_owned()),
            ),
        };
        match read {
            Ok(row) => found.push(row),
            Err(message) => problems.add(&format!("{name} line {line}"), message),
        }
    }
    found
}

fn amount_of(field: Field) -> Result<Decimal, String> {
    field("amount")
        .ok_or("amount is empty")?
        .parse()
        .map_err(|error: crate::language::DecimalError| format!("amount: {error}"))
}

fn opening_of(field: Field) -> Result<NewOpening, String> {
    Ok(NewOpening {
        account: field("account").ok_or("account is empty")?,
        asset: field("asset").ok_or("asset is empty")?,
        amount: amount_of(field)?,
    })
}

fn transaction_of(field: Field) -> Result<NewTransaction, String> {
    Ok(NewTransaction {
        id: field("id").ok_or("id is empty")?,
        from: field("from"),
        to: field("to"),
        asset: field("asset").ok_or("asset is empty")?,
        amount: amount_of(field)?,
        guard: field("guard"),
    })
}
