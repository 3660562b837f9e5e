//! Ids: a prefix that says what it names, and a ULID that says when it was made.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use ulid::Ulid;

use super::Timestamp;

/// Where new ids come from: seeded or counting in tests, the system's randomness in production.
pub trait IdSource: Send + Sync {
    /// A new ULID that carries the given moment.
    fn next(&self, now: Timestamp) -> Ulid;
}

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind looks like {prefix}01J9ZQ3V5R8N2M4K6T7W8X9YAB; this one does not")]
pub struct IdError {
    /// What the id should start with, underscore included.
    pub prefix: &'static str,
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// What the written id starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Names something by an already made ULID.
            #[must_use]
            pub const fn from_ulid(ulid: Ulid) -> Self {
                Self(ulid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse($prefix, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id_type!(
    /// An account: what holds credits.
    AccountId,
    "ACC_"
);
id_type!(
    /// One entry in an account's ledger.
    TransactionId,
    "TXN_"
);
id_type!(
    /// Credits set aside for work that is under way.
    HoldId,
    "HLD_"
);
id_type!(
    /// A purchase of a credit package.
    PurchaseId,
    "PUR_"
);
id_type!(
    /// A grant: credits that came in together and keep their identity.
    GrantId,
    "GRT_"
);
id_type!(
    /// A promised price.
    QuoteId,
    "QUO_"
);
id_type!(
    /// Credits that are given again and again.
    RecurringGrantId,
    "REC_"
);
id_type!(
    /// An API key.
    KeyId,
    "KEY_"
);
id_type!(
    /// A person who can sign in.
    UserId,
    "USR_"
);
id_type!(
    /// A verified batch.
    BatchId,
    "BAT_"
);
id_type!(
    /// A question to the Oracle.
    QueryId,
    "ORA_"
);
id_type!(
    /// A monitor.
    MonitorId,
    "MON_"
);
id_type!(
    /// A stored verification.
    VerificationId,
    "VER_"
);
id_type!(
    /// A stored event of our own.
    EventId,
    "EVT_"
);
id_type!(
    /// A mail in the outbox.
    MailId,
    "MSG_"
);
id_type!(
    /// A customer's address for events.
    EndpointId,
    "WHE_"
);
id_type!(
    /// A signed-in session.
    SessionId,
    "SES_"
);

id_type!(
    /// A line of the audit log.
    AuditId,
    "AUD_"
);
id_type!(
    /// An invitation into a team.
    InvitationId,
    "INV_"
);
id_type!(
    /// A passkey.
    PasskeyId,
    "PSK_"
);

id_type!(
    /// A subscription to a tier.
    SubscriptionId,
    "SUB_"
);
id_type!(
    /// A refund of money that an operator ordered.
    RefundId,
    "REF_"
);
id_type!(
    /// A key that receipts and statements are signed with.
    SigningKeyId,
    "SIG_"
);
id_type!(
    /// A comparison of Stripe's books with ours.
    ReconciliationId,
    "RCN_"
);

impl SigningKeyId {
    /// The id of a public key: the first 128 bits of its SHA-256, so that a key has the same name everywhere.
    #[must_use]
    pub fn of(public: &[u8; 32]) -> Self {
        let digest = Sha256::digest(public);
        let first: [u8; 16] = std::array::from_fn(|index| digest[index]);
        Self(Ulid::from_bytes(first))
    }
}

impl TransactionId {
    /// The id of the entry at `seq` of `account`: its moment, 40 bits of a hash of its place, and its seq, so that the
    /// same command history gives the same ids on every store and in every replay, and an id leads to its entry.
    #[must_use]
    pub fn of(account: AccountId, seq: i64, at: Timestamp) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(account.0.to_bytes());
        hasher.update(seq.to_be_bytes());
        let digest = hasher.finalize();
        let mut place = [0_u8; 16];
        place[6..11].copy_from_slice(&digest[..5]);
        place[11..].copy_from_slice(&seq.to_be_bytes()[3..]);
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        Self(Ulid::from_parts(millis, u128::from_be_bytes(place)))
    }

    /// The seq of the entry it names.
    #[must_use]
    pub fn seq(&self) -> i64 {
        let bytes = self.0.to_bytes();
        bytes[11..].iter().fold(0, |seq, byte| (seq << 8) | i64::from(*byte))
    }
}

/// Reads only the one way an id is written, so that two texts never name the same thing.
fn parse(prefix: &'static str, text: &str) -> Result<Ulid, IdError> {
    let rest = text.strip_prefix(prefix).ok_or(IdError { prefix })?;
    let ulid = Ulid::from_string(rest).map_err(|_| IdError { prefix })?;
    if ulid.to_string() == rest { Ok(ulid) } else { Err(IdError { prefix }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_written() {
        let id = AccountId::from_ulid(Ulid::from_parts(1_700_000_000_000, 42));
        assert_eq!(id.to_string().parse::<AccountId>(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_or_spelling_is_refused() {
        let id = AccountId::from_ulid(Ulid::from_parts(1_700_000_000_000, 42)).to_string();
        assert!(id.parse::<HoldId>().is_err());
        assert!(id.to_lowercase().parse::<AccountId>().is_err());
        assert!(id.replacen('0', "O", 1).parse::<AccountId>().is_err());
        assert!("ACC_".parse::<AccountId>().is_err());
        assert!("ACC_😀".parse::<AccountId>().is_err());
    }

    #[test]
    fn an_entry_id_depends_on_its_place_alone() {
        let account = AccountId::from_ulid(Ulid::from_parts(1, 2));
        let at = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!(TransactionId::of(account, 7, at), TransactionId::of(account, 7, at));
        assert_ne!(TransactionId::of(account, 7, at), TransactionId::of(account, 8, at));
        for seq in [1, 255, 65_536, 1_099_511_627_775] {
            assert_eq!(TransactionId::of(account, seq, at).seq(), seq);
        }
    }
}
