//! One request key does one thing, in the ledger and in the shop together.

use crate::billing::store::testing::databases;
use crate::billing::{KernelError, Order};
use crate::ledger::{Command, Credits};
use crate::payments::PaymentError;
use crate::payments::testing::Till;

#[tokio::test]
async fn one_request_key_never_pays_for_work_and_buys_a_package() {
    for (store, database) in databases().await {
        let till = Till::open(database).await;
        let gift = || Command::Grant {
            grant: till.kernel.next_grant(),
            credits: Credits::new(5).expect("small"),
            reason: "to spend".into(),
            expires_at: None,
        };
        till.kernel.submit(Order::new(till.account, "key-1", gift())).await.expect("given");
        let bought = till.payments.checkout(till.account, None, till.starter(), "key-1").await;
        assert_eq!(bought, Err(PaymentError::Conflict), "{store}");
        assert_eq!(till.payments.purchases(till.account, None, 100).await, Ok(vec![]), "{store}");
        let purchase = till.purchase("key-2").await;
        let given = till.kernel.submit(Order::new(till.account, "key-2", gift())).await;
        assert_eq!(given.err(), Some(KernelError::IdempotencyConflict), "{store}");
        assert_eq!(till.purchase("key-2").await.id, purchase.id, "{store}: it is still the purchase's");
        assert_eq!(till.available().await, 5, "{store}");
    }
}
