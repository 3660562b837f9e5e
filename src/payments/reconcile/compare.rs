//! Stripe's books against ours. Pure: the same two sides give the same sums and differences.
//!
//! Purchases are judged one by one, from what Stripe says about all their payments; what our books say about money that
//! went back is reckoned here a second time, independently of the road that books it.

use std::collections::{BTreeMap, BTreeSet};

use super::books::{Booked, Charge, Dispute, Payment, Progress, Refund, Session, StripeBooks};
use super::difference::{Difference, Finding};
use super::totals::{Totals, sum_up};
use crate::ledger::{PurchaseId, Timestamp};
use crate::payments::promotion::pays;
use crate::payments::purchase::{CURRENCY, PurchaseState};

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    pub totals: Totals,
    /// The gravest first, then by purchase.
    pub findings: Vec<Finding>,
}

/// Compares. What was paid at `judged_before` or later is not held against Stripe: its lists may be older.
pub fn compare(stripe: &StripeBooks, ours: &[Booked], judged_before: Timestamp) -> Comparison {
    let index = Index::of(stripe, ours);
    let mut findings = Vec::new();
    for booked in ours {
        findings.extend(Case::of(&index, booked).judge(judged_before));
    }
    findings.extend(unknown_purchases(stripe, &index));
    let mut comparison = Comparison { totals: sum_up(stripe, ours, &index.owner), findings: Vec::new() };
    comparison.add(findings);
    comparison
}

impl Comparison {
    /// Takes more findings in, at their place.
    pub fn add(&mut self, more: Vec<Finding>) {
        self.findings.extend(more);
        let place =
            |finding: &Finding| (finding.difference, finding.purchase, finding.intent.clone(), finding.object.clone());
        self.findings.sort_by_cached_key(place);
    }
}

/// Stripe's objects by what they belong to.
struct Index<'a> {
    stripe: &'a StripeBooks,
    /// The purchase of each payment intent.
    owner: BTreeMap<&'a str, PurchaseId>,
    payments: BTreeMap<PurchaseId, Vec<&'a Payment>>,
    sessions: BTreeMap<PurchaseId, Vec<&'a Session>>,
    charges: BTreeMap<&'a str, Vec<&'a Charge>>,
    disputes: BTreeMap<&'a str, Vec<&'a Dispute>>,
    /// By charge, or by payment intent where no charge is named.
    refunds: BTreeMap<&'a str, Vec<&'a Refund>>,
    movements: BTreeMap<&'a str, i64>,
}

impl<'a> Index<'a> {
    fn of(stripe: &'a StripeBooks, ours: &'a [Booked]) -> Self {
        let known: BTreeSet<PurchaseId> = ours.iter().map(|booked| booked.purchase).collect();
        let by_intent: BTreeMap<&str, PurchaseId> =
            ours.iter().filter_map(|booked| Some((booked.intent.as_deref()?, booked.purchase))).collect();
        let by_session: BTreeMap<&str, PurchaseId> =
            ours.iter().filter_map(|booked| Some((booked.session.as_deref()?, booked.purchase))).collect();
        let named = |text: &Option<String>| text.as_deref()?.parse().ok().filter(|id| known.contains(id));
        let mut index = Index {
            stripe,
            owner: BTreeMap::new(),
            payments: BTreeMap::new(),
            sessions: BTreeMap::new(),
            charges: BTreeMap::new(),
            disputes: BTreeMap::new(),
            refunds: BTreeMap::new(),
            movements: amounts(stripe),
        };
        for payment in &stripe.payments {
            let owner = named(&payment.purchase).or_else(|| by_intent.get(payment.intent.as_str()).copied());
            if let Some(owner) = owner {
                index.owner.insert(&payment.intent, owner);
                index.payments.entry(owner).or_default().push(payment);
            }
        }
        for session in &stripe.sessions {
            let owner = named(&session.purchase).or_else(|| by_session.get(session.id.as_str()).copied());
            if let Some(owner) = owner {
                index.sessions.entry(owner).or_default().push(session);
            }
        }
        for charge in &stripe.charges {
            if let Some(intent) = &charge.intent {
                index.charges.entry(intent).or_default().push(charge);
            }
        }
        for refund in &stripe.refunds {
            if let Some(of) = refund.charge.as_deref().or(refund.intent.as_deref()) {
                index.refunds.entry(of).or_default().push(refund);
            }
        }
        for dispute in &stripe.disputes {
            let of_charge = || stripe.charges.iter().find(|charge| Some(&charge.id) == dispute.charge.as_ref());
            let intent = dispute.intent.as_ref().or_else(|| of_charge()?.intent.as_ref());
            if let Some(intent) = intent {
                index.disputes.entry(intent).or_default().push(dispute);
            }
        }
        index
    }
}

