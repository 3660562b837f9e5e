//! The place of a moment in an account's chain.
//!
//! Seqs have no gaps and time never runs backwards within a chain, so the place is found by halving: a long ledger costs a
//! few more steps, and no index has to be kept for it.

/// The start of a statement that knows, as `(select low from halving where low = high)`, the seq of the last entry of the
/// account `$1` whose moment compares to `$2` as said; 0 when there is none.
macro_rules! halving {
    ($compared:literal) => {
        concat!(
            "with recursive halving (low, high) as
               (select cast(0 as bigint), seq from accounts where id = $1
                union all
                select case when middle.at ",
            $compared,
            " $2 then middle.seq else low end,
                  case when middle.at ",
            $compared,
            " $2 then high else middle.seq - 1 end
                from halving join entries middle on middle.account_id = $1 and middle.seq = (low + high + 1) / 2
                where low < high) "
        )
    };
}
pub(super) use halving;
