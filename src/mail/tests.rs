//! The letter box's laws, each on both stores, and the SMTP conversation against a small server.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::smtp::Smtp;
use super::worker::{ATTEMPTS_MAX, CLAIM_SECONDS, Carrier, Setback};
use super::{Mail, MailState, Message, StoredMail, store};
use crate::billing::store::{Database, testing};
use crate::ledger::testing::{CountingIds, ManualClock};
use crate::ledger::{Clock, IdSource};

/// A mail server that always says the same.
struct Stubborn {
    answer: Result<(), Setback>,
    asked: AtomicUsize,
}

impl Carrier for Stubborn {
    fn carry<'a>(&'a self, _: &'a StoredMail) -> Pin<Box<dyn Future<Output = Result<(), Setback>> + Send + 'a>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { self.answer.clone() })
    }
}

struct LetterBox {
    mail: Mail,
    server: Arc<Stubborn>,
    clock: Arc<ManualClock>,
    database: Database,
}

async fn boxes(answer: Result<(), Setback>) -> Vec<(&'static str, LetterBox)> {
    let boxes = testing::databases().await.into_iter().map(|(name, database)| {
        let server = Arc::new(Stubborn { answer: answer.clone(), asked: AtomicUsize::new(0) });
        let clock = Arc::new(ManualClock::default());
        let ids: Arc<dyn IdSource> = Arc::new(CountingIds::default());
        let carrier: Arc<dyn Carrier> = server.clone();
        let mail = Mail { database: database.clone(), clock: clock.clone(), ids, carrier: Some(carrier) };
        (name, LetterBox { mail, server, clock, database })
    });
    boxes.collect()
}

impl LetterBox {
    async fn write(&self, subject: &str) {
        let message = Message { to: "ada@example.com".into(), subject: subject.into(), text: "a secret link".into() };
        self.database.write(vec![self.mail.compose(message)]).await.expect("a mail is written");
    }

    async fn only(&self) -> StoredMail {
        let mails = self.mail.recent(10).await.expect("the letter box opens");
        assert_eq!(mails.len(), 1);
        mails.into_iter().next().expect("one mail")
    }

