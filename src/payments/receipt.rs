//! The mail that says what was bought. Says nothing of the balance, which has its own page.

use super::promotion::Terms;
use super::purchase::Purchase;
use crate::ledger::Cents;
use crate::mail::Message;

/// The receipt of a purchase, if somebody is known to get it.
pub(super) fn message(purchase: &Purchase, terms: &Terms) -> Option<Message> {
    let to = purchase.email.clone()?;
    let Purchase { package, credits, amount, id, .. } = purchase;
    let cents = |amount: i64| Cents::new(amount).unwrap_or(Cents::ZERO);
    let paid = cents(amount.get() - terms.discount + terms.tax);
    let mut lines = format!("Package   {package}\nCredits   {credits}\n");
    if terms.discount != 0 || terms.tax != 0 {
        lines.push_str(&format!("Price     {amount}\n"));
    }
    if terms.discount != 0 {
        lines.push_str(&format!("Discount  {}\n", cents(-terms.discount)));
    }
    if terms.tax != 0 {
        lines.push_str(&format!("Tax       {}\n", cents(terms.tax)));
    }
    Some(Message {
        to,
        subject: format!("Your receipt: {credits} credits for {paid}"),
        text: format!(
            "Thank you. Your payment has arrived and the credits are in your account.\n\n\
             {lines}Paid      {paid}\nPurchase  {id}\n"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::purchase::tests::created;

    #[test]
    fn a_receipt_shows_what_was_taken_off_and_put_on() {
        let plain = message(&created(), &Terms::default()).expect("somebody gets it");
        assert!(plain.text.contains("Paid      $10.00") && !plain.text.contains("Discount"), "{}", plain.text);
        let terms = Terms { subtotal: 1_000, discount: 200, tax: 80, promotion: Some("promo_1".into()) };
        let text = message(&created(), &terms).expect("somebody gets it").text;
        for line in ["Price     $10.00", "Discount  −$2.00", "Tax       $0.80", "Paid      $8.80"] {
            assert!(text.contains(line), "{text}");
        }
    }
}
