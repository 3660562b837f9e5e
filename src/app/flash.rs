//! What has to survive one redirect and nothing more: a refused form's text, a new key's secret.
//!
//! Kept in this process's memory only, for minutes, never on disk: a secret must not be stored, and a text
//! that is lost costs a minute of typing. With several processes behind one address the page may not find it
//! and says so. A secret belongs to the session that made it: the account's other members and an operator who looks
//! at the account have the same pages, and are not whom it was made for.

use std::collections::VecDeque;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::identity::SignedIn;
use crate::ledger::Timestamp;
use crate::server::context::app;

/// At most this many are kept in each pool; the oldest goes first.
const KEPT_MAX: usize = 512;
/// And at most this much text in each.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Long enough to follow a redirect and to look twice, short enough to forget.
const KEPT_SECONDS: i64 = 600;

/// Something kept for its owner until it is fetched or forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Name and e-mail address from a refused form.
    Person { name: String, email: String },
    /// A form as it was typed, and of which page it is.
    Program { kind: String, source: String },
    /// A key's name and secret.
    Secret { name: String, secret: String },
}

impl Kept {
    fn bytes(&self) -> usize {
        match self {
            Self::Person { name: first, email: second }
            | Self::Program { kind: first, source: second }
            | Self::Secret { name: first, secret: second } => first.len() + second.len(),
        }
    }
}

struct Item {
    id: String,
    owner: String,
    until: Timestamp,
    kept: Kept,
}

/// Where something is kept. Each has its own bounds: whoever fills one pushes nothing out of another.
#[derive(Default)]
struct Memory {
    /// New keys' secrets: only a signed-in account makes them, and a lost one costs a key.
    secrets: Pool,
    /// What a signed-in account typed.
    owned: Pool,
    /// What anybody typed, without an account.
    anonymous: Pool,
}

/// Things of one kind, oldest first.
#[derive(Default)]
struct Pool(VecDeque<Item>);

/// The process's own memory, which the functions below use.
static MEMORY: LazyLock<Mutex<Memory>> = LazyLock::new(Mutex::default);

impl Memory {
    fn put(&mut self, item: Item, now: Timestamp) {
        let pool = match &item.kept {
            Kept::Secret { .. } => &mut self.secrets,
            _ if item.owner.is_empty() => &mut self.anonymous,
            _ => &mut self.owned,
        };
        pool.put(item, now);
    }

    fn look(&self, id: &str, owner: &str, now: Timestamp) -> Option<Kept> {
        [&self.secrets, &self.owned, &self.anonymous].into_iter().find_map(|pool| pool.look(id, owner, now))
    }

    fn take(&mut self, id: &str, owner: &str, now: Timestamp) -> Option<Kept> {
        let pools = [&mut self.secrets, &mut self.owned, &mut self.anonymous];
        pools.into_iter().find_map(|pool| pool.take(id, owner, now))
    }
}

impl Pool {
    fn put(&mut self, item: Item, now: Timestamp) {
        self.0.retain(|other| other.until > now);
        self.0.push_back(item);
        let mut bytes: usize = self.0.iter().map(|other| other.kept.bytes()).sum();
        while self.0.len() > KEPT_MAX || bytes > BYTES_MAX {
            bytes -= self.0.pop_front().map_or(0, |oldest| oldest.kept.bytes());
        }
    }

    fn position(&self, id: &str, owner: &str, now: Timestamp) -> Option<usize> {
        self.0.iter().position(|item| item.id == id && item.owner == owner && item.until > now)
    }

    fn look(&self, id: &str, owner: &str, now: Timestamp) -> Option<Kept> {
        self.position(id, owner, now).and_then(|at| self.0.get(at)).map(|item| item.kept.clone())
    }

    fn take(&mut self, id: &str, owner: &str, now: Timestamp) -> Option<Kept> {
        let at = self.position(id, owner, now)?;
        self.0.remove(at).map(|item| item.kept)
    }
}

/// Keeps something for `owner` (an account's id, or nobody in particular) and gives the id it is fetched by.
pub fn keep(owner: impl ToString, kept: Kept) -> String {
    let app = app();
    let id = app.ids.next(app.clock.now()).to_string();
    keep_as(&id, owner, kept);
    id
}

/// As [`keep`], under an id that the caller has.
pub fn keep_as(id: impl ToString, owner: impl ToString, kept: Kept) {
    let now = app().clock.now();
    let item = Item { id: id.to_string(), owner: owner.to_string(), until: now.plus_seconds(KEPT_SECONDS), kept };
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner).put(item, now);
}

/// What is kept under `id`, which stays: a reload shows it again.
pub fn look(owner: impl ToString, id: &str) -> Option<Kept> {
    let now = app().clock.now();
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner).look(id, &owner.to_string(), now)
}

/// What is kept under `id`, once.
pub fn take(owner: impl ToString, id: &str) -> Option<Kept> {
    let now = app().clock.now();
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner).take(id, &owner.to_string(), now)
}

