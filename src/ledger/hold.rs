//! Holds: credits set aside until the work is captured, released, or out of time.

use serde::{Deserialize, Serialize};

use super::{Credits, GrantPart, HoldId, KeyId, Operation, Timestamp, UnknownName};

/// How far a hold has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// The work is under way.
    Open,
    /// The work was paid for.
    Captured,
    /// The work was not paid for; everything went back.
    Released,
    /// Nobody settled it in time; everything went back.
    Expired,
}

impl HoldState {
    const ALL: [Self; 4] = [Self::Open, Self::Captured, Self::Released, Self::Expired];

    /// The name used in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Captured => "captured",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

impl std::str::FromStr for HoldState {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| UnknownName {
            kind: "hold state",
            given: text.chars().take(60).collect(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// Credits set aside for one piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Names the hold.
    pub id: HoldId,
    /// What the work is.
    pub operation: Operation,
    /// How many units of it.
    pub quantity: i64,
    /// What one unit cost when the hold was made.
    pub unit_price: Credits,
    /// The version of the price book that priced it.
    pub price_book: u32,
    /// How many credits were set aside.
    pub amount: Credits,
    /// From which grants, in the order they will be eaten.
    pub parts: Vec<GrantPart>,
    /// How far it has come.
    pub state: HoldState,
    /// When it releases itself.
    pub expires_at: Timestamp,
    /// When it was made.
    pub held_at: Timestamp,
    /// The API key that asked for the work.
    pub key: Option<KeyId>,
}
