//! The answers kept under idempotency keys, compared with the entries both ways: every effect has its one answer, and
//! every answer its effect.

use std::collections::BTreeMap;

use crate::billing::Receipt;
use crate::billing::store::{self, EntryAt, KeptAnswer, Reader, StoreError};
use crate::ledger::{
    AccountId, Bucket, Credits, Entry, EntryKind, Faults, GrantId, Hash, HoldId, Law, Timestamp, TransactionId,
};

/// The scope of the requests that open accounts.
pub(super) const OPENINGS: &str = "accounts";
/// The request of what time alone did, which nobody sent and nothing answers.
const CLOCK: &str = "clock";
/// Answers read at a time.
const PAGE: i64 = 1_000;

/// What an entry shows of itself in an answer.
struct Posted {
    id: TransactionId,
    hash: Hash,
    kind: EntryKind,
    hold: Option<HoldId>,
    amount: Credits,
    brought: Option<GrantId>,
    /// What came back and was owed follows from another command.
    is_repaid: bool,
}

/// The entries of one request: they stand together, for a command's entries are posted in one go.
struct Effect {
    request: String,
    first: i64,
    last: i64,
    at: Timestamp,
    /// Whether the clock stood at `at`, and not behind the chain.
    is_exact: bool,
    balance: Credits,
    held: Option<Credits>,
    posted: Vec<Posted>,
}

/// Gathers the entries of each request on the way through the chain.
pub(super) struct Effects {
    open: Option<Effect>,
    ended: Vec<Effect>,
    last_at: Timestamp,
    /// Whether what stands next may have begun in an entry that could not be read.
    is_behind_a_gap: bool,
}

impl Effects {
    pub(super) const fn new() -> Self {
        Self { open: None, ended: Vec::new(), last_at: Timestamp::from_millis(i64::MIN), is_behind_a_gap: false }
    }

    /// Goes past an entry that could not be read: neither what it cut off nor what it may have begun can be judged.
    pub(super) fn interrupt(&mut self) {
        self.open = None;
        self.is_behind_a_gap = true;
    }

    /// Takes the next entry, and what was held after it where that is known.
    pub(super) fn add(&mut self, entry: &Entry, held: Option<Credits>) {
        // The first entry stands alone: what opened an account and what came next may bear the same key.
        let goes_on = self.open.as_ref().is_some_and(|open| open.request == entry.request && open.last > 1);
        if !goes_on {
            self.end();
            self.open = Some(Effect {
                request: entry.request.clone(),
                first: entry.seq,
                last: entry.seq,
                at: entry.at,
                is_exact: entry.at > self.last_at,
                balance: entry.balance,
                held,
                posted: Vec::new(),
            });
        }
        self.last_at = entry.at;
        let Some(open) = &mut self.open else { return };
        (open.last, open.balance, open.held) = (entry.seq, entry.balance, held);
        let comes_in = (entry.from, entry.to) == (Bucket::Issued, Bucket::Available);
        open.posted.push(Posted {
            id: entry.id,
            hash: entry.hash,
            kind: entry.kind,
            hold: entry.hold,
            amount: entry.amount,
            brought: entry.grants.first().filter(|_| comes_in).map(|part| part.grant),
            is_repaid: (entry.from, entry.to) == (Bucket::Available, Bucket::Owed),
        });
    }

    /// Nothing follows.
    pub(super) fn end(&mut self) {
        let ended = self.open.take();
        if !std::mem::take(&mut self.is_behind_a_gap) {
            self.ended.extend(ended);
        }
    }

    /// Compares what has ended with the answers that are kept.
    pub(super) async fn judge(
        &mut self,
        reader: &mut Reader<'_>,
        account: AccountId,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        let ended = std::mem::take(&mut self.ended);
        if ended.is_empty() {
            return Ok(());
        }
        let own = ended.iter().map(|effect| (account.to_string(), effect.request.as_str()));
        let opening = ended.iter().filter(|effect| effect.first == 1);
        let openings = opening.map(|effect| (OPENINGS.to_owned(), effect.request.as_str()));
        let answers = store::answers_to(reader, own.chain(openings)).await?;
        let mut kept: BTreeMap<String, Vec<KeptAnswer>> = BTreeMap::new();
        for answer in answers {
            kept.entry(answer.request.clone()).or_default().push(answer);
        }
        for effect in &ended {
            let answers = kept.get(&effect.request).map_or(&[][..], Vec::as_slice);
            if let Some(wrong) = effect.fault(account, answers) {
                faults.add(effect.last, Law::Requests, wrong);
            }
        }
        Ok(())
    }
}

impl Effect {
    /// What is wrong, if anything is. The key that opened an account may have been used by the account once more.
    fn fault(&self, account: AccountId, answers: &[KeptAnswer]) -> Option<String> {
        let may_answer = |answer: &&KeptAnswer| answer.scope != OPENINGS || self.first == 1;
        let mut wrongs = Vec::new();
        for answer in answers.iter().filter(may_answer) {
            wrongs.push(self.differs(account, answer)?);
        }
        match wrongs.into_iter().next() {
            None if self.request == CLOCK && self.posted.iter().all(is_of_time) => None,
            None => Some(format!("no answer is kept for the request {:?}", self.request)),
            wrong => wrong,
        }
    }