/// Keeps a secret for the session that made it, under an id that the caller has.
pub fn keep_secret(who: &SignedIn, id: impl ToString, name: String, secret: String) {
    keep_as(id, holder(who), Kept::Secret { name, secret });
}

/// The name and the secret kept under `id`, once, for the session that made it.
pub fn take_secret(who: &SignedIn, id: &str) -> Option<(String, String)> {
    secret_of(who, |holder| take(holder, id))
}

/// The same, which stays: a reload shows it again.
pub fn look_at_secret(who: &SignedIn, id: &str) -> Option<(String, String)> {
    secret_of(who, |holder| look(holder, id))
}

/// Nothing while an operator looks at a customer's account: what is shown once must wait for whom it was made.
fn secret_of(who: &SignedIn, read: impl FnOnce(String) -> Option<Kept>) -> Option<(String, String)> {
    if who.seeing.is_some() {
        return None;
    }
    match read(holder(who))? {
        Kept::Secret { name, secret } => Some((name, secret)),
        _ => None,
    }
}

/// The session, in the account that it works in: the switch to another one leaves the secrets behind.
fn holder(who: &SignedIn) -> String {
    format!("{} {}", who.session, who.account)
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;
    use crate::identity::Role;
    use crate::ledger::{AccountId, SessionId, UserId};

    fn secret(id: &str, owner: &str, until: i64) -> Item {
        Item {
            id: id.into(),
            owner: owner.into(),
            until: Timestamp::from_millis(until),
            kept: Kept::Secret { name: "ci".into(), secret: id.into() },
        }
    }

    #[test]
    fn a_secret_is_given_once_and_only_to_its_owner() {
        let now = Timestamp::from_millis(0);
        let mut memory = Memory::default();
        memory.put(secret("one", "ACC_A", 10), now);
        assert_eq!(memory.take("one", "ACC_B", now), None);
        assert!(memory.take("one", "ACC_A", now).is_some());
        assert_eq!(memory.take("one", "ACC_A", now), None);
    }

    fn person(session: u128) -> SignedIn {
        let ulid = Ulid::from_parts(1, 1);
        SignedIn {
            user: UserId::from_ulid(ulid),
            name: "Ada".into(),
            email: "ada@example.com".into(),
            account: AccountId::from_ulid(ulid),
            confirmed: true,
            session: SessionId::from_ulid(Ulid::from_parts(1, session)),
            role: Role::Owner,
            operator: false,
            seeing: None,
            second_factor: false,
        }
    }

    #[test]
    fn a_secret_is_neither_another_members_nor_an_operators_who_looks() {
        let now = Timestamp::from_millis(0);
        let (ada, grace) = (person(1), person(2));
        let looking = SignedIn { operator: true, seeing: Some(now.plus_days(1)), ..person(1) };
        let mut memory = Memory::default();
        memory.put(secret("key", &holder(&ada), 10), now);
        for other in [&grace, &looking] {
            assert_eq!(secret_of(other, |holder| memory.take("key", &holder, now)), None, "{other:?}");
        }
        let found = secret_of(&ada, |holder| memory.take("key", &holder, now));
        assert_eq!(found, Some(("ci".to_owned(), "key".to_owned())), "neither of them took it away");
    }

    #[test]
    fn what_is_kept_is_forgotten_in_time() {
        let mut memory = Memory::default();
        memory.put(secret("one", "ACC_A", 10), Timestamp::from_millis(0));
        assert!(memory.look("one", "ACC_A", Timestamp::from_millis(9)).is_some());
        assert_eq!(memory.look("one", "ACC_A", Timestamp::from_millis(10)), None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let now = Timestamp::from_millis(0);
        let mut memory = Memory::default();
        for number in 0..=KEPT_MAX {
            memory.put(secret(&number.to_string(), "ACC_A", 10), now);
        }
        assert_eq!(memory.secrets.0.len(), KEPT_MAX);
        assert_eq!(memory.look("0", "ACC_A", now), None);
    }
    #[test]
    fn visitors_without_an_account_push_out_no_secret_and_no_owned_draft() {
        let now = Timestamp::from_millis(0);
        let draft = |id: String, owner: &str| Item {
            id,
            owner: owner.into(),
            until: Timestamp::from_millis(10),
            kept: Kept::Person { name: String::new(), email: "x".repeat(BYTES_MAX / 4) },
        };
        let mut memory = Memory::default();
        memory.put(secret("secret", "ACC_A", 10), now);
        memory.put(draft("owned".into(), "ACC_A"), now);
        for number in 0..=KEPT_MAX {
            memory.put(draft(number.to_string(), ""), now);
        }
        assert_eq!(memory.look("0", "", now), None, "the anonymous ones have made room for each other");
        assert!(memory.look("owned", "ACC_A", now).is_some());
        assert!(memory.take("secret", "ACC_A", now).is_some());
    }
}
