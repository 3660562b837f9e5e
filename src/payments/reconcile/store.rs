//! The SQL of comparisons: runs, what they found, and our side of the books. Decides nothing.

use std::collections::BTreeSet;

use ulid::Ulid;

use super::books::{Booked, Granted, Invoice, Subscribed};
use super::run::Night;
use super::{Difference, Finding, KeptFinding, Reconciliation, RepairTry, Totals};
use crate::billing::GrantedCredits;
use crate::billing::store::{Database, Row, Sql, Statement, StoreError, Value};
use crate::ledger::{PurchaseId, ReconciliationId, Timestamp};

/// Purchases read in one statement.
const CHUNK: usize = 1_000;

macro_rules! run_columns {
    ($rest:literal) => {
        Sql::both(concat!(
            "select id, night, state, started_at, ended_at, failure, from_at, until_at, totals, found ",
            "from reconciliations ",
            $rest
        ))
    };
}

/// Behind every id there is.
const LAST_ID: &str = "RCNz";

pub async fn runs(
    database: &Database,
    before: Option<ReconciliationId>,
    limit: i64,
) -> Result<Vec<Reconciliation>, StoreError> {
    let before = before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string());
    let sql = run_columns!("where id < $1 order by id desc limit $2");
    database.fetch(sql, vec![before.into(), limit.into()]).await?.iter().map(read_run).collect()
}

pub async fn run(database: &Database, id: ReconciliationId) -> Result<Option<Reconciliation>, StoreError> {
    one(database, run_columns!("where id = $1"), vec![id.to_string().into()]).await
}

pub async fn run_of_request(database: &Database, request: &str) -> Result<Option<Reconciliation>, StoreError> {
    one(database, run_columns!("where request = $1"), vec![request.into()]).await
}

pub async fn running(database: &Database) -> Result<Option<Reconciliation>, StoreError> {
    one(database, run_columns!("where state = 'running'"), vec![]).await
}

async fn one(database: &Database, sql: Sql, args: Vec<Value>) -> Result<Option<Reconciliation>, StoreError> {
    database.fetch_one(sql, args).await?.as_ref().map(read_run).transpose()
}

fn read_run(row: &Row) -> Result<Reconciliation, StoreError> {
    let totals: Option<Totals> = row
        .maybe_text(8)?
        .map(|text| serde_json::from_str(&text).map_err(|_| StoreError::Corrupt("totals that cannot be read".into())))
        .transpose()?;
    Ok(Reconciliation {
        id: row.parsed(0)?,
        nightly: row.maybe_int(1)?.is_some(),
        state: row.parsed(2)?,
        started_at: Timestamp::from_millis(row.int(3)?),
        ended_at: row.maybe_int(4)?.map(Timestamp::from_millis),
        failure: row.maybe_text(5)?,
        from: Timestamp::from_millis(row.int(6)?),
        until: Timestamp::from_millis(row.int(7)?),
        totals,
        found: row.int(9)?,
    })
}

/// What is known of a night's runs. One that was cut off ended when its time was over.
pub async fn night(database: &Database, night: i64) -> Result<Night, StoreError> {
    let sql = Sql::both(
        "select cast(count(*) as bigint), cast(coalesce(sum(case when state = 'done' then 1 else 0 end), 0) as bigint),
           cast(max(coalesce(ended_at, lease_until)) as bigint) from reconciliations where night = $1",
    );
    let Some(row) = database.fetch_one(sql, vec![night.into()]).await? else { return Ok(Night::default()) };
    let last_end = row.maybe_int(2)?.map(Timestamp::from_millis);
    Ok(Night { attempts: row.int(0)?, done: row.int(1)? > 0, last_end })
}

/// Ends the run whose time is over: its server is gone.
pub fn cut_off(now: Timestamp) -> Statement {
    Statement::new(
        Sql::both(
            "update reconciliations set state = 'failed', ended_at = $1,
               failure = 'it was cut off; the next run looks at the same window'
             where state = 'running' and lease_until < $1",
        ),
        vec![now.millis().into()],
    )
}

