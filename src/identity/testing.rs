//! The room with everything in the test's hand: a clock moved by hand, entropy that counts, an outbox to read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::token::{self, Entropy, NoEntropy, Token};
use super::{Door, Identity, IdentityConfig, IdentityError, KeyMode, SignIn};
use crate::billing::store::{Database, Sql, Statement, testing};
use crate::billing::{Fill, Kernel, Sealer};
use crate::ledger::testing::{CountingIds, ManualClock, price_book};
use crate::ledger::{AccountId, Clock, IdSource, KeyId, PasskeyId, UserId};
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
    neighbours: AtomicU64,
}

/// The room on both stores.
pub async fn houses() -> Vec<House> {
    let mut houses = Vec::new();
    for (store, database) in testing::databases().await {
        houses.push(house(store, database).await);
    }
    houses
}

async fn house(store: &'static str, database: Database) -> House {
    let clock = Arc::new(ManualClock::default());
    let (time, ids): (Arc<dyn Clock>, Arc<dyn IdSource>) = (clock.clone(), Arc::new(CountingIds::default()));
    let kernel = Kernel::start(database.clone(), price_book(), time.clone(), ids.clone());
    let mail = Mail::outbox(database.clone(), time.clone(), ids.clone());
    let entropy = Arc::new(CountingEntropy::default());
    let site = config(sealer(&database, &clock, None).await);
    let identity = Identity::new(database.clone(), kernel.clone(), mail.clone(), time, ids.clone(), entropy, site);
    House { store, identity, kernel, mail, clock, database, ids, neighbours: AtomicU64::new(1) }
}

/// A sealer with this key, or with the one that the database keeps.
async fn sealer(database: &Database, clock: &ManualClock, key: Option<&str>) -> Sealer {
    let last = AtomicU64::new(1);
    let fill: Fill = Arc::new(move |bytes| {
        *bytes = token::hash(&last.fetch_add(1, Ordering::SeqCst).to_string()).as_bytes()[..32].try_into().expect("32");
        true
    });
    let keys = key.map(|key| key.parse().expect("keys"));
    Sealer::start(database, clock, keys, fill).await.expect("a sealer")
}

fn config(sealer: Sealer) -> IdentityConfig {
    IdentityConfig { public_url: "https://aethel.example".into(), keys: KeyMode::Test, sealer }
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
    pub async fn neighbour(&self) -> Identity {
        self.neighbour_sealing_with(None).await
    }

    /// The same with `AETHEL_SEALING_KEY` set.
    pub async fn neighbour_sealing_with(&self, keys: Option<&str>) -> Identity {
        let (database, ids) = (self.database.clone(), self.ids.clone());
        let kernel = Kernel::start(database.clone(), price_book(), self.clock.clone(), ids.clone());
        let mail = Mail::outbox(database.clone(), self.clock.clone(), ids.clone());
        // Another server draws other bytes.
        let number = self.neighbours.fetch_add(1, Ordering::SeqCst);
        let entropy = Arc::new(CountingEntropy(AtomicU64::new(number << 32)));
        let site = config(sealer(&database, &self.clock, keys).await);
        Identity::new(database, kernel, mail, self.clock.clone(), ids, entropy, site)
    }

    /// The secrets of one-time codes as they are kept.
    pub async fn kept_secrets(&self) -> Vec<String> {
        self.read("SELECT secret FROM one_time_codes").await
    }

    /// How many right passwords wait for a code.
    pub async fn waiting_steps(&self) -> usize {
        self.read("SELECT token_hash FROM second_steps").await.len()
    }

    async fn read(&self, sql: &'static str) -> Vec<String> {
        let rows = self.database.fetch(Sql::both(sql), Vec::new()).await.expect("a read");
        rows.iter().map(|row| row.text(0).expect("a text")).collect()
    }

    /// Keeps the secret of one-time codes as it was kept before there was sealing.
    pub async fn keep_in_the_clear(&self, user: UserId, secret: &str) {
        let sql = Sql::both("UPDATE one_time_codes SET secret = $1 WHERE user_id = $2");
        self.write(Statement::new(sql, vec![secret.into(), user.to_string().into()])).await;
    }

    /// Makes the commit in which a session begins fail, as if the server fell just then.
    pub async fn break_the_door(&self) {
        self.write(Statement::new(Sql::both("ALTER TABLE known_devices RENAME TO away"), vec![])).await;
    }

    /// And mends it.
    pub async fn mend_the_door(&self) {
        self.write(Statement::new(Sql::both("ALTER TABLE away RENAME TO known_devices"), vec![])).await;
    }

    /// Notes that every session is used now.
    pub async fn use_every_session(&self) {
        let sql = Sql::both("UPDATE sessions SET seen_at = $1");
        self.write(Statement::new(sql, vec![self.clock.now().millis().into()])).await;
    }

    /// Forgets for whom a key acts, as it was for keys made by keys.
    pub async fn forget_maker(&self, key: KeyId) {
        let sql = Sql::both("UPDATE api_keys SET created_by = '' WHERE id = $1");
        self.write(Statement::new(sql, vec![key.to_string().into()])).await;
    }

    /// Gives somebody a passkey that no authenticator has made.
    pub async fn add_passkey(&self, id: PasskeyId, user: UserId, name: &str) {
        let sql = Sql::both(
            "INSERT INTO passkeys (id, user_id, credential_id, name, passkey, created_at)
             VALUES ($1, $2, 'credential', $3, '{}', 1)",
        );
        self.write(Statement::new(sql, vec![id.to_string().into(), user.to_string().into(), name.into()])).await;
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
