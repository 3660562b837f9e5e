//! Automatic purchases whose rule is saved again.

use crate::billing::store::testing::databases;
use crate::billing::store::{Sql, Statement};
use crate::ledger::{Cents, Credits};
use crate::payments::testing::shop::Shop;
use crate::payments::{Halt, TopUpSettings};

#[tokio::test]
async fn a_card_that_was_declined_for_good_is_not_charged_again_by_saving_the_rule() {
    for (store, database) in databases().await {
        let shop = Shop::silent(database).await;
        let till = &shop.till;
        let rule = |cap: i64| TopUpSettings {
            threshold: Credits::new(50).expect("small"),
            package: "Starter".into(),
            monthly_cap: Cents::new(cap).expect("small"),
            enabled: true,
        };
        shop.save("pm_card_visa").await;
        till.payments.set_top_up(till.account, rule(5_000), Vec::new()).await.expect("a rule");
        // As the bank's word "stolen" leaves it.
        let halt = Sql::both(
            "update auto_topups set halted = 'card_declined', failure_code = 'stolen_card',
               halted_card = (select payment_method from stripe_customers where account = $1) where account_id = $1",
        );
        let halt = Statement::new(halt, vec![till.account.to_string().into()]);
        let attempt = till.purchase("topup:0").await;
        let named = Sql::both("update auto_topups set attempt = $2 where account_id = $1");
        let named = Statement::new(named, vec![till.account.to_string().into(), attempt.id.to_string().into()]);
        let failed = Sql::both(
            "update purchases set state = 'failed', failure_code = 'stolen_card', failure = 'No.' where id = $1",
        );
        let failed = Statement::new(failed, vec![attempt.id.to_string().into()]);
        till.database.write(vec![halt, named, failed]).await.expect("a store");

        let before = till.payments.top_up(till.account).await.expect("a store").expect("a rule");
        let saved = till.payments.set_top_up(till.account, rule(6_000), Vec::new()).await.expect("a rule");
        assert_eq!(saved.halted, Some(Halt::Declined), "{store}");
        assert_eq!((&saved.halted_card, saved.attempt), (&before.halted_card, before.attempt), "{store}");
        assert_eq!((saved.settings, saved.failure_code.as_deref()), (rule(6_000), Some("stolen_card")), "{store}");
        till.payments.top_up_round().await.expect("a round");
        assert_eq!(till.available().await, 0, "{store}: nothing is charged");

        shop.save("pm_card_mastercard").await;
        till.payments.top_up_round().await.expect("a round");
        assert_eq!(till.available().await, 100, "{store}: another card goes on");
    }
}
