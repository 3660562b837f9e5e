//! The one function that does everything: a command, an account and a moment in; entries or a refusal out.

use super::{
    Account, AccountId, Bucket, Command, Credits, Entry, EntryKind, Grant, GrantPart, Hash, HoldId, HoldState,
    Operation, PriceBook, PurchaseId, Refusal, Request, Timestamp, TransactionId, seal,
};

mod grants;
mod spending;

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
    work.release_due()?;
    work.expire_due()?;
    work.carry_out(command)?;
    // What came back into a grant whose time is over is over too.
    work.expire_due()?;
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
    refunds: Option<TransactionId>,
    /// The price book that priced it, where that is not the one in force.
    price_book: Option<u32>,
    memo: String,
}

impl Work<'_> {
    fn carry_out(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Open { free, .. } => match free {
                Some((grant, credits)) => self.give(*grant, *credits, None, "free credits".into()),
                None => Ok(()),
            },
            Command::Purchase { grant, purchase, credits, paid } => self.buy(*grant, *purchase, *credits, *paid),
            Command::Grant { grant, credits, reason, expires_at } => {
                self.give(*grant, *credits, *expires_at, reason.clone())
            }
            Command::Charge { operation, quantity, at_most, metadata } => {
                self.charge(*operation, *quantity, *at_most, metadata.clone())
            }
            Command::Hold { hold, operation, quantity, at_most, expires_at, metadata } => {
                self.hold(*hold, (*operation, *quantity, *at_most), *expires_at, metadata.clone())
            }
            Command::Capture { hold, amount, metadata } => self.capture(*hold, *amount, metadata.clone()),
            Command::Release { hold, reason } => {
                let index = self.open_hold(*hold)?;
                self.give_back(index, HoldState::Released, reason.clone())
            }
            Command::Refund { charge, credits, reason } => self.refund(*charge, *credits, reason.clone()),
            Command::Reverse { purchase, credits, reason } => self.reverse(*purchase, *credits, reason.clone()),
            Command::Reinstate { purchase, credits, reason } => self.reinstate(*purchase, *credits, reason.clone()),
            Command::Add { grant, credits, reason } => self.add(*grant, *credits, reason.clone()),
            Command::Take { credits, reason } => self.take(*credits, reason.clone()),
            Command::Forgive { purchase, credits, reason } => self.forgive(*purchase, *credits, reason.clone()),
            Command::SetTier { tier } => {
                self.account.tier = *tier;
                Ok(())
            }
            Command::SetSuspended { suspended, .. } => {
                self.account.suspended = *suspended;
                Ok(())
            }
            Command::SetBudgets { day, month } => self.account.budgets.set(*day, *month, self.now),
            Command::SetKeyBudget { key, month, used } => self.account.budgets.set_key(*key, *month, *used, self.now),
            Command::Settle => Ok(()),
        }
    }

    /// Releases holds whose time is over.
    fn release_due(&mut self) -> Result<(), Refusal> {
        for index in 0..self.account.holds.len() {
            let hold = &self.account.holds[index];
            if hold.state == HoldState::Open && hold.expires_at <= self.now {
                self.give_back(index, HoldState::Expired, "not settled in time".into())?;
            }
        }
        Ok(())
    }

    /// Expires what is free in grants whose time is over.
    fn expire_due(&mut self) -> Result<(), Refusal> {
        for index in 0..self.account.grants.len() {
            let grant = &self.account.grants[index];
            let (part, purchase) = (GrantPart { grant: grant.id, amount: grant.free() }, grant.purchase);
            if grant.is_due(self.now) && part.amount.is_positive() {
                self.account.grants[index].remaining = grant.held;
                let note = Note { grants: vec![part], purchase, ..Note::default() };
                self.post(EntryKind::Expiry, Bucket::Available, Bucket::Expired, part.amount, note)?;
            }
        }
        Ok(())
    }

    fn grant_mut(&mut self, part: &GrantPart) -> Result<&mut Grant, Refusal> {
        self.account.grants.iter_mut().find(|grant| grant.id == part.grant).ok_or(Refusal::NoSuchGrant)
    }

    /// Moves the amount and seals the entry onto the chain.
    fn post(&mut self, kind: EntryKind, from: Bucket, to: Bucket, amount: Credits, note: Note) -> Result<(), Refusal> {
        let account = &mut self.account;
        account.balances.shift(from, to, amount)?;
        account.seq = account.seq.checked_add(1).ok_or(Refusal::AmountTooLarge)?;
        // A clock that is set back does not set the ledger back.
        account.last_at = account.last_at.max(self.now);
        let mut entry = Entry {
            id: TransactionId::of(account.id, account.seq, account.last_at),
            account: account.id,
            seq: account.seq,
            at: account.last_at,
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
            refunds: note.refunds,
            key: self.request.key,
            price_book: note.price_book.unwrap_or(self.prices.version),
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

/// Less by so much; never below what the caller has checked.
fn take(from: Credits, amount: Credits) -> Result<Credits, Refusal> {
    from.checked_sub(amount).ok_or(Refusal::AmountTooLarge)
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
