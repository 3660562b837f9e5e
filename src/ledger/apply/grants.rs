//! Credits that come in, and what becomes of a purchase's when its money moves: reversal, reinstatement, adjustment.

use super::{Note, Work, positive, split, take};
use crate::ledger::{
    Bucket, Cents, Credits, EntryKind, Grant, GrantId, GrantKind, GrantPart, PurchaseId, Refusal, Tier, Timestamp,
};

impl Work<'_> {
    fn gift(&self, id: GrantId, credits: Credits, expires_at: Option<Timestamp>) -> Grant {
        Grant {
            id,
            kind: GrantKind::Gift,
            size: credits,
            remaining: credits,
            held: Credits::ZERO,
            reversed: Credits::ZERO,
            owed: Credits::ZERO,
            paid: Cents::ZERO,
            purchase: None,
            expires_at,
            granted_at: self.now,
        }
    }

    pub(super) fn give(
        &mut self,
        id: GrantId,
        credits: Credits,
        expires_at: Option<Timestamp>,
        reason: String,
    ) -> Result<(), Refusal> {
        self.bring_in(EntryKind::Grant, self.gift(id, credits, expires_at), reason)
    }

    pub(super) fn buy(
        &mut self,
        id: GrantId,
        purchase: PurchaseId,
        credits: Credits,
        paid: Cents,
    ) -> Result<(), Refusal> {
        if self.account.grants.iter().any(|known| known.purchase == Some(purchase)) {
            return Err(Refusal::AlreadyGranted);
        }
        let bought = Grant { kind: GrantKind::Paid, paid, purchase: Some(purchase), ..self.gift(id, credits, None) };
        self.bring_in(EntryKind::Purchase, bought, String::new())?;
        if self.account.tier == Tier::Free {
            self.account.tier = Tier::Developer;
        }
        Ok(())
    }

    /// An operator's adjustment upwards: a gift that says it puts something right.
    pub(super) fn add(&mut self, id: GrantId, credits: Credits, reason: String) -> Result<(), Refusal> {
        self.bring_in(EntryKind::Adjustment, self.gift(id, credits, None), reason)
    }

    /// An operator's adjustment downwards, eaten from the grants in the spending order.
    pub(super) fn take(&mut self, credits: Credits, reason: String) -> Result<(), Refusal> {
        let amount = positive(credits)?;
        let grants = self.eat(amount)?;
        self.lessen(&grants)?;
        let note = Note { grants, memo: reason, ..Note::default() };
        self.post(EntryKind::Adjustment, Bucket::Available, Bucket::Issued, amount, note)
    }

    fn bring_in(&mut self, kind: EntryKind, grant: Grant, memo: String) -> Result<(), Refusal> {
        let amount = positive(grant.size)?;
        if grant.is_due(self.now) {
            return Err(Refusal::ExpiryInThePast);
        }
        let grants = vec![GrantPart { grant: grant.id, amount }];
        let note = Note { grants, purchase: grant.purchase, memo, ..Note::default() };
        self.account.grants.push(grant);
        self.post(kind, Bucket::Issued, Bucket::Available, amount, note)
    }

    /// Takes back a purchase's credits because its money was: what is free of them, and what is not becomes owed.
    pub(super) fn reverse(&mut self, purchase: PurchaseId, credits: Credits, reason: String) -> Result<(), Refusal> {
        let amount = positive(credits)?;
        let grant = self.bought(purchase)?;
        let left = take(grant.size, grant.reversed)?;
        if amount > left {
            return Err(Refusal::ReversalExceedsPurchase { amount, left });
        }
        let free = grant.free().min(amount);
        let owed = take(amount, free)?;
        grant.remaining = take(grant.remaining, free)?;
        grant.reversed = grant.reversed.checked_add(amount).ok_or(Refusal::AmountTooLarge)?;
        grant.owed = grant.owed.checked_add(owed).ok_or(Refusal::AmountTooLarge)?;
        let id = grant.id;
        self.move_of(id, purchase, EntryKind::Reversal, (Bucket::Available, Bucket::Reversed), free, &reason)?;
        self.move_of(id, purchase, EntryKind::Reversal, (Bucket::Owed, Bucket::Reversed), owed, &reason)
    }

    /// Restores what was taken back: first it is no longer owed, then it can be spent again.
    pub(super) fn reinstate(&mut self, purchase: PurchaseId, credits: Credits, reason: String) -> Result<(), Refusal> {
        let amount = positive(credits)?;
        let grant = self.bought(purchase)?;
        if amount > grant.reversed {
            return Err(Refusal::ReinstatementExceedsReversal { amount, reversed: grant.reversed });
        }
        let owed = grant.owed.min(amount);
        let free = take(amount, owed)?;
        grant.owed = take(grant.owed, owed)?;
        grant.reversed = take(grant.reversed, amount)?;
        grant.remaining = grant.remaining.checked_add(free).ok_or(Refusal::AmountTooLarge)?;
        let id = grant.id;
        self.move_of(id, purchase, EntryKind::Reinstatement, (Bucket::Reversed, Bucket::Owed), owed, &reason)?;
        self.move_of(id, purchase, EntryKind::Reinstatement, (Bucket::Reversed, Bucket::Available), free, &reason)
    }

    /// Writes off what is owed for a purchase, by an operator.
    pub(super) fn forgive(&mut self, purchase: PurchaseId, credits: Credits, reason: String) -> Result<(), Refusal> {
        let amount = positive(credits)?;
        let grant = self.bought(purchase)?;
        if amount > grant.owed {
            return Err(Refusal::NotOwed { amount, owed: grant.owed });
        }
        grant.owed = take(grant.owed, amount)?;
        let id = grant.id;
        self.move_of(id, purchase, EntryKind::Adjustment, (Bucket::Issued, Bucket::Owed), amount, &reason)
    }

    /// What came back into a grant whose purchase was reversed pays what is owed for it: the credits follow the money.
    pub(super) fn repay(&mut self, parts: &[GrantPart]) -> Result<(), Refusal> {
        for part in parts {
            let grant = self.grant_mut(part)?;
            let amount = grant.owed.min(part.amount).min(grant.free());
            let (id, Some(purchase)) = (grant.id, grant.purchase) else { continue };
            grant.owed = take(grant.owed, amount)?;
            grant.remaining = take(grant.remaining, amount)?;
            let reason = "came back and was owed";
            self.move_of(id, purchase, EntryKind::Reversal, (Bucket::Available, Bucket::Owed), amount, reason)?;
        }
        Ok(())
    }

    fn bought(&mut self, purchase: PurchaseId) -> Result<&mut Grant, Refusal> {
        let mut grants = self.account.grants.iter_mut();
        grants.find(|grant| grant.purchase == Some(purchase)).ok_or(Refusal::NoSuchPurchase)
    }

    fn move_of(
        &mut self,
        grant: GrantId,
        purchase: PurchaseId,
        kind: EntryKind,
        (from, to): (Bucket, Bucket),
        amount: Credits,
        reason: &str,
    ) -> Result<(), Refusal> {
        if !amount.is_positive() {
            return Ok(());
        }
        let grants = vec![GrantPart { grant, amount }];
        let note = Note { grants, purchase: Some(purchase), memo: reason.to_owned(), ..Note::default() };
        self.post(kind, from, to, amount, note)
    }

    /// Which grants an amount comes from, in the published order.
    pub(super) fn eat(&self, amount: Credits) -> Result<Vec<GrantPart>, Refusal> {
        let mut order: Vec<&Grant> = self.account.grants.iter().filter(|grant| grant.free().is_positive()).collect();
        order.sort_by(|left, right| left.spending_order(right));
        let parts: Vec<GrantPart> =
            order.iter().map(|grant| GrantPart { grant: grant.id, amount: grant.free() }).collect();
        Ok(split(&parts, amount)?.0)
    }

    /// Takes parts out of their grants.
    pub(super) fn lessen(&mut self, parts: &[GrantPart]) -> Result<(), Refusal> {
        for part in parts {
            let grant = self.grant_mut(part)?;
            grant.remaining = take(grant.remaining, part.amount)?;
        }
        Ok(())
    }
}