/// Begins a run, unless one is under way or this one was begun already.
pub fn begin(
    id: ReconciliationId,
    night: Option<(i64, i64)>,
    request: Option<&str>,
    window: (Timestamp, Timestamp),
    lease_until: Timestamp,
) -> Statement {
    Statement::new(
        Sql::both(
            "insert into reconciliations (id, night, attempt, request, state, started_at, lease_until, from_at, until_at)
             values ($1, $2, $3, $4, 'running', $6, $7, $5, $6) on conflict do nothing",
        ),
        vec![
            id.to_string().into(),
            night.map(|(night, _)| night).into(),
            night.map_or(1, |(_, attempt)| attempt).into(),
            request.map(str::to_owned).into(),
            window.0.millis().into(),
            window.1.millis().into(),
            lease_until.millis().into(),
        ],
    )
}

pub fn done(id: ReconciliationId, totals: &Totals, found: usize, now: Timestamp) -> Statement {
    let sql = Sql::both(
        "update reconciliations set state = 'done', ended_at = $2, totals = $3, found = $4 \
         where id = $1 and state = 'running'",
    );
    let totals = serde_json::to_string(totals).unwrap_or_default();
    let found = i64::try_from(found).unwrap_or(i64::MAX);
    Statement::new(sql, vec![id.to_string().into(), now.millis().into(), totals.into(), found.into()])
}

pub fn failed(id: ReconciliationId, why: &str, now: Timestamp) -> Statement {
    let sql = Sql::both(
        "update reconciliations set state = 'failed', ended_at = $2, failure = $3 where id = $1 and state = 'running'",
    );
    Statement::new(sql, vec![id.to_string().into(), now.millis().into(), why.into()])
}

pub fn add_finding(run: ReconciliationId, number: usize, finding: &Finding) -> Statement {
    let text = |text: &Option<String>| Value::from(text.clone());
    Statement::new(
        Sql::both(
            "insert into reconciliation_differences
               (run, number, kind, purchase, account, session, intent, charge, object, at_stripe, in_books)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        ),
        vec![
            run.to_string().into(),
            i64::try_from(number).unwrap_or(i64::MAX).into(),
            finding.difference.name().into(),
            finding.purchase.map(|id| id.to_string()).into(),
            finding.account.map(|id| id.to_string()).into(),
            text(&finding.session),
            text(&finding.intent),
            text(&finding.charge),
            text(&finding.object),
            finding.at_stripe.into(),
            finding.in_books.into(),
        ],
    )
}

macro_rules! finding_columns {
    ($rest:literal) => {
        Sql::both(concat!(
            "select d.number, d.kind, d.purchase, d.account, d.session, d.intent, d.charge, d.object, d.at_stripe, ",
            "d.in_books, d.repair, d.repaired_at, e.state, coalesce(e.note, '') ",
            "from reconciliation_differences d left join stripe_events e on e.id = d.repair ",
            $rest
        ))
    };
}

pub async fn findings(
    database: &Database,
    run: ReconciliationId,
    after: i64,
    limit: i64,
) -> Result<Vec<KeptFinding>, StoreError> {
    let sql = finding_columns!("where d.run = $1 and d.number > $2 order by d.number limit $3");
    let args = vec![run.to_string().into(), after.into(), limit.into()];
    database.fetch(sql, args).await?.iter().map(read_finding).collect()
}

pub async fn finding(
    database: &Database,
    run: ReconciliationId,
    number: i64,
) -> Result<Option<KeptFinding>, StoreError> {
    let sql = finding_columns!("where d.run = $1 and d.number = $2");
    let row = database.fetch_one(sql, vec![run.to_string().into(), number.into()]).await?;
    row.as_ref().map(read_finding).transpose()
}

