//! One-time codes (RFC 6238), and the recovery codes that stand in for them when the phone is lost.
//!
//! A code is taken once: its half minute is noted, and neither it nor an earlier one is taken again. A recovery code is
//! kept as its hash and used up in the commit in which the session begins. The secret behind one-time codes has to be
//! read again, so it is kept under seal.

use totp_rs::{Builder, Secret, Totp};

use super::audit::Actor;
use super::door::{Door, Entered};
use super::store::{self, Taken};
use super::token::{self, Token};
use super::tries::{Counted, Limit};
use super::{Identity, IdentityError, SignedIn, Way};
use crate::billing::Purpose;
use crate::billing::store::{Statement, StoreError};
use crate::ledger::{Timestamp, UserId};
use crate::mail::templates;

/// RFC 4226: a secret has at least 128 bits, and should have 160.
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
/// 160 bits each, so that their hashes cannot be turned back by trying.
const RECOVERY_BYTES: usize = 20;
/// Letters of one, and of those from before they were longer.
const RECOVERY_LETTERS: [usize; 2] = [32, 16];
/// How long a right password waits for its code.
const STEP_SECONDS: i64 = 600;
/// Wrong codes after which the password is asked for again.
const WRONG_MAX: i64 = 5;
const ISSUER: &str = "Aethel";

/// How a person's one-time codes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodesState {
    /// Whether signing in asks for one.
    pub on: bool,
    /// Recovery codes that were not used yet.
    pub recovery_left: i64,
}

/// What an authenticator has to be told.
#[derive(Clone, PartialEq, Eq)]
pub struct CodesSecret {
    /// To type in.
    pub secret: String,
    /// To show as a picture.
    pub url: String,
}

/// The secret as it is kept, and whether it is in force.
struct Kept {
    sealed: String,
    confirmed: bool,
}

