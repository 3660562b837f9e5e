//! What alerts depend on, which of them last, and what an account wants to be told.

use serde_json::json;

use super::rows::key_budget_of;
use super::tables::KEY_BUDGETS_OF;
use super::{Database, Row, Sql, Statement, StoreError};
use crate::billing::alerts::{AlertFigures, AlertSettings, Change, Episode};
use crate::ledger::{AccountId, Budget, Credits, GrantId, Timestamp};

macro_rules! figures {
    ($among:literal) => {
        concat!(
            "select a.id, a.name, a.available, a.spent, a.day_limit, a.day, a.day_used, a.month_limit, a.month,
               a.month_used, s.low_balance, s.budgets, s.expiring,
               (select g.size from grants g where g.account_id = a.id and g.kind = 'paid'
                order by g.granted_at desc, g.id desc limit 1)
             from accounts a left join alert_settings s on s.account_id = a.id where a.id ",
            $among,
            " order by a.id"
        )
    };
}

const FIGURES: Sql = Sql::each(
    figures!("in (select value from json_each($1))"),
    figures!("= any (array(select jsonb_array_elements_text($1::jsonb)))"),
);

macro_rules! episodes {
    ($among:literal) => {
        concat!(
            "select account_id, kind, episode, window_at, cleared_at from alerts a where account_id ",
            $among,
            " and kind not like 'expiring:%' and episode =
               (select max(b.episode) from alerts b where b.account_id = a.account_id and b.kind = a.kind)"
        )
    };
}

const EPISODES: Sql = Sql::each(
    episodes!("in (select value from json_each($1))"),
    episodes!("= any (array(select jsonb_array_elements_text($1::jsonb)))"),
);

/// Grants that lived longer than the notice and run out within it, and of which nobody was told yet.
const EXPIRING: Sql = Sql::both(
    "select g.account_id, g.id, g.remaining, g.expires_at, a.name from grants g
     join accounts a on a.id = g.account_id left join alert_settings s on s.account_id = g.account_id
     where g.remaining > 0 and g.expires_at > $1 and g.expires_at <= $2 and g.expires_at - g.granted_at > $3
       and coalesce(s.expiring, 1) = 1
       and not exists (select 1 from alerts t where t.account_id = g.account_id and t.kind = 'expiring:' || g.id)
     order by g.account_id, g.expires_at, g.id limit $4",
);

const BEGIN: Sql =
    Sql::both("insert into alerts (account_id, kind, episode, window_at, raised_at) values ($1, $2, $3, $4, $5)");

const END: Sql = Sql::both(
    "update alerts set cleared_at = $1 where account_id = $2 and kind = $3 and episode = $4 and cleared_at is null",
);

const SET: Sql = Sql::both(
    "insert into alert_settings (account_id, low_balance, budgets, expiring) values ($1, $2, $3, $4)
     on conflict (account_id) do update set low_balance = excluded.low_balance, budgets = excluded.budgets,
       expiring = excluded.expiring",
);

/// A grant that runs out soon.
#[derive(Clone, Debug)]
pub struct ExpiringGrant {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub grant: GrantId,
    /// How many credits are left of it.
    pub credits: Credits,
    /// When it runs out.
    pub at: Timestamp,
    /// What the customer is called.
    pub name: String,
}

fn list(accounts: &[AccountId]) -> String {
    json!(accounts).to_string()
}

/// The figures of these accounts.
pub async fn alert_figures(database: &Database, accounts: &[AccountId]) -> Result<Vec<AlertFigures>, StoreError> {
    let rows = database.fetch(FIGURES, vec![list(accounts).into()]).await?;
    let mut figures = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for row in database.fetch(KEY_BUDGETS_OF.get(), vec![list(accounts).into()]).await? {
        let account: AccountId = row.parsed(1)?;
        if let Some(of) = figures.iter_mut().find(|figures| figures.account == account) {
            of.keys.push(key_budget_of(&row)?);
        }
    }
    Ok(figures)
}

fn read(row: &Row) -> Result<AlertFigures, StoreError> {
    let amount = |index: usize| -> Result<Option<Credits>, StoreError> {
        row.maybe_int(index)?.map(|_| row.amount(index)).transpose()
    };
    let budget = |index: usize| -> Result<Budget, StoreError> {
        Ok(Budget { limit: amount(index)?, window: row.int(index + 1)?, used: row.amount(index + 2)? })
    };
    let wants = |index: usize| -> Result<bool, StoreError> { Ok(row.maybe_int(index)?.is_none_or(|wants| wants != 0)) };
    Ok(AlertFigures {
        account: row.parsed(0)?,
        name: row.text(1)?,
        available: row.amount(2)?,
        spent: row.amount(3)?,
        day: budget(4)?,
        month: budget(7)?,
        settings: AlertSettings { low_balance: amount(10)?, budgets: wants(11)?, expiring: wants(12)? },
        last_purchase: amount(13)?,
        keys: Vec::new(),
    })
}

/// The last time each alert of these accounts began.
pub async fn episodes(database: &Database, accounts: &[AccountId]) -> Result<Vec<(AccountId, Episode)>, StoreError> {
    let rows = database.fetch(EPISODES, vec![list(accounts).into()]).await?;
    let read = |row: &Row| -> Result<_, StoreError> {
        let cleared = row.maybe_int(4)?.is_some();
        let episode = Episode { kind: row.text(1)?, number: row.int(2)?, window: row.int(3)?, cleared };
        Ok((row.parsed(0)?, episode))
    };
    rows.iter().map(read).collect()
}

/// The grants to be told of, by account and soonest first.
pub async fn expiring(
    database: &Database,
    now: Timestamp,
    notice_days: i64,
    limit: i64,
) -> Result<Vec<ExpiringGrant>, StoreError> {
    let until = now.plus_days(notice_days);
    let notice = until.millis().saturating_sub(now.millis());
    let args = vec![now.millis().into(), until.millis().into(), notice.into(), limit.into()];
    let read = |row: &Row| -> Result<_, StoreError> {
        let at = Timestamp::from_millis(row.int(3)?);
        Ok(ExpiringGrant {
            account: row.parsed(0)?,
            grant: row.parsed(1)?,
            credits: row.amount(2)?,
            at,
            name: row.text(4)?,
        })
    };
    database.fetch(EXPIRING, args).await?.iter().map(read).collect()
}

/// Writes that an alert begins or ends. A beginning that another server wrote already is a unique violation.
pub fn write_change(account: AccountId, change: &Change, now: Timestamp) -> Statement {
    let (account, kind) = (account.to_string(), change.kind.as_str());
    if change.begins {
        let args = vec![account.into(), kind.into(), change.number.into(), change.window.into(), now.millis().into()];
        return Statement::new(BEGIN, args);
    }
    Statement::new(END, vec![now.millis().into(), account.into(), kind.into(), change.number.into()])
}

/// Keeps what an account wants to be told.
pub fn write_alert_settings(account: AccountId, settings: AlertSettings) -> Statement {
    let args = vec![
        account.to_string().into(),
        settings.low_balance.map(Credits::get).into(),
        i64::from(settings.budgets).into(),
        i64::from(settings.expiring).into(),
    ];
    Statement::new(SET, args)
}
