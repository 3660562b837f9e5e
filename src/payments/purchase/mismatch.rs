//! Why a payment of a purchase brings no credits. Pure.

use std::fmt;
use std::str::FromStr;

use super::UnknownName;

/// What is wrong with a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Another amount or currency than our row says.
    OtherAmount,
    /// A code took everything off: without money there are no credits.
    NothingPaid,
    /// The right money once more.
    PaidTwice,
}

impl Mismatch {
    /// Every one.
    pub const ALL: [Mismatch; 3] = [Mismatch::OtherAmount, Mismatch::NothingPaid, Mismatch::PaidTwice];

    /// The name that is stored and shown to programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mismatch::OtherAmount => "other_amount",
            Mismatch::NothingPaid => "nothing_paid",
            Mismatch::PaidTwice => "paid_twice",
        }
    }

    /// What happened and what becomes of it, for the customer.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Mismatch::OtherAmount => {
                "The amount that was paid does not match the price, so no credits were added for it. Support was told \
                 and sees to the money."
            }
            Mismatch::NothingPaid => {
                "The code took the whole price off, so nothing was paid and nothing was charged. Without a payment \
                 there are no credits: buy again without the code."
            }
            Mismatch::PaidTwice => {
                "A second payment arrived for this purchase. It brings no further credits. Support was told and gives \
                 it back."
            }
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mismatch {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Mismatch::ALL.into_iter().find(|known| known.name() == text).ok_or_else(|| UnknownName(text.to_owned()))
    }
}
