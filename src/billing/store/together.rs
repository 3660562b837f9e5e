//! What a batch reads in one go: several statements over one list of arguments.

use std::sync::LazyLock;

use super::tables::{ACCOUNTS, GRANTS, HOLDS, KEY_BUDGETS, REQUESTS, Table};
use super::{Sql, Value};

/// Several statements that share their arguments.
pub struct Together(Vec<Step>);

impl Together {
    /// The statements, each with the arguments it takes as its own `$1 $2 …`, but those whose list is empty: on PostgreSQL
    /// each is a round trip.
    pub(super) fn steps(&'static self, args: &[Value]) -> impl Iterator<Item = (Sql, Vec<Value>)> {
        let own = |places: &[usize]| places.iter().filter_map(|place| args.get(*place).cloned()).collect::<Vec<_>>();
        let steps = self.0.iter().map(move |(sqlite, postgres, places)| (Sql::each(sqlite, postgres), own(places)));
        steps.filter(|(_, args)| !matches!(args.first(), Some(Value::Text(list)) if list == "[]"))
    }
}

/// The rows of a table among a list, each ending with the letter that says what it is.
fn among(table: &'static Table, letter: char, column: &str, after: (&str, &str), args: &[usize]) -> Step {
    let (names, name) = (table.names("t."), table.name);
    (
        // A join, because SQLite puts what stands behind "in" into a table of its own first.
        format!(
            "select {names}, '{letter}' from json_each($1) j cross join {name} t where t.{column} = j.value {}",
            after.0
        ),
        format!(
            "select {names}, '{letter}' from {name} t
               where t.{column} = any (array(select jsonb_array_elements_text($1::jsonb))) {}",
            after.1
        ),
        args.to_vec(),
    )
}

/// The text for SQLite, the one for PostgreSQL, and which of the arguments it takes, counted from 0.
type Step = (String, String, Vec<usize>);

/// Everything that a batch needs. Arguments: accounts, [scope, request] pairs, purchases, holds, the moment. Each row ends
/// with a letter: `a`ccount, `r`equest, `g`rant, `h`old or `k`ey's budget.
///
/// The accounts come first, locked in the order of their ids so that two servers never wait for each other in a circle;
/// behind the locks the rest cannot change any more: another server may just have answered the same request.
pub(super) static LOAD: LazyLock<Together> = LazyLock::new(|| {
    let due = "and state = 'open' and expires_at <= $2";
    let requests = format!("select {}, 'r' from", REQUESTS.names("r."));
    Together(vec![
        among(&ACCOUNTS, 'a', "id", ("", "order by id for update"), &[0]),
        (
            format!(
                "{requests} json_each($1) j cross join requests r
                   where r.scope = j.value ->> 0 and r.request = j.value ->> 1"
            ),
            format!(
                "{requests} jsonb_array_elements($1::jsonb) j join requests r
                   on r.scope = j ->> 0 and r.request = j ->> 1"
            ),
            vec![1],
        ),
        among(&GRANTS, 'g', "account_id", ("and (remaining > 0 or owed > 0)", "and (remaining > 0 or owed > 0)"), &[0]),
        among(&GRANTS, 'g', "purchase_id", ("", ""), &[2]),
        among(&HOLDS, 'h', "id", ("", ""), &[3]),
        among(&HOLDS, 'h', "account_id", (due, due), &[0, 4]),
        among(&KEY_BUDGETS, 'k', "account_id", ("", ""), &[0]),
    ])
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_takes_its_own_arguments_and_is_left_out_when_its_list_is_empty() {
        static STEPS: LazyLock<Together> = LazyLock::new(|| {
            let step = |text: &str, args: &[usize]| (text.to_owned(), text.to_uppercase(), args.to_vec());
            Together(vec![step("a $1", &[2]), step("b $1", &[1]), step("c $1 $2", &[0, 2])])
        });
        let args = ["[1]".into(), "[]".into(), Value::Int(7)];
        let steps: Vec<_> = STEPS.steps(&args).map(|(sql, args)| (sql.sqlite, sql.postgres, args)).collect();
        let expected =
            [("a $1", "A $1", vec![Value::Int(7)]), ("c $1 $2", "C $1 $2", vec!["[1]".into(), Value::Int(7)])];
        assert_eq!(steps, expected);
    }
}
