//! Deliveries to a receiver on this machine, on both stores, with the clock in the test's hand.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use ulid::Ulid;

use super::*;
use crate::billing::store::testing;
use crate::ledger::testing::{CountingIds, ManualClock};
use crate::ledger::{AccountId, Credits, EventId, IdSource};

mod sealed;

const DAY: i64 = 86_400;

/// One request as it arrived: its headers in lower case, and its body.
#[derive(Clone, Debug)]
struct Arrived {
    head: String,
    body: String,
}

impl Arrived {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("{name} in {}", self.head))
    }
}

/// A server that answers the statuses it is given, the last one for ever.
struct Receiver {
    url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Receiver {
    async fn answering(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let kept = Arc::clone(&arrived);
        tokio::spawn(async move {
            for number in 0_usize.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (mut bytes, mut chunk) = (Vec::new(), [0; 4_096]);
                loop {
                    let read = stream.read(&mut chunk).await.unwrap();
                    bytes.extend_from_slice(&chunk[..read]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if !text.starts_with("POST") {
                        break;
                    }
                    if let Some((head, body)) = text.split_once("\r\n\r\n") {
                        let length = head.to_lowercase().lines().find_map(|line| {
                            line.strip_prefix("content-length: ").and_then(|length| length.parse::<usize>().ok())
                        });
                        if body.len() >= length.unwrap_or(0) {
                            let head = head.replace("\r\n", "\n").to_lowercase();
                            kept.lock().unwrap().push(Arrived { head, body: body.to_owned() });
                            break;
                        }
                    }
                }
                let answer = answers.get(number).or(answers.last()).unwrap();
                let _gone = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, arrived }
    }

    fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }
}

const OK: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 Oh\r\ncontent-length: 9\r\nconnection: close\r\n\r\nnot today";
const GONE: &str = "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const ELSEWHERE: &str =
    "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/secret\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

struct House {
    hooks: Hooks,
    database: Database,
    clock: Arc<ManualClock>,
    ids: Arc<CountingIds>,
    account: AccountId,
}

impl House {
    async fn of(database: Database) -> Self {
        let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
        let last = AtomicU8::new(1);
        let fill: Fill = Arc::new(move |bytes| {
            bytes.fill(last.fetch_add(1, Ordering::SeqCst));
            true
        });
        let sealer = Sealer::start(&database, clock.as_ref(), None, Arc::clone(&fill)).await.expect("a sealer");
        let hooks = Hooks::new(database.clone(), clock.clone(), fill, sealer, Reach::Loopback);
        let account = AccountId::from_ulid(Ulid::from_parts(1, 1));
        Self { hooks, database, clock, ids, account }
    }

    /// Another server on the same database, with these `AETHEL_SEALING_KEY`s.
    async fn sealing_with(&self, keys: &str) -> Hooks {
        let keys = Some(keys.parse().expect("keys"));
        let sealer = Sealer::start(&self.database, self.clock.as_ref(), keys, Arc::clone(&self.hooks.fill)).await;
        Hooks { sealer: sealer.expect("a sealer"), ..self.hooks.clone() }
    }

    /// Puts every secret back as it was before there was sealing.
    async fn in_the_clear(&self, secret: &str) {
        let sql = crate::billing::store::Sql::both("UPDATE webhook_endpoints SET secret = $1");
        self.database.write(vec![Statement::new(sql, vec![secret.into()])]).await.expect("written");
    }

    /// Every secret that the database keeps, as it is kept.
    async fn kept(&self) -> Vec<String> {
        let sql = "SELECT secret FROM webhook_endpoints
                   UNION ALL SELECT former_secret FROM webhook_endpoints WHERE former_secret IS NOT NULL";
        let rows = self.database.fetch(crate::billing::store::Sql::both(sql), Vec::new()).await.expect("a read");
        rows.iter().map(|row| row.text(0).expect("a text")).collect()
    }

    async fn endpoint(&self, url: &str, kinds: &[EventKind], request: &str) -> Made {
        let kinds = Kinds(kinds.iter().copied().collect());
        let wanted = Wanted { url: url.into(), description: "ours".into(), kinds };
        self.hooks.create(self.account, wanted, request, Vec::new()).await.expect("an endpoint")
    }

    async fn happens(&self, news: &News) -> EventId {
        let now = self.clock.now();
        let id = EventId::from_ulid(self.ids.next(now));
        self.database.write(announce(self.account, news, id, now)).await.expect("written");
        id
    }
}

async fn houses() -> Vec<House> {
    let mut houses = Vec::new();
    for (_, database) in testing::databases().await {
        houses.push(House::of(database).await);
    }
    houses
}

fn low() -> News {
    News::low_balance(Credits::new(3).unwrap(), Credits::new(10).unwrap())
}

#[tokio::test]
async fn an_event_arrives_signed_and_once() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        let made = house.endpoint(&receiver.url, &[], "one").await;
        let event = house.happens(&low()).await;
        assert_eq!(house.hooks.deliver_due().await, Ok(1));
        assert_eq!(house.hooks.deliver_due().await, Ok(0));
        let [arrived] = &receiver.arrived()[..] else { panic!("one") };
        assert_eq!(arrived.header("webhook-id"), event.to_string().to_lowercase());
        let seconds: i64 = arrived.header("webhook-timestamp").parse().unwrap();
        assert_eq!(seconds, house.clock.now().millis() / 1_000);
        let signed = made.secret.unwrap().sign(&event.to_string(), seconds, &arrived.body).unwrap();
        assert_eq!(arrived.header("webhook-signature"), signed.to_lowercase());
        let body: Value = serde_json::from_str(&arrived.body).unwrap();
        assert_eq!((&body["type"], &body["data"]["available"]), (&"balance.low".into(), &3.into()));
        assert_eq!(body["account_id"], house.account.to_string());
        let (delivery, _, attempts) = house.hooks.delivery(house.account, made.endpoint.id, event).await.unwrap();
        assert_eq!((delivery.state.as_str(), delivery.attempts), ("delivered", 1));
        assert_eq!((attempts[0].status, attempts[0].failure.as_str()), (Some(204), ""));
    }
}

