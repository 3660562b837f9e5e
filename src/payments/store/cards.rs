//! The SQL of the one saved card of an account. Decides nothing.

use crate::billing::store::{Sql, Statement, Value};
use crate::ledger::AccountId;
use crate::payments::stripe::SavedCard;

pub fn forget_card(account: AccountId, payment_method: &str) -> Statement {
    Statement::new(
        Sql::both(
            "update stripe_customers set payment_method = null, brand = null, last4 = null, revision = revision + 1 \
             where account = $1 and payment_method = $2",
        ),
        vec![account.to_string().into(), payment_method.into()],
    )
}

/// Remembers a card where none is saved; one that the customer chose meanwhile stays.
pub fn remember_card(account: AccountId, card: &SavedCard) -> Statement {
    Statement::new(
        Sql::both(
            "update stripe_customers set payment_method = $2, brand = $3, last4 = $4, revision = revision + 1 \
             where account = $1 and payment_method is null",
        ),
        card_values(account, card),
    )
}

pub fn save_card(account: AccountId, card: &SavedCard) -> Statement {
    Statement::new(
        Sql::both(
            "update stripe_customers set payment_method = $2, brand = $3, last4 = $4, revision = revision + 1 \
             where account = $1",
        ),
        card_values(account, card),
    )
}

fn card_values(account: AccountId, card: &SavedCard) -> Vec<Value> {
    vec![
        account.to_string().into(),
        card.payment_method.as_str().into(),
        card.brand.as_str().into(),
        card.last4.as_str().into(),
    ]
}
