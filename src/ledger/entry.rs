//! Entries: one movement between two buckets, sealed into the account's chain.

use serde::{Deserialize, Serialize};

use super::{
    AccountId, Bucket, Credits, GrantId, Hash, HoldId, KeyId, Operation, PurchaseId, Timestamp, TransactionId,
    UnknownName,
};

macro_rules! entry_kinds {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal / $title:literal),+ $(,)?) => {
        /// What an entry records.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum EntryKind {
            $($(#[$doc])* #[serde(rename = $wire)] $variant,)+
        }

        impl EntryKind {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used over REST, in the store and in the ledger.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// The name people read.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

entry_kinds! {
    /// Credits that were paid for come in.
    Purchase = "purchase" / "Purchase",
    /// Credits that were given come in.
    Grant = "grant" / "Grant",
    /// Credits are spent at once.
    Charge = "charge" / "Charge",
    /// Credits are set aside for work under way.
    Hold = "hold" / "Hold",
    /// Credits that were set aside are spent.
    Capture = "capture" / "Capture",
    /// Credits that were set aside are free again.
    Release = "release" / "Release",
    /// Spent credits go back into the grants they came from.
    Refund = "refund" / "Refund",
    /// Credits ran out of time.
    Expiry = "expiry" / "Expiry",
    /// Credits are taken back because their money was.
    Reversal = "reversal" / "Reversal",
    /// Credits that were taken back are restored.
    Reinstatement = "reinstatement" / "Reinstatement",
    /// An operator puts something right, with a reason.
    Adjustment = "adjustment" / "Adjustment",
}

impl std::str::FromStr for EntryKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.iter().copied().find(|kind| kind.name() == text).ok_or_else(|| UnknownName {
            kind: "kind of entry",
            given: text.chars().take(60).collect(),
            known: Self::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", "),
        })
    }
}

/// What an entry took from, or gave to, one grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantPart {
    /// The grant.
    pub grant: GrantId,
    /// How many of its credits.
    pub amount: Credits,
}

/// One movement of credits. Never changed, never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Names the entry.
    pub id: TransactionId,
    /// Whose it is.
    pub account: AccountId,
    /// Its place in the account's chain, from 1 without gaps.
    pub seq: i64,
    /// When it was posted.
    pub at: Timestamp,
    /// What it records.
    pub kind: EntryKind,
    /// Where the credits were.
    pub from: Bucket,
    /// Where they are now.
    pub to: Bucket,
    /// How many.
    pub amount: Credits,
    /// What was available once it was posted.
    pub balance: Credits,
    /// What the credits were for.
    pub operation: Option<Operation>,
    /// How many units of it; 0 when there is no operation.
    pub quantity: i64,
    /// Which grants it touched.
    #[serde(with = "pairs")]
    pub grants: Vec<GrantPart>,
    /// The hold it made or settled.
    pub hold: Option<HoldId>,
    /// The purchase that brought the credits.
    pub purchase: Option<PurchaseId>,
    /// The charge or capture whose credits it gives back.
    pub refunds: Option<TransactionId>,
    /// The API key that asked for it.
    pub key: Option<KeyId>,
    /// The version of the price book that priced it; the one in force where nothing is priced.
    pub price_book: u32,
    /// The idempotency key of the request that caused it.
    pub request: String,
    /// The caller's metadata as JSON text, or a reason.
    pub memo: String,
    /// The hash of the entry before; zeros for the first.
    pub previous: Hash,
    /// SHA-256 over `previous` and this entry's canonical bytes.
    pub hash: Hash,
}

/// Grant parts as the canonical form writes them: `[["GRT_…", 5]]`.
mod pairs {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::GrantPart;

    pub fn serialize<S: Serializer>(parts: &[GrantPart], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(parts.iter().map(|part| (part.grant, part.amount)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<GrantPart>, D::Error> {
        let pairs = Vec::deserialize(deserializer)?;
        Ok(pairs.into_iter().map(|(grant, amount)| GrantPart { grant, amount }).collect())
    }
}
