//! Reads that are made together: whoever asks while one is under way is answered by the next. A database that answers at
//! once is asked at once.
//!
//! Under load one statement serves everybody who waits, and a lone caller waits for nobody. Nothing is kept: an answer
//! is always read after its question was asked, so it has everything that was committed before.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::{Database, StoreError};

/// Questions answered by one statement; its list of keys stays small.
const TOGETHER_MAX: usize = 512;
/// Questions that may wait; past that a caller waits for room.
const WAITING_MAX: usize = 8_192;

pub type Question<K, V> = (K, oneshot::Sender<Result<Option<V>, Unanswered>>);

/// The store did not answer; what it said is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered;

type Answers<K, V> = BoxFuture<'static, Result<HashMap<K, V>, StoreError>>;

/// Where questions go.
pub enum Gather<K, V> {
    /// Into a queue before one reader.
    Queued(mpsc::Sender<Question<K, V>>),
    /// To the database, each by itself.
    AtOnce(Arc<dyn Fn(Vec<K>) -> Answers<K, V> + Send + Sync>),
}

impl<K, V> Clone for Gather<K, V> {
    fn clone(&self) -> Self {
        match self {
            Self::Queued(queue) => Self::Queued(queue.clone()),
            Self::AtOnce(read) => Self::AtOnce(Arc::clone(read)),
        }
    }
}

impl<K, V> Gather<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Reads of this database, gathered where that wins something.
    pub fn over<F, R>(database: &Database, read: F) -> Self
    where
        F: Fn(Vec<K>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<HashMap<K, V>, StoreError>> + Send + 'static,
    {
        if database.answers_at_once() {
            Self::AtOnce(Arc::new(move |keys| Box::pin(read(keys))))
        } else {
            Self::start(read)
        }
    }

    /// Starts the reader, which ends when the last copy of the queue is dropped.
    fn start<F, R>(read: F) -> Self
    where
        F: Fn(Vec<K>) -> R + Send + 'static,
        R: Future<Output = Result<HashMap<K, V>, StoreError>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(answer_all(receiver, read));
        Self::Queued(sender)
    }

    /// What stands under the key, if anything does.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn ask(&self, key: K) -> Result<Option<V>, Unanswered> {
        match self {
            Self::Queued(queue) => {
                let (answer, answered) = oneshot::channel();
                queue.send((key, answer)).await.map_err(|_| Unanswered)?;
                answered.await.map_err(|_| Unanswered)?
            }
            Self::AtOnce(read) => match read(vec![key.clone()]).await {
                Ok(mut found) => Ok(found.remove(&key)),
                Err(error) => Err(unanswered(&error)),
            },
        }
    }
}

async fn answer_all<K, V, F, R>(mut questions: mpsc::Receiver<Question<K, V>>, read: F)
where
    K: Clone + Eq + Hash,
    V: Clone,
    F: Fn(Vec<K>) -> R,
    R: Future<Output = Result<HashMap<K, V>, StoreError>>,
{
    let mut waiting = Vec::with_capacity(TOGETHER_MAX);
    while questions.recv_many(&mut waiting, TOGETHER_MAX).await > 0 {
        waiting.retain(|(_, answer)| !answer.is_closed());
        let keys: HashSet<K> = waiting.iter().map(|(key, _)| key.clone()).collect();
        if keys.is_empty() {
            continue;
        }
        let found = read(keys.into_iter().collect()).await.map_err(|error| unanswered(&error));
        for (key, answer) in waiting.drain(..) {
            // A caller that no longer waits needs no answer.
            let _gone = answer.send(found.as_ref().map(|found| found.get(&key).cloned()).map_err(|error| *error));
        }
    }
}

fn unanswered(error: &StoreError) -> Unanswered {
    tracing::error!(?error, "a read was not answered");
    Unanswered
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn questions_that_wait_together_cost_one_read() {
        let reads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&reads);
        let gather = Gather::start(move |keys: Vec<u64>| {
            counted.fetch_add(1, Ordering::SeqCst);
            async move { Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key * 10)).collect()) }
        });
        let asked = (0..100).map(|key| gather.ask(key % 10));
        let answers = futures::future::join_all(asked).await;
        for (key, answer) in (0..100).zip(answers) {
            let key: u64 = key % 10;
            assert_eq!(answer, Ok(key.is_multiple_of(2).then_some(key * 10)));
        }
        assert_eq!(reads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_store_that_is_away_answers_everybody_with_that() {
        let gather: Gather<u64, u64> = Gather::start(|_| async { Err(StoreError::Corrupt("away".into())) });
        assert_eq!(futures::future::join_all([gather.ask(1), gather.ask(2)]).await, [Err(Unanswered); 2]);
    }
}
