//! What a batch reads, and what it writes, each in one go.
//!
//! SQLite takes several statements at once and answers them in one visit to its thread; PostgreSQL takes them one after
//! another. Each is written here with `$1 $2 …` of the whole go's arguments.

use std::sync::LazyLock;

use super::tables::{ACCOUNTS, GRANTS, HOLDS, KEY_BUDGETS, REQUESTS, Table};

/// Several statements that share their arguments.
pub struct Together {
    /// All of them, for SQLite.
    pub(super) sqlite: String,
    /// One by one for PostgreSQL, each with the arguments it takes, counted from 0, as its own `$1 $2 …`.
    pub(super) postgres: Vec<(String, Vec<usize>)>,
}

impl Together {
    fn of(steps: Vec<(String, String, Vec<usize>)>) -> Self {
        let mut together = Self { sqlite: String::new(), postgres: Vec::new() };
        for (sqlite, postgres, args) in steps {
            together.sqlite.push_str(&renumbered(&sqlite, &args));
            together.sqlite.push(';');
            together.postgres.push((postgres, args));
        }
        together
    }
}

/// The statement with its own `$1 $2 …` replaced by their numbers in the whole go.
fn renumbered(statement: &str, args: &[usize]) -> String {
    let mut text = String::with_capacity(statement.len());
    let mut rest = statement;
    while let Some(at) = rest.find('$') {
        let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let own: usize = rest[at + 1..at + 1 + digits].parse().unwrap_or(0);
        let number = args.get(own.wrapping_sub(1)).map_or(0, |place| place + 1);
        text.push_str(&rest[..at]);
        text.push_str(&format!("${number}"));
        rest = &rest[at + 1 + digits..];
    }
    text + rest
}

/// The rows of a table among a list, each ending with the letter that says what it is.
fn among(table: &'static Table, letter: char, column: &str, after: (&str, &str), args: &[usize]) -> Step {
    let select = format!("select {}, '{letter}' from {} where {column}", table.names(""), table.name);
    (
        format!("{select} in (select value from json_each($1)) {}", after.0),
        format!("{select} = any (array(select jsonb_array_elements_text($1::jsonb))) {}", after.1),
        args.to_vec(),
    )
}

type Step = (String, String, Vec<usize>);

/// Everything that a batch needs. Arguments: accounts, [scope, request] pairs, purchases, holds, the moment. Each row ends
/// with a letter: `a`ccount, `r`equest, `g`rant, `h`old or `k`ey's budget.
///
/// The accounts come first, locked in the order of their ids so that two servers never wait for each other in a circle;
/// behind the locks the rest cannot change any more: another server may just have answered the same request.
pub(super) static LOAD: LazyLock<Together> = LazyLock::new(|| {
    let due = "and state = 'open' and expires_at <= $2";
    let requests = format!("select {}, 'r' from", REQUESTS.names("r."));
    Together::of(vec![
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

/// Everything that a batch writes. Arguments: the rows of each table, in the order of [`super::tables::WRITTEN`].
pub(super) static SAVE: LazyLock<Together> = LazyLock::new(|| {
    let step = |(place, table): (usize, &&'static Table)| {
        let (sqlite, postgres) = table.insert();
        (sqlite.to_owned(), postgres.to_owned(), vec![place])
    };
    Together::of(super::tables::WRITTEN.iter().enumerate().map(step).collect())
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_names_the_arguments_of_the_whole_go() {
        let step = |text: &str, args: &[usize]| (text.to_owned(), String::new(), args.to_vec());
        let together = Together::of(vec![step("a $1", &[0]), step("b $2 and $1 or $2", &[0, 12])]);
        assert_eq!(together.sqlite, "a $1;b $13 and $1 or $13;");
    }
}
