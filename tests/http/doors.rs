//! How often pages are opened: counted by account for who is signed in, by address for everybody.

use crate::support::client_with;

#[tokio::test]
async fn pages_and_downloads_count_by_account_and_by_address_and_built_files_do_not() {
    let client = client_with(&[("AETHEL_LIMIT_ACCOUNT", "4/3600"), ("AETHEL_LIMIT_ADDRESS", "12/3600")]);
    let ((_, ada), (_, bob)) = (client.person(), client.person());
    for path in ["/dashboard", "/keys", "/export/entries.csv", "/ledger"] {
        assert_eq!(client.page(&ada, path).await.status, 200, "{path}");
    }
    let page = client.page(&ada, "/keys").await;
    assert!(page.status == 429 && page.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0), "{page:?}");
    assert_eq!(client.page(&ada, "/export/entries.csv").await.problem(), (429, "rate_limited"));
    assert_eq!(client.page(&bob, "/keys").await.status, 200, "another account's people come in");
    for _ in 0..20 {
        for path in ["/favicon.svg", "/health/live"] {
            assert_ne!(client.page("", path).await.status, 429, "{path}");
        }
    }
    for _ in 0..5 {
        assert_eq!(client.page("", "/pricing").await.status, 200);
    }
    for (cookie, path) in [("", "/pricing"), (bob.as_str(), "/keys"), ("", "/export/entries.csv"), ("", "/nowhere")] {
        assert_eq!(client.page(cookie, path).await.status, 429, "{path}");
    }
    assert_eq!(client.form(&bob, "set_budgets", &[("day", "1")]).await.status, 429, "forms count with them");
}
