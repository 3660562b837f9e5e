//! Keys, signatures and the published vector; and that no corruption of a statement goes unseen.

use std::collections::BTreeSet;

use super::*;
use crate::billing::store::testing::databases;
use crate::billing::tests::{charge, tills};
use crate::billing::{Order, verify_statement};
use crate::ledger::testing::{ManualClock, first_entry};
use crate::ledger::{Command, Credits, receipt};

const SEED: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn filled(with: u8) -> Fill {
    Arc::new(move |bytes| {
        *bytes = [with; 32];
        true
    })
}

fn signer(database: &Database, given: Option<&str>, fill: Fill) -> Signer {
    let given = given.map(|text| text.parse().unwrap());
    Signer::new(database.clone(), Arc::new(ManualClock::default()), given, fill)
}

#[tokio::test]
async fn the_published_receipt_has_the_published_signature() {
    let body = receipt(&first_entry());
    let canonical = String::from_utf8(canonical(&body).unwrap()).unwrap();
    assert_eq!(canonical, include_str!("../../ledger/testdata/receipt.json").trim_end());
    let (public, id) = include_str!("../../ledger/testdata/receipt.key").trim_end().split_once('\n').unwrap();
    let signature = include_str!("../../ledger/testdata/receipt.signature").trim_end();
    for (name, database) in databases().await {
        let signed = signer(&database, Some(SEED), filled(9)).sign(Document::Receipt, body.clone()).await.unwrap();
        let expected = json!({"receipt": body, "key_id": id, "public_key": public, "signature": signature});
        assert_eq!(signed, expected, "{name}");
    }
    let key: PublicKey = public.parse().unwrap();
    assert!(key.signed(Document::Receipt, &body, signature));
    assert!(!key.signed(Document::Statement, &body, signature), "a receipt must not pass for a statement");
    assert!(!key.signed(Document::Receipt, &json!({}), signature));
    assert!(!key.signed(Document::Receipt, &body, &signature.to_uppercase()));
}

#[tokio::test]
async fn servers_on_one_database_share_the_key_that_the_first_one_made() {
    for (name, database) in databases().await {
        let body = json!({"n": 1});
        let signers: Vec<Signer> = (1..=8).map(|number| signer(&database, None, filled(number))).collect();
        let signed = signers.iter().map(|signer| signer.sign(Document::Receipt, body.clone()));
        let signed = futures::future::join_all(signed).await;
        let first = signed[0].clone().unwrap();
        assert!(signed.iter().all(|one| one.as_ref() == Ok(&first)), "{name}: {signed:?}");
        let keys = signers[3].public_keys().await.unwrap();
        assert_eq!(keys.len(), 1, "{name}");
        assert_eq!((keys[0].id.to_string(), keys[0].retired_at), (first["key_id"].as_str().unwrap().into(), None));
    }
}

#[tokio::test]
async fn a_key_that_is_a_setting_goes_before_and_its_secret_is_not_kept() {
    for (name, database) in databases().await {
        let kept = signer(&database, None, filled(1)).sign(Document::Receipt, json!(1)).await.unwrap();
        let given = signer(&database, Some(SEED), filled(2));
        let signed = given.sign(Document::Receipt, json!(1)).await.unwrap();
        assert_ne!(kept["key_id"], signed["key_id"]);
        let keys = given.public_keys().await.unwrap();
        let retired: Vec<bool> =
            keys.iter().map(|key| key.retired_at.is_some() && key.id.to_string() == kept["key_id"]).collect();
        assert_eq!(retired.iter().filter(|retired| **retired).count(), 1, "{name}: {keys:?}");
        assert_eq!(kept_seed(&database).await.unwrap(), None, "{name}");
        assert!(!format!("{:?}", given.given).contains("01"), "{:?}", given.given);
    }
}

#[tokio::test]
async fn without_randomness_no_key_is_made() {
    for (name, database) in databases().await {
        let signer = signer(&database, None, Arc::new(|_| false));
        assert_eq!(signer.sign(Document::Receipt, json!(1)).await, Err(KernelError::Unavailable), "{name}");
        assert_eq!(public_keys(&database).await.unwrap(), [], "{name}");
    }
}