    /// How an answer differs from what happened; `None` when it says just that.
    fn differs(&self, account: AccountId, answer: &KeptAnswer) -> Option<String> {
        let request = &self.request;
        let receipt = match serde_json::from_str::<Option<Receipt>>(&answer.outcome) {
            Err(error) => return Some(format!("the answer kept for the request {request:?} cannot be read: {error}")),
            Ok(None) => return Some(format!("the request {request:?} was for something else, and had an effect here")),
            Ok(Some(receipt)) => receipt,
        };
        if receipt.seq != self.last {
            let seq = receipt.seq;
            return Some(format!("the request {request:?} was answered with entry {seq}, and had another effect here"));
        }
        let is_same = receipt.account == account
            && receipt.at.millis() == answer.at
            && self.was_at(receipt.at)
            && receipt.available == self.balance
            && self.held.is_none_or(|held| receipt.held == held)
            && self.is_named_by(&receipt);
        (!is_same).then(|| format!("the answer kept for the request {request:?} is not what its entries say"))
    }

    /// While the clock stands behind the chain, entries bear a later moment than the answer.
    fn was_at(&self, said: Timestamp) -> bool {
        if self.is_exact { said == self.at } else { said <= self.at }
    }

    fn is_named_by(&self, receipt: &Receipt) -> bool {
        let Some(id) = receipt.transaction else {
            let head = self.posted.last().map(|posted| posted.hash);
            return head == Some(receipt.hash) && receipt.amount == Credits::ZERO && self.posted.iter().all(is_of_time);
        };
        let Some(named) = self.posted.iter().find(|posted| posted.id == id) else { return false };
        let own = |posted: &&Posted| (posted.kind, posted.hold) == (named.kind, named.hold) && !posted.is_repaid;
        let moved: i128 = self.posted.iter().filter(own).map(|posted| i128::from(posted.amount.get())).sum();
        (receipt.hash, receipt.hold, receipt.grant) == (named.hash, named.hold, named.brought)
            && i128::from(receipt.amount.get()) == moved
    }
}

/// Whether time alone can have posted it.
fn is_of_time(posted: &Posted) -> bool {
    matches!(posted.kind, EntryKind::Release | EntryKind::Expiry | EntryKind::Reversal)
}

/// Compares a page of answers with the entries they name. Returns the last request of the page, or `None` at the end, and
/// how many there were.
pub(super) async fn check_page(
    reader: &mut Reader<'_>,
    scope: &str,
    after: &str,
    found: &mut impl FnMut(AccountId, i64, String),
    whose: Option<AccountId>,
) -> Result<Option<(String, usize)>, StoreError> {
    let page = store::answers_page(reader, scope, after, PAGE).await?;
    let Some(last) = page.last().map(|answer| answer.request.clone()) else { return Ok(None) };
    let count = page.len();
    let nobody = || AccountId::from_ulid(ulid::Ulid::nil());
    let mut receipts = Vec::with_capacity(count);
    for answer in page {
        match serde_json::from_str::<Option<Receipt>>(&answer.outcome) {
            // A key that was claimed for something that is no order has no answer here.
            Ok(None) => {}
            Ok(Some(receipt)) => receipts.push((answer, receipt)),
            Err(error) => {
                let what = format!("the answer kept for the request {:?} cannot be read: {error}", answer.request);
                found(whose.unwrap_or_else(nobody), 0, what);
            }
        }
    }
    let seqs = |receipt: &Receipt| [Some(receipt.seq), receipt.transaction.map(|id| id.seq())];
    let places =
        receipts.iter().flat_map(|(_, receipt)| seqs(receipt).into_iter().flatten().map(|seq| (receipt.account, seq)));
    let entries = store::entries_at(reader, places).await?;
    let entries: BTreeMap<(String, i64), EntryAt> =
        entries.into_iter().map(|entry| (entry.place.clone(), entry)).collect();
    for (answer, receipt) in &receipts {
        let is_own = whose.is_none_or(|whose| whose == receipt.account) && receipt.at.millis() == answer.at;
        if !is_own || !stands(answer, receipt, &entries) {
            let seq = receipt.transaction.map_or(receipt.seq, |id| id.seq());
            let what =
                format!("the answer kept for the request {:?} names what the entries do not say", answer.request);
            found(whose.unwrap_or(receipt.account), seq, what);
        }
    }
    Ok(Some((last, count)))
}

/// Whether the entries that an answer names are there and say so.
fn stands(answer: &KeptAnswer, receipt: &Receipt, entries: &BTreeMap<(String, i64), EntryAt>) -> bool {
    let at = |seq| entries.get(&(receipt.account.to_string(), seq));
    let last = match at(receipt.seq) {
        Some(last) => (last.balance, last.hash),
        None if receipt.seq == 0 => (0, Some(Hash::ZERO)),
        None => return false,
    };
    let is_named = match receipt.transaction {
        None => last.1 == Some(receipt.hash) && receipt.amount == Credits::ZERO,
        Some(id) => at(id.seq()).is_some_and(|named| {
            (&named.id, &named.request, named.hash) == (&id.to_string(), &answer.request, Some(receipt.hash))
        }),
    };
    is_named && last.0 == receipt.available.get()
}
