//! The remote control and its panel: doubles, losses, the secret's roll, and the clock.

use super::client::{SECRET, World};

async fn customer(world: &World, name: &str) {
    assert_eq!(world.post("/v1/customers", &format!("name={name}")).await.status, 200);
}

#[tokio::test]
async fn lost_events_stay_on_record_and_are_delivered_on_demand() {
    let mut world = World::open().await;
    assert_eq!(world.post("/_control/chaos", "loss=true").await.json()["chaos"]["loss"], true);
    customer(&world, "Lost").await;
    assert_eq!(world.get("/v1/events?type=customer.created").await.json()["data"][0]["pending_webhooks"], 1);
    let calm = world.post("/_control/chaos", "calm=true").await.json();
    assert_eq!((&calm["chaos"]["loss"], &calm["undelivered"]), (&false.into(), &1.into()));
    world.post("/_control/deliver", "").await;
    let [event] = world.events(["customer.created"]).await;
    assert_eq!(event["data"]["object"]["name"], "Lost");
}

#[tokio::test]
async fn an_event_comes_twice_when_asked_to() {
    let mut world = World::open().await;
    world.post("/_control/chaos", "duplicates=true").await;
    customer(&world, "Twice").await;
    let [first] = world.events(["customer.created"]).await;
    let [second] = world.events(["customer.created"]).await;
    assert_eq!(first["id"], second["id"]);
}

#[tokio::test]
async fn moving_the_clock_makes_a_delayed_event_due() {
    let mut world = World::open().await;
    world.post("/_control/chaos", "delay_seconds=3600").await;
    customer(&world, "Late").await;
    assert_eq!(world.get("/_control").await.json()["waiting"], 1);
    let moved = world.post("/_control/clock", "advance=3600").await.json();
    assert_eq!(moved["clock_shift"], 3_600);
    let [event] = world.events(["customer.created"]).await;
    assert_eq!(event["data"]["object"]["name"], "Late");
    let later = world.post("/v1/customers", "name=Next").await.json();
    assert_eq!(later["created"], world.now() + 3_600);
}

#[tokio::test]
async fn a_rolled_secret_signs_beside_the_old_one_and_then_alone() {
    let mut world = World::open().await;
    let rolled = world.post("/_control/secret", "secret=whsec_new").await.json();
    assert_eq!(rolled["secrets"], serde_json::json!(["whsec_new", SECRET]));
    customer(&world, "Both").await;
    world.events(["customer.created"]).await;
    world.post("/_control/secret", "secret=whsec_last&overlap_seconds=0").await;
    customer(&world, "Unknown").await;
    // The receiver knows the first secret only, so this one keeps waiting for its next attempt.
    let listed = world.get("/v1/events?type=customer.created").await.json();
    assert_eq!(listed["data"][0]["pending_webhooks"], 1);
    assert_eq!(listed["data"][0]["data"]["object"]["name"], "Unknown");
}

#[tokio::test]
async fn the_control_takes_the_key_and_refuses_nonsense() {
    let world = World::open().await;
    let stranger = [("authorization", "Bearer pk_test_x")];
    assert_eq!(world.send("GET", "/_control", "", &stranger).await.status, 401);
    assert_eq!(world.send("POST", "/_control/clock", "advance=5", &stranger).await.status, 401);
    for (action, form) in [
        ("clock", "advance=0"),
        ("clock", "advance=99999999"),
        ("clock", ""),
        ("chaos", "noise=true"),
        ("chaos", "delay_seconds=-1"),
        ("secret", "secret=short"),
        ("resend", "event=evt_none"),
        ("dispute", "charge=ch_none"),
        ("settle", "payment_intent=pi_none&outcome=maybe"),
    ] {
        let answer = world.post(&format!("/_control/{action}"), form).await;
        assert_eq!(answer.status, 400, "{action} {form}: {}", answer.text);
    }
    assert_eq!(world.post("/_control/dance", "").await.status, 404);
}

#[tokio::test]
async fn the_panel_shows_how_things_stand_and_its_buttons_work_without_script() {
    let world = World::open().await;
    let page = world.get("/_panel").await;
    assert_eq!(page.status, 200);
    for text in ["Chaos panel", "Duplicates: <strong>off</strong>", "Nobody has paid yet.", SECRET] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(!page.text.contains("<script"));
    let pressed = world.post("/_panel/chaos", "duplicates=true").await;
    assert_eq!((pressed.status, pressed.header("location")), (303, "/_panel"));
    assert!(world.get("/_panel").await.text.contains("Duplicates: <strong>on</strong>"));
    let foreign = world.send("POST", "/_panel/clock", "advance=60", &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(foreign.status, 403);
    assert!(world.post("/_panel/clock", "advance=0").await.text.contains("role=\"alert\""));
    assert_eq!(world.get("/_control").await.json()["clock_shift"], 0);
}
