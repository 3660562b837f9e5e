//! The counter of a paid service: what was asked under a key before is answered again; everything else is held for,
//! worked on, kept and settled by what came of it.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::store::{self, Database, Kept, StoreError};
use super::{Kernel, KernelError, Receipt, Work};
use crate::ledger::{AccountId, Clock, Credits, Hash, KeyId, Operation, Promise, Timestamp, TransactionId};

/// Longer than any work at a counter may take, so that a hold is never given back under working hands.
const HOLD_SECONDS: i64 = 300;
/// How long a second press waits for the first, in tenths of a second: longer than the work may take.
const PATIENCE_TENTHS: u32 = 300;

/// What a service answers, and whether it is a verdict that is paid for.
pub trait Outcome {
    /// The verdict's stable name.
    fn verdict(&self) -> &'static str;
    /// Whether there is something to pay for.
    fn is_paid(&self) -> bool;
}

/// A question at the counter.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a, Q> {
    /// Names the answer, should there be a new one.
    pub id: &'a str,
    /// Who pays.
    pub account: AccountId,
    /// The API key that asked, if one did.
    pub key: Option<KeyId>,
    /// The caller's idempotency key, without spaces.
    pub request: &'a str,
    /// What it is.
    pub operation: Operation,
    /// What is asked; the same question is the same JSON.
    pub question: &'a Q,
    /// No more than a quote has promised.
    pub at_most: Option<Promise>,
}

/// The entry that was paid by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidBy {
    /// Names the entry.
    pub transaction: TransactionId,
    /// Its place in the account's ledger.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

/// An answer with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct Answered<Q, A> {
    /// Names it.
    pub id: String,
    /// What was asked.
    pub question: Q,
    /// What was found.
    pub answer: A,
    /// What it cost: nothing where nothing was found.
    pub charged: Credits,
    /// What was available once it was settled.
    pub balance: Credits,
    /// The entry that charged for it; none where nothing was charged.
    pub paid: Option<PaidBy>,
    /// When.
    pub at: Timestamp,
    /// Whether this answers a request that was answered before.
    pub replayed: bool,
}

/// Why there is no answer. Nothing was charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeskError<E> {
    /// The till says no.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The work could not be done.
    #[error("{0}")]
    Work(E),
}

impl<E> From<StoreError> for DeskError<E> {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = ?error, "the store of answers did not answer");
        Self::Kernel(KernelError::Unavailable)
    }
}

/// A counter. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    database: Database,
    kernel: Kernel,
    clock: Arc<dyn Clock>,
}

impl Desk {
    /// A counter before the till.
    #[must_use]
    pub fn new(database: Database, kernel: Kernel, clock: Arc<dyn Clock>) -> Self {
        Self { database, kernel, clock }
    }

