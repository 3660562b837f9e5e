//! Promotion codes that a payer may type on the checkout page. Two are built in; Stripe's own are made in its dashboard.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::payments::sandbox::words::{Word, word};

/// A code and what it takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    #[serde(deserialize_with = "word")]
    pub code: Word,
    #[serde(deserialize_with = "word")]
    id: Word,
    percent: i64,
}

/// What test mode knows.
pub const PROMOTIONS: [Promotion; 2] = [
    Promotion { code: "TEST20", id: "promo_test20", percent: 20 },
    Promotion { code: "TEST100", id: "promo_test100", percent: 100 },
];

impl Promotion {
    /// The promotion of a code, matched without case as Stripe does.
    pub fn by_code(code: &str) -> Option<Self> {
        PROMOTIONS.into_iter().find(|promotion| promotion.code.eq_ignore_ascii_case(code.trim()))
    }

    pub fn discount(self, amount: i64) -> i64 {
        amount.saturating_mul(self.percent) / 100
    }

    /// As a session's `discounts` name it.
    pub fn render(self) -> Value {
        json!({ "coupon": null, "promotion_code": self.id })
    }
}
