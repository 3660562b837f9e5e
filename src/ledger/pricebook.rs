//! Tiers, operations, packages and the one rounding rule.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Cents, Credits, Refusal};

/// The most units one request may charge for: a million proofs, a century of monitoring hours.
pub const QUANTITY_MAX: i64 = 1_000_000;

/// A text that names none of the known things.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} called {given:?}; the known ones are {known}")]
pub struct UnknownName {
    /// What was looked for: tier or operation.
    pub kind: &'static str,
    /// What was given instead, cut to 60 characters.
    pub given: String,
    /// The names that exist, separated by commas.
    pub known: String,
}

macro_rules! named_enum {
    ($(#[$doc:meta])* $name:ident, $kind:literal, { $($(#[$variant_doc:meta])* $variant:ident = $wire:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $wire)] $variant,)+
        }

        impl $name {
            /// Each of them, in the order the price list shows.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used over REST, in the store and in the ledger.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|one| one.name() == text).ok_or_else(|| UnknownName {
                    kind: $kind,
                    given: text.chars().take(60).collect(),
                    known: Self::ALL.iter().map(|one| one.name()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

named_enum! {
    /// What a customer pays by: a rate of its own for each.
    Tier, "tier", {
        /// Signed up, nothing bought yet.
        Free = "free",
        /// Has bought at least once.
        Developer = "developer",
        /// Subscribed, 15 % less.
        Fintech = "fintech",
        /// By contract, 30 % less.
        Enterprise = "enterprise",
    }
}

named_enum! {
    /// What credits are spent on.
    Operation, "operation", {
        /// One program or formula judged.
        ProofVerification = "proof_verification",
        /// A batch of up to a thousand transactions.
        BatchVerification = "batch_verification",
        /// An hour of watching.
        SentinelMonitoring = "sentinel_monitoring",
        /// A question about a conservation law.
        ConservationOracle = "conservation_oracle",
        /// A ghost identity operation.
        GhostIdentity = "ghost_identity",
        /// A sovereign identity operation.
        SovereignIdentity = "sovereign_identity",
        /// An epoch of consensus.
        ConsensusParticipation = "consensus_participation",
        /// A megabyte kept for a day.
        StateStorage = "state_storage",
    }
}

impl Tier {
    /// The name people read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Developer => "Developer",
            Self::Fintech => "Fintech",
            Self::Enterprise => "Enterprise",
        }
    }
}

impl Operation {
    /// The name people read.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ProofVerification => "Proof",
            Self::BatchVerification => "Batch",
            Self::SentinelMonitoring => "Sentinel",
            Self::ConservationOracle => "Oracle",
            Self::GhostIdentity => "Ghost identity",
            Self::SovereignIdentity => "Sovereign identity",
            Self::ConsensusParticipation => "Consensus",
            Self::StateStorage => "State storage",
        }
    }

    /// What one unit of it is.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ProofVerification => "proof",
            Self::BatchVerification => "up to 1,000 transactions",
            Self::SentinelMonitoring => "hour",
            Self::ConservationOracle => "query",
            Self::GhostIdentity | Self::SovereignIdentity => "operation",
            Self::ConsensusParticipation => "epoch",
            Self::StateStorage => "MB per day",
        }
    }
}

/// Credits sold together at one price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// What it is called; matched without case.
    pub name: String,
    /// How many credits it holds.
    pub credits: Credits,
    /// What it costs, in US cents.
    #[serde(rename = "price_cents")]
    pub price: Cents,
}

/// Every price, under one version that each entry records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceBook {
    /// Grows with each change of any price.
    pub version: u32,
    discount_percent: BTreeMap<Tier, i64>,
    base_credits: BTreeMap<Operation, i64>,
    #[serde(rename = "package")]
    packages: Vec<Package>,
}

/// What is wrong with a price book file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceBookError {
    /// The text is not the shape of a price book.
    #[error("the price book cannot be read: {0}")]
    Unreadable(String),
    /// A price or discount is missing or out of range.
    #[error("the price book is not usable: {0}")]
    Unusable(String),
}

impl PriceBook {
    /// The price book as TOML that the product ships with.
    pub const STANDARD: &'static str = include_str!("pricebook.toml");

