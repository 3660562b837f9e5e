//! Alerts: what is told once when it begins, and told again only after it was over for good.
//!
//! The rule is pure: figures and the last episode in, what begins and what ends out. Who is told, and how, is not
//! decided here.

use std::fmt;

use crate::ledger::{AccountId, Budget, BudgetName, Credits, GrantId, KeyBudget, KeyId, Timestamp};

/// Told below this share of the last purchase, unless the account says otherwise.
const LOW_PERCENT: i64 = 20;
/// Told below so many credits where nothing was bought yet.
const LOW_CREDITS: i64 = 10;
/// Above the threshold by this share of it, a low balance is over: a release of a few credits does not start it anew.
const RECOVERED_PERCENT: i64 = 25;
/// The shares of a budget that are told, the highest first.
const BUDGET_PERCENTS: [i64; 2] = [100, 80];
/// So many hundredths below its mark, a budget's alert is over.
const BUDGET_SLACK_PERCENT: i64 = 10;

/// What an account wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertSettings {
    /// Below how many credits; the default rule when not set, never when 0.
    pub low_balance: Option<Credits>,
    /// When a budget is used to 80 % and to 100 %.
    pub budgets: bool,
    /// Seven days before credits expire.
    pub expiring: bool,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { low_balance: None, budgets: true, expiring: true }
    }
}

/// As the audit log tells it.
impl fmt::Display for AlertSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let low = self.low_balance.map_or_else(|| "by itself".to_owned(), |low| format!("below {}", low.get()));
        let told = |on: bool| if on { "told" } else { "not told" };
        write!(f, "low balance {low}, budgets {}, expiry {}", told(self.budgets), told(self.expiring))
    }
}

/// Where the threshold of the low balance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdRule {
    /// The account set it.
    Chosen,
    /// A share of the last purchase.
    LastPurchase,
    /// Nothing was bought yet.
    Fixed,
}

impl ThresholdRule {
    /// The name used over REST.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::LastPurchase => "last_purchase",
            Self::Fixed => "fixed",
        }
    }
}

/// An account's figures that alerts depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertFigures {
    /// Whose.
    pub account: AccountId,
    /// What the customer is called.
    pub name: String,
    /// What can be spent.
    pub available: Credits,
    /// What was ever spent.
    pub spent: Credits,
    /// The size of the last purchase.
    pub last_purchase: Option<Credits>,
    /// The account's budget for the day.
    pub day: Budget,
    /// The account's budget for the month.
    pub month: Budget,
    /// The keys' budgets.
    pub keys: Vec<KeyBudget>,
    /// What it wants to be told.
    pub settings: AlertSettings,
}

impl AlertFigures {
    /// Below how many credits the balance is low, and why there.
    #[must_use]
    pub fn threshold(&self) -> (Credits, ThresholdRule) {
        match (self.settings.low_balance, self.last_purchase) {
            (Some(chosen), _) => (chosen, ThresholdRule::Chosen),
            (None, Some(bought)) => (percent(bought, LOW_PERCENT), ThresholdRule::LastPurchase),
            (None, None) => (Credits::new(LOW_CREDITS).unwrap_or(Credits::ZERO), ThresholdRule::Fixed),
        }
    }
}

/// The last time an alert of one kind began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// Which kind.
    pub kind: String,
    /// Counts the times, from 1.
    pub number: i64,
    /// A budget's window.
    pub window: i64,
    /// Whether it is over.
    pub cleared: bool,
}

/// What a person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Few credits are left.
    LowBalance {
        /// How many.
        available: Credits,
        /// Below how many it is told.
        threshold: Credits,
    },
    /// A budget is used to a mark, in percent.
    Budget {
        /// Which budget.
        budget: BudgetName,
        /// Whose, when it is a key's.
        key: Option<KeyId>,
        /// The mark.
        percent: i64,
        /// The budget's limit.
        limit: Credits,
        /// What is spent or held of it.
        used: Credits,
    },
    /// Credits run out of time within a week.
    Expiring {
        /// How many.
        credits: Credits,
        /// When the first of them do.
        at: Timestamp,
    },
}

/// An alert that begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which kind.
    pub kind: String,
    /// Which time.
    pub number: i64,
    /// A budget's window; 0 for the others.
    pub window: i64,
    /// What there is to tell when it begins; none when it ends, or begins together with a graver one.
    pub told: Option<Told>,
    /// Whether it begins.
    pub begins: bool,
}

