//! Credits that come in, and what becomes of a purchase's when its money moves.

use aethel::ledger::{GrantId, PurchaseId, Tier};

use super::{Effect, Lot, Said, Till};

impl Till {
    pub(super) fn gift(&self, id: GrantId, size: i64, expires: Option<i64>) -> Lot {
        let came = self.now;
        Lot { id, paid: false, size, remaining: size, held: 0, reversed: 0, owed: 0, purchase: None, expires, came }
    }

    pub(super) fn bring_in(&mut self, lot: Lot) {
        self.sums.issued -= lot.size;
        self.sums.available += lot.size;
        self.lots.push(lot);
    }

    pub(super) fn give(&mut self, id: GrantId, credits: i64, expires: Option<i64>) -> Said {
        if credits < 1 {
            return Err("amount_not_positive");
        }
        if expires.is_some_and(|at| at <= self.now) {
            return Err("expiry_in_the_past");
        }
        self.bring_in(self.gift(id, credits, expires));
        Ok(Effect { amount: credits, sale: None })
    }

    pub(super) fn buy(&mut self, id: GrantId, purchase: PurchaseId, credits: i64) -> Said {
        if self.lots.iter().any(|lot| lot.purchase == Some(purchase)) {
            return Err("already_granted");
        }
        self.bring_in(Lot { paid: true, purchase: Some(purchase), ..self.gift(id, credits, None) });
        if self.tier == Tier::Free {
            self.tier = Tier::Developer;
        }
        Ok(Effect { amount: credits, sale: None })
    }

    pub(super) fn take(&mut self, credits: i64) -> Said {
        if credits < 1 {
            return Err("amount_not_positive");
        }
        if credits > self.sums.available {
            return Err("insufficient_credits");
        }
        for (lot, part) in self.soonest(credits) {
            self.lot(lot).remaining -= part;
        }
        self.sums.available -= credits;
        self.sums.issued += credits;
        Ok(Effect { amount: credits, sale: None })
    }

    pub(super) fn reverse(&mut self, purchase: PurchaseId, credits: i64) -> Said {
        let index = self.bought(purchase, credits)?;
        let lot = &mut self.lots[index];
        if credits > lot.size - lot.reversed {
            return Err("reversal_exceeds_purchase");
        }
        let unspent = (lot.remaining - lot.held).min(credits);
        lot.remaining -= unspent;
        lot.reversed += credits;
        lot.owed += credits - unspent;
        self.sums.available -= unspent;
        self.sums.owed -= credits - unspent;
        self.sums.reversed += credits;
        Ok(Effect { amount: credits, sale: None })
    }

    pub(super) fn reinstate(&mut self, purchase: PurchaseId, credits: i64) -> Said {
        let index = self.bought(purchase, credits)?;
        let lot = &mut self.lots[index];
        if credits > lot.reversed {
            return Err("reinstatement_exceeds_reversal");
        }
        let forgiven = lot.owed.min(credits);
        lot.owed -= forgiven;
        lot.reversed -= credits;
        lot.remaining += credits - forgiven;
        self.sums.owed += forgiven;
        self.sums.available += credits - forgiven;
        self.sums.reversed -= credits;
        Ok(Effect { amount: credits, sale: None })
    }

    pub(super) fn forgive(&mut self, purchase: PurchaseId, credits: i64) -> Said {
        let index = self.bought(purchase, credits)?;
        let lot = &mut self.lots[index];
        if credits > lot.owed {
            return Err("not_owed");
        }
        lot.owed -= credits;
        self.sums.owed += credits;
        self.sums.issued -= credits;
        Ok(Effect { amount: credits, sale: None })
    }

    /// What came back into a lot that owes pays what it owes.
    pub(super) fn pay_what_is_owed(&mut self, parts: &[(GrantId, i64)]) {
        for (id, part) in parts {
            let lot = self.lot(*id);
            let paid = lot.owed.min(*part).min(lot.remaining - lot.held);
            if lot.purchase.is_some() {
                lot.owed -= paid;
                lot.remaining -= paid;
                self.sums.owed += paid;
                self.sums.available -= paid;
            }
        }
    }

    fn bought(&self, purchase: PurchaseId, credits: i64) -> Result<usize, &'static str> {
        if credits < 1 {
            return Err("amount_not_positive");
        }
        self.lots.iter().position(|lot| lot.purchase == Some(purchase)).ok_or("purchase_not_found")
    }
}
