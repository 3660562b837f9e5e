//! Who is served next: each asker has a line of its own, and the lines take turns, one at a time.
//!
//! So one asker with a thousand waiting delays another's single question by at most one of its own for each that
//! others have before it. Pure: knows no process, no clock and no task.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Whose line something waits in; the pool does not know what the name means.
pub(super) type Asker = Arc<str>;

/// What waits, line by line. At most `most` of it in all lines together.
pub(super) struct Turns<T> {
    lines: HashMap<Asker, VecDeque<(u64, T)>>,
    /// The askers who have something waiting, the next to be served first.
    order: VecDeque<Asker>,
    length: usize,
    most: usize,
    next_ticket: u64,
}

/// Something that has been let in.
pub(super) struct Admitted<T> {
    /// By this it can leave again.
    pub ticket: u64,
    /// Who had to make room for it: the last of the longest line.
    pub displaced: Option<T>,
}

impl<T> Turns<T> {
    pub fn new(most: usize) -> Self {
        Self { lines: HashMap::new(), order: VecDeque::new(), length: 0, most, next_ticket: 0 }
    }

    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether one more of this asker would be let in.
    pub fn has_room(&self, asker: &Asker) -> bool {
        self.length < self.most || self.longest_above(asker).is_some()
    }

    /// Puts something at the end of its asker's line. When all lines together are full, the last of the longest line
    /// makes room, if that line is longer than this asker's will be; else the newcomer is turned away.
    pub fn push(&mut self, asker: &Asker, item: T) -> Result<Admitted<T>, T> {
        let mut displaced = None;
        if self.length >= self.most {
            let Some(longest) = self.longest_above(asker) else { return Err(item) };
            displaced = self.take_last(&longest);
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let line = self.lines.entry(asker.clone()).or_default();
        if line.is_empty() {
            self.order.push_back(asker.clone());
        }
        line.push_back((ticket, item));
        self.length += 1;
        Ok(Admitted { ticket, displaced })
    }

    /// The next one: the first of the line whose turn it is. That line then waits until all others had their turn.
    pub fn pop(&mut self) -> Option<T> {
        let asker = self.order.pop_front()?;
        let line = self.lines.get_mut(&asker)?;
        let (_, item) = line.pop_front()?;
        self.length -= 1;
        if line.is_empty() {
            self.lines.remove(&asker);
        } else {
            self.order.push_back(asker);
        }
        Some(item)
    }

    /// Takes back what has gone away by itself; nothing when it was served or displaced meanwhile.
    pub fn remove(&mut self, asker: &Asker, ticket: u64) -> Option<T> {
        let line = self.lines.get_mut(asker)?;
        let place = line.iter().position(|(known, _)| *known == ticket)?;
        let (_, item) = line.remove(place)?;
        self.length -= 1;
        self.forget_if_empty(asker);
        Some(item)
    }

    /// The longest line, if it stays longer than this asker's line even after one moved over.
    fn longest_above(&self, asker: &Asker) -> Option<Asker> {
        let own = self.lines.get(asker).map_or(0, VecDeque::len);
        // Of equally long lines the one by name, so that the same history has the same outcome.
        let (longest, line) = self.lines.iter().max_by(|a, b| (a.1.len(), a.0).cmp(&(b.1.len(), b.0)))?;
        (line.len() > own + 1).then(|| longest.clone())
    }

    fn take_last(&mut self, asker: &Asker) -> Option<T> {
        let (_, item) = self.lines.get_mut(asker)?.pop_back()?;
        self.length -= 1;
        self.forget_if_empty(asker);
        Some(item)
    }

    fn forget_if_empty(&mut self, asker: &Asker) {
        if self.lines.get(asker).is_some_and(VecDeque::is_empty) {
            self.lines.remove(asker);
            self.order.retain(|other| other != asker);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn named(name: &str) -> Asker {
        Asker::from(name)
    }

    #[test]
    fn one_question_overtakes_a_thousand_of_somebody_else() {
        let (many, one) = (named("many"), named("one"));
        let mut turns = Turns::new(2_000);
        for number in 0..1_000 {
            assert!(turns.push(&many, ("many", number)).is_ok());
        }
        assert!(turns.push(&one, ("one", 0)).is_ok());
        assert_eq!(turns.pop(), Some(("many", 0)));
        assert_eq!(turns.pop(), Some(("one", 0)));
        assert_eq!(turns.pop(), Some(("many", 1)));
    }

    #[test]
    fn a_full_queue_makes_room_for_a_shorter_line_and_for_no_other() {
        let (many, one) = (named("many"), named("one"));
        let mut turns = Turns::new(4);
        for number in 0..4 {
            assert!(turns.push(&many, number).is_ok());
        }
        assert!(!turns.has_room(&many));
        assert_eq!(turns.push(&many, 9).err(), Some(9));
        assert_eq!(turns.push(&one, 10).map(|admitted| admitted.displaced).ok(), Some(Some(3)));
        assert_eq!(turns.push(&one, 11).map(|admitted| admitted.displaced).ok(), Some(Some(2)));
        assert_eq!(turns.push(&one, 12).err(), Some(12), "two lines of two are even");
        assert_eq!(std::iter::from_fn(|| turns.pop()).collect::<Vec<_>>(), [0, 10, 1, 11]);
    }

    /// What a model knows of one that waits.
    struct Waiting {
        asker: u8,
        id: usize,
        ticket: u64,
        /// Its place in its own line when it came, from one.
        place: usize,
        /// How often each other asker was served since.
        others: BTreeMap<u8, usize>,
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(u8),
        Pop,
        Leave(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0_u8..5).prop_map(Step::Push),
            // One asker is far busier than the others.
            4 => Just(Step::Push(0)),
            4 => Just(Step::Pop),
            1 => (0_usize..40).prop_map(Step::Leave),
        ];
        prop::collection::vec(step, 1..200)
    }

    proptest! {
        #[test]
        fn nobody_waits_for_more_of_anybody_than_stand_before_them_in_their_own_line(steps in steps(), most in 1_usize..30) {
            let mut turns = Turns::new(most);
            let mut waiting: Vec<Waiting> = Vec::new();
            for (id, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(asker) => {
                        let had_room = turns.has_room(&named(&asker.to_string()));
                        let place = waiting.iter().filter(|one| one.asker == asker).count() + 1;
                        match turns.push(&named(&asker.to_string()), id) {
                            Ok(admitted) => {
                                prop_assert!(had_room);
                                if let Some(gone) = admitted.displaced {
                                    let line = waiting.iter().find(|one| one.id == gone).map(|one| one.asker);
                                    let last = waiting.iter().filter(|one| Some(one.asker) == line).map(|one| one.id).max();
                                    prop_assert_eq!(last, Some(gone), "the last of its line makes room");
                                    waiting.retain(|one| one.id != gone);
                                }
                                let ticket = admitted.ticket;
                                waiting.push(Waiting { asker, id, ticket, place, others: BTreeMap::new() });
                            }
                            Err(_) => prop_assert!(!had_room && waiting.len() == most),
                        }
                    }
                    Step::Pop => {
                        let served = turns.pop();
                        let at = served.and_then(|served| waiting.iter().position(|one| one.id == served));
                        prop_assert_eq!(at.is_some(), !waiting.is_empty());
                        let Some(at) = at else { continue };
                        let served = waiting.remove(at);
                        let first = waiting.iter().all(|one| one.asker != served.asker || one.id > served.id);
                        prop_assert!(first, "a line keeps its order");
                        prop_assert!(served.others.values().all(|times| *times <= served.place));
                        for one in waiting.iter_mut().filter(|one| one.asker != served.asker) {
                            *one.others.entry(served.asker).or_default() += 1;
                        }
                    }
                    Step::Leave(index) => {
                        if let Some(index) = (!waiting.is_empty()).then(|| index % waiting.len()) {
                            let gone = waiting.remove(index);
                            let asker = named(&gone.asker.to_string());
                            prop_assert_eq!(turns.remove(&asker, gone.ticket), Some(gone.id));
                            prop_assert_eq!(turns.remove(&asker, gone.ticket), None);
                        }
                    }
                }
                prop_assert_eq!(turns.len(), waiting.len());
                prop_assert!(turns.len() <= most);
            }
        }
    }
}