/// What each movement came to, of those in our currency: others cannot be compared with their charge.
fn amounts(stripe: &StripeBooks) -> BTreeMap<&str, i64> {
    let ours = stripe.movements.iter().filter(|movement| movement.currency == CURRENCY);
    ours.map(|movement| (movement.id.as_str(), movement.amount)).collect()
}

/// Payments that have succeeded under an id of ours that we do not have.
fn unknown_purchases(stripe: &StripeBooks, index: &Index<'_>) -> Vec<Finding> {
    let unowned = stripe.payments.iter().filter(|payment| !index.owner.contains_key(payment.intent.as_str()));
    let succeeded = unowned.filter(|payment| payment.progress == Progress::Succeeded);
    let finding = |payment: &Payment| {
        let purchase: PurchaseId = payment.purchase.as_deref()?.parse().ok()?;
        Some(Finding {
            difference: Difference::UnknownPurchase,
            purchase: Some(purchase),
            account: None,
            session: None,
            intent: Some(payment.intent.clone()),
            charge: None,
            object: None,
            at_stripe: Some(payment.received),
            in_books: None,
        })
    };
    succeeded.filter_map(finding).collect()
}

/// One purchase and all that Stripe says of it.
struct Case<'a> {
    index: &'a Index<'a>,
    booked: &'a Booked,
    payments: &'a [&'a Payment],
    sessions: &'a [&'a Session],
}

impl<'a> Case<'a> {
    fn of(index: &'a Index<'a>, booked: &'a Booked) -> Self {
        let payments = index.payments.get(&booked.purchase).map_or(&[][..], Vec::as_slice);
        let sessions = index.sessions.get(&booked.purchase).map_or(&[][..], Vec::as_slice);
        Case { index, booked, payments, sessions }
    }

    fn judge(&self, judged_before: Timestamp) -> Vec<Finding> {
        let mut succeeded: Vec<&Payment> =
            self.payments.iter().copied().filter(|payment| payment.progress == Progress::Succeeded).collect();
        // The one that brought the credits first, else the first that came.
        let is_first = |payment: &Payment| self.booked.intent.as_deref() == Some(payment.intent.as_str());
        succeeded.sort_by_key(|payment| (!is_first(payment), payment.created));
        match succeeded.split_first() {
            None => self.judge_unpaid(judged_before).into_iter().collect(),
            Some((first, more)) => {
                let mut findings = self.judge_paid(first);
                let kept = more.iter().filter(|payment| !self.is_given_back(payment));
                findings.extend(kept.map(|payment| self.paid_twice(payment)));
                findings
            }
        }
    }

    fn finding(&self, difference: Difference) -> Finding {
        Finding {
            difference,
            purchase: Some(self.booked.purchase),
            account: Some(self.booked.account),
            session: self.booked.session.clone(),
            intent: self.booked.intent.clone(),
            charge: None,
            object: None,
            at_stripe: None,
            in_books: None,
        }
    }

    /// No payment of it has succeeded, by what Stripe's lists say.
    fn judge_unpaid(&self, judged_before: Timestamp) -> Option<Finding> {
        let booked = self.booked;
        if booked.state.was_paid() {
            let judged = booked.paid_at.is_none_or(|at| at < judged_before);
            let unknown = booked.intent.as_ref().is_none_or(|intent| self.index.stripe.unknown.contains(intent));
            let difference = match (judged, self.payments.is_empty(), unknown) {
                (false, ..) | (true, true, false) => return None,
                (true, true, true) => Difference::StripeDoesNotKnow,
                (true, false, _) => Difference::GrantedWithoutMoney,
            };
            let at_stripe = (difference == Difference::GrantedWithoutMoney).then_some(0);
            return Some(Finding { at_stripe, in_books: Some(booked.total()), ..self.finding(difference) });
        }
        self.not_heard()
    }

