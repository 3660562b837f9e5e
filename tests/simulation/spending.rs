//! Charges, holds, captures, releases and refunds, and the budgets they count against.

use aethel::ledger::{GrantId, HoldId, KeyId, Operation, TransactionId};

use super::{Effect, Held, Said, Sale, Till, Window, day, month, unit_price};

/// What is bought, how many units, and what it may cost at most.
type Ask = (Operation, i64, Option<i64>);

impl Till {
    pub(super) fn charge(&mut self, ask: Ask, key: Option<KeyId>) -> Said {
        let cost = self.cost(ask)?;
        self.count(key, cost)?;
        let parts = self.soonest(cost);
        for (id, amount) in &parts {
            self.lot(*id).remaining -= amount;
        }
        self.sums.available -= cost;
        self.sums.spent += cost;
        self.report(key, cost);
        Ok(Effect { amount: cost, sale: Some(Sale { parts, refunded: 0, at: self.now, key }) })
    }

    pub(super) fn hold(&mut self, id: HoldId, ask: Ask, expires: i64, key: Option<KeyId>) -> Said {
        if expires <= self.now {
            return Err("expiry_in_the_past");
        }
        let amount = self.cost(ask)?;
        self.count(key, amount)?;
        let parts = self.soonest(amount);
        for (lot, part) in &parts {
            self.lot(*lot).held += part;
        }
        self.sums.available -= amount;
        self.sums.held += amount;
        self.holds.push(Held { id, amount, parts, state: "open", expires, since: self.now, key });
        Ok(Effect { amount, sale: None })
    }

    pub(super) fn capture(&mut self, id: HoldId, amount: Option<i64>, key: Option<KeyId>) -> Said {
        let index = self.open_hold(id)?;
        let hold = self.holds[index].clone();
        let amount = amount.unwrap_or(hold.amount);
        if amount < 1 {
            return Err("amount_not_positive");
        }
        if amount > hold.amount {
            return Err("capture_exceeds_hold");
        }
        let taken = first(&hold.parts, 0, amount);
        for (lot, part) in &taken {
            let lot = self.lot(*lot);
            lot.remaining -= part;
            lot.held -= part;
        }
        self.sums.held -= amount;
        self.sums.spent += amount;
        self.report(key, amount);
        self.holds[index].parts = first(&hold.parts, amount, hold.amount - amount);
        if self.holds[index].parts.is_empty() {
            self.holds[index].state = "captured";
        } else {
            self.give_back(index, "captured");
        }
        // The budget counted it when it was held, for the key that held it.
        Ok(Effect { amount, sale: Some(Sale { parts: taken, refunded: 0, at: hold.since, key: hold.key }) })
    }

    pub(super) fn release(&mut self, id: HoldId) -> Said {
        let index = self.open_hold(id)?;
        let amount = self.holds[index].amount;
        self.give_back(index, "released");
        Ok(Effect { amount, sale: None })
    }

    pub(super) fn give_back(&mut self, index: usize, state: &'static str) {
        let hold = self.holds[index].clone();
        let amount: i64 = hold.parts.iter().map(|(_, amount)| amount).sum();
        for (lot, part) in &hold.parts {
            self.lot(*lot).held -= part;
        }
        self.holds[index].state = state;
        self.sums.held -= amount;
        self.sums.available += amount;
        self.uncount(hold.key, amount, hold.since);
        self.pay_what_is_owed(&hold.parts);
    }