#[tokio::test]
async fn only_those_who_asked_for_a_kind_are_told_of_it() {
    for house in houses().await {
        let (all, some, other) =
            (Receiver::answering(&[OK]).await, Receiver::answering(&[OK]).await, Receiver::answering(&[OK]).await);
        house.endpoint(&all.url, &[], "all").await;
        house.endpoint(&some.url, &[EventKind::BalanceLow, EventKind::MonitorAlert], "some").await;
        house.endpoint(&other.url, &[EventKind::PurchasePaid, EventKind::TopUpStopped], "other").await;
        house.happens(&low()).await;
        assert_eq!(house.hooks.deliver_due().await, Ok(2));
        assert_eq!([all.arrived().len(), some.arrived().len(), other.arrived().len()], [1, 1, 0]);
    }
}

#[tokio::test]
async fn what_is_undone_is_not_told() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        house.endpoint(&receiver.url, &[], "one").await;
        let now = house.clock.now();
        let id = EventId::from_ulid(house.ids.next(now));
        let mut rows = announce(house.account, &low(), id, now);
        // The same event twice is refused, and with it everything.
        rows.extend(announce(house.account, &low(), id, now));
        assert!(house.database.write(rows).await.is_err());
        assert_eq!(house.hooks.deliver_due().await, Ok(0));
    }
}

#[tokio::test]
async fn what_fails_is_tried_again_later_and_its_answer_is_kept() {
    for house in houses().await {
        let receiver = Receiver::answering(&[BROKEN, ELSEWHERE, OK]).await;
        let made = house.endpoint(&receiver.url, &[], "one").await;
        let event = house.happens(&low()).await;
        assert_eq!(house.hooks.deliver_due().await, Ok(0));
        assert_eq!((house.hooks.deliver_due().await, receiver.arrived().len()), (Ok(0), 1));
        house.clock.advance(30);
        assert_eq!((house.hooks.deliver_due().await, receiver.arrived().len()), (Ok(0), 2));
        assert!(house.hooks.endpoint(house.account, made.endpoint.id).await.unwrap().failing_since.is_some());
        house.clock.advance(60);
        assert_eq!(house.hooks.deliver_due().await, Ok(1));
        let (_, _, attempts) = house.hooks.delivery(house.account, made.endpoint.id, event).await.unwrap();
        let told: Vec<(i64, Option<u16>, &str)> =
            attempts.iter().map(|attempt| (attempt.number, attempt.status, attempt.answer.as_str())).collect();
        assert_eq!(told, [(3, Some(204), ""), (2, Some(302), ""), (1, Some(500), "not today")]);
        assert!(attempts[1].failure.contains("redirects are not followed"));
        assert_eq!(house.hooks.endpoint(house.account, made.endpoint.id).await.unwrap().failing_since, None);
    }
}

