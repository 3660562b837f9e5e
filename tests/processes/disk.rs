//! A disk that fails under a real server: nothing is acknowledged that is not there after a restart, the log and the
//! client are told, and the server's next start finds everything well.

use std::path::Path;

use crate::house::{House, Server, charge, grant, open};
use crate::recording::shim;

const CONNECTIONS: usize = 4;
const CREDITS: i64 = 1_000_000;
/// Charges that must go well before the disk fails, and answers of 503 that are waited for after.
const BEFORE: usize = 20;
const REFUSED: usize = 12;

struct Hurt {
    house: House,
    key: String,
    account: String,
    server: Server,
}

impl Hurt {
    async fn new() -> Self {
        let house = House::sqlite();
        let key = house.operator_key();
        let (file, trouble) = (house.file("house.db"), house.file("trouble"));
        let settings: [(&str, &Path); 3] =
            [("LD_PRELOAD", shim()), ("AETHEL_DISK_FILE", &file), ("AETHEL_DISK_TROUBLE", &trouble)];
        let server = house.serve_with(&settings);
        let account = open(&server.address, &key, "open").await;
        assert_eq!(grant(&server.address, &key, &account, "grant", CREDITS).await.status, 200);
        Self { house, key, account, server }
    }

    /// Charges from several connections until enough were refused; returns the keys, each with its entry if it was
    /// acknowledged.
    async fn load(&self, trouble: &str) -> Vec<(String, Option<String>)> {
        let mut tried = Vec::new();
        let mut refused = 0;
        for round in 0.. {
            if round * CONNECTIONS == BEFORE {
                std::fs::write(self.house.file("trouble"), trouble).expect("the trouble begins");
            }
            let keys: Vec<String> = (0..CONNECTIONS).map(|index| format!("{round}-{index}")).collect();
            let sent = keys.iter().map(|key| charge(&self.server.address, &self.key, &self.account, key, 1));
            let answers = futures::future::join_all(sent).await;
            for (key, answer) in keys.into_iter().zip(answers) {
                let answer = answer.expect("the server lives and answers");
                let entry = match answer.status {
                    200 => Some(answer.body["transaction_id"].as_str().expect("an id").to_owned()),
                    503 => {
                        assert!(answer.head.contains("retry-after: 1"), "{answer:?}");
                        assert_eq!(answer.body["code"], "unavailable");
                        refused += 1;
                        None
                    }
                    _ => panic!("{answer:?}"),
                };
                tried.push((key, entry));
            }
            if refused >= REFUSED {
                break;
            }
            assert!(round < 1_000, "the disk never failed");
        }
        tried
    }

    /// Everything acknowledged is there, everything else can be tried again, and each was charged once.
    async fn assert_all_is_well(&self, server: &Server, tried: &[(String, Option<String>)]) {
        for (key, entry) in tried {
            let answer = charge(&server.address, &self.key, &self.account, key, 1).await.expect("an answer");
            assert_eq!(answer.status, 200, "{answer:?}");
            if let Some(entry) = entry {
                let replayed = (answer.body["transaction_id"].as_str(), answer.body["replayed"].as_bool());
                assert_eq!(replayed, (Some(entry.as_str()), Some(true)), "an acknowledged charge was lost");
            }
        }
        let last = charge(&server.address, &self.key, &self.account, "last", 1).await.expect("an answer");
        let spent = i64::try_from(tried.len()).expect("few") + 1;
        assert_eq!(last.body["credits_remaining"], CREDITS - spent, "each key was charged once");
    }

    async fn assert_recovers(mut self, trouble: &str, said: &str) {
        let tried = self.load(trouble).await;
        let log = std::fs::read_to_string(self.house.file("log")).expect("a log");
        let told = log.lines().find(|line| line.contains("ERROR") && line.contains("a batch was not committed"));
        assert!(told.is_some_and(|line| line.contains(said)), "the log does not say {said:?}:\n{log}");
        self.server.kill();
        let server = self.house.serve();
        self.assert_all_is_well(&server, &tried).await;
        drop(server);
        self.house.assert_audit_is_clean();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_acknowledges_nothing() {
    Hurt::new().await.assert_recovers("s 3", "disk I/O error").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_acknowledges_nothing() {
    Hurt::new().await.assert_recovers("f 100000", "database or disk is full").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_well_again_is_used_again_without_a_restart() {
    for trouble in ["f 60000", "s 2"] {
        let hurt = Hurt::new().await;
        let tried = hurt.load(trouble).await;
        std::fs::remove_file(hurt.house.file("trouble")).expect("the trouble ends");
        hurt.assert_all_is_well(&hurt.server, &tried).await;
        hurt.house.assert_audit_is_clean();
    }
}
