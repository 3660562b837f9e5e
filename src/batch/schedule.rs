//! Which transactions wait for which, and how many can run side by side.

use std::collections::BTreeMap;

use super::run::{Cell, Ready};

/// The transactions of a batch in layers: all of a layer may run at once, and no two of them touch the same balance.
#[derive(Debug)]
pub(super) struct Plan {
    /// For each transaction, those it waits for: the last before it at each of its balances.
    pub waits_for: Vec<Vec<usize>>,
    /// For each transaction, its layer, from zero.
    pub layer: Vec<usize>,
    /// Pairs that touch the same balance.
    pub conflicts: usize,
}

impl Plan {
    pub fn of(all: &[Ready]) -> Self {
        let mut touched: BTreeMap<Cell, Vec<usize>> = BTreeMap::new();
        let (mut waits_for, mut layer) = (Vec::with_capacity(all.len()), Vec::<usize>::with_capacity(all.len()));
        let mut conflicts = 0;
        for (index, ready) in all.iter().enumerate() {
            let (mut waits, mut meets) = (Vec::new(), Vec::new());
            for cell in ready.cells() {
                let earlier = touched.entry(cell).or_default();
                waits.extend(earlier.last().copied());
                meets.extend(earlier.iter().copied());
                earlier.push(index);
            }
            for list in [&mut waits, &mut meets] {
                list.sort_unstable();
                list.dedup();
            }
            conflicts += meets.len();
            let depth = waits.iter().filter_map(|earlier| layer.get(*earlier)).max().map_or(0, |deepest| deepest + 1);
            layer.push(depth);
            waits_for.push(waits);
        }
        Self { waits_for, layer, conflicts }
    }

    /// The transactions of each layer.
    pub fn layers(&self) -> Vec<Vec<usize>> {
        let mut layers: Vec<Vec<usize>> = vec![Vec::new(); self.layer.iter().max().map_or(0, |deepest| deepest + 1)];
        for (index, layer) in self.layer.iter().enumerate() {
            if let Some(members) = layers.get_mut(*layer) {
                members.push(index);
            }
        }
        layers
    }
}
