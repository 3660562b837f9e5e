//! The tables beside the ledger's own: what callers and operators arranged, and what the house signs with. A batch writes
//! none of them; a ledger that moves house takes them along.

use std::sync::LazyLock;

use super::tables::{Table, int, table, text};

table!(PLACED_HOLDS, "placed_holds", [text("hold_id"), text("account_id")], "");

table!(
    SUSPENSIONS,
    "suspensions",
    [text("account_id"), text("request"), int("suspended"), text("reason"), text("key_id"), int("at")],
    ""
);

table!(
    QUOTES,
    "quotes",
    [
        text("id"),
        text("account_id"),
        text("request"),
        text("operation"),
        int("quantity"),
        int("unit_price"),
        int("credits"),
        int("price_book"),
        int("quoted_at"),
        int("expires_at"),
    ],
    ""
);

table!(
    RECURRING_GRANTS,
    "recurring_grants",
    [
        text("id"),
        text("account_id"),
        text("request"),
        int("credits"),
        text("every"),
        int("starts_at"),
        int("ends_at"),
        int("expires_after_days"),
        text("reason"),
        text("key_id"),
        int("created_at"),
        int("ended_at"),
        int("posted"),
        int("next_at"),
    ],
    ""
);

table!(ALERT_SETTINGS, "alert_settings", [text("account_id"), int("low_balance"), int("budgets"), int("expiring")], "");

table!(
    ALERTS,
    "alerts",
    [text("account_id"), text("kind"), int("episode"), int("window_at"), int("raised_at"), int("cleared_at")],
    ""
);

table!(
    SIGNING_KEYS,
    "signing_keys",
    [text("id"), text("public"), text("seed"), int("created_at"), int("retired_at")],
    ""
);
