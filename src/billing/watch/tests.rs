//! The watch on both stores: each planted corruption breaks its law, and its repair mends it.

use super::*;
use crate::billing::tests::{charge, tills};
use crate::billing::{Order, store::Sql, store::Statement};

async fn state_after(till: &crate::billing::tests::Till, watch: &Watch, damage: &'static str) -> WatchReport {
    let damage = Statement::new(Sql::both(damage), vec![till.account.to_string().into()]);
    till.database.write(vec![damage]).await.unwrap();
    watch.round(Pace { page: 1, rest: Duration::from_millis(1) }).await.unwrap();
    watch.report()
}

#[tokio::test]
async fn a_planted_corruption_breaks_its_law_and_its_repair_mends_it() {
    for till in tills().await {
        for index in 0..5 {
            till.kernel.submit(Order::new(till.account, format!("k{index}"), charge(1))).await.unwrap();
        }
        let watch = Watch::new(till.database.clone(), till.clock.clone());
        assert_eq!(watch.report().state(Law::Chain), LawState::NotChecked);
        let report = state_after(&till, &watch, "update accounts set name = 'Acme' where id = $1").await;
        assert!(Law::ALL.iter().all(|law| report.state(*law) == LawState::Holds), "{}: {report:?}", till.name);
        let round = report.round.unwrap();
        assert_eq!((round.accounts, round.entries, report.faults()), (1, 6, 0));
        let cases = [
            (
                "update entries set memo = 'x' where account_id = $1 and seq = 3",
                "update entries set memo = '{}' where account_id = $1 and seq = 3",
                Law::Chain,
            ),
            (
                "update accounts set available = available - 1, spent = spent + 1 where id = $1",
                "update accounts set available = available + 1, spent = spent - 1 where id = $1",
                Law::Balances,
            ),
            (
                "update grants set remaining = remaining - 1 where account_id = $1",
                "update grants set remaining = remaining + 1 where account_id = $1",
                Law::Grants,
            ),
            (
                "update usage_slots set credits = credits + 1 where account_id = $1",
                "update usage_slots set credits = credits - 1 where account_id = $1",
                Law::Usage,
            ),
            (
                "update entries set request = 'k1' where account_id = $1 and seq = 3 or account_id = $1 and seq = 2",
                "update entries set request = case seq when 2 then 'k0' else 'k1' end
                   where account_id = $1 and seq in (2, 3)",
                Law::Requests,
            ),
        ];
        for (damage, repair, law) in cases {
            let report = state_after(&till, &watch, damage).await;
            assert!(matches!(report.state(law), LawState::Broken(_)), "{}: {law:?} {report:?}", till.name);
            let report = state_after(&till, &watch, repair).await;
            assert_eq!(report.faults(), 0, "{}: {law:?} {report:?}", till.name);
        }
    }
}

#[tokio::test]
async fn a_report_grows_stale_when_the_next_round_fails_or_does_not_come() {
    for till in tills().await {
        let watch = Watch::new(till.database.clone(), till.clock.clone());
        watch.round(Pace::AT_ONCE).await.unwrap();
        assert_eq!(watch.report().overall(), Overall::Holds, "{}", till.name);
        till.clock.advance(601);
        assert_eq!((watch.report().overall(), watch.report().state(Law::Chain)), (Overall::Stale, LawState::Stale));
        watch.round(Pace::AT_ONCE).await.unwrap();
        assert_eq!(watch.report().overall(), Overall::Holds);
        let ended_at = watch.report().round.map(|round| round.ended_at);
        till.database.close().await;
        assert!(watch.round(Pace::AT_ONCE).await.is_err());
        let report = watch.report();
        // What was known stays, and is no longer said as if it were known now.
        assert_eq!((report.overall(), report.round.map(|round| round.ended_at)), (Overall::Stale, ended_at));
    }
}
