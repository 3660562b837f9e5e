//! Passkeys (WebAuthn): registered from the security page, and enough by themselves to sign in.
//!
//! A challenge is kept on our side, belongs to one purpose, and is taken out of the database before its answer is
//! looked at: whatever comes of it, it is answered once. Nobody types an address first, so that signing in tells nobody
//! whether one is known. A passkey proves the device and the person behind it, so it asks for no one-time code.

use serde::Serialize;
use serde_json::{Value, json};
use ulid::Ulid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

use super::audit::Actor;
use super::door::{Door, Entered};
use super::keys::checked_name;
use super::store::{self, NewChallenge, NewPasskey};
use super::token;
use super::{Identity, IdentityError, SignedIn, Way};
use crate::billing::store::Row;
use crate::ledger::{PasskeyId, Timestamp, UserId};
use crate::mail::templates;

/// As long as a browser waits for a finger.
const CHALLENGE_SECONDS: i64 = 300;
/// Passkeys of one person.
const PASSKEYS_MAX: i64 = 20;
const NAME_MAX: usize = 60;

/// A passkey as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyLine {
    /// Names it.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it last signed somebody in.
    pub used_at: Option<Timestamp>,
}

impl PasskeyLine {
    fn read(row: &Row) -> Result<Self, IdentityError> {
        Ok(Self {
            id: row.parsed(0)?,
            name: row.text(1)?,
            added_at: Timestamp::from_millis(row.int(2)?),
            used_at: row.maybe_int(3)?.map(Timestamp::from_millis),
        })
    }
}

/// What a browser is asked to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// By what its answer finds it.
    pub secret: String,
    /// The options for the browser, as JSON.
    pub options: String,
}

/// What checks passkeys for the site at this address; none where browsers know none: they want a name, and https
/// unless it is this machine's own.
pub(super) fn relying_party(public_url: &str) -> Option<Webauthn> {
    let mut origin = Url::parse(public_url).ok()?;
    if origin.domain().is_none() {
        // This machine has a name as well, by which its pages can be opened.
        let is_loopback = matches!(origin.host_str()?, "127.0.0.1" | "[::1]");
        is_loopback.then(|| origin.set_host(Some("localhost")).ok()).flatten()?;
    }
    let name = origin.domain()?.to_owned();
    WebauthnBuilder::new(&name, &origin).ok()?.rp_name("Aethel").build().ok()
}

impl Identity {
    /// Where passkeys work: the address under which the pages have to be open; none when nowhere.
    #[must_use]
    pub fn passkeys_at(&self) -> Option<String> {
        let origin = self.passkeys.as_ref().as_ref()?.get_allowed_origins().first()?;
        Some(origin.as_str().trim_end_matches('/').to_owned())
    }

