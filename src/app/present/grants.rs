//! Grants as rows, in the order they are spent in.

use super::dates::day;
use crate::app::views::GrantView;
use crate::ledger::{Grant, GrantKind, Timestamp};

/// Grants that are in the spending order already.
pub fn grant_views(grants: &[Grant], now: Timestamp) -> Vec<GrantView> {
    let row = |(grant, rank): (&Grant, i64)| GrantView {
        id: grant.id.to_string(),
        rank,
        kind: match grant.kind {
            GrantKind::Gift => "Given".to_owned(),
            GrantKind::Paid => "Paid".to_owned(),
        },
        granted: day(grant.granted_at, now),
        expires: grant.expires_at.map_or_else(String::new, |at| day(at, now)),
        size: grant.size.get(),
        remaining: grant.remaining.get(),
        held: grant.held.get(),
    };
    grants.iter().zip(1..).map(row).collect()
}
