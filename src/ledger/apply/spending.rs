//! Credits that are spent: at once, or held, then captured or released; and refunds into the grants they came from.

use super::{Note, Work, positive, split, take};
use crate::ledger::{
    Bucket, Credits, EntryKind, GrantPart, Hold, HoldId, HoldState, Operation, Promise, Refusal, Timestamp,
    TransactionId,
};

/// What is bought, how many units, and what it may cost at most.
type Ask = (Operation, i64, Option<Promise>);

impl Work<'_> {
    pub(super) fn charge(
        &mut self,
        operation: Operation,
        quantity: i64,
        at_most: Option<Promise>,
        memo: String,
    ) -> Result<(), Refusal> {
        let (cost, book) = self.affordable((operation, quantity, at_most))?;
        self.account.budgets.spend(self.request.key, cost, self.now)?;
        let grants = self.eat(cost)?;
        self.lessen(&grants)?;
        let (operation, price_book) = (Some(operation), Some(book));
        let note = Note { operation, quantity, grants, price_book, memo, ..Note::default() };
        self.post(EntryKind::Charge, Bucket::Available, Bucket::Spent, cost, note)
    }

    pub(super) fn hold(&mut self, id: HoldId, ask: Ask, expires_at: Timestamp, memo: String) -> Result<(), Refusal> {
        if expires_at <= self.now {
            return Err(Refusal::ExpiryInThePast);
        }
        let (amount, price_book) = self.affordable(ask)?;
        self.account.budgets.spend(self.request.key, amount, self.now)?;
        let parts = self.eat(amount)?;
        for part in &parts {
            let grant = self.grant_mut(part)?;
            grant.held = grant.held.checked_add(part.amount).ok_or(Refusal::AmountTooLarge)?;
        }
        let (operation, quantity, _) = ask;
        self.account.holds.push(Hold {
            id,
            operation,
            quantity,
            unit_price: self.prices.unit_price(operation, self.account.tier),
            price_book,
            amount,
            parts: parts.clone(),
            state: HoldState::Open,
            expires_at,
            held_at: self.now,
            key: self.request.key,
        });
        let note = Note {
            operation: Some(operation),
            quantity,
            grants: parts,
            hold: Some(id),
            price_book: Some(price_book),
            memo,
            ..Note::default()
        };
        self.post(EntryKind::Hold, Bucket::Available, Bucket::Held, amount, note)
    }

    pub(super) fn capture(&mut self, id: HoldId, amount: Option<Credits>, memo: String) -> Result<(), Refusal> {
        let index = self.open_hold(id)?;
        let hold = self.account.holds[index].clone();
        let amount = positive(amount.unwrap_or(hold.amount))?;
        if amount > hold.amount {
            return Err(Refusal::CaptureExceedsHold { amount, held: hold.amount });
        }
        let (taken, rest) = split(&hold.parts, amount)?;
        self.lessen(&taken)?;
        self.let_go(&taken)?;
        let quantity = units_begun(amount, &hold);
        let note = Note {
            operation: Some(hold.operation),
            quantity,
            grants: taken,
            hold: Some(id),
            price_book: Some(hold.price_book),
            memo,
            ..Note::default()
        };
        self.post(EntryKind::Capture, Bucket::Held, Bucket::Spent, amount, note)?;
        self.account.holds[index].parts = rest;
        if self.account.holds[index].parts.is_empty() {
            self.account.holds[index].state = HoldState::Captured;
            return Ok(());
        }
        self.give_back(index, HoldState::Captured, "the rest of the hold".into())
    }

    /// Frees what a hold still has and ends it.
    pub(super) fn give_back(&mut self, index: usize, state: HoldState, memo: String) -> Result<(), Refusal> {
        let hold = self.account.holds[index].clone();
        self.let_go(&hold.parts)?;
        let amount = sum(&hold.parts)?;
        self.account.budgets.unspend(hold.key, amount, hold.held_at, self.now);
        self.account.holds[index].state = state;
        let note = Note {
            operation: Some(hold.operation),
            quantity: hold.quantity,
            grants: hold.parts.clone(),
            hold: Some(hold.id),
            price_book: Some(hold.price_book),
            memo,
            ..Note::default()
        };
        self.post(EntryKind::Release, Bucket::Held, Bucket::Available, amount, note)?;
        self.repay(&hold.parts)
    }

    /// Gives spent credits back into the grants they came from, those eaten last first.
    pub(super) fn refund(
        &mut self,
        id: TransactionId,
        credits: Option<Credits>,
        reason: String,
    ) -> Result<(), Refusal> {
        let index = self.account.charges.iter().position(|charge| charge.id == id).ok_or(Refusal::NoSuchCharge)?;
        let charge = self.account.charges[index].clone();
        let charged = sum(&charge.parts)?;
        let left = take(charged, charge.refunded)?;
        let amount = positive(credits.unwrap_or(left)).map_err(|refusal| match credits {
            None => Refusal::RefundExceedsCharge { amount: charged, left },
            Some(_) => refusal,
        })?;
        if amount > left {
            return Err(Refusal::RefundExceedsCharge { amount, left });
        }
        let backwards: Vec<GrantPart> = charge.parts.iter().rev().copied().collect();
        let (_, not_yet) = split(&backwards, charge.refunded)?;
        let (parts, _) = split(&not_yet, amount)?;
        for part in &parts {
            let grant = self.grant_mut(part)?;
            grant.remaining = grant.remaining.checked_add(part.amount).ok_or(Refusal::AmountTooLarge)?;
            if grant.remaining > grant.size {
                return Err(Refusal::GrantFull);
            }
        }
        self.account.charges[index].refunded = charge.refunded.checked_add(amount).ok_or(Refusal::AmountTooLarge)?;
        self.account.budgets.unspend(charge.key, amount, charge.at, self.now);
        let note = Note {
            operation: Some(charge.operation),
            quantity: share(charge.quantity, amount, charged),
            grants: parts.clone(),
            refunds: Some(id),
            price_book: Some(charge.price_book),
            memo: reason,
            ..Note::default()
        };
        self.post(EntryKind::Refund, Bucket::Spent, Bucket::Available, amount, note)?;
        self.repay(&parts)
    }

    fn let_go(&mut self, parts: &[GrantPart]) -> Result<(), Refusal> {
        for part in parts {
            let grant = self.grant_mut(part)?;
            grant.held = take(grant.held, part.amount)?;
        }
        Ok(())
    }

    /// What it costs, and the version of the price book that says so: a promise kept is the promise's own.
    fn affordable(&self, (operation, quantity, at_most): Ask) -> Result<(Credits, u32), Refusal> {
        if self.account.suspended {
            return Err(Refusal::Suspended);
        }
        let price = self.prices.cost(operation, self.account.tier, quantity)?;
        let (cost, price_book) = match at_most {
            Some(promise) if promise.credits < price => (promise.credits, promise.price_book),
            _ => (price, self.prices.version),
        };
        let (required, available) = (positive(cost)?, self.account.balances.available);
        if required > available {
            return Err(Refusal::InsufficientCredits { required, available });
        }
        Ok((required, price_book))
    }

    pub(super) fn open_hold(&self, id: HoldId) -> Result<usize, Refusal> {
        let index = self.account.holds.iter().position(|hold| hold.id == id).ok_or(Refusal::NoSuchHold)?;
        match self.account.holds[index].state {
            HoldState::Open => Ok(index),
            settled => Err(Refusal::HoldSettled { state: settled.name().into() }),
        }
    }
}

/// Which units of a hold an amount stands for: a unit that was begun counts as a unit; the price itself stays exact.
fn units_begun(amount: Credits, hold: &Hold) -> i64 {
    let held = i128::from(hold.amount.get().max(1));
    let units = (i128::from(hold.quantity) * i128::from(amount.get()) + held - 1) / held;
    i64::try_from(units).unwrap_or(hold.quantity)
}

/// Which whole units an amount stands for, of so many that cost so much; rounded down.
fn share(quantity: i64, amount: Credits, charged: Credits) -> i64 {
    let units = i128::from(quantity) * i128::from(amount.get()) / i128::from(charged.get().max(1));
    i64::try_from(units).unwrap_or(quantity)
}

fn sum(parts: &[GrantPart]) -> Result<Credits, Refusal> {
    let add = |sum: Credits, part: &GrantPart| sum.checked_add(part.amount).ok_or(Refusal::AmountTooLarge);
    parts.iter().try_fold(Credits::ZERO, add)
}