    pub(super) fn refund(&mut self, charge: TransactionId, amount: Option<i64>, key: Option<KeyId>) -> Said {
        let sale = self.sales.get(&charge).cloned().ok_or("charge_not_found")?;
        let sold: i64 = sale.parts.iter().map(|(_, amount)| amount).sum();
        let left = sold - sale.refunded;
        let amount = match amount {
            Some(amount) if amount < 1 => return Err("amount_not_positive"),
            Some(amount) if amount > left => return Err("refund_exceeds_charge"),
            None if left == 0 => return Err("refund_exceeds_charge"),
            asked => asked.unwrap_or(left),
        };
        let backwards: Vec<(GrantId, i64)> = sale.parts.iter().rev().copied().collect();
        let parts = first(&backwards, sale.refunded, amount);
        for (lot, part) in &parts {
            let lot = self.lot(*lot);
            lot.remaining += part;
            if lot.remaining > lot.size {
                return Err("grant_full");
            }
        }
        self.sales.entry(charge).and_modify(|sale| sale.refunded += amount);
        self.sums.spent -= amount;
        self.sums.available += amount;
        self.report(key, -amount);
        self.uncount(sale.key, amount, sale.at);
        self.pay_what_is_owed(&parts);
        Ok(Effect { amount, sale: None })
    }

    fn open_hold(&self, id: HoldId) -> Result<usize, &'static str> {
        let index = self.holds.iter().position(|hold| hold.id == id).ok_or("hold_not_found")?;
        if self.holds[index].state == "open" { Ok(index) } else { Err("hold_settled") }
    }

    fn cost(&self, (operation, quantity, at_most): Ask) -> Result<i64, &'static str> {
        if self.suspended {
            return Err("account_suspended");
        }
        if !(1..=1_000_000).contains(&quantity) {
            return Err("quantity_out_of_range");
        }
        let price = unit_price(operation, self.tier) * quantity;
        let cost = at_most.map_or(price, |most| most.min(price));
        match cost {
            ..1 => Err("amount_not_positive"),
            _ if cost > self.sums.available => Err("insufficient_credits"),
            _ => Ok(cost),
        }
    }

    /// Which lots an amount comes from: soonest to expire, then gifts before paid, then oldest.
    pub(super) fn soonest(&self, amount: i64) -> Vec<(GrantId, i64)> {
        let mut lots: Vec<_> = self.lots.iter().filter(|lot| lot.remaining > lot.held).collect();
        lots.sort_by_key(|lot| (lot.expires.unwrap_or(i64::MAX), lot.paid, lot.came, lot.id.to_string()));
        let free: Vec<_> = lots.iter().map(|lot| (lot.id, lot.remaining - lot.held)).collect();
        first(&free, 0, amount)
    }

    fn windows(key: Option<KeyId>, at: i64) -> Vec<Window> {
        let mut windows = vec![Window::Day(day(at)), Window::Month(month(at))];
        windows.extend(key.map(|key| Window::Key(key, month(at))));
        windows
    }

    fn limit(&self, window: Window) -> Option<i64> {
        match window {
            Window::Day(_) => self.day_limit,
            Window::Month(_) => self.month_limit,
            Window::Key(key, _) => self.key_limits.get(&key).copied().flatten(),
        }
    }

    /// A key counts from when it first had a budget.
    fn counts(&self, window: Window) -> bool {
        !matches!(window, Window::Key(key, _) if !self.key_limits.contains_key(&key))
    }

    fn count(&mut self, key: Option<KeyId>, amount: i64) -> Result<(), &'static str> {
        for window in Self::windows(key, self.now) {
            let used = self.used.get(&window).copied().unwrap_or(0) + amount;
            if self.limit(window).is_some_and(|limit| used > limit) {
                return Err("budget_exceeded");
            }
            if self.counts(window) {
                self.used.insert(window, used);
            }
        }
        Ok(())
    }

    fn uncount(&mut self, key: Option<KeyId>, amount: i64, then: i64) {
        for window in Self::windows(key, then) {
            if let Some(used) = self.used.get_mut(&window) {
                *used = (*used - amount).max(0);
            }
        }
    }
}

/// The credits from the `skip`th on, `amount` of them, lot by lot.
fn first(parts: &[(GrantId, i64)], skip: i64, amount: i64) -> Vec<(GrantId, i64)> {
    let (mut skip, mut amount) = (skip, amount);
    let mut found = Vec::new();
    for (lot, part) in parts {
        let passed = skip.min(*part);
        skip -= passed;
        let taken = (part - passed).min(amount);
        amount -= taken;
        if taken > 0 {
            found.push((*lot, taken));
        }
    }
    found
}
