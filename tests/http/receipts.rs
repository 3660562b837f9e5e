//! What people print: the receipt of a purchase as a page and as a PDF, and the statement of a month.

use serde_json::json;

use crate::support::{Client, client, client_on_postgres};

/// An account with somebody signed in who has bought a package: the account, the cookie, a key, the purchase.
async fn buyer(client: &Client) -> (String, String, String, String) {
    let (account, cookie) = client.person();
    let key = client.customer_key(&account);
    let card = json!({"account_id": account, "payment_method": "pm_card_visa"});
    assert_eq!(client.post(&key, "/api/billing/payment-methods", card).await.status, 200);
    let order = json!({"account_id": account, "package_name": "starter"});
    assert_eq!(client.post(&key, "/api/billing/purchase", order).await.status, 200);
    let list = client.get(&key, &format!("/api/billing/purchases/{account}")).await;
    let purchase = list.body["purchases"][0]["purchase_id"].as_str().expect("a purchase").to_owned();
    (account, cookie, key, purchase)
}

#[tokio::test]
async fn a_paid_purchase_has_a_receipt_for_its_own_people_as_a_page_and_as_a_file() {
    for client in [client(), client_on_postgres()] {
        let (_, cookie, key, purchase) = buyer(&client).await;
        let path = format!("/api/billing/purchases/{purchase}/receipt.pdf");
        let by_key = client.get(&key, &path).await;
        assert_eq!((by_key.status, by_key.header("content-type")), (200, "application/pdf"), "{by_key:?}");
        let named = format!("attachment; filename=\"aethel-receipt-{purchase}.pdf\"");
        assert_eq!(by_key.header("content-disposition"), named);
        let file = by_key.body.as_str().expect("plain ASCII").to_owned();
        assert!(file.starts_with("%PDF-") && file.contains("($10.00) Tj") && file.contains(&purchase), "{file}");
        let by_session = client.page(&cookie, &format!("/purchases/{purchase}/receipt.pdf")).await;
        assert_eq!((by_session.status, by_session.body.as_str()), (200, Some(file.as_str())), "the same file");
        let page = client.page(&cookie, &format!("/purchases/{purchase}/receipt")).await;
        let text = page.body.as_str().unwrap_or_default();
        assert!(page.status == 200 && text.contains("$10.00") && text.contains(&purchase), "{text}");
        let list = client.page(&cookie, "/purchases").await;
        assert!(list.body.as_str().is_some_and(|text| text.contains(&format!("/purchases/{purchase}/receipt"))));

        let (_, other_cookie, other_key, _) = buyer(&client).await;
        assert_eq!(client.get(&other_key, &path).await.problem(), (404, "purchase_not_found"));
        for path in [format!("/purchases/{purchase}/receipt.pdf"), format!("/purchases/{purchase}/receipt")] {
            assert_eq!(client.page(&other_cookie, &path).await.status, 404, "{path}");
            assert!(matches!(client.page("", &path).await.status, 302 | 303), "{path}");
        }
        let nonsense = client.get(&key, "/api/billing/purchases/PUR_1/receipt.pdf").await;
        assert_eq!(nonsense.problem(), (404, "purchase_not_found"));
    }
}

#[tokio::test]
async fn what_is_not_paid_has_no_receipt() {
    let client = client();
    let (account, cookie) = client.person();
    let key = client.customer_key(&account);
    let order = json!({"account_id": account, "package_name": "starter"});
    let open = client.post(&key, "/api/billing/checkout", order).await;
    let purchase = open.body["purchase_id"].as_str().expect("a purchase");
    let answer = client.get(&key, &format!("/api/billing/purchases/{purchase}/receipt.pdf")).await;
    assert_eq!(answer.problem(), (404, "purchase_not_found"));
    assert_eq!(client.page(&cookie, &format!("/purchases/{purchase}/receipt.pdf")).await.status, 404);
}

#[tokio::test]
async fn a_month_has_a_statement_to_print_for_its_own_people() {
    let client = client();
    let (account, cookie, key, _) = buyer(&client).await;
    let months = client.get(&key, &format!("/api/billing/statements/{account}")).await;
    let month = months.body["statements"][0]["month"].as_str().expect("a month").to_owned();
    let path = format!("/api/billing/statements/{account}/{month}/statement.pdf");
    let by_key = client.get(&key, &path).await;
    assert_eq!((by_key.status, by_key.header("content-type")), (200, "application/pdf"), "{by_key:?}");
    let file = by_key.body.as_str().expect("plain ASCII");
    assert!(file.starts_with("%PDF-") && file.contains("($10.00) Tj") && file.contains(&account), "{file}");
    let by_session = client.page(&cookie, &format!("/statements/{month}/statement.pdf")).await;
    assert_eq!((by_session.status, by_session.body.as_str()), (200, Some(file)));
    let (_, _, other_key, _) = buyer(&client).await;
    assert_eq!(client.get(&other_key, &path).await.status, 404);
    let none = client.get(&key, &format!("/api/billing/statements/{account}/1999-01/statement.pdf")).await;
    assert_eq!(none.problem(), (404, "statement_not_found"));
    assert_eq!(client.page(&cookie, "/statements/nonsense%0a/statement.pdf").await.status, 404);
    assert_eq!(client.page("", "/statements/x%0ay/statement.pdf").await.status, 303, "a line feed leads to no header");
}
