//! Why a person or a program was turned away. One error for the whole room.

use super::token::NoEntropy;
use crate::billing::KernelError;
use crate::billing::store::StoreError;

/// Why something about people or keys was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Unknown address and wrong password alike.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// The password is right, but the address was never confirmed.
    #[error("confirm your e-mail address first: the link is in your mail")]
    NotConfirmed,
    /// Unknown, used and expired alike.
    #[error("this link is no longer valid; ask for a new one")]
    InvalidLink,
    /// Not an address.
    #[error("an e-mail address looks like name@example.com; this one does not")]
    EmailInvalid,
    /// Empty, too long, or with control characters.
    #[error("a name has 1 to {most} characters")]
    NameInvalid {
        /// How long it may be.
        most: usize,
    },
    /// Too short to resist guessing.
    #[error("a password has at least {least} characters")]
    PasswordTooShort {
        /// How long it must be.
        least: usize,
    },
    /// So long that hashing it is a burden.
    #[error("a password has at most {most} characters")]
    PasswordTooLong {
        /// How long it may be.
        most: usize,
    },
    /// Among the first that anybody would try.
    #[error("this password is among the first that anybody would try; choose another")]
    PasswordCommon,
    /// The same as the e-mail address or the name.
    #[error("choose a password that is neither your name nor your e-mail address")]
    PasswordGuessable,
    /// Malformed, unknown and revoked keys alike.
    #[error("the API key is missing or not valid")]
    UnknownKey,
    /// There is no such thing, or it belongs to somebody else.
    #[error("there is no such key")]
    NotFound,
    /// The person's own password, asked for once more, is wrong.
    #[error("this is not your current password")]
    WrongPassword,
    /// A one-time or recovery code that is wrong, or was taken before.
    #[error("this code is wrong or was used before")]
    WrongCode,
    /// The secret behind somebody's one-time codes was sealed with a key that this server does not have.
    #[error("one-time codes cannot be checked at the moment; use a recovery code")]
    CodesUnreadable,
    /// A passkey's answer does not fit, or its challenge is over.
    #[error("this passkey was not accepted; try again")]
    PasskeyRefused,
    /// The person has too many passkeys.
    #[error("a person may have {most} passkeys; remove one first")]
    TooManyPasskeys {
        /// How many they may have.
        most: i64,
    },
    /// The right password waited too long for its code, or too many codes were wrong.
    #[error("this took too long or too many codes were wrong; sign in once more")]
    StepOver,
    /// One-time codes are asked for already.
    #[error("one-time codes are on already; turn them off first")]
    CodesOn,
    /// The address belongs to a member already.
    #[error("this person is a member already")]
    AlreadyMember,
    /// Too many people were invited.
    #[error("an account may invite {most} people a day")]
    TooManyInvitations {
        /// How many it may.
        most: i64,
    },
    /// The person belongs to too many accounts.
    #[error("a person may belong to {most} accounts")]
    TooManyAccounts {
        /// How many they may.
        most: i64,
    },
    /// Owners are made and unmade by owners.
    #[error("only an owner may do this to an owner")]
    OwnersOnly,
    /// The key acts for somebody who may not look after the account's members.
    #[error("this key acts for nobody who may look after the members; an owner or an admin makes one that does")]
    KeyServesNoHost,
    /// Nobody else owns the account.
    #[error("this is the account's last owner; make somebody else an owner first")]
    LastOwner,
    /// Nobody leaves the only account they have.
    #[error("this is your only account; open another one first")]
    OnlyAccount,
    /// Nobody of this address has signed up and confirmed it, or they are not what was asked for.
    #[error("nobody with this address has signed up and confirmed it, or they are not in this list")]
    NoSuchPerson,
    /// A key that may do nothing is no use.
    #[error("a key needs at least one scope: read, verify, charge or admin")]
    NoScope,
    /// A key cannot end before it begins.
    #[error("a key's end must lie in the future")]
    ExpiryInThePast,
    /// The same request asked for another key.
    #[error("this request was made before with another content")]
    Conflict,
    /// The account has as many keys as it may have.
    #[error("an account has at most {most} keys; revoke one first")]
    TooManyKeys {
        /// How many it may have.
        most: i64,
    },
    /// Too many wrong passwords for one address, or too many people at the door.
    #[error("too many tries; try again in {retry_after_seconds} seconds")]
    TooManyTries {
        /// When to try again.
        retry_after_seconds: i64,
    },
    /// Nothing happened; the same call may work in a moment.
    #[error("this cannot be done right now; try again in a moment")]
    Unavailable,
}

impl IdentityError {
    /// A stable name for programs and pages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrong_credentials",
            Self::NotConfirmed => "not_confirmed",
            Self::InvalidLink => "invalid_link",
            Self::EmailInvalid => "email_invalid",
            Self::NameInvalid { .. } => "name_invalid",
            Self::PasswordTooShort { .. } => "password_too_short",
            Self::PasswordTooLong { .. } => "password_too_long",
            Self::PasswordCommon => "password_common",
            Self::PasswordGuessable => "password_guessable",
            Self::UnknownKey => "unknown_key",
            Self::NotFound => "not_found",
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::CodesUnreadable => "codes_unreadable",
            Self::PasskeyRefused => "passkey_refused",
            Self::TooManyPasskeys { .. } => "too_many_passkeys",
            Self::StepOver => "step_over",
            Self::CodesOn => "codes_on",
            Self::AlreadyMember => "already_member",
            Self::TooManyInvitations { .. } => "too_many_invitations",
            Self::TooManyAccounts { .. } => "too_many_accounts",
            Self::OwnersOnly => "owners_only",
            Self::KeyServesNoHost => "key_serves_no_host",
            Self::LastOwner => "last_owner",
            Self::OnlyAccount => "only_account",
            Self::NoSuchPerson => "no_such_person",
            Self::NoScope => "no_scope",
            Self::ExpiryInThePast => "expiry_in_the_past",
            Self::Conflict => "conflict",
            Self::TooManyKeys { .. } => "too_many_keys",
            Self::TooManyTries { .. } => "too_many_tries",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<StoreError> for IdentityError {
    fn from(error: StoreError) -> Self {
        tracing::error!(?error, "the identity store did not answer");
        Self::Unavailable
    }
}

impl From<KernelError> for IdentityError {
    fn from(error: KernelError) -> Self {
        tracing::error!(?error, "the kernel did not do what the people's room asked for");
        Self::Unavailable
    }
}

impl From<NoEntropy> for IdentityError {
    fn from(error: NoEntropy) -> Self {
        tracing::error!(%error, "no secret can be made");
        Self::Unavailable
    }
}