#[tokio::test]
async fn two_servers_deliver_an_event_once() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        house.endpoint(&receiver.url, &[], "one").await;
        for _ in 0..6 {
            house.happens(&low()).await;
        }
        let neighbour = house.hooks.clone();
        let mut arrived = 0;
        for _ in 0..4 {
            let (ours, theirs) = tokio::join!(house.hooks.deliver_due(), neighbour.deliver_due());
            arrived += ours.unwrap() + theirs.unwrap();
        }
        assert_eq!((arrived, receiver.arrived().len()), (6, 6));
    }
}

#[tokio::test]
async fn what_a_fallen_server_had_claimed_is_delivered_by_the_next() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        house.endpoint(&receiver.url, &[], "one").await;
        house.happens(&low()).await;
        let due = store::due(&house.database, house.clock.now(), 4, 10).await.unwrap();
        assert_eq!(store::claim(&house.database, &due, house.clock.now().plus_seconds(60)).await.unwrap(), [true]);
        assert_eq!(store::claim(&house.database, &due, house.clock.now().plus_seconds(60)).await.unwrap(), [false]);
        assert_eq!(house.hooks.deliver_due().await, Ok(0));
        house.clock.advance(61);
        assert_eq!(house.hooks.deliver_due().await, Ok(1));
    }
}

#[tokio::test]
async fn an_endpoint_that_nothing_reaches_for_days_is_stopped_and_told_once() {
    for house in houses().await {
        let receiver = Receiver::answering(&[BROKEN]).await;
        let made = house.endpoint(&receiver.url, &[], "one").await;
        let event = house.happens(&low()).await;
        for _ in 0..40 {
            house.hooks.deliver_due().await.unwrap();
            house.clock.advance(DAY / 4);
        }
        let endpoint = house.hooks.endpoint(house.account, made.endpoint.id).await.unwrap();
        assert_eq!(endpoint.state, EndpointState::Stopped);
        let (delivery, _, _) = house.hooks.delivery(house.account, made.endpoint.id, event).await.unwrap();
        assert_eq!(delivery.state, "failed");
        assert_eq!(stopped_untold(&house.database).await.unwrap().len(), 1);
        for touched in [1, 0] {
            assert_eq!(house.database.write(vec![told(endpoint.id, house.clock.now())]).await.unwrap(), [touched]);
        }
        let count = receiver.arrived().len();
        house.happens(&low()).await;
        house.hooks.deliver_due().await.unwrap();
        assert_eq!(receiver.arrived().len(), count, "nothing is sent to what was stopped");
        let wanted = Wanted { url: receiver.url.clone(), description: String::new(), kinds: Kinds::default() };
        let on = house.hooks.change(house.account, endpoint.id, wanted, Some(true), Vec::new()).await.unwrap();
        assert_eq!((on.state, on.stopped_at, on.failing_since), (EndpointState::On, None, None));
        for _ in 0..2 {
            house.hooks.replay(house.account, endpoint.id, event, "again").await.unwrap();
            house.hooks.deliver_due().await.unwrap();
        }
        assert_eq!(receiver.arrived().len(), count + 1, "and what is replayed goes out again");
    }
}

#[tokio::test]
async fn an_endpoint_that_says_it_is_gone_is_stopped_at_once() {
    for house in houses().await {
        let receiver = Receiver::answering(&[GONE]).await;
        let made = house.endpoint(&receiver.url, &[], "one").await;
        house.happens(&low()).await;
        house.hooks.deliver_due().await.unwrap();
        let endpoint = house.hooks.endpoint(house.account, made.endpoint.id).await.unwrap();
        assert_eq!(endpoint.state, EndpointState::Stopped);
    }
}

