//! The one function that does everything: a command, an account and a moment in; entries or a refusal out.

use super::{
    Account, AccountId, Bucket, Command, Credits, Entry, EntryKind, Grant, GrantKind, GrantPart, Hash, Hold, HoldId,
    HoldState, Operation, PriceBook, PurchaseId, Refusal, Request, Tier, Timestamp, TransactionId, seal,
};

/// Carries a command out on the account, which may not exist yet, and returns the entries it posted.
///
/// What time alone has done (grants and holds that are over) is posted first, so nothing expired is ever spent.
///
/// # Errors
/// Refuses what the laws or the price book do not allow. The account is then exactly as before.
pub fn apply(
    slot: &mut Option<Account>,
    id: AccountId,
    command: &Command,
    request: &Request,
    prices: &PriceBook,
    now: Timestamp,
) -> Result<Vec<Entry>, Refusal> {
    let account = match (slot.as_ref(), command) {
        (Some(_), Command::Open { .. }) => return Err(Refusal::AccountExists),
        (None, Command::Open { name, tier, .. }) => Account::open(id, name.clone(), *tier, now),
        (Some(account), _) => account.clone(),
        (None, _) => return Err(Refusal::NoSuchAccount),
    };
    let mut work = Work { account, request, prices, now, entries: Vec::new() };
    work.settle_due()?;
    work.carry_out(command)?;
    *slot = Some(work.account);
    Ok(work.entries)
}

/// A copy of the account under change, kept only when everything succeeds.
struct Work<'a> {
    account: Account,
    request: &'a Request,
    prices: &'a PriceBook,
    now: Timestamp,
    entries: Vec<Entry>,
}

/// What an entry says beyond its movement.
#[derive(Default)]
struct Note {
    operation: Option<Operation>,
    quantity: i64,
    grants: Vec<GrantPart>,
    hold: Option<HoldId>,
    purchase: Option<PurchaseId>,
    memo: String,
}