    /// The person's passkeys, the oldest first.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn passkeys(&self, who: &SignedIn) -> Result<Vec<PasskeyLine>, IdentityError> {
        store::passkeys(&self.database, who.user, PASSKEYS_MAX).await?.iter().map(PasskeyLine::read).collect()
    }

    /// What a browser has to sign so that a new passkey is this person's.
    ///
    /// # Errors
    /// When the password is wrong or was tried too often, or the person has too many passkeys.
    pub async fn start_passkey(&self, who: &SignedIn, password: &str) -> Result<Challenge, IdentityError> {
        self.proven(who, password).await?;
        let known = store::credentials(&self.database, who.user).await?;
        if i64::try_from(known.len()).unwrap_or(i64::MAX) >= PASSKEYS_MAX {
            return Err(IdentityError::TooManyPasskeys { most: PASSKEYS_MAX });
        }
        let known = known.iter().filter_map(|row| row.text(0).ok()).filter_map(|text| passkey_of(&text));
        let excluded = known.map(|passkey| passkey.cred_id().clone()).collect();
        let (options, state) = self
            .webauthn()?
            .start_passkey_registration(handle_of(who.user), &who.email, &who.name, Some(excluded))
            .map_err(|error| refused(&error))?;
        let mut options = serde_json::to_value(options).map_err(|error| unwritten(&error))?;
        // Signing in asks for no address: the passkey itself has to know whose it is.
        options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("required");
        options["publicKey"]["authenticatorSelection"]["requireResidentKey"] = json!(true);
        self.challenge("register", Some(who.user), &options, &state).await
    }

    /// Keeps the passkey that a browser has made.
    ///
    /// # Errors
    /// When the name is none, the challenge is unknown, over or another's, or the answer does not fit it.
    pub async fn add_passkey(
        &self,
        who: &SignedIn,
        secret: &str,
        name: &str,
        answer: &str,
    ) -> Result<(), IdentityError> {
        let name = checked_name(name, NAME_MAX)?;
        let (user, state) = self.taken("register", secret).await?;
        if user != Some(who.user) {
            return Err(IdentityError::PasskeyRefused);
        }
        let state: PasskeyRegistration = serde_json::from_str(&state).map_err(|error| unwritten(&error))?;
        let answer: RegisterPublicKeyCredential =
            serde_json::from_str(answer).map_err(|_| IdentityError::PasskeyRefused)?;
        let passkey = self.webauthn()?.finish_passkey_registration(&answer, &state).map_err(|error| refused(&error))?;
        let now = self.clock.now();
        let row = store::add_passkey(&NewPasskey {
            id: PasskeyId::from_ulid(self.ids.next(now)),
            user: who.user,
            credential: hex::encode(passkey.cred_id()),
            name: &name,
            passkey: serde_json::to_string(&passkey).map_err(|error| unwritten(&error))?,
            created_at: now,
        });
        let line = self.audit(&Actor::member(who), who.user, "passkey_added", name.clone());
        let letter = templates::passkey_added(&self.config.public_url, &who.name, &name);
        match self.database.write(vec![row, line, self.mail.compose(letter.to(&who.email))]).await {
            Err(error) if error.is_unique_violation() => Err(IdentityError::PasskeyRefused),
            outcome => Ok(outcome.map(drop)?),
        }
    }

    /// Calls a passkey something else.
    ///
    /// # Errors
    /// When the name is none, or the person has no such passkey.
    pub async fn rename_passkey(&self, who: &SignedIn, id: PasskeyId, name: &str) -> Result<(), IdentityError> {
        let name = checked_name(name, NAME_MAX)?;
        let all = self.passkeys(who).await?;
        let passkey = all.into_iter().find(|passkey| passkey.id == id).ok_or(IdentityError::NotFound)?;
        let line = self.audit(&Actor::member(who), who.user, "passkey_renamed", format!("{} to {name}", passkey.name));
        self.database.write(vec![store::rename_passkey(who.user, id, &name), line]).await?;
        Ok(())
    }

    /// Takes a passkey away. One that is gone stays so, and others' are out of reach.
    ///
    /// # Errors
    /// When the person has no such passkey.
    pub async fn remove_passkey(&self, who: &SignedIn, id: PasskeyId) -> Result<(), IdentityError> {
        let all = self.passkeys(who).await?;
        let passkey = all.into_iter().find(|passkey| passkey.id == id).ok_or(IdentityError::NotFound)?;
        let line = self.audit(&Actor::member(who), who.user, "passkey_removed", passkey.name);
        self.database.write(vec![store::remove_passkey(who.user, id), line]).await?;
        Ok(())
    }

    /// What a browser has to sign to come in. The same for everybody.
    ///
    /// # Errors
    /// When passkeys do not work at this site's address.
    pub async fn passkey_challenge(&self) -> Result<Challenge, IdentityError> {
        let (options, state) = self.webauthn()?.start_discoverable_authentication().map_err(|error| refused(&error))?;
        let mut options = serde_json::to_value(options).map_err(|error| unwritten(&error))?;
        // The library means the list under a text field; we ask when the button is pressed.
        if let Some(members) = options.as_object_mut() {
            members.remove("mediation");
        }
        self.challenge("sign_in", None, &options, &state).await
    }

    /// Signs in whoever's passkey has answered.
    ///
    /// # Errors
    /// One answer for a challenge that is unknown or over, a passkey that nobody has, and a signature that does not fit.
    pub async fn sign_in_passkey(&self, secret: &str, answer: &str, door: &Door) -> Result<Entered, IdentityError> {
        door.turned_away(Way::Passkey, self.let_in_by_passkey(secret, answer, door).await)
    }

    #[expect(deprecated, reason = "its successor takes what only a feature named dangerous gives")]
    async fn let_in_by_passkey(&self, secret: &str, answer: &str, door: &Door) -> Result<Entered, IdentityError> {
        let (_, state) = self.taken("sign_in", secret).await?;
        let state: DiscoverableAuthentication = serde_json::from_str(&state).map_err(|error| unwritten(&error))?;
        let answer: PublicKeyCredential = serde_json::from_str(answer).map_err(|_| IdentityError::PasskeyRefused)?;
        let webauthn = self.webauthn()?;
        let (handle, credential) =
            webauthn.identify_discoverable_authentication(&answer).map_err(|error| refused(&error))?;
        let row = store::passkey(&self.database, &hex::encode(credential)).await?;
        let row = row.ok_or(IdentityError::PasskeyRefused)?;
        let (id, user): (PasskeyId, UserId) = (row.parsed(0)?, row.parsed(1)?);
        let mut passkey = passkey_of(&row.text(2)?).ok_or(IdentityError::Unavailable)?;
        if handle != handle_of(user) {
            return Err(IdentityError::PasskeyRefused);
        }
        let proven = webauthn
            .finish_discoverable_authentication(&answer, state, &[DiscoverableKey::from(&passkey)])
            .map_err(|error| refused(&error))?;
        passkey.update_credential(&proven);
        let user = store::user_by_id(&self.database, user).await?.ok_or(IdentityError::PasskeyRefused)?;
        let (entered, mut writes) = self.enter(&user, door, Way::Passkey).await?;
        let kept = serde_json::to_string(&passkey).map_err(|error| unwritten(&error))?;
        writes.push(store::passkey_used(id, &kept, self.clock.now()));
        self.database.write(writes).await?;
        Ok(entered)
    }

    fn webauthn(&self) -> Result<&Webauthn, IdentityError> {
        self.passkeys.as_ref().as_ref().ok_or(IdentityError::PasskeyRefused)
    }

    async fn challenge(
        &self,
        purpose: &'static str,
        user: Option<UserId>,
        options: &Value,
        state: &impl Serialize,
    ) -> Result<Challenge, IdentityError> {
        let (secret, now) = (token::fresh(self.entropy.as_ref())?, self.clock.now());
        let state = serde_json::to_string(state).map_err(|error| unwritten(&error))?;
        let expires_at = now.plus_seconds(CHALLENGE_SECONDS);
        let new = NewChallenge { secret: secret.as_str(), purpose, user, state: &state, now, expires_at };
        self.database.write(store::add_challenge(&new)).await?;
        Ok(Challenge { secret: secret.as_str().to_owned(), options: options.to_string() })
    }

    /// Takes a challenge out of the database: whose it is, and its state.
    async fn taken(&self, purpose: &str, secret: &str) -> Result<(Option<UserId>, String), IdentityError> {
        if !token::is_well_formed(secret) {
            return Err(IdentityError::PasskeyRefused);
        }
        let taken = store::take_challenge(&self.database, purpose, secret, self.clock.now()).await?;
        taken.ok_or(IdentityError::PasskeyRefused)
    }
}

