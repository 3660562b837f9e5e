//! The mail that says what was bought. Says nothing of the balance, which has its own page.

use super::promotion::Terms;
use super::purchase::Purchase;
use crate::ledger::Cents;
use crate::mail::templates::{self, Letter, Receipt};

/// The letter about a purchase that was paid on these terms.
pub(super) fn letter(public_url: &str, purchase: &Purchase, terms: &Terms) -> Letter {
    let cents = |amount: i64| Cents::new(amount).unwrap_or(Cents::ZERO);
    let total = purchase.amount.get().checked_sub(terms.discount).and_then(|rest| rest.checked_add(terms.tax));
    templates::purchase_receipt(
        public_url,
        &Receipt {
            package: &purchase.package,
            purchase: purchase.id.to_string(),
            credits: purchase.credits,
            price: purchase.amount,
            discount: cents(terms.discount),
            tax: cents(terms.tax),
            paid: total.and_then(Cents::new).unwrap_or(purchase.amount),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::purchase::tests::created;

    #[test]
    fn a_receipt_shows_what_was_taken_off_and_put_on() {
        let text = |terms: &Terms| letter("https://aethel.example", &created(), terms).to("ada@example.com").text;
        let plain = text(&Terms::default());
        assert!(plain.contains("Paid      $10.00") && !plain.contains("Discount"), "{plain}");
        assert!(plain.contains(&format!("\nhttps://aethel.example/purchases/{}/receipt\n", created().id)), "{plain}");
        let terms = Terms { subtotal: 1_000, discount: 200, tax: 80, promotion: Some("promo_1".into()) };
        let text = text(&terms);
        for line in ["Price     $10.00", "Discount  −$2.00", "Tax       $0.80", "Paid      $8.80"] {
            assert!(text.contains(line), "{text}");
        }
    }
}
