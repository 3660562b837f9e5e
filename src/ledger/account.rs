//! An account: its buckets, the grants that still hold something, and the holds that matter now.

use serde::{Deserialize, Serialize};

use super::{AccountId, Budgets, Charge, Credits, Grant, Hash, Hold, Refusal, Tier, Timestamp};

/// Where credits are. Every entry moves an amount from one bucket to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// What was ever brought in, counted downwards: the other side of every grant.
    Issued,
    /// What can be spent now.
    Available,
    /// What is set aside for work under way.
    Held,
    /// What was spent.
    Spent,
    /// What ran out of time.
    Expired,
    /// What was taken back because its money was.
    Reversed,
    /// What was taken back but spent before, counted downwards.
    Owed,
}

impl Bucket {
    /// The name used in the store and in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Available => "available",
            Self::Held => "held",
            Self::Spent => "spent",
            Self::Expired => "expired",
            Self::Reversed => "reversed",
            Self::Owed => "owed",
        }
    }

    /// Each of them.
    pub const ALL: [Self; 7] =
        [Self::Issued, Self::Available, Self::Held, Self::Spent, Self::Expired, Self::Reversed, Self::Owed];
}

impl std::str::FromStr for Bucket {
    type Err = super::UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|bucket| bucket.name() == text).ok_or_else(|| super::UnknownName {
            kind: "bucket",
            given: text.chars().take(60).collect(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// The seven buckets. They always sum to zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balances {
    /// See [`Bucket::Issued`].
    pub issued: Credits,
    /// See [`Bucket::Available`].
    pub available: Credits,
    /// See [`Bucket::Held`].
    pub held: Credits,
    /// See [`Bucket::Spent`].
    pub spent: Credits,
    /// See [`Bucket::Expired`].
    pub expired: Credits,
    /// See [`Bucket::Reversed`].
    pub reversed: Credits,
    /// See [`Bucket::Owed`].
    pub owed: Credits,
}

impl Balances {
    /// What a bucket holds.
    #[must_use]
    pub const fn of(&self, bucket: Bucket) -> Credits {
        match bucket {
            Bucket::Issued => self.issued,
            Bucket::Available => self.available,
            Bucket::Held => self.held,
            Bucket::Spent => self.spent,
            Bucket::Expired => self.expired,
            Bucket::Reversed => self.reversed,
            Bucket::Owed => self.owed,
        }
    }

    fn slot(&mut self, bucket: Bucket) -> &mut Credits {
        match bucket {
            Bucket::Issued => &mut self.issued,
            Bucket::Available => &mut self.available,
            Bucket::Held => &mut self.held,
            Bucket::Spent => &mut self.spent,
            Bucket::Expired => &mut self.expired,
            Bucket::Reversed => &mut self.reversed,
            Bucket::Owed => &mut self.owed,
        }
    }

    /// Moves an amount between two buckets.
    ///
    /// # Errors
    /// Refuses when a bucket would leave the range that is kept exactly.
    pub fn shift(&mut self, from: Bucket, to: Bucket, amount: Credits) -> Result<(), Refusal> {
        let left = self.of(from).checked_sub(amount).ok_or(Refusal::AmountTooLarge)?;
        let right = self.of(to).checked_add(amount).ok_or(Refusal::AmountTooLarge)?;
        *self.slot(from) = left;
        *self.slot(to) = right;
        Ok(())
    }

    /// What has come to each bucket since `earlier`, or what an account had before so much came; `None` past the range
    /// that is kept exactly.
    #[must_use]
    pub fn minus(&self, earlier: &Self) -> Option<Self> {
        let mut left = *self;
        for bucket in Bucket::ALL {
            *left.slot(bucket) = self.of(bucket).checked_sub(earlier.of(bucket))?;
        }
        Some(left)
    }

    /// Whether the buckets sum to zero, and each is on its side of nothing.
    #[must_use]
    pub fn lawful(&self) -> bool {
        let sum: i128 = Bucket::ALL.iter().map(|bucket| i128::from(self.of(*bucket).get())).sum();
        let held_or_gone = [self.available, self.held, self.spent, self.expired, self.reversed];
        sum == 0
            && held_or_gone.iter().all(|amount| *amount >= Credits::ZERO)
            && self.issued <= Credits::ZERO
            && self.owed <= Credits::ZERO
    }
}

/// An account as `apply` sees it.
///
/// `grants` holds every grant that still has something remaining or owed, and those that the commands at hand name;
/// `holds` those that they name and those that are due to expire; `charges` those that they name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Names the account.
    pub id: AccountId,
    /// What the customer is called.
    pub name: String,
    /// What it pays by.
    pub tier: Tier,
    /// May read, but not spend.
    pub suspended: bool,
    /// The seq of the last entry; 0 when there is none.
    pub seq: i64,
    /// The hash of the last entry; zeros when there is none.
    pub head: Hash,
    /// The seven buckets.
    pub balances: Balances,
    /// When the last entry was posted; the beginning of time when there is none.
    pub last_at: Timestamp,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The credit lots that still hold something.
    pub grants: Vec<Grant>,
    /// The holds that matter to the commands at hand.
    pub holds: Vec<Hold>,
    /// The charges that the commands at hand would refund.
    pub charges: Vec<Charge>,
    /// How much may be spent in a day or a month.
    pub budgets: Budgets,
}

impl Account {
    /// A new account without any credits.
    #[must_use]
    pub fn open(id: AccountId, name: String, tier: Tier, now: Timestamp) -> Self {
        Self {
            id,
            name,
            tier,
            suspended: false,
            seq: 0,
            head: Hash::ZERO,
            balances: Balances::default(),
            last_at: Timestamp::default(),
            opened_at: now,
            grants: Vec::new(),
            holds: Vec::new(),
            charges: Vec::new(),
            budgets: Budgets::default(),
        }
    }
}
