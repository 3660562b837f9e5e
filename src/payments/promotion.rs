//! What a payment may differ from the price by: less by a promotion code of Stripe's, more by tax. Pure, but for asking
//! Stripe what a checkout was paid on.

use super::purchase::{News, Purchase, Way};
use super::{PaymentError, Payments};

/// On what terms a checkout was paid, as Stripe tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The price before anything was taken off or put on.
    pub subtotal: i64,
    /// Taken off.
    pub discount: i64,
    /// Put on top; it never becomes credits.
    pub tax: i64,
    /// The promotion code that the discount comes from.
    pub promotion: Option<String>,
}

/// Whether `amount`, paid on these terms, pays for what costs `price`: the sums are right, a discount has a promotion
/// code, and something was paid. Without money there are no credits.
pub fn pays(price: i64, amount: i64, terms: Option<&Terms>) -> bool {
    let Some(Terms { subtotal, discount, tax, promotion }) = terms else { return amount == price };
    let total = subtotal.checked_sub(*discount).and_then(|rest| rest.checked_add(*tax));
    *subtotal == price
        && *discount >= 0
        && *tax >= 0
        && *discount < price
        && (*discount == 0 || promotion.is_some())
        && total == Some(amount)
}

impl Payments {
    /// An intent does not know on what terms its checkout was paid: where its amount is not the price, the session is
    /// asked, so that either announcement may come first.
    ///
    /// # Errors
    /// When Stripe does not answer; the event waits then.
    pub(super) async fn on_terms(&self, purchase: &Purchase, news: &mut News) -> Result<(), PaymentError> {
        let News::Succeeded { amount, terms: None, .. } = &*news else { return Ok(()) };
        let (Way::Checkout, Some(session)) = (purchase.way, &purchase.stripe_session) else { return Ok(()) };
        if *amount == purchase.amount.get() {
            return Ok(());
        }
        let told = self.inner.stripe.terms_of(session).await?;
        // Of the same payment only.
        if let (News::Succeeded { intent, terms, .. }, Some((paid_by, told))) = (news, told)
            && intent.as_ref() == Some(&paid_by)
        {
            *terms = Some(told);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(subtotal: i64, discount: i64, tax: i64, promotion: Option<&str>) -> Option<Terms> {
        Some(Terms { subtotal, discount, tax, promotion: promotion.map(str::to_owned) })
    }

    #[test]
    fn a_discount_needs_a_promotion_code_and_tax_comes_on_top() {
        for (amount, terms, right) in [
            (1_000, None, true),
            (800, None, false),
            (800, terms(1_000, 200, 0, Some("promo_1")), true),
            (800, terms(1_000, 200, 0, None), false),
            (1_100, terms(1_000, 0, 100, None), true),
            (880, terms(1_000, 200, 80, Some("promo_1")), true),
            (1_000, terms(900, 0, 100, None), false),
            (0, terms(1_000, 1_000, 0, Some("promo_1")), false),
            (900, terms(1_000, 200, 0, Some("promo_1")), false),
            (1_200, terms(1_000, -200, 0, Some("promo_1")), false),
            (900, terms(1_000, 0, -100, None), false),
        ] {
            assert_eq!(pays(1_000, amount, terms.as_ref()), right, "{amount} {terms:?}");
        }
    }
}
