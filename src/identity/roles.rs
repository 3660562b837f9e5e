//! Roles in an account, and what each may do. Pure: who has which role is the store's to say.

use std::str::FromStr;

/// What a member is to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, and who else is an owner.
    Owner,
    /// Everything but the owners.
    Admin,
    /// Builds on it: spends credits and makes keys.
    Developer,
    /// Pays for it: buys credits and sets limits.
    Billing,
    /// Looks at it.
    Viewer,
}

/// What one may do to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// See balance, usage, ledger, statements and results.
    Read,
    /// Let credits be spent.
    Spend,
    /// Spend money: buy credits, keep cards, subscribe.
    Buy,
    /// Set budgets and alerts.
    Limits,
    /// Make and revoke API keys and what programs are told.
    Keys,
    /// See who did what.
    Audit,
    /// Invite people, set their roles, and let them go.
    Members,
    /// The same to owners.
    Owners,
}

impl Permission {
    /// Each of them.
    pub const ALL: [Self; 8] =
        [Self::Read, Self::Spend, Self::Buy, Self::Limits, Self::Keys, Self::Audit, Self::Members, Self::Owners];
}

impl Role {
    /// Each of them, the mightiest first.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Developer, Self::Billing, Self::Viewer];

    /// As written in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Developer => "developer",
            Self::Billing => "billing",
            Self::Viewer => "viewer",
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Developer => "Developer",
            Self::Billing => "Billing",
            Self::Viewer => "Viewer",
        }
    }

    /// Whether a member of this role may do that.
    #[must_use]
    pub const fn may(self, what: Permission) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(what, Permission::Owners),
            Self::Developer => matches!(what, Permission::Read | Permission::Spend | Permission::Keys),
            Self::Billing => matches!(what, Permission::Read | Permission::Buy | Permission::Limits),
            Self::Viewer => matches!(what, Permission::Read),
        }
    }
}

/// A text names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is owner, admin, developer, billing or viewer")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_exactly_what_is_written_here() {
        use Permission::{Audit, Buy, Keys, Limits, Members, Owners, Read, Spend};
        let cases: [(Role, &[Permission]); 5] = [
            (Role::Owner, &[Read, Spend, Buy, Limits, Keys, Audit, Members, Owners]),
            (Role::Admin, &[Read, Spend, Buy, Limits, Keys, Audit, Members]),
            (Role::Developer, &[Read, Spend, Keys]),
            (Role::Billing, &[Read, Buy, Limits]),
            (Role::Viewer, &[Read]),
        ];
        for (role, allowed) in cases {
            let may: Vec<Permission> = Permission::ALL.into_iter().filter(|what| role.may(*what)).collect();
            assert_eq!(may, allowed, "{role:?}");
        }
    }

    #[test]
    fn a_role_reads_back_as_written() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert_eq!("Owner".parse::<Role>(), Err(UnknownRole));
    }
}
