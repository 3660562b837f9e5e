//! A batch as the two fields of a page bring it, typed or read from files: tables, the same as JSON arrays, or one JSON
//! object that is the whole batch, as the REST API takes it.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::read::{BatchProblem, NewBatch};

/// What the REST API takes beside the batch: here the account is whose page it is.
const ACCOUNT: &str = "account_id";

impl NewBatch {
    /// Reads the fields as far as they are JSON; tables are read with the rest. An object in the field of the
    /// transactions is the whole batch, and the other field does not count.
    ///
    /// # Errors
    /// Names the field whose JSON cannot be read, and the place in it.
    pub fn typed(atomic: bool, balances: Option<String>, transactions: Option<String>) -> Result<Self, BatchProblem> {
        let mut batch = Self { atomic, ..Self::default() };
        if let Some(text) = transactions.as_deref().filter(|text| begins(text, '{')) {
            let mut whole: Value = json("transactions", text)?;
            if let Some(whole) = whole.as_object_mut() {
                whole.remove(ACCOUNT);
            }
            batch = serde_json::from_value(whole).map_err(|error| problem("transactions", &error))?;
            batch.atomic |= atomic;
            return Ok(batch);
        }
        match balances {
            Some(text) if begins(&text, '[') => batch.balances = json("balances", &text)?,
            table => batch.balances_csv = table,
        }
        match transactions {
            Some(text) if begins(&text, '[') => batch.transactions = json("transactions", &text)?,
            table => batch.transactions_csv = table,
        }
        Ok(batch)
    }
}

/// Whether it is JSON: no table begins so. Windows puts a mark before what it saves as UTF-8.
fn begins(text: &str, with: char) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(with)
}

fn json<T: DeserializeOwned>(place: &str, text: &str) -> Result<T, BatchProblem> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| problem(place, &error))
}

fn problem(place: &str, error: &serde_json::Error) -> BatchProblem {
    BatchProblem { place: place.to_owned(), message: format!("this JSON cannot be read: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BALANCES: &str = "account,asset,amount\na,EUR,5\n";
    const TRANSACTIONS: &str = "id,from,to,asset,amount\nrent,a,b,EUR,1.5\n";

    fn typed(balances: &str, transactions: &str) -> Result<NewBatch, BatchProblem> {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        NewBatch::typed(false, text(balances), text(transactions))
    }

    #[test]
    fn tables_arrays_and_a_whole_object_are_the_same_batch() {
        let expected = typed(BALANCES, TRANSACTIONS).expect("tables").read().expect("a batch");
        let balances = r#"[{"account": "a", "asset": "EUR", "amount": 5}]"#;
        let transactions =
            "\u{feff} [{\"id\": \"rent\", \"from\": \"a\", \"to\": \"b\", \"asset\": \"EUR\", \"amount\": \"1.5\"}]";
        let list = transactions.trim_start_matches('\u{feff}');
        let whole = format!(r#"{{"account_id": "ACC_1", "balances": {balances}, "transactions": {list}}}"#);
        for (balances, transactions) in [
            (balances, transactions),
            (BALANCES, transactions),
            (balances, TRANSACTIONS),
            ("not looked at", whole.as_str()),
        ] {
            assert_eq!(typed(balances, transactions).expect("read").read().expect("a batch"), expected);
        }
    }

    #[test]
    fn either_says_that_all_is_undone() {
        let whole = r#"{"atomic": true, "transactions": []}"#;
        assert!(typed("", whole).expect("read").atomic);
        let whole = whole.replace("true", "false");
        assert!(NewBatch::typed(true, None, Some(whole)).expect("read").atomic);
    }

    #[test]
    fn json_that_cannot_be_read_is_told_by_its_field() {
        for (balances, transactions, place, word) in [
            ("[{", TRANSACTIONS, "balances", "line 1"),
            (BALANCES, "[{\"id\": 1}]", "transactions", "invalid type"),
            ("", "{\"transactions\": [], \"quote_id\": \"QUO_1\"}", "transactions", "quote_id"),
            (
                "",
                "{\"transactions\": [{\"id\": \"a\", \"asset\": \"EUR\", \"amount\": 0.5}]}",
                "transactions",
                "as text",
            ),
        ] {
            let found = typed(balances, transactions).expect_err(transactions);
            assert_eq!(found.place, place);
            assert!(found.message.contains(word), "{found:?}");
        }
    }
}