    /// Checks that every tier and operation has a price in range.
    ///
    /// # Errors
    /// Says which price is missing or out of range.
    pub fn checked(self) -> Result<Self, PriceBookError> {
        let unusable = |text: String| Err(PriceBookError::Unusable(text));
        for tier in Tier::ALL {
            match self.discount_percent.get(tier) {
                Some(0..=100) => {}
                Some(other) => return unusable(format!("the discount of {tier} is {other}; it must be from 0 to 100")),
                None => return unusable(format!("discount_percent.{tier} is missing")),
            }
        }
        for operation in Operation::ALL {
            match self.base_credits.get(operation) {
                Some(1..=1_000_000) => {}
                Some(other) => return unusable(format!("{operation} costs {other}; it must be from 1 to 1,000,000")),
                None => return unusable(format!("base_credits.{operation} is missing")),
            }
        }
        if self.packages.is_empty() {
            return unusable("there is no package to sell".into());
        }
        for package in &self.packages {
            if !package.credits.is_positive() || !package.price.is_positive() {
                return unusable(format!("package {} must hold credits and have a price", package.name));
            }
        }
        Ok(self)
    }

    /// What one unit costs: `max(1, floor(base × (100 − discount) / 100))`.
    #[must_use]
    pub fn unit_price(&self, operation: Operation, tier: Tier) -> Credits {
        let base = self.base_credits.get(&operation).copied().unwrap_or(1);
        let discount = self.discount_percent.get(&tier).copied().unwrap_or(0);
        // Both factors were bounded by `checked`, so the product is far from the edge of 64 bits.
        let floored = base.saturating_mul(100 - discount) / 100;
        Credits::new(floored.max(1)).unwrap_or(Credits::ZERO)
    }

    /// What `quantity` units cost: the unit price times the quantity, so a split call costs what the joined one does.
    ///
    /// # Errors
    /// Refuses a quantity outside 1 to 1,000,000.
    pub fn cost(&self, operation: Operation, tier: Tier, quantity: i64) -> Result<Credits, Refusal> {
        if !(1..=QUANTITY_MAX).contains(&quantity) {
            return Err(Refusal::QuantityOutOfRange { quantity });
        }
        self.unit_price(operation, tier).checked_mul(quantity).ok_or(Refusal::AmountTooLarge)
    }

    /// The packages on sale, smallest first.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The package of that name, whatever its case.
    #[must_use]
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name.eq_ignore_ascii_case(name.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::testing::price_book;

    #[test]
    fn every_tier_pays_the_published_price() {
        let book = price_book();
        let table = [
            (Operation::ProofVerification, [1, 1, 1, 1]),
            (Operation::BatchVerification, [500, 500, 425, 350]),
            (Operation::SentinelMonitoring, [10, 10, 8, 7]),
            (Operation::ConservationOracle, [5, 5, 4, 3]),
            (Operation::GhostIdentity, [20, 20, 17, 14]),
            (Operation::SovereignIdentity, [15, 15, 12, 10]),
            (Operation::ConsensusParticipation, [100, 100, 85, 70]),
            (Operation::StateStorage, [1, 1, 1, 1]),
        ];
        for (operation, prices) in table {
            for (tier, price) in Tier::ALL.iter().zip(prices) {
                assert_eq!(book.unit_price(operation, *tier).get(), price, "{operation} for {tier}");
            }
        }
    }

    #[test]
    fn a_split_call_costs_what_the_joined_call_costs() {
        let book = price_book();
        let joined = book.cost(Operation::SentinelMonitoring, Tier::Fintech, 24);
        assert_eq!(joined.map(Credits::get), Ok(24 * 8));
    }

    #[test]
    fn quantities_outside_one_to_a_million_are_refused() {
        let book = price_book();
        for quantity in [0, -1, i64::MIN, QUANTITY_MAX + 1, i64::MAX] {
            let cost = book.cost(Operation::StateStorage, Tier::Free, quantity);
            assert_eq!(cost, Err(Refusal::QuantityOutOfRange { quantity }));
        }
    }

    #[test]
    fn packages_are_found_without_case() {
        let book = price_book();
        assert_eq!(book.package("sTARTER").map(|package| package.price.get()), Some(1_000));
        assert_eq!(book.package("gigantic"), None);
    }
}
