//! What a key may do. Pure.

use std::fmt;
use std::str::FromStr;

/// One thing a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// See balance, usage, ledger, statements and settings.
    Read,
    /// Have programs verified, and pay for it.
    Verify,
    /// Charge, hold and quote.
    Charge,
    /// Buy credits, and set keys, budgets, alerts and webhooks.
    Admin,
}

impl Scope {
    /// Each of them, in the order in which they are written.
    pub const ALL: [Self; 4] = [Self::Read, Self::Verify, Self::Charge, Self::Admin];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Verify => "verify",
            Self::Charge => "charge",
            Self::Admin => "admin",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Verify => 2,
            Self::Charge => 4,
            Self::Admin => 8,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text names no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a scope is read, verify, charge or admin")]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or(UnknownScope)
    }
}

/// Everything a key may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// All there is.
    pub const ALL: Self = Self(15);

    /// Whether it has this one.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether it has every one of those.
    #[must_use]
    pub const fn covers(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each by its name.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Scope::ALL.into_iter().filter(|scope| self.has(*scope)).map(Scope::name).collect()
    }

    /// As the store writes them.
    #[must_use]
    pub fn stored(self) -> String {
        self.names().join(" ")
    }

    /// As the store wrote them. What this version does not know allows nothing.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        text.split(' ').filter_map(|name| name.parse().ok()).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_back_as_written_and_unknown_ones_allow_nothing() {
        for bits in 0..16 {
            let scopes = Scopes(bits);
            assert_eq!(Scopes::from_stored(&scopes.stored()), scopes);
            assert!(Scopes::ALL.covers(scopes));
        }
        assert!(Scopes::from_stored("everything *").is_empty());
        let some: Scopes = [Scope::Read, Scope::Charge].into_iter().collect();
        assert!(some.has(Scope::Read) && !some.has(Scope::Admin) && !some.covers(Scopes::ALL));
        assert_eq!(some.names(), ["read", "charge"]);
    }
}
