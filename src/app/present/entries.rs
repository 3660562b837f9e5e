//! Entries and purchases as rows.

use serde_json::Value;

use super::billing::dollars;
use super::dates::{iso, moment};
use super::grants::grant_views;
use super::money::price;
use super::visitor::Visitor;
use crate::app::format::{credits, grouped};
use crate::app::views::{BalanceAtView, EntryView, LedgerView, PurchaseView, PurchasesView};
use crate::ledger::{Bucket, Entry, EntryKind, Grant, Timestamp};
use crate::payments::Purchase;
use crate::server::context::app;

/// Letters of a hash that are shown; the whole hash is in the REST API.
const HASH_SHOWN: usize = 8;

/// One entry.
pub fn entry(entry: &Entry, now: Timestamp) -> EntryView {
    let (state, tone) = state(entry.kind);
    let hash = entry.hash.to_string();
    EntryView {
        id: entry.id.to_string(),
        seq: entry.seq,
        at: moment(entry.at, now),
        at_iso: iso(entry.at),
        what: entry.operation.map_or_else(|| entry.kind.title(), |operation| operation.title()).to_owned(),
        detail: detail(entry),
        state: state.to_owned(),
        tone: tone.to_owned(),
        amount: change_of_available(entry),
        balance: entry.balance.get(),
        hash: hash.get(..HASH_SHOWN).unwrap_or(&hash).to_owned(),
    }
}

/// What the entry did to the credits that can be spent: a capture moves held ones and changes nothing here.
fn change_of_available(entry: &Entry) -> i64 {
    let amount = entry.amount.get();
    match (entry.from == Bucket::Available, entry.to == Bucket::Available) {
        (false, true) => amount,
        (true, false) => amount.saturating_neg(),
        _ => 0,
    }
}

/// A word for the kind, and its tone.
fn state(kind: EntryKind) -> (&'static str, &'static str) {
    match kind {
        EntryKind::Purchase | EntryKind::Grant | EntryKind::Reinstatement => ("added", "good"),
        EntryKind::Charge => ("charged", ""),
        EntryKind::Capture => ("settled", ""),
        EntryKind::Hold => ("held", "held"),
        EntryKind::Release => ("released", ""),
        EntryKind::Refund => ("refunded", "good"),
        EntryKind::Expiry => ("expired", "warn"),
        EntryKind::Reversal => ("reversed", "bad"),
        EntryKind::Adjustment => ("adjusted", "warn"),
    }
}

/// What the entry is about: its memo, the purchase, or how much of the operation.
fn detail(entry: &Entry) -> String {
    // Metadata may be an object without a field, which says nothing.
    let said = with_debt(entry, memo(&entry.memo));
    match (&entry.purchase, entry.operation) {
        _ if !said.is_empty() => said,
        (Some(purchase), _) => purchase.to_string(),
        (None, Some(operation)) => format!("{} × {}", grouped(entry.quantity), operation.unit()),
        (None, None) => entry.request.clone(),
    }
}

/// What is owed changes no balance that can be spent, so the words say by how much it did.
fn with_debt(entry: &Entry, said: String) -> String {
    let amount = credits(entry.amount.get());
    let debt = match (entry.from, entry.to) {
        (Bucket::Owed, _) => format!("{amount} owed"),
        (Bucket::Issued, Bucket::Owed) => format!("{amount} written off"),
        (Bucket::Available, Bucket::Owed) => format!("{amount} paid what was owed"),
        (_, Bucket::Owed) => format!("{amount} no longer owed"),
        _ => return said,
    };
    if said.is_empty() { debt } else { format!("{debt}: {said}") }
}

/// A memo in words: metadata that is an object reads as `name value · name value`, anything else as it is.
fn memo(memo: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(memo) else { return memo.to_owned() };
    let words: Vec<String> = fields
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name} {text}"),
            other => format!("{name} {other}"),
        })
        .collect();
    words.join(" · ")
}

