//! Texts open where they were sealed and nowhere else, and former keys and clear texts are sealed anew.

use std::sync::atomic::{AtomicU8, Ordering};

use proptest::prelude::*;

use super::*;
use crate::billing::store::testing::{databases, sqlite};
use crate::billing::store::{Sql, Statement};
use crate::ledger::testing::ManualClock;

const HOOK: Purpose = Purpose::WebhookSecret;

fn counting() -> Fill {
    let last = AtomicU8::new(1);
    Arc::new(move |bytes| {
        bytes.fill(last.fetch_add(1, Ordering::SeqCst));
        true
    })
}

async fn sealer(database: &Database, given: Option<&str>) -> Sealer {
    let given = given.map(|text| text.parse().expect("keys"));
    Sealer::start(database, &ManualClock::default(), given, counting()).await.expect("a sealer")
}

fn key(digit: &str) -> String {
    digit.repeat(64)
}

#[tokio::test]
async fn a_sealed_text_opens_for_its_purpose_and_its_row_alone() {
    let database = sqlite().await;
    let sealer = sealer(&database, Some(&key("a"))).await;
    let [sealed, again] = [0, 1].map(|_| sealer.seal(HOOK, "one", "whsec_x").expect("sealed"));
    assert_ne!(sealed, again, "the same text is not known by its seal");
    assert!(!sealed.contains("whsec_x") && sealed.starts_with("sealed:1:"), "{sealed}");
    assert_eq!(sealer.open(HOOK, "one", &sealed).as_deref(), Ok("whsec_x"));
    assert_eq!(sealer.open(HOOK, "two", &sealed), Err(SealError::Foreign));
    assert_eq!(sealer.open(Purpose::OneTimeCodes, "one", &sealed), Err(SealError::Foreign));
    assert_eq!(sealer.open(HOOK, "one", "whsec_before").as_deref(), Ok("whsec_before"));
}

#[tokio::test]
async fn a_key_that_is_not_here_opens_nothing_and_a_former_one_goes_on_opening() {
    let database = sqlite().await;
    let (old, new) = (key("a"), key("b"));
    let sealed = sealer(&database, Some(&old)).await.seal(HOOK, "one", "whsec_x").expect("sealed");
    assert_eq!(sealer(&database, Some(&new)).await.open(HOOK, "one", &sealed), Err(SealError::Foreign));
    assert_eq!(sealer(&database, None).await.open(HOOK, "one", &sealed), Err(SealError::Foreign));
    let both = sealer(&database, Some(&format!("{new}, {old}"))).await;
    assert_eq!(both.open(HOOK, "one", &sealed).as_deref(), Ok("whsec_x"));
    let sealed = both.seal(HOOK, "one", "whsec_x").expect("sealed");
    assert_eq!(sealer(&database, Some(&new)).await.open(HOOK, "one", &sealed).as_deref(), Ok("whsec_x"));
}

#[tokio::test]
async fn servers_without_a_setting_share_the_key_that_the_first_one_made() {
    for (name, database) in databases().await {
        let (first, second) = (sealer(&database, None).await, sealer(&database, None).await);
        let sealed = first.seal(HOOK, "one", "whsec_x").expect("sealed");
        assert_eq!(second.open(HOOK, "one", &sealed).as_deref(), Ok("whsec_x"), "{name}");
        let set = sealer(&database, Some(&key("c"))).await;
        assert_eq!(set.open(HOOK, "one", &sealed).as_deref(), Ok("whsec_x"), "what was sealed before the setting");
    }
}

#[tokio::test]
async fn clear_texts_and_former_keys_are_sealed_anew_and_what_cannot_be_opened_stays() {
    let column = SealedColumn {
        read: Sql::both(
            "SELECT id, secret FROM sealed WHERE id > $1 AND secret NOT LIKE $2 ORDER BY id LIMIT cast($3 AS bigint)",
        ),
        write: Sql::both("UPDATE sealed SET secret = $1 WHERE id = $2 AND secret = $3"),
    };
    for (name, database) in databases().await {
        let write = async |sql, args| database.write(vec![Statement::new(sql, args)]).await.expect("a write");
        write(Sql::both("CREATE TABLE sealed (id TEXT NOT NULL PRIMARY KEY, secret TEXT NOT NULL)"), vec![]).await;
        let former = sealer(&database, Some(&key("a"))).await;
        let lost = sealer(&database, Some(&key("f"))).await.seal(HOOK, "lost", "whsec_lost").expect("sealed");
        let add = Sql::both("INSERT INTO sealed (id, secret) VALUES ($1, $2)");
        for number in 0..PAGE + 3 {
            let row = format!("row {number:04}");
            let clear = format!("whsec_{number}");
            let secret = if number % 2 == 0 { clear } else { former.seal(HOOK, &row, &clear).expect("sealed") };
            write(add, vec![row.into(), secret.into()]).await;
        }
        write(add, vec!["lost".into(), lost.as_str().into()]).await;
        let now = sealer(&database, Some(&format!("{},{}", key("b"), key("a")))).await;
        assert_eq!(now.seal_anew(&database, HOOK, column).await.expect("sealed anew"), 1, "{name}");
        let alone = sealer(&database, Some(&key("b"))).await;
        let rows = database.fetch(Sql::both("SELECT id, secret FROM sealed ORDER BY id"), vec![]).await.expect("rows");
        for row in &rows {
            let (row, secret) = (row.text(0).expect("an id"), row.text(1).expect("a secret"));
            match row.strip_prefix("row ") {
                Some(number) => {
                    let clear = format!("whsec_{}", number.parse::<usize>().expect("a number"));
                    assert!(secret.starts_with("sealed:1:"), "{name} {row}: {secret}");
                    assert_eq!(alone.open(HOOK, &row, &secret), Ok(clear));
                }
                None => assert_eq!(secret, lost),
            }
        }
    }
}

#[test]
fn keys_are_read_from_a_list_and_not_printed() {
    let keys: SealingKeys = format!("{} , {},lost", key("a"), key("B")).parse().expect("keys");
    assert_eq!((keys.roots.len(), keys.gives_up_lost), (2, true));
    assert_eq!(format!("{keys:?}"), "SealingKeys(…)");
    for text in ["", "lost", "hunter2", &key("g"), &format!("{},", key("a")), &"a".repeat(63)] {
        assert_eq!(text.parse::<SealingKeys>(), Err(NoSealingKeys), "{text:?}");
    }
}

proptest! {
    #[test]
    fn no_kept_text_makes_the_opener_fall_and_one_changed_letter_is_noticed(text in ".{0,120}", place in 0_usize..200) {
        let root = Root([7; 32]);
        let keys = Arc::new(vec![(root.beginning().expect("a name"), root)]);
        let sealer = Sealer { keys, fill: counting(), gives_up_lost: false };
        let _opened_or_not = sealer.open(HOOK, "one", &format!("{}{text}", sealer.keys[0].0));
        let sealed = sealer.seal(HOOK, "one", &text).expect("sealed");
        prop_assert_eq!(sealer.open(HOOK, "one", &sealed), Ok(text));
        let behind = sealer.keys[0].0.len();
        let place = behind + place % (sealed.len() - behind);
        let other = if sealed.as_bytes()[place] == b'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &sealed[..place], &sealed[place + 1..]);
        prop_assert_eq!(sealer.open(HOOK, "one", &changed), Err(SealError::Foreign));
    }
}
