//! Tells the members of an account and its own servers what begins there, once, whichever of several servers sees it first.

use super::{Identity, IdentityError, store};
use crate::billing::store::Statement;
use crate::billing::{AlertNews, Told, date_of};
use crate::hooks::{self, News};
use crate::ledger::{AccountId, EventId};
use crate::mail::templates;

/// Letters passed on in one round; the rest follows in the next.
const LETTERS_ROUND: i64 = 200;

impl Identity {
    /// Writes the mails and webhook events of all alerts that began in the accounts touched since the last call, and says how many
    /// accounts were told something.
    ///
    /// # Errors
    /// When the store is out of reach; what was not told is told by a later call.
    pub async fn tell_alerts(&self) -> Result<usize, IdentityError> {
        self.tell(self.kernel.alert_news().await?).await
    }

    /// The same for credits that expire soon.
    ///
    /// # Errors
    /// When the store is out of reach; what was not told is told by a later call.
    pub async fn tell_expiring(&self) -> Result<usize, IdentityError> {
        self.tell(self.kernel.expiring_news().await?).await
    }

    /// Passes on the letters that wait for an account's members, and says how many there were. One that nobody may read
    /// is dropped: there is no address to send it to, now or later.
    ///
    /// # Errors
    /// When the store is out of reach; what was not passed on waits.
    pub async fn pass_letters_on(&self) -> Result<usize, IdentityError> {
        let letters = self.mail.member_letters(LETTERS_ROUND).await?;
        let mut passed = 0;
        for letter in letters {
            let members = store::members(&self.database, letter.account).await?;
            let mails = members.iter().map(|(name, address)| letter.to(name, address)).collect();
            passed += usize::from(self.mail.pass_on(letter.id, mails).await?);
        }
        Ok(passed)
    }

    async fn tell(&self, news: Vec<AlertNews>) -> Result<usize, IdentityError> {
        let mut told = 0;
        let mut failed = None;
        for news in news {
            let (account, has_begun) = (news.account, !news.told.is_empty());
            match self.tell_one(news).await {
                Ok(true) => told += usize::from(has_begun),
                // Another server was quicker, and its mails are written; the next look sees them.
                Ok(false) => self.kernel.look_again(account),
                Err(error) => {
                    self.kernel.look_again(account);
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(told), Err)
    }

    /// Writes the mails and the rows that make them the only ones, in one commit; false when another server did.
    async fn tell_one(&self, news: AlertNews) -> Result<bool, IdentityError> {
        let mut writes = news.rows;
        for told in &news.told {
            let (id, now) = (EventId::from_ulid(self.ids.next(self.clock.now())), self.clock.now());
            writes.extend(hooks::announce(news.account, &event(told), id, now));
        }
        if !news.told.is_empty() {
            for (name, address) in store::members(&self.database, news.account).await? {
                let letters = news.told.iter().map(|told| self.letter(told, &name));
                writes.extend(letters.map(|letter| self.mail.compose(letter.to(&address))));
            }
        }
        match self.database.write(writes).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_unique_violation() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the mails of all webhook endpoints that were stopped since the last call.
    ///
    /// # Errors
    /// When the store is out of reach; what was not told is told by a later call.
    pub async fn tell_stopped_webhooks(&self) -> Result<usize, IdentityError> {
        let mut count = 0;
        for endpoint in hooks::stopped_untold(&self.database).await? {
            let letters = self.letters(endpoint.account, |site, name| {
                templates::webhook_stopped(site, name, &endpoint.url, &endpoint.id.to_string())
            });
            let letters = letters.await?;
            let mut transaction = self.database.begin().await?;
            if transaction.execute(hooks::told(endpoint.id, self.clock.now())).await? == 0 {
                // Another server was quicker.
                continue;
            }
            for letter in letters {
                transaction.execute(letter).await?;
            }
            transaction.commit().await?;
            count += 1;
        }
        Ok(count)
    }

    /// A mail to each of the account's members, not yet written.
    async fn letters(
        &self,
        account: AccountId,
        letter: impl Fn(&str, &str) -> templates::Letter,
    ) -> Result<Vec<Statement>, IdentityError> {
        let members = store::members(&self.database, account).await?;
        let site = &self.config.public_url;
        Ok(members.iter().map(|(name, address)| self.mail.compose(letter(site, name).to(address))).collect())
    }

    fn letter(&self, told: &Told, name: &str) -> templates::Letter {
        let site = &self.config.public_url;
        match told {
            Told::LowBalance { available, threshold } => templates::low_balance(site, name, *available, *threshold),
            Told::Budget { budget, key, percent, limit, used } => {
                let key = key.map(|key| format!(" {key}")).unwrap_or_default();
                let title = format!("{}{key}", budget.title());
                templates::budget(site, name, &title, *percent, *used, *limit)
            }
            Told::Expiring { credits, at } => templates::expiring(site, name, *credits, &date_of(*at)),
        }
    }
}

/// The same for programs.
fn event(told: &Told) -> News {
    match told {
        Told::LowBalance { available, threshold } => News::low_balance(*available, *threshold),
        Told::Budget { budget, key, percent, limit, used } => News::budget(*budget, *key, *percent, *used, *limit),
        Told::Expiring { credits, at } => News::expiring(*credits, *at),
    }
}