impl Identity {
    /// How the person's one-time codes stand.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn codes(&self, who: &SignedIn) -> Result<CodesState, IdentityError> {
        let on = self.kept_codes(who.user).await?.is_some_and(|kept| kept.confirmed);
        let recovery_left = if on { store::recovery_left(&self.database, who.user).await? } else { 0 };
        Ok(CodesState { on, recovery_left })
    }

    /// Makes a secret that counts once a first code has been given. An earlier unconfirmed one no longer counts.
    ///
    /// # Errors
    /// When the password is wrong or was tried too often, or codes are asked for already.
    pub async fn start_codes(&self, who: &SignedIn, password: &str) -> Result<(), IdentityError> {
        self.proven(who, password).await?;
        if self.codes(who).await?.on {
            return Err(IdentityError::CodesOn);
        }
        let mut bytes = [0_u8; SECRET_BYTES];
        self.entropy.fill(&mut bytes)?;
        let secret = Secret::from(bytes).to_base32();
        let sealed = self.config.sealer.seal(Purpose::OneTimeCodes, &who.user.to_string(), &secret);
        let sealed = sealed.map_err(|error| {
            tracing::error!(%error, "the secret of one-time codes could not be sealed");
            IdentityError::Unavailable
        })?;
        self.database.write(vec![store::start_codes(who.user, &sealed, self.clock.now())]).await?;
        Ok(())
    }

    /// The secret that waits for its first code; one that is in force is never shown again.
    ///
    /// # Errors
    /// When the store is out of reach, or the secret was sealed with a key that is not here.
    pub async fn codes_secret(&self, who: &SignedIn) -> Result<Option<CodesSecret>, IdentityError> {
        let Some(kept) = self.kept_codes(who.user).await?.filter(|kept| !kept.confirmed) else { return Ok(None) };
        let secret = self.opened(who.user, &kept)?;
        let label: String = who.email.replace(':', "_");
        let url = format!(
            "otpauth://totp/{ISSUER}:{}?secret={}&issuer={ISSUER}",
            label.replace('%', "%25").replace('+', "%2B").replace('?', "%3F").replace('#', "%23"),
            secret
        );
        Ok(Some(CodesSecret { secret, url }))
    }

    /// Puts one-time codes in force with a first code, and gives the recovery codes, which are shown this once.
    ///
    /// # Errors
    /// When the code is wrong, or was tried too often.
    pub async fn confirm_codes(&self, who: &SignedIn, code: &str) -> Result<Vec<String>, IdentityError> {
        let kept = self.kept_codes(who.user).await?.filter(|kept| !kept.confirmed).ok_or(IdentityError::WrongCode)?;
        let (codes, mut follows) = self.recovery(who.user)?;
        follows.push(store::confirm_codes(who.user, self.clock.now()));
        follows.push(self.audit(&Actor::member(who), who.user, "one_time_codes_on", ""));
        let letter = templates::codes_on(&self.config.public_url, &who.name);
        follows.push(self.mail.compose(letter.to(&who.email)));
        self.take_code(who.user, &kept, code, (None, follows)).await?;
        Ok(codes)
    }

    /// Replaces the recovery codes, against a one-time code.
    ///
    /// # Errors
    /// When the code is wrong, was given before, or was tried too often.
    pub async fn renew_recovery(&self, who: &SignedIn, code: &str) -> Result<Vec<String>, IdentityError> {
        let kept = self.kept_codes(who.user).await?.filter(|kept| kept.confirmed).ok_or(IdentityError::WrongCode)?;
        let (codes, mut follows) = self.recovery(who.user)?;
        follows.push(self.audit(&Actor::member(who), who.user, "recovery_codes_renewed", ""));
        self.take_code(who.user, &kept, code, (None, follows)).await?;
        Ok(codes)
    }

    /// Signs in without codes from now on.
    ///
    /// # Errors
    /// When the password is wrong, or was tried too often.
    pub async fn stop_codes(&self, who: &SignedIn, password: &str) -> Result<(), IdentityError> {
        let user = self.proven(who, password).await?;
        let mut writes = store::drop_codes(user.id);
        writes.push(self.audit(&Actor::member(who), who.user, "one_time_codes_off", ""));
        let letter = templates::codes_off(&self.config.public_url, &user.name);
        writes.push(self.mail.compose(letter.to(&user.email)));
        self.database.write(writes).await?;
        Ok(())
    }

    /// Whether signing in asks this person for a code.
    pub(super) async fn asks_for_code(&self, user: UserId) -> Result<bool, IdentityError> {
        Ok(self.kept_codes(user).await?.is_some_and(|kept| kept.confirmed))
    }

    /// Notes that a password was right, and gives the secret by which the code finds it.
    pub(super) async fn wait_for_code(&self, user: UserId) -> Result<Token, IdentityError> {
        let (secret, now) = (token::fresh(self.entropy.as_ref())?, self.clock.now());
        self.database.write(store::add_step(secret.as_str(), user, now, now.plus_seconds(STEP_SECONDS))).await?;
        Ok(secret)
    }

    /// Signs in with the code that a right password waits for: a one-time code, or a recovery code, which is used up.
    ///
    /// # Errors
    /// When the wait is over, or the code is wrong, was given before or was tried too often.
    pub async fn sign_in_code(&self, step: &str, code: &str, door: &Door) -> Result<Entered, IdentityError> {
        door.turned_away(Way::Code, self.let_in_by_code(step, code, door).await)
    }

    async fn let_in_by_code(&self, step: &str, code: &str, door: &Door) -> Result<Entered, IdentityError> {
        let waiting = match token::is_well_formed(step) {
            true => store::step(&self.database, step, self.clock.now()).await?,
            false => None,
        };
        let (user, _) = waiting.filter(|(_, wrong)| *wrong < WRONG_MAX).ok_or(IdentityError::StepOver)?;
        let user = store::user_by_id(&self.database, user).await?.ok_or(IdentityError::StepOver)?;
        let kept = self.kept_codes(user.id).await?.filter(|kept| kept.confirmed).ok_or(IdentityError::StepOver)?;
        let (entered, rows) = self.enter(&user, door, Way::Code).await?;
        let outcome = match recovery_form(code) {
            Some(recovery) => self.take_recovery(user.id, step, &recovery, rows).await,
            None => self.take_code(user.id, &kept, code, (Some(step), rows)).await,
        };
        if outcome == Err(IdentityError::WrongCode) {
            self.database.write(vec![store::step_wrong(step)]).await?;
        }
        outcome.map(|()| entered)
    }

    /// Uses a recovery code and the waiting step up, and writes what follows, in one commit: a crash burns no code for
    /// nothing, and of two who come with one code one gets in.
    async fn take_recovery(
        &self,
        user: UserId,
        step: &str,
        code: &str,
        follows: Vec<Statement>,
    ) -> Result<(), IdentityError> {
        let (counts, now) = (code_counts(user), self.clock.now());
        self.tries.count(&counts, now).await?;
        self.told(&counts, store::take_recovery(&self.database, (user, code), step, follows, now).await).await
    }

    /// Takes a one-time code, once, with the step that waits for it if one does, and what follows, in one commit.
    async fn take_code(
        &self,
        user: UserId,
        kept: &Kept,
        code: &str,
        (waiting, follows): (Option<&str>, Vec<Statement>),
    ) -> Result<(), IdentityError> {
        let (counts, now, secret) = (code_counts(user), self.clock.now(), self.opened(user, kept)?);
        self.tries.count(&counts, now).await?;
        let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let taken = match step_of(&secret, &digits, now) {
            Some(step) => store::take_step(&self.database, (user, step), waiting, follows).await,
            None => Ok(Taken::WrongCode),
        };
        self.told(&counts, taken).await
    }

    /// What became of a code that was counted as wrong before.
    async fn told(&self, counts: &[Counted], taken: Result<Taken, StoreError>) -> Result<(), IdentityError> {
        match taken {
            Ok(Taken::Yes) => self.tries.forget(counts).await,
            Ok(Taken::WrongCode) => Err(IdentityError::WrongCode),
            Ok(Taken::StepOver) => {
                self.tries.forgive(counts).await?;
                Err(IdentityError::StepOver)
            }
            Err(error) => {
                self.tries.forgive(counts).await?;
                Err(error.into())
            }
        }
    }

    /// The secret behind a person's codes.
    fn opened(&self, user: UserId, kept: &Kept) -> Result<String, IdentityError> {
        self.config.sealer.open(Purpose::OneTimeCodes, &user.to_string(), &kept.sealed).map_err(|error| {
            tracing::error!(%error, %user, "the secret of one-time codes could not be opened");
            IdentityError::CodesUnreadable
        })
    }

    /// Seals with the key in force the secrets of one-time codes that are not. Says how many could not be opened: whose
    /// they are has to come in with a recovery code.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn seal_anew(&self) -> Result<u64, IdentityError> {
        Ok(self.config.sealer.seal_anew(&self.database, Purpose::OneTimeCodes, store::SEALED_CODES).await?)
    }

    async fn kept_codes(&self, user: UserId) -> Result<Option<Kept>, IdentityError> {
        let row = store::codes(&self.database, user).await?;
        row.map(|row| Ok(Kept { sealed: row.text(0)?, confirmed: row.maybe_int(1)?.is_some() })).transpose()
    }

    /// New recovery codes, and the rows that keep their hashes.
    fn recovery(&self, user: UserId) -> Result<(Vec<String>, Vec<Statement>), IdentityError> {
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let mut bytes = [0_u8; RECOVERY_BYTES];
            self.entropy.fill(&mut bytes)?;
            codes.push(Secret::from(bytes).to_base32().to_lowercase());
        }
        let rows = store::set_recovery(user, &codes);
        Ok((codes.iter().map(|code| grouped(code)).collect(), rows))
    }
}