    /// It is over at Stripe and open with us. A payment under way is left alone: its end will be told.
    fn not_heard(&self) -> Option<Finding> {
        let open =
            matches!(self.booked.state, PurchaseState::Created | PurchaseState::Pending | PurchaseState::Processing);
        let live = self.payments.iter().any(|payment| payment.progress != Progress::Canceled);
        let expired = self.sessions.iter().find(|session| session.expired);
        let (session, intent) = match (expired, self.payments.first()) {
            _ if !open => return None,
            (Some(session), _) if !self.payments.iter().any(|one| one.progress == Progress::Processing) => {
                (Some(session.id.clone()), None)
            }
            (None, Some(payment)) if !live && self.sessions.is_empty() => (None, Some(payment.intent.clone())),
            _ => return None,
        };
        Some(Finding { session, intent, ..self.finding(Difference::NotHeard) })
    }

    /// Whether all of a payment that brought no credits is back: nothing is left to be done about it.
    fn is_given_back(&self, payment: &Payment) -> bool {
        let charges = self.index.charges.get(payment.intent.as_str()).map_or(&[][..], Vec::as_slice);
        let back: i64 = charges.iter().fold(0, |sum, charge| sum.saturating_add(charge.refunded));
        payment.received > 0 && back >= payment.received
    }

    fn paid_twice(&self, payment: &Payment) -> Finding {
        Finding {
            intent: Some(payment.intent.clone()),
            at_stripe: Some(payment.received),
            in_books: Some(0),
            ..self.finding(Difference::PaidTwice)
        }
    }

    /// One payment of it has succeeded.
    fn judge_paid(&self, payment: &Payment) -> Vec<Finding> {
        let (booked, received) = (self.booked, payment.received);
        let charge = self.index.charges.get(payment.intent.as_str()).and_then(|all| all.iter().find(|one| one.paid));
        let base = |difference| Finding {
            intent: Some(payment.intent.clone()),
            charge: charge.map(|charge| charge.id.clone()),
            at_stripe: Some(received),
            ..self.finding(difference)
        };
        if !booked.state.was_paid() {
            let terms = self.sessions.iter().filter_map(|session| session.terms.as_ref()).next();
            let right = payment.currency == CURRENCY
                && (received == booked.price.get() || pays(booked.price.get(), received, terms));
            if !right && self.is_given_back(payment) {
                return self.not_heard().into_iter().collect();
            }
            let (difference, in_books) =
                if right { (Difference::PaidNotGranted, 0) } else { (Difference::OtherAmount, booked.price.get()) };
            return vec![Finding { in_books: Some(in_books), ..base(difference) }];
        }
        let mut findings = Vec::new();
        if received != booked.total() || payment.currency != CURRENCY {
            findings.push(Finding { in_books: Some(booked.total()), ..base(Difference::OtherAmount) });
        }
        findings.extend(self.grant_differs().map(|in_books| Finding { in_books, ..base(Difference::GrantDiffers) }));
        if let Some(charge) = charge {
            let in_balance = charge.movement.as_deref().map(|id| self.index.movements.get(id).copied());
            // A movement of before the lists began is not in them, and nothing can be said of it.
            if charge.movement.is_none() || in_balance.flatten().is_some_and(|amount| amount != charge.amount) {
                let in_books = in_balance.flatten().or(Some(0));
                findings.push(Finding { object: charge.movement.clone(), in_books, ..base(Difference::NotInBalance) });
            }
            findings.extend(self.back_in_balance(payment, charge).into_iter().map(|(object, at_stripe, in_books)| {
                let (at_stripe, in_books) = (Some(at_stripe), Some(in_books));
                Finding { object: Some(object), at_stripe, in_books, ..base(Difference::NotInBalance) }
            }));
            findings.extend(self.money_back(payment, charge).map(|(difference, object, back)| Finding {
                object,
                at_stripe: Some(back),
                in_books: Some(self.back_by_credits()),
                ..base(difference)
            }));
        }
        findings
    }