    fn asked(&self) -> usize {
        self.server.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn in_test_mode_mails_stay_in_the_outbox_newest_first() {
    for (name, database) in testing::databases().await {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
        let mail = Mail::outbox(database.clone(), clock, Arc::new(CountingIds::default()));
        for subject in ["one", "two"] {
            let message = Message { to: "ada@example.com".into(), subject: subject.into(), text: "Hello".into() };
            database.write(vec![mail.compose(message)]).await.expect("a mail is written");
        }
        assert_eq!(mail.deliver_due().await.expect("a round"), 0, "{name}");
        mail.work(std::future::pending()).await;
        let mails = mail.recent(10).await.expect("the outbox opens");
        let shown: Vec<_> = mails.iter().map(|mail| (mail.subject.as_str(), mail.text.as_str(), mail.state)).collect();
        assert_eq!(shown, [("two", "Hello", MailState::Shown), ("one", "Hello", MailState::Shown)]);
    }
}

#[tokio::test]
async fn a_mail_that_has_left_is_sent_once_and_its_text_is_gone() {
    for (name, post) in boxes(Ok(())).await {
        post.write("one").await;
        assert_eq!(post.mail.deliver_due().await.expect("a round"), 1, "{name}");
        assert_eq!(post.mail.deliver_due().await.expect("a round"), 0);
        let mail = post.only().await;
        assert_eq!((mail.state, mail.text.as_str(), post.asked()), (MailState::Sent, "", 1));
    }
}

#[tokio::test]
async fn a_mail_that_may_leave_later_is_tried_ever_more_rarely_and_then_given_up() {
    for (name, post) in boxes(Err(Setback::Later("greylisted".into()))).await {
        post.write("one").await;
        let mut rounds = 0;
        while post.only().await.state == MailState::Waiting {
            post.mail.deliver_due().await.expect("a round");
            post.mail.deliver_due().await.expect("not due yet");
            assert_eq!(i64::try_from(post.asked()).expect("few"), rounds + 1, "{name}");
            post.clock.advance(30 << rounds);
            rounds += 1;
        }
        let mail = post.only().await;
        assert_eq!((mail.state, mail.text.as_str(), rounds), (MailState::Failed, "", ATTEMPTS_MAX));
    }
}

#[tokio::test]
async fn a_mail_that_will_never_leave_is_given_up_at_once() {
    for (name, post) in boxes(Err(Setback::Never("no such mailbox".into()))).await {
        post.write("one").await;
        assert_eq!(post.mail.deliver_due().await.expect("a round"), 0, "{name}");
        assert_eq!(post.only().await.state, MailState::Failed);
    }
}

#[tokio::test]
async fn a_claimed_mail_is_nobody_elses_until_the_claim_runs_out() {
    for (name, post) in boxes(Ok(())).await {
        post.write("one").await;
        let now = post.clock.now();
        let due = store::due(&post.database, now, 10).await.expect("a read").remove(0);
        let until = now.plus_seconds(CLAIM_SECONDS);
        assert!(store::claim(&post.database, &due, until).await.expect("a claim"), "{name}");
        assert!(!store::claim(&post.database, &due, until).await.expect("too late"));
        assert_eq!(post.mail.deliver_due().await.expect("a round"), 0);
        // The first worker died with the mail in its hands.
        post.clock.advance(CLAIM_SECONDS);
        assert_eq!(post.mail.deliver_due().await.expect("a round"), 1);
    }
}

#[tokio::test]
async fn a_mail_reaches_the_server_with_its_sender_date_and_a_stable_id() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    let heard = Arc::new(Mutex::new(String::new()));
    let server = tokio::spawn(serve_one(listener, heard.clone()));
    let (clock, ids) = (ManualClock::default(), CountingIds::default());
    let mail = StoredMail {
        id: crate::ledger::MailId::from_ulid(ids.next(clock.now())),
        to: "ada@example.com".into(),
        subject: "Grüße".into(),
        text: "Follow https://aethel.example/confirm?token=abc".into(),
        at: clock.now(),
        state: MailState::Waiting,
    };
    let smtp = Smtp::connect(&url, "Aethel <hello@aethel.example>").expect("good settings");
    assert_eq!(smtp.carry(&mail).await, Ok(()));
    server.abort();
    let heard = heard.lock().expect("no panic").clone();
    assert!(heard.contains("RCPT TO:<ada@example.com>"), "{heard}");
    assert!(heard.contains("From: Aethel <hello@aethel.example>") || heard.contains("From: \"Aethel\""), "{heard}");
    assert!(heard.contains("Date: Thu, 01 Jan 2026 00:00:00 +0000"), "{heard}");
    assert!(heard.contains(&format!("Message-ID: <{}@aethel.example>", mail.id)), "{heard}");
    assert!(heard.contains("https://aethel.example/confirm?token"), "{heard}");
}

#[tokio::test]
async fn without_a_server_the_mail_waits_and_without_an_address_it_never_leaves() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let smtp = Smtp::connect(&url, "hello@aethel.example").expect("good settings");
    let clock = ManualClock::default();
    let mut mail = StoredMail {
        id: crate::ledger::MailId::from_ulid(CountingIds::default().next(clock.now())),
        to: "ada@example.com".into(),
        subject: "Hello".into(),
        text: "Hello".into(),
        at: clock.now(),
        state: MailState::Waiting,
    };
    assert!(matches!(smtp.carry(&mail).await, Err(Setback::Later(_))));
    mail.to = "nobody".into();
    assert!(matches!(smtp.carry(&mail).await, Err(Setback::Never(_))));
}

#[test]
fn wrong_settings_are_told_in_a_sentence() {
    let refusal = |url: &str, from: &str| Smtp::connect(url, from).err().map(|error| error.to_string());
    assert!(refusal("https://example.com", "a@example.com").is_some_and(|text| text.contains("AETHEL_SMTP_URL")));
    assert!(refusal("smtp://example.com", "nobody").is_some_and(|text| text.contains("sender")));
}

/// As much of RFC 5321 as one mail needs, for one caller.
async fn serve_one(listener: TcpListener, heard: Arc<Mutex<String>>) {
    let (stream, _) = listener.accept().await.expect("a caller");
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 ready\r\n").await.expect("a greeting");
    let mut in_data = false;
    while let Ok(Some(line)) = lines.next_line().await {
        heard.lock().expect("no panic").push_str(&format!("{line}\n"));
        let answer: &[u8] = match line.as_str() {
            "." => b"250 taken\r\n",
            _ if in_data => continue,
            "DATA" => b"354 go on\r\n",
            "QUIT" => b"221 bye\r\n",
            _ => b"250 fine\r\n",
        };
        in_data = line == "DATA";
        writer.write_all(answer).await.expect("an answer");
    }
}