/// `abcd-efgh-ijkl-mnop`.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// A recovery code as it is kept, if the text looks like one rather than like six digits.
fn recovery_form(text: &str) -> Option<String> {
    let letters: String = text.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect();
    RECOVERY_LETTERS.contains(&letters.len()).then(|| letters.to_lowercase())
}

fn code_counts(user: UserId) -> [Counted; 1] {
    [Counted { key: format!("code {user}"), limit: Limit::Codes }]
}

/// The half minute whose code this is: now, the one before or the one after.
fn step_of(secret: &str, code: &str, now: Timestamp) -> Option<i64> {
    let six_digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let totp = six_digits.then(|| totp(secret)).flatten()?;
    let step = totp.check(code, u64::try_from(now.millis() / 1_000).ok()?)?;
    i64::try_from(step).ok()
}

fn totp(secret: &str) -> Option<Totp> {
    Some(Builder::new().with_secret(Secret::try_from_base32(secret).ok()?).with_skew(1).build_noncompliant())
}

#[cfg(test)]
pub(super) fn code_at(secret: &str, now: Timestamp) -> String {
    let seconds = u64::try_from(now.millis() / 1_000).expect("after 1970");
    totp(secret).expect("a secret").generate(seconds).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238's own: SHA-1, the secret of twenty ASCII digits, here as six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Secret::from(*b"12345678901234567890").to_base32();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(step_of(&secret, code, Timestamp::from_millis(seconds * 1_000)), Some(seconds / 30));
        }
        let now = Timestamp::from_millis(59_000);
        assert_eq!(step_of(&secret, "287082", now.plus_seconds(30)), Some(1), "the last one is still good");
        assert_eq!(step_of(&secret, "287082", now.plus_seconds(61)), None);
        for nonsense in ["", "28708", "2870822", "28708a", "２８７０８２"] {
            assert_eq!(step_of(&secret, nonsense, now), None);
        }
    }

    #[test]
    fn a_recovery_code_is_read_however_it_is_written() {
        assert_eq!(grouped("abcdefghijklmnop"), "abcd-efgh-ijkl-mnop");
        assert_eq!(recovery_form(" ABCD efgh-ijkl mnop "), Some("abcdefghijklmnop".into()));
        assert_eq!(recovery_form("123456"), None);
    }
}
