//! What Stripe says about the money of one payment: its refunds and disputes, all of them, as they stand now. And
//! refunds that we order.

use std::collections::HashMap;

use stripe::StripeRequest;
use stripe_core::charge::RetrieveCharge;
use stripe_core::dispute::ListDispute;
use stripe_core::payment_intent::RetrievePaymentIntent;
use stripe_core::refund::{CreateRefund, CreateRefundReason, ListRefund};
use stripe_shared::{Dispute, DisputeStatus, Refund};

use super::{CallError, IN_USE_PAUSE, METADATA_PURCHASE, Stripe, checked, once, patiently, read_error};
use crate::ledger::{Cents, PurchaseId, RefundId};
use crate::payments::purchase::money_back::Facts;

/// Stripe's largest page.
const PAGE: i64 = 100;
/// A payment's refunds: each is a cent at least, so a list without an end is not one of ours.
const PAGES_MAX: usize = 100;
/// The key under which a refund of ours carries its id.
const METADATA_REFUND: &str = "refund";

impl Stripe {
    /// The payment intent that a charge belongs to, if it has one.
    pub async fn intent_of_charge(&self, charge: &str) -> Result<Option<String>, CallError> {
        let charge = RetrieveCharge::new(checked(charge)?).send(&self.client).await.map_err(read_error)?;
        Ok(charge.payment_intent.map(|intent| intent.id().to_string()))
    }

    /// The id of a purchase that an intent carries: it says where to look, and decides nothing.
    pub async fn purchase_of_intent(&self, intent: &str) -> Result<Option<String>, CallError> {
        let intent = RetrievePaymentIntent::new(checked(intent)?).send(&self.client).await.map_err(read_error)?;
        Ok(intent.metadata.get(METADATA_PURCHASE).cloned())
    }

    /// What has gone back of an intent's money, all in all.
    pub async fn money_back(&self, intent: &str) -> Result<Facts, CallError> {
        let mut facts = Facts::default();
        for refund in self.refunds(checked(intent)?).await? {
            if stands(&refund) {
                facts.refunded = facts.refunded.saturating_add(refund.amount);
            }
        }
        for dispute in self.disputes(intent).await? {
            let gone = withdrawn(&dispute);
            facts.withdrawn = facts.withdrawn.saturating_add(gone);
            facts.lost |= gone > 0 && dispute.status == DisputeStatus::Lost;
            facts.reinstated |= gone == 0 && !dispute.balance_transactions.is_empty();
        }
        Ok(facts)
    }

    async fn refunds(&self, intent: &str) -> Result<Vec<Refund>, CallError> {
        let mut found: Vec<Refund> = Vec::new();
        for _ in 0..PAGES_MAX {
            let mut request = ListRefund::new().payment_intent(intent).limit(PAGE);
            if let Some(last) = found.last() {
                request = request.starting_after(last.id.to_string());
            }
            let page = request.send(&self.client).await.map_err(read_error)?;
            found.extend(page.data);
            if !page.has_more {
                return Ok(found);
            }
        }
        Err(endless())
    }

    async fn disputes(&self, intent: &str) -> Result<Vec<Dispute>, CallError> {
        let mut found: Vec<Dispute> = Vec::new();
        for _ in 0..PAGES_MAX {
            let mut request = ListDispute::new().payment_intent(intent).limit(PAGE);
            if let Some(last) = found.last() {
                request = request.starting_after(last.id.to_string());
            }
            let page = request.send(&self.client).await.map_err(read_error)?;
            found.extend(page.data);
            if !page.has_more {
                return Ok(found);
            }
        }
        Err(endless())
    }

    /// What Stripe calls a refund of ours, if it has it.
    pub async fn refund_of_ours(&self, intent: &str, refund: RefundId) -> Result<Option<String>, CallError> {
        let id = refund.to_string();
        let ours = |known: &&Refund| {
            known.metadata.as_ref().and_then(|metadata| metadata.get(METADATA_REFUND)).is_some_and(|text| *text == id)
        };
        Ok(self.refunds(checked(intent)?).await?.iter().find(ours).map(|known| known.id.to_string()))
    }

