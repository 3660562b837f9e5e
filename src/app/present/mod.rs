//! Turns what the rooms answer into what the pages show. Server only; decides nothing.

mod agents;
mod audit;
mod balance_at;
mod bench;
mod billing;
mod dates;
mod docs;
mod drift;
mod entries;
mod evidence;
mod forecast;
mod grants;
mod judge;
mod keys;
mod limits;
mod money;
mod office;
mod office_health;
mod office_payments;
mod own;
mod people;
mod receipt;
mod reconciliation;
mod refund;
mod refusals;
mod request;
mod sentinel;
mod shares;
mod team;
mod usage;
mod visitor;
mod webhooks;
mod work;
mod zones;

pub use audit::{audit_of_account, audit_of_everything};
pub use balance_at::balance_at;
pub use bench::{Program, bench, known_verdict, program_to_start, verify, verify_again};
pub use billing::{
    back_to_billing, billing, card_name, choose_card, confirm_payment, confirmation, end_subscription, lead_to, order,
    pay_with_card, remove_card, set_top_up, subscribe,
};
pub use docs::docs;
pub use entries::{ledger, purchase, purchase_word, purchases};
pub use evidence::{statement, statements, status};
pub use judge::{verdict, verifications};
pub use keys::{create_key, keys, revoke_key, rotate_key, to_key_or_back};
pub use limits::{alerts, back_to_settings, budgets, set_alerts, set_budgets};
pub use money::{packages, pricing, quote};
pub use office::{
    Gift, adjust, back_to_customer, customer, customers, gift, look_at, set_tier, sign_member_out, suspend,
};
pub use office_health::office_health;
pub use office_payments::{all_purchases, any_purchase, back_to_event, event, events, replay_event};
pub use own::{back_to_security, code_led, codes, passkey_led, password_changed, recovery_made, security, sign_in_led};
pub use people::{mails, settings};
pub use receipt::receipt;
pub use reconciliation::{
    back_to_reconciliation, reconcile, reconciliation, reconciliations, repair, to_reconciliation,
};
pub use refund::{back_from_refund, purchase_of, refund};
pub use refusals::{refused, refused_at};
pub use request::{fresh_request, local_path, request_key, set_theme_cookie, set_zone_cookie, visitor_zone};
pub use sentinel::{MonitorForm, ObservationForm, hours_of, monitor, monitor_live, observe, sentinel, start_monitor};
pub use shares::{end_share, share, share_view, shared};
pub use team::{back_to_team, invite, invited, remove_member, set_role, team};
pub use usage::{overview, usage, usage_query};
pub use visitor::{office_frame, public_frame, visitor};
pub use webhooks::{
    back_to_webhook, create_webhook, remove_webhook, replay_webhook, rotate_webhook, set_webhook, test_webhook,
    to_webhook_or, webhook, webhook_path, webhooks,
};
pub use work::{BatchForm, OracleForm, back_to_form, batch, batch_report, oracle, oracle_answer, verify_batch};