/// The kind under which a grant's expiry is told.
#[must_use]
pub fn expiring_kind(grant: GrantId) -> String {
    format!("expiring:{grant}")
}

/// What begins and what ends, in the given windows of days and months since 1970.
#[must_use]
pub fn changes(figures: &AlertFigures, episodes: &[Episode], day: i64, month: i64) -> Vec<Change> {
    let mut changes = Vec::new();
    changes.extend(low_balance(figures).change(episodes));
    budget(figures, (BudgetName::Day, None), &figures.day, day, episodes, &mut changes);
    budget(figures, (BudgetName::Month, None), &figures.month, month, episodes, &mut changes);
    for key in &figures.keys {
        budget(figures, (BudgetName::KeyMonth, Some(key.key)), &key.month, month, episodes, &mut changes);
    }
    changes
}

/// One alert's condition at this moment.
struct Signal {
    kind: String,
    window: i64,
    /// It is so now.
    on: bool,
    /// It is over for good.
    over: bool,
    told: Told,
}

impl Signal {
    fn change(self, episodes: &[Episode]) -> Option<Change> {
        let last = episodes.iter().filter(|episode| episode.kind == self.kind).max_by_key(|episode| episode.number);
        let lasting = last.filter(|last| !last.cleared && last.window == self.window);
        let Self { kind, window, on, over, told } = self;
        match lasting {
            None if on => {
                let number = last.map_or(0, |last| last.number) + 1;
                Some(Change { kind, number, window, told: Some(told), begins: true })
            }
            Some(last) if over => Some(Change { kind, number: last.number, window, told: None, begins: false }),
            _ => None,
        }
    }
}

fn low_balance(figures: &AlertFigures) -> Signal {
    let (threshold, _) = figures.threshold();
    let margin = percent(threshold, RECOVERED_PERCENT);
    let recovered = threshold.checked_add(margin).unwrap_or(threshold);
    let available = figures.available;
    Signal {
        kind: "low_balance".into(),
        window: 0,
        // An account that never spent anything did not run low: it is new.
        on: available < threshold && figures.spent.is_positive(),
        over: available >= recovered || threshold == Credits::ZERO,
        told: Told::LowBalance { available, threshold },
    }
}

/// A budget's marks. Passing several at once tells the highest and begins all.
fn budget(
    figures: &AlertFigures,
    (name, key): (BudgetName, Option<KeyId>),
    budget: &Budget,
    window: i64,
    episodes: &[Episode],
    changes: &mut Vec<Change>,
) {
    let limit = budget.limit.filter(|limit| limit.is_positive());
    let used = budget.used_in(window);
    let reaches = |mark: i64| {
        limit.is_some_and(|limit| i128::from(used.get()) * 100 >= i128::from(limit.get()) * i128::from(mark))
    };
    let mut told_already = false;
    for mark in BUDGET_PERCENTS {
        let signal = Signal {
            kind: budget_kind(name, key, mark),
            window,
            on: figures.settings.budgets && reaches(mark),
            over: !reaches(mark - BUDGET_SLACK_PERCENT),
            told: Told::Budget { budget: name, key, percent: mark, limit: limit.unwrap_or_default(), used },
        };
        if let Some(mut change) = signal.change(episodes) {
            if told_already {
                change.told = None;
            }
            told_already |= change.begins;
            changes.push(change);
        }
    }
}

fn budget_kind(name: BudgetName, key: Option<KeyId>, mark: i64) -> String {
    let window = match name {
        BudgetName::Day => "day",
        BudgetName::Month | BudgetName::KeyMonth => "month",
    };
    match key {
        None => format!("budget_{window}_{mark}"),
        Some(key) => format!("budget_{window}_{mark}:{key}"),
    }
}