/// The signed file of the second month of an account, and the key.
async fn file() -> Vec<(&'static str, String, PublicKey)> {
    let mut files = Vec::new();
    for till in tills().await {
        let purchase = crate::ledger::PurchaseId::from_ulid(ulid::Ulid::from_parts(1, 1));
        let buy = Command::Purchase {
            grant: till.kernel.next_grant(),
            purchase,
            credits: Credits::new(70).unwrap(),
            paid: crate::ledger::Cents::new(999).unwrap(),
        };
        till.kernel.submit(Order::new(till.account, "buy", buy)).await.unwrap();
        for index in 0..8 {
            till.kernel.submit(Order::new(till.account, format!("k{index}"), charge(7))).await.unwrap();
            till.clock.advance(4 * 86_400);
        }
        for index in 8..13 {
            till.kernel.submit(Order::new(till.account, format!("k{index}"), charge(11))).await.unwrap();
        }
        let months = till.kernel.statement_months(till.account).await.unwrap();
        assert_eq!(months.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-02", "2026-01"]);
        let signer = Signer::new(till.database.clone(), till.clock.clone(), Some(SEED.parse().unwrap()), filled(1));
        let signed = till.kernel.signed_statement(&signer, till.account, months[0]).await.unwrap();
        let key = signer.public_keys().await.unwrap()[0].public.parse().unwrap();
        files.push((till.name, serde_json::to_string_pretty(&signed).unwrap(), key));
    }
    files
}

#[tokio::test]
async fn a_statement_verifies_the_same_from_both_stores_and_only_under_its_own_key() {
    let files = file().await;
    assert_eq!(files[0].1, files[1].1, "the same history makes the same file on both stores");
    for (name, text, key) in &files {
        for trusted in [None, Some(*key)] {
            let verdict = verify_statement(text, trusted);
            assert_eq!((verdict.faults, verdict.signed_by), (Vec::<String>::new(), Some(key.id())), "{name}");
            assert!(verdict.statement.unwrap().lines.len() >= 5);
        }
        let other: PublicKey = "5e".repeat(32).parse().unwrap();
        let verdict = verify_statement(text, Some(other));
        assert!(verdict.faults[0].contains(&other.id().to_string()), "{:?}", verdict.faults);
    }
}

#[tokio::test]
async fn the_published_statement_is_what_the_till_makes() {
    let published = include_str!("../../ledger/testdata/statement.json");
    for (name, text, key) in file().await {
        assert_eq!(text, published.trim_end(), "{name}");
        assert_eq!(verify_statement(published, Some(key)).faults, Vec::<String>::new());
    }
}

/// A number of a fixed sequence, below `most`.
fn roll(seed: &mut u64, most: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).unwrap() % most.max(1)
}

/// The file with one byte flipped; `None` when that changed no value.
fn flipped(text: &str, seed: &mut u64) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let place = roll(seed, bytes.len());
    bytes[place] ^= 1 << roll(seed, 8);
    let changed = String::from_utf8_lossy(&bytes).into_owned();
    let (before, after) = (serde_json::from_str::<Value>(text).unwrap(), serde_json::from_str::<Value>(&changed).ok());
    (after.as_ref() != Some(&before)).then_some(changed)
}

/// Every place of a value that holds no other.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| leaves(field, &format!("{path}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, &format!("{path}/{index}"), found));
        }
        _ => found.push(path.to_owned()),
    }
}

/// The file with one field changed to something that such a field may hold.
fn changed(text: &str, seed: &mut u64) -> String {
    let mut file: Value = serde_json::from_str(text).unwrap();
    let mut found = Vec::new();
    leaves(&file, "", &mut found);
    let path = &found[roll(seed, found.len())];
    let more = i64::try_from(roll(seed, 1_000)).unwrap() + 1;
    let leaf = file.pointer_mut(path).unwrap();
    *leaf = match leaf {
        Value::Number(number) => Value::from(number.as_i64().unwrap() + more),
        Value::Bool(truth) => Value::from(!*truth),
        Value::String(letters) => Value::from(format!("{letters}{more}")),
        _ => Value::from(more),
    };
    file.to_string()
}

#[tokio::test]
async fn a_thousand_single_corruptions_of_a_statement_are_all_seen() {
    let (_, text, key) = file().await.remove(0);
    let mut seed = 20_261_124;
    let (mut tried, mut kinds) = (0, BTreeSet::new());
    while tried < 1_000 {
        let corrupted = if tried % 2 == 0 { flipped(&text, &mut seed) } else { Some(changed(&text, &mut seed)) };
        let Some(corrupted) = corrupted else { continue };
        // Even whoever brings no key of their own sees it.
        for trusted in [None, Some(key)] {
            let verdict = verify_statement(&corrupted, trusted);
            assert!(!verdict.faults.is_empty(), "corruption {tried} was not seen:\n{corrupted}");
            kinds.insert(verdict.faults[0].chars().take(12).collect::<String>());
        }
        tried += 1;
    }
    assert!(kinds.len() > 3, "{kinds:?}");
}

#[tokio::test]
async fn what_is_signed_again_after_a_corruption_is_still_named_by_its_entry() {
    let (name, text, _) = file().await.remove(0);
    let database = databases().await.remove(0).1;
    let forger = signer(&database, Some(SEED), filled(1));
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let amount = file.pointer_mut("/statement/lines/2/entry/amount").unwrap();
    *amount = Value::from(amount.as_i64().unwrap() - 1);
    let seq = file.pointer("/statement/lines/2/entry/seq").unwrap().as_i64().unwrap();
    let forged = forger.sign(Document::Statement, file["statement"].clone()).await.unwrap();
    let verdict = verify_statement(&forged.to_string(), None);
    assert!(verdict.signed_by.is_some(), "{name}");
    let named = format!("entry {seq}: the entry is not what was sealed");
    assert!(verdict.faults.iter().any(|fault| fault.contains(&named)), "{:?}", verdict.faults);
}