    /// Gives a part of an intent's money back; once for each refund of ours. Answers Stripe's id.
    pub async fn refund(
        &self,
        purchase: PurchaseId,
        intent: &str,
        refund: RefundId,
        amount: Cents,
    ) -> Result<String, CallError> {
        let strategy = once(format!("{refund}:create"))?;
        let request = refund_request(purchase, checked(intent)?, refund, amount);
        let send = || request.customize().request_strategy(strategy.clone()).send(&self.client);
        Ok(patiently(IN_USE_PAUSE, send).await?.id.to_string())
    }
}

fn refund_request(purchase: PurchaseId, intent: &str, refund: RefundId, amount: Cents) -> CreateRefund {
    CreateRefund::new()
        .payment_intent(intent)
        .amount(amount.get())
        .reason(CreateRefundReason::RequestedByCustomer)
        .metadata(HashMap::from([
            (METADATA_PURCHASE.to_owned(), purchase.to_string()),
            (METADATA_REFUND.to_owned(), refund.to_string()),
        ]))
}

/// Whether a refund's money has gone back or is on its way.
fn stands(refund: &Refund) -> bool {
    !matches!(refund.status.as_deref(), Some("failed" | "canceled"))
}

/// What the bank has of a dispute's money: what its movements took, less what they brought again. Where our balance is
/// kept in another currency than the dispute, it is all or nothing.
fn withdrawn(dispute: &Dispute) -> i64 {
    let movements = &dispute.balance_transactions;
    let taken = movements.iter().fold(0_i64, |taken, movement| taken.saturating_sub(movement.amount)).max(0);
    if movements.iter().all(|movement| movement.currency == dispute.currency) {
        return taken.min(dispute.amount);
    }
    if taken > 0 { dispute.amount } else { 0 }
}

fn endless() -> CallError {
    tracing::error!("stripe's list of refunds or disputes has no end");
    CallError::Unreachable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::purchase::tests::created;
    use serde_json::{Value, json};
    use ulid::Ulid;

    fn movement(amount: i64, currency: &str) -> Value {
        json!({ "id": "txn_1", "object": "balance_transaction", "amount": amount, "available_on": 1, "balance_type": "payments",
            "created": 1, "currency": currency, "description": null, "exchange_rate": null, "fee": 0, "fee_details": [],
            "net": amount, "reporting_category": "dispute", "source": null, "status": "available", "type": "adjustment" })
    }

    fn dispute(movements: Vec<Value>) -> Dispute {
        let object = json!({ "id": "du_1", "object": "dispute", "amount": 1_000, "balance_transactions": movements,
            "charge": "ch_1", "created": 1, "currency": "usd", "enhanced_eligibility_types": [],
            "evidence": { "enhanced_evidence": {} }, "evidence_details": { "due_by": null, "enhanced_eligibility": {},
            "has_evidence": false, "past_due": false, "submission_count": 0 }, "is_charge_refundable": false,
            "livemode": false, "metadata": {}, "reason": "fraudulent", "status": "needs_response" });
        serde_json::from_value(object).expect("a dispute")
    }

    #[test]
    fn a_dispute_has_taken_what_its_movements_say() {
        assert_eq!(withdrawn(&dispute(vec![])), 0, "an inquiry takes nothing");
        assert_eq!(withdrawn(&dispute(vec![movement(-1_000, "usd")])), 1_000);
        assert_eq!(withdrawn(&dispute(vec![movement(-1_000, "usd"), movement(1_000, "usd")])), 0);
        assert_eq!(withdrawn(&dispute(vec![movement(-1_000, "usd"), movement(400, "usd")])), 600);
        assert_eq!(withdrawn(&dispute(vec![movement(-930, "eur")])), 1_000, "in the dispute's currency");
        assert_eq!(withdrawn(&dispute(vec![movement(-930, "eur"), movement(930, "eur")])), 0);
    }

    #[test]
    fn a_refund_names_the_intent_the_amount_and_our_ids() {
        let refund = RefundId::from_ulid(Ulid::from(5u128));
        let body = refund_request(created().id, "pi_1", refund, Cents::new(250).expect("small")).build().body;
        let mut sent: Vec<(String, String)> = serde_urlencoded::from_str(&body.expect("a form")).expect("url-encoded");
        sent.sort();
        let expected = [
            ("amount", "250".to_owned()),
            ("metadata[purchase]", created().id.to_string()),
            ("metadata[refund]", refund.to_string()),
            ("payment_intent", "pi_1".to_owned()),
            ("reason", "requested_by_customer".to_owned()),
        ];
        assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value)));
    }
}