fn read_finding(row: &Row) -> Result<KeptFinding, StoreError> {
    let difference: Difference = row.parsed(1)?;
    let repair = match (row.maybe_text(10)?, row.maybe_int(11)?, row.maybe_text(12)?) {
        (Some(event), Some(at), Some(_)) => {
            Some(RepairTry { event, state: row.parsed(12)?, note: row.text(13)?, at: Timestamp::from_millis(at) })
        }
        _ => None,
    };
    let finding = Finding {
        difference,
        purchase: row.maybe_text(2)?.map(|_| row.parsed(2)).transpose()?,
        account: row.maybe_text(3)?.map(|_| row.parsed(3)).transpose()?,
        session: row.maybe_text(4)?,
        intent: row.maybe_text(5)?,
        charge: row.maybe_text(6)?,
        object: row.maybe_text(7)?,
        at_stripe: row.maybe_int(8)?,
        in_books: row.maybe_int(9)?,
    };
    Ok(KeptFinding { number: row.int(0)?, finding, repair })
}

/// Notes the event by which a repair has Stripe's word heard again.
pub fn note_repair(run: ReconciliationId, number: i64, event: &str, now: Timestamp) -> Statement {
    let sql =
        Sql::both("update reconciliation_differences set repair = $3, repaired_at = $4 where run = $1 and number = $2");
    Statement::new(sql, vec![run.to_string().into(), number.into(), event.into(), now.millis().into()])
}

macro_rules! booked_columns {
    ($rest:literal) => {
        concat!(
            "select p.id, p.account, p.state, p.amount, p.discount, p.tax, p.credits, p.paid_at, p.stripe_session, ",
            "p.stripe_intent from ",
            $rest
        )
    };
}

/// Ids begin with the moment they were made, so that what was written down since is one end of the index.
const SINCE: Sql = Sql::both(booked_columns!("purchases p where p.id > $1 order by p.id limit $2"));
const PAID_SINCE: Sql =
    Sql::both(booked_columns!("purchases p where p.id > $1 and p.paid_at >= $3 and p.id <= $4 order by p.id limit $2"));

/// Purchases that were written down or paid from then on; at most `most`, and some more where they come together.
pub async fn booked_since(database: &Database, from: Timestamp, most: usize) -> Result<Vec<Booked>, StoreError> {
    let first = u64::try_from(from.millis()).unwrap_or_default();
    let first = PurchaseId::from_ulid(Ulid::from_parts(first, 0)).to_string();
    let mut all = booked_behind(database, SINCE, first.clone(), &[], most).await?;
    let older = [from.millis().into(), first.into()];
    all.extend(booked_behind(database, PAID_SINCE, String::new(), &older, most).await?);
    Ok(all)
}

/// Reads behind an id, chunk by chunk.
async fn booked_behind(
    database: &Database,
    sql: Sql,
    mut after: String,
    more: &[Value],
    most: usize,
) -> Result<Vec<Booked>, StoreError> {
    let mut all = Vec::new();
    loop {
        let mut args: Vec<Value> = vec![after.into(), i64::try_from(CHUNK).unwrap_or(i64::MAX).into()];
        args.extend_from_slice(more);
        let rows = database.fetch(sql, args).await?;
        for row in &rows {
            all.push(read_booked(row)?);
        }
        match all.last() {
            Some(last) if rows.len() == CHUNK && all.len() < most => after = last.purchase.to_string(),
            _ => return Ok(all),
        }
    }
}

const BY_ID: Sql = Sql::each(
    booked_columns!("json_each($1) j cross join purchases p on p.id = j.value"),
    booked_columns!("jsonb_array_elements_text(cast($1 as jsonb)) j(value) join purchases p on p.id = j.value"),
);
const BY_INTENT: Sql = Sql::each(
    booked_columns!("json_each($1) j cross join purchases p on p.stripe_intent = j.value"),
    booked_columns!(
        "jsonb_array_elements_text(cast($1 as jsonb)) j(value) join purchases p on p.stripe_intent = j.value"
    ),
);

