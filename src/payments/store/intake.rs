//! Events that arrive together are written together: one wait for the disk serves all of them.

use tokio::sync::{mpsc, oneshot};

use crate::billing::store::{Database, Statement};

/// Events in one transaction; a lone one waits for nobody.
const TOGETHER_MAX: usize = 256;
/// Events that may wait; past that a sender waits for room.
const WAITING_MAX: usize = 4_096;

/// It may not be on the disk; what the store said is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::payments) struct NotStored;

/// An event's id, the statement that writes it, and who waits for that.
type Parcel = (String, Statement, oneshot::Sender<Result<(), NotStored>>);

/// A queue of events before one writer.
#[derive(Clone)]
pub(in crate::payments) struct Intake(mpsc::Sender<Parcel>);

impl Intake {
    /// Starts the writer, which ends when the last copy of the queue is dropped.
    pub fn start(database: Database) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write_all(database, receiver));
        Self(sender)
    }

    /// Writes an event down, together with whoever else waits. Answers when it is on the disk.
    ///
    /// # Errors
    /// When the store is out of reach or refuses this event; the others do not suffer from it.
    pub async fn write(&self, id: &str, statement: Statement) -> Result<(), NotStored> {
        let (answer, answered) = oneshot::channel();
        self.0.send((id.to_owned(), statement, answer)).await.map_err(|_| NotStored)?;
        answered.await.map_err(|_| NotStored)?
    }
}

async fn write_all(database: Database, mut parcels: mpsc::Receiver<Parcel>) {
    let mut waiting = Vec::with_capacity(TOGETHER_MAX);
    while parcels.recv_many(&mut waiting, TOGETHER_MAX).await > 0 {
        // In one order on every server: two that take in the same events never wait for each other in a ring.
        waiting.sort_by(|one, other| one.0.cmp(&other.0));
        let together = waiting.iter().map(|(_, statement, _)| statement.clone()).collect();
        let spoilt = database.write(together).await.err();
        let alone = spoilt.as_ref().is_some_and(|error| error.is_of_the_statement() && waiting.len() > 1);
        if let Some(error) = spoilt {
            tracing::warn!(?error, events = waiting.len(), alone, "events were not stored together");
            for (id, statement, answer) in waiting.drain(..) {
                let stored = if alone { write_one(&database, &id, statement).await } else { Err(NotStored) };
                let _gone = answer.send(stored);
            }
        }
        // Who no longer waits sends it again, and it is known then.
        waiting.drain(..).for_each(|(_, _, answer)| _ = answer.send(Ok(())));
    }
}

async fn write_one(database: &Database, id: &str, statement: Statement) -> Result<(), NotStored> {
    database.write(vec![statement]).await.map(|_| ()).map_err(|error| {
        tracing::error!(?error, event = id, "the store refuses an event");
        NotStored
    })
}
