//! The mail that says what was bought. Says nothing of the balance, which has its own page.

use super::purchase::Purchase;
use crate::mail::Message;

/// The receipt of a purchase, if somebody is known to get it.
pub(super) fn message(purchase: &Purchase) -> Option<Message> {
    let to = purchase.email.clone()?;
    let Purchase { package, credits, amount, id, .. } = purchase;
    Some(Message {
        to,
        subject: format!("Your receipt: {credits} credits for {amount}"),
        text: format!(
            "Thank you. Your payment has arrived and the credits are in your account.\n\n\
             Package   {package}\nCredits   {credits}\nPaid      {amount}\nPurchase  {id}\n"
        ),
    })
}
