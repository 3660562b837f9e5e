//! The room with everything in the test's hand: a clock moved by hand, entropy that counts, an outbox to read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::token::{Entropy, NoEntropy, Token};
use super::{Door, Identity, IdentityConfig, IdentityError, KeyMode, SignIn};
use crate::billing::Kernel;
use crate::billing::store::{Database, Statement, testing};
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{AccountId, Clock, IdSource};
use crate::mail::Mail;

/// Bytes that differ each time, and can be told beforehand.
#[derive(Debug, Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        let count = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = count[index % count.len()];
        }
        Ok(())
    }
}

/// One room on one store.
pub struct House {
    pub store: &'static str,
    pub identity: Identity,
    pub kernel: Kernel,
    pub mail: Mail,
    pub clock: Arc<ManualClock>,
    database: Database,
    ids: Arc<dyn IdSource>,
}

/// The room on both stores.
pub async fn houses() -> Vec<House> {
    testing::databases().await.into_iter().map(|(store, database)| house(store, database)).collect()
}

fn house(store: &'static str, database: Database) -> House {
    let clock = Arc::new(ManualClock::default());
    let (time, ids): (Arc<dyn Clock>, Arc<dyn IdSource>) = (clock.clone(), Arc::new(CountingIds::default()));
    let kernel = Kernel::start(database.clone(), price_book(), time.clone(), ids.clone());
    let mail = Mail::outbox(database.clone(), time.clone(), ids.clone());
    let entropy = Arc::new(CountingEntropy::default());
    let identity = Identity::new(database.clone(), kernel.clone(), mail.clone(), time, ids.clone(), entropy, config());
    House { store, identity, kernel, mail, clock, database, ids }
}

fn config() -> IdentityConfig {
    IdentityConfig { public_url: "https://aethel.example".into(), keys: KeyMode::Test }
}

impl Identity {
    /// Signs in from a door of which nothing is known, without a second step.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Token, IdentityError> {
        match self.sign_in_at(email, password, &Door::default()).await? {
            SignIn::Entered(entered) => Ok(entered.session),
            SignIn::CodeNeeded(_) => panic!("{email} is asked for a code"),
        }
    }
}

impl House {
    /// A second server on the same database, just started.
    pub fn neighbour(&self) -> Identity {
        let (database, ids) = (self.database.clone(), self.ids.clone());
        let kernel = Kernel::start(database.clone(), price_book(), self.clock.clone(), ids.clone());
        let mail = Mail::outbox(database.clone(), self.clock.clone(), ids.clone());
        let entropy = Arc::new(CountingEntropy::default());
        Identity::new(database, kernel, mail, self.clock.clone(), ids, entropy, config())
    }

    /// Writes a row.
    pub async fn write(&self, statement: Statement) {
        self.database.write(vec![statement]).await.expect("a write");
    }

    /// How many mails were ever written to an address.
    pub async fn mails_to(&self, address: &str) -> usize {
        let mails = self.mail.recent(200).await.expect("the outbox opens");
        mails.iter().filter(|mail| mail.to == address).count()
    }

    /// The token in the latest mail to an address.
    pub async fn mailed_token(&self, address: &str) -> String {
        let mails = self.mail.recent(200).await.expect("the outbox opens");
        let mail = mails.iter().find(|mail| mail.to == address).expect("a mail to this address");
        let behind = mail.text.split("?token=").nth(1).expect("a link in the mail");
        behind.split_whitespace().next().expect("a token in the link").to_owned()
    }

    /// Signs a person up and confirms them; their account.
    pub async fn resident(&self, email: &str, password: &str) -> AccountId {
        self.identity.sign_up("Ada", email, password).await.expect("signing up");
        let session = self.identity.confirm(&self.mailed_token(email).await).await.expect("confirming");
        self.identity.session(session.as_str()).await.expect("a read").expect("a session").account
    }

    /// What an account can spend.
    pub async fn available(&self, account: AccountId) -> i64 {
        self.kernel.account(account).await.expect("a read").expect("an account").available.get()
    }
}