/// A page of the ledger; `entries` holds one more than is shown when there is a next page.
pub fn ledger(
    visitor: &Visitor,
    mut entries: Vec<Entry>,
    grants: &[Grant],
    before: Option<i64>,
    page: i64,
) -> LedgerView {
    let shown = usize::try_from(page).unwrap_or(usize::MAX);
    let more = entries.len() > shown;
    entries.truncate(shown);
    let next_before = if more { entries.last().map_or(0, |last| last.seq) } else { 0 };
    let now = app().clock.now();
    LedgerView {
        frame: visitor.frame(),
        owed: visitor.owed(),
        entries: entries.iter().map(|one| entry(one, now)).collect(),
        grants: grant_views(grants, now),
        next_before,
        newest: before.is_none(),
        balance_at: BalanceAtView::default(),
    }
}

/// A page of purchases; `purchases` holds one more than is shown when there is a next page.
pub fn purchases(visitor: &Visitor, purchases: &[Purchase], before: &str, page: i64) -> PurchasesView {
    let shown = usize::try_from(page).unwrap_or(usize::MAX);
    let more = purchases.len() > shown;
    let purchases: Vec<PurchaseView> = purchases.iter().take(shown).map(purchase).collect();
    PurchasesView {
        frame: visitor.frame(),
        next_before: purchases.last().filter(|_| more).map(|last| last.id.clone()).unwrap_or_default(),
        purchases,
        newest: before.is_empty(),
    }
}

/// How a purchase stands, in the word that a waiting page asks for.
pub fn purchase_word(purchase: &Purchase) -> &'static str {
    match purchase.mismatch {
        Some(mismatch) if !purchase.state.was_paid() => mismatch.name(),
        _ => purchase.state.name(),
    }
}

/// One purchase.
pub fn purchase(purchase: &Purchase) -> PurchaseView {
    let (returned, left) = (purchase.returned, purchase.refundable());
    PurchaseView {
        id: purchase.id.to_string(),
        package: purchase.package.clone(),
        credits: purchase.credits.get(),
        price: price(purchase.amount),
        at: moment(purchase.created_at, app().clock.now()),
        state: purchase.state.name().to_owned(),
        checkout_url: purchase.checkout_url.clone().unwrap_or_default(),
        money_back: if returned.money.is_positive() { price(returned.money) } else { String::new() },
        credits_back: returned.credits.get(),
        refundable: if left.is_positive() { dollars(left) } else { String::new() },
        mismatch: purchase.mismatch.map(|mismatch| mismatch.name().to_owned()).unwrap_or_default(),
        mismatch_sentence: purchase.mismatch.map(|mismatch| mismatch.sentence().to_owned()).unwrap_or_default(),
        has_receipt: purchase.paid_at.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Credits;
    use crate::ledger::testing::first_entry;

    #[test]
    fn what_changes_a_debt_says_by_how_much() {
        let said = |from: Bucket, to: Bucket| {
            let amount = Credits::new(30).expect("small");
            detail(&Entry { from, to, amount, memo: "refunded: $10.00".into(), ..first_entry() })
        };
        assert_eq!(said(Bucket::Owed, Bucket::Reversed), "30 credits owed: refunded: $10.00");
        assert_eq!(said(Bucket::Reversed, Bucket::Owed), "30 credits no longer owed: refunded: $10.00");
        assert_eq!(said(Bucket::Issued, Bucket::Owed), "30 credits written off: refunded: $10.00");
        assert_eq!(said(Bucket::Available, Bucket::Owed), "30 credits paid what was owed: refunded: $10.00");
        assert_eq!(said(Bucket::Available, Bucket::Reversed), "refunded: $10.00");
    }

    #[test]
    fn metadata_reads_as_words() {
        assert_eq!(memo(r#"{"file":"transfer.ae","lines":12}"#), "file transfer.ae · lines 12");
        assert_eq!(memo("welcome"), "welcome");
        assert_eq!(memo("{broken"), "{broken");
        assert_eq!(memo("{}"), "");
    }
}