impl Work<'_> {
    fn carry_out(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Open { free, .. } => match free {
                Some((grant, credits)) => self.bring_in(self.gift(*grant, *credits, None), "free credits".into()),
                None => Ok(()),
            },
            Command::Purchase { grant, purchase, credits, paid } => {
                if self.account.grants.iter().any(|known| known.purchase == Some(*purchase)) {
                    return Err(Refusal::AlreadyGranted);
                }
                let gift = self.gift(*grant, *credits, None);
                let bought = Grant { kind: GrantKind::Paid, paid: *paid, purchase: Some(*purchase), ..gift };
                self.bring_in(bought, String::new())?;
                if self.account.tier == Tier::Free {
                    self.account.tier = Tier::Developer;
                }
                Ok(())
            }
            Command::Grant { grant, credits, reason, expires_at } => {
                self.bring_in(self.gift(*grant, *credits, *expires_at), reason.clone())
            }
            Command::Charge { operation, quantity, metadata } => self.charge(*operation, *quantity, metadata.clone()),
            Command::Hold { hold, operation, quantity, expires_at, metadata } => {
                self.hold(*hold, *operation, *quantity, *expires_at, metadata.clone())
            }
            Command::Capture { hold, amount, metadata } => self.capture(*hold, *amount, metadata.clone()),
            Command::Release { hold, reason } => {
                let index = self.open_hold(*hold)?;
                self.give_back(index, HoldState::Released, reason.clone())
            }
            Command::SetTier { tier } => {
                self.account.tier = *tier;
                Ok(())
            }
            Command::Settle => Ok(()),
        }
    }

    /// Releases holds and expires grants whose time is over.
    fn settle_due(&mut self) -> Result<(), Refusal> {
        let now = self.now;
        for index in 0..self.account.holds.len() {
            let hold = &self.account.holds[index];
            if hold.state == HoldState::Open && hold.expires_at <= now {
                self.give_back(index, HoldState::Expired, "not settled in time".into())?;
            }
        }
        for index in 0..self.account.grants.len() {
            let grant = &self.account.grants[index];
            let (part, purchase) = (GrantPart { grant: grant.id, amount: grant.free() }, grant.purchase);
            if grant.is_due(now) && part.amount.is_positive() {
                self.account.grants[index].remaining = grant.held;
                let note = Note { grants: vec![part], purchase, ..Note::default() };
                self.post(EntryKind::Expiry, Bucket::Available, Bucket::Expired, part.amount, note)?;
            }
        }
        Ok(())
    }

    fn gift(&self, id: super::GrantId, credits: Credits, expires_at: Option<Timestamp>) -> Grant {
        Grant {
            id,
            kind: GrantKind::Gift,
            size: credits,
            remaining: credits,
            held: Credits::ZERO,
            paid: super::Cents::ZERO,
            purchase: None,
            expires_at,
            granted_at: self.now,
        }
    }

    fn bring_in(&mut self, grant: Grant, memo: String) -> Result<(), Refusal> {
        let amount = positive(grant.size)?;
        if grant.is_due(self.now) {
            return Err(Refusal::ExpiryInThePast);
        }
        let kind = match grant.kind {
            GrantKind::Gift => EntryKind::Grant,
            GrantKind::Paid => EntryKind::Purchase,
        };
        let grants = vec![GrantPart { grant: grant.id, amount }];
        let note = Note { grants, purchase: grant.purchase, memo, ..Note::default() };
        self.account.grants.push(grant);
        self.post(kind, Bucket::Issued, Bucket::Available, amount, note)
    }

    fn charge(&mut self, operation: Operation, quantity: i64, memo: String) -> Result<(), Refusal> {
        let cost = self.affordable(operation, quantity)?;
        let grants = self.eat(cost)?;
        for part in &grants {
            let grant = self.grant_mut(part)?;
            grant.remaining = grant.remaining.checked_sub(part.amount).ok_or(Refusal::AmountTooLarge)?;
        }
        let note = Note { operation: Some(operation), quantity, grants, memo, ..Note::default() };
        self.post(EntryKind::Charge, Bucket::Available, Bucket::Spent, cost, note)
    }

    fn hold(
        &mut self,
        id: HoldId,
        operation: Operation,
        quantity: i64,
        expires_at: Timestamp,
        memo: String,
    ) -> Result<(), Refusal> {
        if expires_at <= self.now {
            return Err(Refusal::ExpiryInThePast);
        }
        let amount = self.affordable(operation, quantity)?;
        let parts = self.eat(amount)?;
        for part in &parts {
            let grant = self.grant_mut(part)?;
            grant.held = grant.held.checked_add(part.amount).ok_or(Refusal::AmountTooLarge)?;
        }
        self.account.holds.push(Hold {
            id,
            operation,
            quantity,
            unit_price: self.prices.unit_price(operation, self.account.tier),
            amount,
            parts: parts.clone(),
            state: HoldState::Open,
            expires_at,
            held_at: self.now,
            key: self.request.key,
        });
        let note =
            Note { operation: Some(operation), quantity, grants: parts, hold: Some(id), memo, ..Note::default() };
        self.post(EntryKind::Hold, Bucket::Available, Bucket::Held, amount, note)
    }

    fn capture(&mut self, id: HoldId, amount: Option<Credits>, memo: String) -> Result<(), Refusal> {
        let index = self.open_hold(id)?;
        let hold = self.account.holds[index].clone();
        let amount = positive(amount.unwrap_or(hold.amount))?;
        if amount > hold.amount {
            return Err(Refusal::CaptureExceedsHold { amount, held: hold.amount });
        }
        let (taken, rest) = split(&hold.parts, amount)?;
        for part in &taken {
            let grant = self.grant_mut(part)?;
            grant.remaining = grant.remaining.checked_sub(part.amount).ok_or(Refusal::AmountTooLarge)?;
            grant.held = grant.held.checked_sub(part.amount).ok_or(Refusal::AmountTooLarge)?;
        }
        // A unit that was begun counts as a unit; the price itself stays exact.
        let quantity = u64::try_from(amount.get())
            .ok()
            .zip(u64::try_from(hold.unit_price.get().max(1)).ok())
            .and_then(|(amount, unit)| i64::try_from(amount.div_ceil(unit)).ok())
            .unwrap_or(hold.quantity);
        let note =
            Note { operation: Some(hold.operation), quantity, grants: taken, hold: Some(id), memo, ..Note::default() };
        self.post(EntryKind::Capture, Bucket::Held, Bucket::Spent, amount, note)?;
        self.account.holds[index].parts = rest;
        if self.account.holds[index].parts.is_empty() {
            self.account.holds[index].state = HoldState::Captured;
            return Ok(());
        }
        self.give_back(index, HoldState::Captured, "the rest of the hold".into())
    }

    /// Frees what a hold still has and ends it.
    fn give_back(&mut self, index: usize, state: HoldState, memo: String) -> Result<(), Refusal> {
        let hold = self.account.holds[index].clone();
        let mut amount = Credits::ZERO;
        for part in &hold.parts {
            let grant = self.grant_mut(part)?;
            grant.held = grant.held.checked_sub(part.amount).ok_or(Refusal::AmountTooLarge)?;
            amount = amount.checked_add(part.amount).ok_or(Refusal::AmountTooLarge)?;
        }
        self.account.holds[index].state = state;
        let note = Note {
            operation: Some(hold.operation),
            quantity: hold.quantity,
            grants: hold.parts,
            hold: Some(hold.id),
            memo,
            ..Note::default()
        };
        self.post(EntryKind::Release, Bucket::Held, Bucket::Available, amount, note)
    }

    fn affordable(&self, operation: Operation, quantity: i64) -> Result<Credits, Refusal> {
        if self.account.suspended {
            return Err(Refusal::Suspended);
        }
        let required = self.prices.cost(operation, self.account.tier, quantity)?;
        let available = self.account.balances.available;
        if required > available { Err(Refusal::InsufficientCredits { required, available }) } else { Ok(required) }
    }

    /// Which grants an amount comes from, in the published order.
    fn eat(&self, amount: Credits) -> Result<Vec<GrantPart>, Refusal> {
        let mut order: Vec<&Grant> = self.account.grants.iter().filter(|grant| grant.free().is_positive()).collect();
        order.sort_by(|left, right| left.spending_order(right));
        let parts: Vec<GrantPart> =
            order.iter().map(|grant| GrantPart { grant: grant.id, amount: grant.free() }).collect();
        Ok(split(&parts, amount)?.0)
    }

    fn open_hold(&self, id: HoldId) -> Result<usize, Refusal> {
        let index = self.account.holds.iter().position(|hold| hold.id == id).ok_or(Refusal::NoSuchHold)?;
        match self.account.holds[index].state {
            HoldState::Open => Ok(index),
            settled => Err(Refusal::HoldSettled { state: settled.name().into() }),
        }
    }

    fn grant_mut(&mut self, part: &GrantPart) -> Result<&mut Grant, Refusal> {
        self.account.grants.iter_mut().find(|grant| grant.id == part.grant).ok_or(Refusal::NoSuchHold)
    }

    /// Moves the amount and seals the entry onto the chain.
    fn post(&mut self, kind: EntryKind, from: Bucket, to: Bucket, amount: Credits, note: Note) -> Result<(), Refusal> {
        let account = &mut self.account;
        account.balances.shift(from, to, amount)?;
        account.seq = account.seq.checked_add(1).ok_or(Refusal::AmountTooLarge)?;
        let mut entry = Entry {
            id: TransactionId::of(account.id, account.seq, self.now),
            account: account.id,
            seq: account.seq,
            at: self.now,
            kind,
            from,
            to,
            amount,
            balance: account.balances.available,
            operation: note.operation,
            quantity: note.quantity,
            grants: note.grants,
            hold: note.hold,
            purchase: note.purchase,
            key: self.request.key,
            price_book: self.prices.version,
            request: self.request.id.clone(),
            memo: note.memo,
            previous: account.head,
            hash: Hash::ZERO,
        };
        entry.hash = seal(&entry);
        account.head = entry.hash;
        self.entries.push(entry);
        Ok(())
    }
}

fn positive(amount: Credits) -> Result<Credits, Refusal> {
    if amount.is_positive() { Ok(amount) } else { Err(Refusal::AmountNotPositive { amount }) }
}

/// Splits parts, in order, into the first `amount` credits and the rest.
fn split(parts: &[GrantPart], amount: Credits) -> Result<(Vec<GrantPart>, Vec<GrantPart>), Refusal> {
    let (mut taken, mut rest) = (Vec::new(), Vec::new());
    let mut missing = amount;
    for part in parts {
        let take = part.amount.min(missing);
        missing = missing.checked_sub(take).ok_or(Refusal::AmountTooLarge)?;
        let left = part.amount.checked_sub(take).ok_or(Refusal::AmountTooLarge)?;
        if take.is_positive() {
            taken.push(GrantPart { grant: part.grant, amount: take });
        }
        if left.is_positive() {
            rest.push(GrantPart { grant: part.grant, amount: left });
        }
    }
    if missing.is_positive() {
        let available = amount.checked_sub(missing).ok_or(Refusal::AmountTooLarge)?;
        return Err(Refusal::InsufficientCredits { required: amount, available });
    }
    Ok((taken, rest))
}

#[cfg(test)]
mod tests;