#[tokio::test]
async fn the_same_request_makes_one_endpoint_and_shows_its_secret_once() {
    for house in houses().await {
        let first = house.endpoint("https://hooks.example.com/a", &[], "one").await;
        let again = house.endpoint("https://hooks.example.com/a", &[], "one").await;
        assert_eq!((again.endpoint.id, again.secret), (first.endpoint.id, None));
        let other =
            Wanted { url: "https://hooks.example.com/b".into(), description: "ours".into(), kinds: Kinds::default() };
        assert_eq!(house.hooks.create(house.account, other.clone(), "one", Vec::new()).await, Err(HookError::Conflict));
        let stranger = AccountId::from_ulid(Ulid::from_parts(1, 2));
        assert_ne!(
            house.hooks.create(stranger, other, "one", Vec::new()).await.unwrap().endpoint.id,
            first.endpoint.id
        );
        assert_eq!(house.hooks.endpoint(stranger, first.endpoint.id).await, Err(HookError::NotFound));
        assert_eq!(house.hooks.remove(stranger, first.endpoint.id, Vec::new()).await, Err(HookError::NotFound));
        assert_eq!(house.hooks.test(stranger, first.endpoint.id, "x").await, Err(HookError::NotFound));
        for number in 1..ENDPOINTS_MAX {
            house.endpoint("https://hooks.example.com/a", &[], &format!("more {number}")).await;
        }
        let wanted = Wanted { url: "https://hooks.example.com/c".into(), ..Wanted::default() };
        assert_eq!(house.hooks.create(house.account, wanted, "too many", Vec::new()).await, Err(HookError::TooMany));
    }
}

#[tokio::test]
async fn both_secrets_sign_while_one_is_rotated_and_a_test_is_sent_once() {
    for house in houses().await {
        let receiver = Receiver::answering(&[OK]).await;
        let made = house.endpoint(&receiver.url, &[EventKind::PurchasePaid], "one").await;
        let rotated = house.hooks.rotate(house.account, made.endpoint.id, 24, "r", Vec::new()).await.unwrap();
        assert_ne!(rotated.secret, made.secret);
        let again = house.hooks.rotate(house.account, made.endpoint.id, 0, "r", Vec::new()).await.unwrap();
        assert_eq!((again.secret, again.endpoint.former_until), (None, rotated.endpoint.former_until));
        let event = house.hooks.test(house.account, made.endpoint.id, "press").await.unwrap();
        assert_eq!(house.hooks.test(house.account, made.endpoint.id, "press").await, Ok(event));
        assert_eq!(house.hooks.deliver_due().await, Ok(1));
        house.clock.advance(DAY);
        house.hooks.test(house.account, made.endpoint.id, "another").await.unwrap();
        house.hooks.deliver_due().await.unwrap();
        let counts: Vec<usize> =
            receiver.arrived().iter().map(|arrived| arrived.header("webhook-signature").split(' ').count()).collect();
        assert_eq!(counts, [2, 1]);
        house.hooks.remove(house.account, made.endpoint.id, Vec::new()).await.unwrap();
        assert_eq!(house.hooks.endpoint(house.account, made.endpoint.id).await, Err(HookError::NotFound));
    }
}

#[tokio::test]
async fn what_cannot_be_connected_to_over_tls_is_a_failure_with_a_sentence() {
    let house = House::of(testing::sqlite().await).await;
    let receiver = Receiver::answering(&[OK]).await;
    let made = house.endpoint(&receiver.url.replace("http://", "https://"), &[], "one").await;
    let event = house.happens(&low()).await;
    assert_eq!(house.hooks.deliver_due().await, Ok(0));
    let (_, _, attempts) = house.hooks.delivery(house.account, made.endpoint.id, event).await.unwrap();
    assert!(attempts[0].status.is_none() && attempts[0].failure.starts_with("could not connect"), "{attempts:?}");
}
