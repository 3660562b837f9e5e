//! Letters to everybody who looks after an account's money: written where the reason arises, without knowing who that
//! is, and passed on by the room that knows the members.

use super::templates::{Letter, greeted};
use super::{Mail, Message, store};
use crate::billing::store::{Statement, StoreError};
use crate::ledger::{AccountId, MailId};

/// A letter that waits for its readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberLetter {
    /// Names it.
    pub id: MailId,
    /// Whose members it is for.
    pub account: AccountId,
    pub(super) subject: String,
    pub(super) text: String,
}

impl MemberLetter {
    /// The mail to one of the members.
    #[must_use]
    pub fn to(&self, name: &str, address: &str) -> Message {
        Message { to: address.to_owned(), subject: self.subject.clone(), text: greeted(name, &self.text) }
    }
}

impl Mail {
    /// The row of a letter to an account's members, to be written in the transaction that causes it.
    #[must_use]
    pub fn compose_to_members(&self, account: AccountId, letter: Letter) -> Statement {
        let now = self.clock.now();
        let (subject, text) = letter.into_parts();
        store::add_letter(MailId::from_ulid(self.ids.next(now)), account, &subject, &text, now)
    }

    /// The letters that wait, oldest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn member_letters(&self, limit: i64) -> Result<Vec<MemberLetter>, StoreError> {
        store::letters(&self.database, limit).await
    }

    /// Passes a letter on as these mails, all or none and once; false when another server did.
    ///
    /// # Errors
    /// When the store is out of reach; the letter waits then.
    pub async fn pass_on(&self, letter: MailId, mails: Vec<Message>) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        if transaction.execute(store::take_letter(letter)).await? == 0 {
            return Ok(false);
        }
        for mail in mails {
            transaction.execute(self.compose(mail)).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}