/// A share of an amount, rounded down, but at least one.
fn percent(amount: Credits, share: i64) -> Credits {
    let part = i128::from(amount.get()) * i128::from(share) / 100;
    i64::try_from(part).ok().and_then(|part| Credits::new(part.max(1))).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credits(amount: i64) -> Credits {
        Credits::new(amount).unwrap()
    }

    fn figures(available: i64, spent: i64) -> AlertFigures {
        AlertFigures {
            account: AccountId::from_ulid(ulid::Ulid::from_parts(1, 1)),
            name: "Acme".into(),
            available: credits(available),
            spent: credits(spent),
            last_purchase: None,
            day: Budget::default(),
            month: Budget::default(),
            keys: Vec::new(),
            settings: AlertSettings::default(),
        }
    }

    /// Lets the changes happen, and says what was told.
    fn tell(figures: &AlertFigures, episodes: &mut Vec<Episode>, day: i64) -> Vec<Told> {
        let changes = changes(figures, episodes, day, 0);
        for change in &changes {
            if change.begins {
                let Change { kind, number, window, .. } = change.clone();
                episodes.push(Episode { kind, number, window, cleared: false });
            } else {
                let ended = |episode: &&mut Episode| episode.kind == change.kind && episode.number == change.number;
                episodes.iter_mut().find(ended).unwrap().cleared = true;
            }
        }
        changes.into_iter().filter_map(|change| change.told).collect()
    }

    #[test]
    fn a_low_balance_is_told_once_until_it_has_recovered_for_good() {
        let mut episodes = Vec::new();
        let balances = [(100, 0), (10, 0), (9, 1), (0, 0), (11, 0), (9, 0), (12, 0), (9, 1), (8, 0)];
        for (available, told) in balances {
            assert_eq!(tell(&figures(available, 50), &mut episodes, 0).len(), told, "{available}");
        }
        assert_eq!(episodes.len(), 2);
    }

    #[test]
    fn the_threshold_is_chosen_or_a_fifth_of_the_last_purchase_or_ten() {
        let mut account = figures(0, 1);
        assert_eq!(account.threshold(), (credits(10), ThresholdRule::Fixed));
        account.last_purchase = Some(credits(1_000));
        assert_eq!(account.threshold(), (credits(200), ThresholdRule::LastPurchase));
        account.last_purchase = Some(credits(3));
        assert_eq!(account.threshold().0, credits(1));
        account.settings.low_balance = Some(credits(7));
        assert_eq!(account.threshold(), (credits(7), ThresholdRule::Chosen));
        account.settings.low_balance = Some(Credits::ZERO);
        assert_eq!(changes(&account, &[], 0, 0), []);
    }

    #[test]
    fn a_new_account_without_credits_is_not_told_that_it_ran_low() {
        assert_eq!(changes(&figures(0, 0), &[], 0, 0), []);
    }

    #[test]
    fn a_budget_is_told_at_its_marks_once_a_window() {
        const NOTHING: [i64; 0] = [];
        let mut episodes = Vec::new();
        let mut account = figures(1_000, 0);
        account.day.limit = Some(credits(100));
        let mut tell_at = |used: i64, day: i64, episodes: &mut Vec<Episode>| {
            (account.day.window, account.day.used) = (day, credits(used));
            let told = tell(&account, episodes, day).into_iter();
            told.map(|told| if let Told::Budget { percent, .. } = told { percent } else { 0 }).collect::<Vec<_>>()
        };
        assert_eq!(tell_at(79, 1, &mut episodes), NOTHING);
        assert_eq!(tell_at(80, 1, &mut episodes), [80]);
        // What is given back and used again is the same crossing, unless a tenth came back.
        assert_eq!(tell_at(71, 1, &mut episodes), NOTHING);
        assert_eq!(tell_at(85, 1, &mut episodes), NOTHING);
        assert_eq!(tell_at(69, 1, &mut episodes), NOTHING);
        assert_eq!(tell_at(81, 1, &mut episodes), [80]);
        assert_eq!(tell_at(100, 1, &mut episodes), [100]);
        // The next day begins anew; passing both marks at once tells the graver one.
        assert_eq!(tell_at(100, 2, &mut episodes), [100]);
        assert_eq!(tell_at(100, 2, &mut episodes), NOTHING);
    }

    #[test]
    fn nobody_is_told_of_budgets_who_does_not_want_to_or_has_none() {
        let mut account = figures(1_000, 0);
        (account.day.limit, account.day.used) = (Some(credits(10)), credits(10));
        account.settings.budgets = false;
        assert_eq!(changes(&account, &[], 0, 0), []);
        account.settings.budgets = true;
        account.day.limit = Some(Credits::ZERO);
        assert_eq!(changes(&account, &[], 0, 0), []);
        account.day.limit = None;
        assert_eq!(changes(&account, &[], 0, 0), []);
    }
}
