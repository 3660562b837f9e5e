use super::*;

fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let get = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Config::read(&get)
}

#[test]
fn nothing_set_is_sqlite_and_the_sandbox_on_loopback() {
    let config = read(&[]).unwrap();
    assert_eq!(config.address.to_string(), "127.0.0.1:3000");
    assert_eq!(config.database, DatabaseChoice::Sqlite("data/aethel.db".into()));
    assert!(matches!(config.stripe, StripeChoice::Sandbox { .. }));
    assert!(config.test_mode());
}

#[test]
fn each_wrong_setting_is_named_with_its_reason() {
    let live = ("STRIPE_SECRET_KEY", "sk_live_x");
    let secret = ("STRIPE_WEBHOOK_SECRET", "whsec_x");
    let https = ("AETHEL_PUBLIC_URL", "https://aethel.example");
    let wrong: [(&[(&str, &str)], &str); 17] = [
        (&[("AETHEL_ADDR", "localhost")], "AETHEL_ADDR"),
        (&[("AETHEL_SANDBOX_ADDR", "x")], "AETHEL_SANDBOX_ADDR"),
        (&[("AETHEL_SOLVERS", "0")], "AETHEL_SOLVERS"),
        (&[("AETHEL_PUBLIC_URL", "aethel.example")], "AETHEL_PUBLIC_URL"),
        (&[("DATABASE_URL", "mysql://x")], "DATABASE_URL"),
        (&[("STRIPE_SECRET_KEY", "secret")], "STRIPE_SECRET_KEY"),
        (&[live], "STRIPE_WEBHOOK_SECRET"),
        (&[secret], "STRIPE_WEBHOOK_SECRET"),
        (&[live, secret], "AETHEL_PUBLIC_URL"),
        (&[live, secret, https], "AETHEL_SMTP_URL"),
        (&[live, secret, https, ("AETHEL_SMTP_URL", "smtps://x")], "AETHEL_MAIL_FROM"),
        (&[("AETHEL_MAIL_FROM", "hello@aethel.example")], "AETHEL_MAIL_FROM"),
        (&[("LEPTOS_SITE_ROOT", "/nowhere/site")], "LEPTOS_SITE_ROOT"),
        (&[("AETHEL_PRICE_BOOK", "/nowhere/prices.toml")], "AETHEL_PRICE_BOOK"),
        (&[("AETHEL_SIGNING_KEY", "hunter2")], "AETHEL_SIGNING_KEY"),
        (&[("AETHEL_SEALING_KEY", "hunter2")], "AETHEL_SEALING_KEY"),
        (&[("AETHEL_SEALING_KEY", "lost")], "AETHEL_SEALING_KEY"),
    ];
    for (settings, name) in wrong {
        assert_eq!(read(settings).map_err(|error| error.name), Err(name), "{settings:?}");
    }
}