    /// Answers a question and charges for the answer. Sent again under the same idempotency key, it gets the first
    /// answer again, and `work` is not done.
    ///
    /// # Errors
    /// When the till refuses or the work cannot be done. Nothing was charged.
    pub async fn answer<Q, A, E, W>(&self, asked: Question<'_, Q>, work: W) -> Result<Answered<Q, A>, DeskError<E>>
    where
        Q: Serialize + DeserializeOwned + Clone,
        A: Serialize + DeserializeOwned + Outcome,
        W: Future<Output = Result<A, E>>,
    {
        let question = serde_json::to_string(asked.question).map_err(unwritten)?;
        let hash = hash_of(&question);
        if let Some(known) = store::answer_of_request(&self.database, asked.account, asked.request).await? {
            if known.question_hash != hash || known.operation != asked.operation {
                return Err(KernelError::IdempotencyConflict.into());
            }
            let receipt = self.kernel.receipt(asked.account, &known.settlement).await?;
            return Ok(Answered { replayed: true, ..read(known, receipt.as_ref())? });
        }
        let metered = self.kernel.meter_at_most(meter(&asked, &hash), asked.at_most).await?;
        // From here on, leaving early gives the hold back.
        let answer = match work.await {
            Ok(answer) => answer,
            Err(error) => {
                // Before the caller is told: who asks for the balance next finds all of it.
                if let Err(refusal) = metered.release("the work could not be done", Vec::new()).await {
                    tracing::warn!(error = %refusal, "a hold waits for its time to be released");
                }
                return Err(DeskError::Work(error));
            }
        };
        let paid = answer.is_paid();
        let kept = Kept {
            id: asked.id.to_owned(),
            operation: asked.operation,
            question_hash: hash,
            question,
            answer: serde_json::to_string(&answer).map_err(unwritten)?,
            verdict: answer.verdict().to_owned(),
            charged: if paid { metered.cost() } else { Credits::ZERO },
            settlement: if paid { metered.capture_request() } else { metered.release_request() },
            at: self.clock.now(),
        };
        let row = store::keep_answer(&kept, asked.account, asked.request, asked.key);
        let note = json!({ "answer": kept.id, "verdict": kept.verdict }).to_string();
        let receipt = match paid {
            true => metered.capture(note, vec![row]).await?,
            false => metered.release(&note, vec![row]).await?,
        };
        Ok(answered(kept, asked.question.clone(), answer, paid, Some(&receipt)))
    }

    /// As [`Desk::answer`], for a button that may be pressed twice: the second press waits for the first one's answer.
    ///
    /// # Errors
    /// As [`Desk::answer`].
    pub async fn answer_patiently<Q, A, E, W, F>(
        &self,
        asked: Question<'_, Q>,
        work: F,
    ) -> Result<Answered<Q, A>, DeskError<E>>
    where
        Q: Serialize + DeserializeOwned + Clone,
        A: Serialize + DeserializeOwned + Outcome,
        W: Future<Output = Result<A, E>>,
        F: Fn() -> W,
    {
        for _ in 0..PATIENCE_TENTHS {
            match self.answer(asked_again(&asked), work()).await {
                Err(DeskError::Kernel(KernelError::InProgress)) => {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
                answer => return answer,
            }
        }
        Err(KernelError::InProgress.into())
    }

    /// One of the account's answers; another account's looks like none.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn kept<Q, A, E>(&self, account: AccountId, id: &str) -> Result<Option<Answered<Q, A>>, DeskError<E>>
    where
        Q: DeserializeOwned,
        A: DeserializeOwned + Outcome,
    {
        match store::answer_of_id(&self.database, account, id).await? {
            Some(kept) => {
                let receipt = self.kernel.receipt(account, &kept.settlement).await?;
                read(kept, receipt.as_ref()).map(Some)
            }
            None => Ok(None),
        }
    }

    /// The account's answers to one kind of question, newest first, without their receipts; those before an id.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn list<Q, A, E>(
        &self,
        account: AccountId,
        operation: Operation,
        before: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Answered<Q, A>>, DeskError<E>>
    where
        Q: DeserializeOwned,
        A: DeserializeOwned + Outcome,
    {
        let kept = store::answers(&self.database, account, operation, before, limit).await?;
        kept.into_iter().map(|kept| read(kept, None)).collect()
    }
}

/// SHA-256 of a question as it is kept, in hexadecimal: the same question has the same hash.
///
/// # Errors
/// When it cannot be written as JSON; no question that was answered is such.
pub fn question_hash(question: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(question).map(|text| hash_of(&text))
}

fn hash_of(question: &str) -> String {
    hex::encode(Sha256::digest(question.as_bytes()))
}

fn asked_again<'a, Q>(asked: &Question<'a, Q>) -> Question<'a, Q> {
    Question { id: asked.id, question: asked.question, ..*asked }
}

fn meter<Q>(asked: &Question<'_, Q>, hash: &str) -> Work {
    Work {
        account: asked.account,
        operation: asked.operation,
        quantity: 1,
        request: asked.request.to_owned(),
        key: asked.key,
        metadata: json!({ "question": hash }).to_string(),
        ttl_seconds: HOLD_SECONDS,
    }
}

fn unwritten<E>(error: serde_json::Error) -> DeskError<E> {
    tracing::error!(%error, "a question or an answer cannot be written down");
    KernelError::Unavailable.into()
}

fn read<Q, A, E>(kept: Kept, receipt: Option<&Receipt>) -> Result<Answered<Q, A>, DeskError<E>>
where
    Q: DeserializeOwned,
    A: DeserializeOwned + Outcome,
{
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(format!("answer {}: {error}", kept.id));
    let question = serde_json::from_str(&kept.question).map_err(corrupt)?;
    let answer: A = serde_json::from_str(&kept.answer).map_err(corrupt)?;
    let paid = answer.is_paid();
    Ok(answered(kept, question, answer, paid, receipt))
}

fn answered<Q, A>(kept: Kept, question: Q, answer: A, paid: bool, receipt: Option<&Receipt>) -> Answered<Q, A> {
    Answered {
        id: kept.id,
        question,
        answer,
        charged: kept.charged,
        balance: receipt.map_or(Credits::ZERO, |receipt| receipt.available),
        // What gave the credits back is an entry too, and no receipt.
        paid: receipt.filter(|_| paid).and_then(|receipt| {
            receipt.transaction.map(|transaction| PaidBy { transaction, seq: receipt.seq, hash: receipt.hash })
        }),
        at: kept.at,
        replayed: false,
    }
}