pub async fn booked_by_id(database: &Database, ids: &BTreeSet<PurchaseId>) -> Result<Vec<Booked>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    booked_by(database, BY_ID, &ids).await
}

pub async fn booked_by_intent(database: &Database, intents: &BTreeSet<String>) -> Result<Vec<Booked>, StoreError> {
    let intents: Vec<String> = intents.iter().cloned().collect();
    booked_by(database, BY_INTENT, &intents).await
}

async fn booked_by(database: &Database, sql: Sql, names: &[String]) -> Result<Vec<Booked>, StoreError> {
    let mut all = Vec::new();
    for chunk in names.chunks(CHUNK) {
        let list = serde_json::to_string(chunk).unwrap_or_default();
        for row in &database.fetch(sql, vec![list.into()]).await? {
            all.push(read_booked(row)?);
        }
    }
    Ok(all)
}

fn read_booked(row: &Row) -> Result<Booked, StoreError> {
    Ok(Booked {
        purchase: row.parsed(0)?,
        account: row.parsed(1)?,
        state: row.parsed(2)?,
        price: row.amount(3)?,
        discount: row.amount(4)?,
        tax: row.amount(5)?,
        credits: row.amount(6)?,
        paid_at: row.maybe_int(7)?.map(Timestamp::from_millis),
        session: row.maybe_text(8)?,
        intent: row.maybe_text(9)?,
        granted: None,
    })
}

macro_rules! subscribed_columns {
    ($rest:literal) => {
        concat!("select s.id, s.account_id, s.stripe_subscription, s.paid_until from ", $rest)
    };
}

const SUBSCRIBED_BY_STRIPE: Sql = Sql::each(
    subscribed_columns!("json_each($1) j cross join subscriptions s on s.stripe_subscription = j.value"),
    subscribed_columns!(
        "jsonb_array_elements_text(cast($1 as jsonb)) j(value) join subscriptions s on s.stripe_subscription = j.value"
    ),
);
/// Those of which Stripe's name was never heard.
const SUBSCRIBED_BY_ID: Sql = Sql::each(
    subscribed_columns!(
        "json_each($1) j cross join subscriptions s on s.id = j.value where s.stripe_subscription is null"
    ),
    subscribed_columns!(
        "jsonb_array_elements_text(cast($1 as jsonb)) j(value) join subscriptions s on s.id = j.value \
         where s.stripe_subscription is null"
    ),
);

/// Our subscriptions that these invoices are of.
pub async fn subscribed(database: &Database, invoices: &[Invoice]) -> Result<Vec<Subscribed>, StoreError> {
    let by_stripe: BTreeSet<&str> = invoices.iter().map(|invoice| invoice.subscription.as_str()).collect();
    let by_id: BTreeSet<&str> = invoices.iter().filter_map(|invoice| invoice.ours.as_deref()).collect();
    let mut all = Vec::new();
    for (sql, names) in [(SUBSCRIBED_BY_STRIPE, by_stripe), (SUBSCRIBED_BY_ID, by_id)] {
        let names: Vec<&str> = names.into_iter().collect();
        for chunk in names.chunks(CHUNK) {
            let list = serde_json::to_string(chunk).unwrap_or_default();
            for row in &database.fetch(sql, vec![list.into()]).await? {
                all.push(Subscribed {
                    id: row.parsed(0)?,
                    account: row.parsed(1)?,
                    stripe: row.maybe_text(2)?,
                    paid_until: row.int(3)?,
                });
            }
        }
    }
    Ok(all)
}

/// What the ledger says, in this room's words.
pub fn granted(credits: GrantedCredits) -> Granted {
    Granted { size: credits.size, reversed: credits.reversed, paid: credits.paid }
}