#[test]
fn the_sandbox_never_runs_beside_a_live_key() {
    let error = read(&[
        ("STRIPE_SECRET_KEY", "rk_live_x"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_x"),
        ("AETHEL_SANDBOX_ADDR", "127.0.0.1:1"),
    ]);
    assert_eq!(error.map_err(|error| error.name), Err("AETHEL_SANDBOX_ADDR"));
}

#[test]
fn the_sandboxs_state_lies_beside_the_sqlite_file_unless_something_else_is_said() {
    let state = |settings: &[(&str, &str)]| match read(settings).unwrap().stripe {
        StripeChoice::Sandbox { state, .. } => state,
        StripeChoice::Keys { .. } => panic!("no key is set"),
    };
    let here = ("BILLING_DB_PATH", "/tmp/shop.db");
    assert_eq!(state(&[]), Some("data/aethel.stripe-sandbox.json".into()));
    assert_eq!(state(&[here]), Some("/tmp/shop.stripe-sandbox.json".into()));
    assert_eq!(state(&[here, ("AETHEL_SANDBOX_STATE", "/tmp/other.json")]), Some("/tmp/other.json".into()));
    assert_eq!(state(&[here, ("AETHEL_SANDBOX_STATE", "off")]), None);
    assert_eq!(state(&[("DATABASE_URL", "postgres://db/x")]), None);
}

#[test]
fn a_database_password_is_never_repeated() {
    let error = read(&[("DATABASE_URL", "mysql://root:hunter2@db/x")]).unwrap_err();
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn the_sandbox_never_takes_stripes_place_at_a_public_address() {
    let error = read(&[("AETHEL_PUBLIC_URL", "https://aethel.example")]).unwrap_err();
    assert_eq!(error.name, "STRIPE_SECRET_KEY");
    assert!(error.why.contains("the sandbox never"), "{error}");
}

#[test]
fn the_outbox_is_not_used_at_a_public_address() {
    let settings = [
        ("AETHEL_PUBLIC_URL", "https://aethel.example"),
        ("STRIPE_SECRET_KEY", "sk_test_x"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_x"),
        ("AETHEL_SMTP_URL", "smtps://mail.example"),
        ("AETHEL_MAIL_FROM", "hello@aethel.example"),
    ];
    let error = read(&settings[..3]).unwrap_err();
    assert_eq!(error.name, "AETHEL_SMTP_URL");
    assert!(error.why.contains("the outbox may not be used"), "{error}");
    assert!(read(&settings).unwrap().test_mode());
}

#[test]
fn a_test_server_that_others_can_reach_is_warned_about() {
    assert_eq!(read(&[]).unwrap().warning(), None);
    let open = read(&[("AETHEL_ADDR", "0.0.0.0:3000")]).unwrap().warning().unwrap();
    assert!(open.contains("0.0.0.0:3000") && open.contains("test mode") && open.contains("outbox"), "{open}");
    let live = [
        ("AETHEL_ADDR", "0.0.0.0:3000"),
        ("AETHEL_PUBLIC_URL", "https://aethel.example"),
        ("STRIPE_SECRET_KEY", "sk_live_x"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_x"),
        ("AETHEL_SMTP_URL", "smtps://mail.example"),
        ("AETHEL_MAIL_FROM", "hello@aethel.example"),
    ];
    assert_eq!(read(&live).unwrap().warning(), None);
}

#[test]
fn no_secret_is_shown_when_settings_are_logged() {
    let config = read(&[
        ("DATABASE_URL", "postgres://aethel:hunter2@db/x"),
        ("STRIPE_SECRET_KEY", "sk_test_hunter2"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_hunter2"),
        ("AETHEL_SMTP_URL", "smtps://aethel:hunter2@mail.example"),
        ("AETHEL_MAIL_FROM", "hello@aethel.example"),
        ("AETHEL_SIGNING_KEY", &"5e".repeat(32)),
        ("AETHEL_SEALING_KEY", &"5e".repeat(32)),
    ]);
    let shown = format!("{:?}", config.unwrap());
    assert!(!shown.contains("hunter2") && !shown.contains("5e5e") && !shown.contains("94, 94"), "{shown}");
    assert!(shown.contains("hello@aethel.example"), "{shown}");
}

#[test]
fn pages_listen_for_a_rebuild_only_where_one_is_watched_for() {
    let (watch, port) = (("LEPTOS_WATCH", "1"), ("LEPTOS_RELOAD_PORT", "3001"));
    assert_eq!(read(&[watch, port]).unwrap().reload_port, Some(3_001));
    for settings in [&[][..], &[watch], &[port]] {
        assert_eq!(read(settings).unwrap().reload_port, None, "{settings:?}");
    }
    let error = read(&[watch, ("LEPTOS_RELOAD_PORT", "65536")]);
    assert_eq!(error.map_err(|error| error.name), Err("LEPTOS_RELOAD_PORT"));
}

#[test]
fn a_key_of_the_server_that_cannot_be_used_is_not_repeated() {
    for name in ["AETHEL_SIGNING_KEY", "AETHEL_SEALING_KEY"] {
        let error = read(&[(name, "hunter2")]).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn webhooks_stay_outside_where_strangers_come() {
    assert_eq!(read(&[]).unwrap().webhooks, Reach::Public);
    assert_eq!(read(&[("AETHEL_WEBHOOKS_LOCAL", "yes")]).unwrap().webhooks, Reach::Loopback);
    let (local, keys) = (("AETHEL_WEBHOOKS_LOCAL", "yes"), ("STRIPE_SECRET_KEY", "sk_live_x"));
    let https = ("AETHEL_PUBLIC_URL", "https://aethel.example");
    let mail = [("AETHEL_SMTP_URL", "smtps://x"), ("AETHEL_MAIL_FROM", "a@b.example")];
    let live = [local, keys, ("STRIPE_WEBHOOK_SECRET", "whsec_x"), https, mail[0], mail[1]];
    let test =
        [local, ("STRIPE_SECRET_KEY", "sk_test_x"), ("STRIPE_WEBHOOK_SECRET", "whsec_x"), https, mail[0], mail[1]];
    for settings in [live, test] {
        assert_eq!(read(&settings).err().unwrap().name, "AETHEL_WEBHOOKS_LOCAL");
    }
    assert_eq!(read(&[("AETHEL_WEBHOOKS_LOCAL", "perhaps")]).err().unwrap().name, "AETHEL_WEBHOOKS_LOCAL");
}
