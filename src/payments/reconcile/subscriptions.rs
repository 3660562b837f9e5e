//! Paid invoices against our subscriptions: each paid period must be one that we know of. Pure.

use super::books::{Invoice, Subscribed};
use super::difference::{Difference, Finding};
use crate::payments::purchase::CURRENCY;
use crate::payments::subscription::PRICE_CENTS;

/// The invoices that were paid for a longer time than our subscription says; of each subscription the longest.
pub fn unheard(invoices: &[Invoice], ours: &[Subscribed]) -> Vec<Finding> {
    ours.iter()
        .filter_map(|subscribed| {
            let of_it = invoices.iter().filter(|invoice| belongs(invoice, subscribed) && is_the_tiers(invoice));
            let last = of_it.max_by_key(|invoice| invoice.until)?;
            (last.until > subscribed.paid_until).then(|| finding(last, subscribed))
        })
        .collect()
}

fn belongs(invoice: &Invoice, subscribed: &Subscribed) -> bool {
    match &subscribed.stripe {
        Some(stripe) => *stripe == invoice.subscription,
        None => invoice.ours.as_deref() == Some(subscribed.id.to_string().as_str()),
    }
}

/// One of another amount entitles to nothing, whenever it is heard.
fn is_the_tiers(invoice: &Invoice) -> bool {
    invoice.subtotal == PRICE_CENTS && invoice.currency == CURRENCY
}

fn finding(invoice: &Invoice, subscribed: &Subscribed) -> Finding {
    Finding {
        difference: Difference::SubscriptionNotFollowed,
        purchase: None,
        account: Some(subscribed.account),
        session: None,
        intent: None,
        charge: None,
        object: Some(invoice.id.clone()),
        at_stripe: Some(invoice.subtotal),
        in_books: Some(0),
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;
    use crate::ledger::{AccountId, SubscriptionId};

    #[test]
    fn a_paid_period_that_we_do_not_know_of_is_found_once_and_others_are_not() {
        let id = SubscriptionId::from_ulid(Ulid::from_parts(1, 1));
        let account = AccountId::from_ulid(Ulid::from_parts(1, 2));
        let ours = |stripe: Option<&str>, paid_until| {
            vec![Subscribed { id, account, stripe: stripe.map(str::to_owned), paid_until }]
        };
        let invoice = |name: &str, until| Invoice {
            id: name.into(),
            subscription: "sub_1".into(),
            ours: Some(id.to_string()),
            until,
            subtotal: PRICE_CENTS,
            currency: "usd".into(),
        };
        let both = [invoice("in_1", 30), invoice("in_2", 60)];
        let found = |invoices: &[Invoice], ours: Vec<Subscribed>| {
            unheard(invoices, &ours).into_iter().filter_map(|finding| finding.object).collect::<Vec<_>>()
        };
        assert_eq!(found(&both, ours(Some("sub_1"), 60)), Vec::<String>::new());
        assert_eq!(found(&both, ours(Some("sub_1"), 30)), ["in_2"]);
        assert_eq!(found(&both, ours(None, 0)), ["in_2"], "by our own id, where stripe's was never heard");
        assert_eq!(found(&both, ours(Some("sub_2"), 0)), Vec::<String>::new(), "another subscription's");
        let cheap = Invoice { subtotal: 1, ..invoice("in_3", 90) };
        assert_eq!(found(&[cheap], ours(Some("sub_1"), 60)), Vec::<String>::new(), "it entitles to nothing");
    }
}