    /// The refunds of a payment.
    fn refunds(&self, payment: &Payment, charge: &Charge) -> impl Iterator<Item = &'a Refund> {
        let named = |id: &str| self.index.refunds.get(id).map_or(&[][..], Vec::as_slice).iter().copied();
        named(&charge.id).chain(named(&payment.intent))
    }

    /// Refunds and disputes whose movements say other amounts than they do: what it is about, and both amounts.
    fn back_in_balance(&self, payment: &Payment, charge: &Charge) -> Vec<(String, i64, i64)> {
        let booked = |id: &str| self.index.movements.get(id).copied();
        let mut found = Vec::new();
        for refund in self.refunds(payment, charge) {
            let gone = refund.amount.saturating_neg();
            // A movement of before the lists began, or in another currency, is not in them.
            let in_books = match refund.movement.as_deref() {
                Some(movement) => booked(movement),
                None => refund.settled.then_some(0),
            };
            if let Some(amount) = in_books.filter(|amount| *amount != gone) {
                found.push((refund.id.clone(), gone, amount));
            }
        }
        let disputes = self.index.disputes.get(payment.intent.as_str()).map_or(&[][..], Vec::as_slice);
        for (id, told) in disputes.iter().flat_map(|dispute| &dispute.movements) {
            if let Some(amount) = booked(id).filter(|amount| amount != told) {
                found.push((id.clone(), *told, amount));
            }
        }
        found
    }

    /// The money of the grant where the ledger's is not the purchase's.
    fn grant_differs(&self) -> Option<Option<i64>> {
        let booked = self.booked;
        let worth = booked.price.get().saturating_sub(booked.discount.get());
        match booked.granted {
            Some(granted) if granted.size == booked.credits && granted.paid.get() == worth => None,
            granted => Some(granted.map(|granted| granted.paid.get())),
        }
    }

    /// What has gone back where purchase and credits do not say the same: the difference, what it is about, and how much
    /// money it is.
    fn money_back(&self, payment: &Payment, charge: &Charge) -> Option<(Difference, Option<String>, i64)> {
        let booked = self.booked;
        let disputes = self.index.disputes.get(payment.intent.as_str()).map_or(&[][..], Vec::as_slice);
        let withdrawn: i64 = disputes.iter().map(|dispute| dispute.withdrawn.max(0)).sum();
        let lost = disputes.iter().any(|dispute| dispute.lost && dispute.withdrawn > 0);
        let back = charge.refunded.saturating_add(withdrawn).min(payment.received);
        let expected: &[PurchaseState] = match (withdrawn > 0, lost, back) {
            (true, true, _) => &[PurchaseState::Lost],
            (true, false, _) => &[PurchaseState::Disputed],
            (false, _, 0) => &[PurchaseState::Paid, PurchaseState::Reinstated],
            (false, _, back) if back >= payment.received => &[PurchaseState::Refunded],
            _ => &[PurchaseState::PartlyRefunded],
        };
        let reversed = booked.granted.map_or(0, |granted| granted.reversed.get());
        if expected.contains(&booked.state) && reversed == share(booked.credits.get(), back, payment.received) {
            return None;
        }
        let disputed = disputes.iter().find(|dispute| dispute.moved);
        if let Some(dispute) = disputed {
            return Some((Difference::DisputeNotFollowed, Some(dispute.id.clone()), back));
        }
        let refund = self.refunds(payment, charge).next();
        Some((Difference::RefundNotFollowed, refund.map(|refund| refund.id.clone()), back))
    }

    /// The money that the credits which were taken back stand for.
    fn back_by_credits(&self) -> i64 {
        let reversed = self.booked.granted.map_or(0, |granted| granted.reversed.get());
        share(self.booked.total(), reversed, self.booked.credits.get())
    }
}

/// floor(whole × part / of), and all of it when the part is all.
fn share(whole: i64, part: i64, of: i64) -> i64 {
    if part >= of {
        return whole;
    }
    // A part of what fits, fits; `of` is more than `part`, which is not negative.
    i64::try_from(i128::from(whole) * i128::from(part.max(0)) / i128::from(of)).unwrap_or(whole)
}

#[cfg(test)]
mod tests;