/// What a passkey knows its owner by: the bits of the person's id.
fn handle_of(user: UserId) -> Uuid {
    let text = user.to_string();
    let ulid = text.strip_prefix(UserId::PREFIX).and_then(|rest| Ulid::from_string(rest).ok()).unwrap_or_default();
    Uuid::from_u128(u128::from(ulid))
}

fn passkey_of(text: &str) -> Option<Passkey> {
    serde_json::from_str(text).ok()
}

fn refused(error: &WebauthnError) -> IdentityError {
    tracing::debug!(%error, "a passkey was refused");
    IdentityError::PasskeyRefused
}

fn unwritten(error: &serde_json::Error) -> IdentityError {
    tracing::error!(%error, "a passkey's state could not be written or read");
    IdentityError::Unavailable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_work_where_the_site_has_a_name() {
        let at = |url: &str| relying_party(url).map(|party| party.get_allowed_origins()[0].to_string());
        assert_eq!(at("https://aethel.example"), Some("https://aethel.example/".into()));
        assert_eq!(at("http://127.0.0.1:3000"), Some("http://localhost:3000/".into()));
        assert_eq!(at("https://192.0.2.7"), None);
        assert_eq!(at("no address"), None);
    }

    #[test]
    fn a_handle_is_a_persons_own() {
        let [ada, bob] = [1, 2].map(|number| UserId::from_ulid(Ulid::from_parts(1, number)));
        assert_eq!(handle_of(ada), handle_of(ada));
        assert_ne!(handle_of(ada), handle_of(bob));
    }
}
