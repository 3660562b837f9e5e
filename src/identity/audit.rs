//! The audit log: who did what, on whose account, and when. Only ever added to.
//!
//! A line is a statement, to be written in the transaction of the act it tells of: there is no act without its line and
//! no line without its act.

use super::store::{self, NewAudit};
use super::{Identity, IdentityError, SignedIn};
use crate::billing::store::{Row, Statement};
use crate::ledger::{AccountId, AuditId, KeyId, Timestamp, UserId};

/// Lines read at once.
const PAGE_MAX: i64 = 200;
/// A detail is a line, not a document.
const DETAIL_MAX: usize = 500;

/// A line on its way into the log, to be written in the transaction of the act it tells of.
pub type LogLine = Statement;

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A member of the account, or a person in their own matters.
    Person {
        /// Who.
        user: UserId,
        /// As they were called.
        name: String,
    },
    /// An operator in the back office.
    Operator {
        /// Who.
        user: UserId,
        /// As they were called.
        name: String,
    },
    /// A program with an API key.
    Key(KeyId),
    /// The house by itself, or whoever types at its command line.
    House,
}

impl Actor {
    /// The signed-in person, as a member.
    #[must_use]
    pub fn member(who: &SignedIn) -> Self {
        Self::Person { user: who.user, name: who.name.clone() }
    }

    /// The signed-in person, as an operator.
    #[must_use]
    pub fn operator(who: &SignedIn) -> Self {
        Self::Operator { user: who.user, name: who.name.clone() }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::Operator { .. } => "operator",
            Self::Key(_) => "key",
            Self::House => "house",
        }
    }

    fn id(&self) -> Option<String> {
        match self {
            Self::Person { user, .. } | Self::Operator { user, .. } => Some(user.to_string()),
            Self::Key(key) => Some(key.to_string()),
            Self::House => None,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Person { name, .. } | Self::Operator { name, .. } => name.clone(),
            Self::Key(key) => key.to_string(),
            Self::House => "Aethel".into(),
        }
    }
}

/// What an act was done to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// On whose account.
    pub account: Option<AccountId>,
    /// About which person.
    pub user: Option<UserId>,
}

impl From<AccountId> for Subject {
    fn from(account: AccountId) -> Self {
        Self { account: Some(account), user: None }
    }
}

impl From<UserId> for Subject {
    fn from(user: UserId) -> Self {
        Self { account: None, user: Some(user) }
    }
}

impl From<(AccountId, UserId)> for Subject {
    fn from((account, user): (AccountId, UserId)) -> Self {
        Self { account: Some(account), user: Some(user) }
    }
}

/// A line as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Names the line; lines sort by it.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// `person`, `operator`, `key` or `house`.
    pub actor_kind: String,
    /// The person's or key's id.
    pub actor_id: Option<String>,
    /// As the actor was called at the time.
    pub actor_name: String,
    /// On whose account.
    pub account: Option<AccountId>,
    /// About which person.
    pub user: Option<UserId>,
    /// The act's stable name, such as `credits_given`.
    pub action: String,
    /// More about it.
    pub detail: String,
}

impl AuditLine {
    fn read(row: &Row) -> Result<Self, IdentityError> {
        Ok(Self {
            id: row.parsed(0)?,
            at: Timestamp::from_millis(row.int(1)?),
            actor_kind: row.text(2)?,
            actor_id: row.maybe_text(3)?,
            actor_name: row.text(4)?,
            account: row.maybe_text(5)?.map(|_| row.parsed(5)).transpose()?,
            user: row.maybe_text(6)?.map(|_| row.parsed(6)).transpose()?,
            action: row.text(7)?,
            detail: row.text(8)?,
        })
    }
}

impl Identity {
    /// The line that tells of an act, to be written in the act's own transaction. `action` is a stable name in the past
    /// tense with underscores, such as `credits_given`; pages make words of it.
    #[must_use]
    pub fn audit(
        &self,
        actor: &Actor,
        subject: impl Into<Subject>,
        action: &str,
        detail: impl Into<String>,
    ) -> LogLine {
        let (at, subject) = (self.clock.now(), subject.into());
        let detail: String = detail.into().chars().take(DETAIL_MAX).collect();
        store::add_audit(&NewAudit {
            id: AuditId::from_ulid(self.ids.next(at)),
            at,
            actor_kind: actor.kind(),
            actor_id: actor.id(),
            actor_name: actor.name(),
            account: subject.account,
            user: subject.user,
            action: action.to_owned(),
            detail,
        })
    }

    /// What was done on an account, newest first, older than `before` where that is given.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn audit_of_account(
        &self,
        account: AccountId,
        before: Option<AuditId>,
        limit: i64,
    ) -> Result<Vec<AuditLine>, IdentityError> {
        let rows = store::audit_of_account(&self.database, account, before, limit.clamp(1, PAGE_MAX)).await?;
        rows.iter().map(AuditLine::read).collect()
    }

    /// What was done to or by a person in their own matters, newest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn audit_of_person(&self, user: UserId, limit: i64) -> Result<Vec<AuditLine>, IdentityError> {
        let rows = store::audit_of_user(&self.database, user, limit.clamp(1, PAGE_MAX)).await?;
        rows.iter().map(AuditLine::read).collect()
    }

    /// What was done at all, newest first; for operators.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn audit_of_everything(
        &self,
        before: Option<AuditId>,
        limit: i64,
    ) -> Result<Vec<AuditLine>, IdentityError> {
        let rows = store::audit_of_everything(&self.database, before, limit.clamp(1, PAGE_MAX)).await?;
        rows.iter().map(AuditLine::read).collect()
    }
}
