//! Pages of objects, events among them, and ids expanded to objects.

use super::client::World;

#[tokio::test]
async fn lists_come_newest_first_a_page_at_a_time() {
    let world = World::open().await;
    let mut ids = Vec::new();
    for at in 0..5 {
        let customer = world.post("/v1/customers", &format!("email=c{at}@b.c")).await.json();
        ids.insert(0, customer["id"].as_str().expect("an id").to_owned());
        world.advance(10);
    }
    let page = world.get("/v1/customers?limit=2").await.json();
    assert_eq!((&page["has_more"], &page["url"]), (&true.into(), &"/v1/customers".into()));
    assert_eq!(page["data"][1]["id"], ids[1].as_str());
    let next = world.get(&format!("/v1/customers?limit=3&starting_after={}", ids[1])).await.json();
    assert_eq!((&next["has_more"], &next["data"][0]["id"]), (&false.into(), &ids[2].as_str().into()));
    let before = world.get(&format!("/v1/customers?limit=1&ending_before={}", ids[2])).await.json();
    assert_eq!((&before["has_more"], &before["data"][0]["id"]), (&true.into(), &ids[1].as_str().into()));
    let recent = world.get(&format!("/v1/customers?created[gte]={}", world.now() - 20)).await.json();
    assert_eq!(recent["data"].as_array().map(Vec::len), Some(2));
    let events = world.get("/v1/events?type=customer.*&limit=100").await.json();
    assert_eq!(events["data"].as_array().map(Vec::len), Some(5));
    let one = world.get(&format!("/v1/events/{}", events["data"][0]["id"].as_str().expect("an id"))).await.json();
    assert_eq!(one["data"]["object"]["id"], ids[0].as_str());
}

#[tokio::test]
async fn ids_are_expanded_as_deep_as_asked() {
    let world = World::open().await;
    let session = world.session("").await;
    world.post(session["url"].as_str().expect("an address"), &super::client::card("4242424242424242")).await;
    let list = "/v1/checkout/sessions?expand[]=data.payment_intent.latest_charge&expand[]=data.line_items";
    let found = &world.get(list).await.json()["data"][0];
    assert_eq!(found["payment_intent"]["latest_charge"]["paid"], true);
    assert_eq!(found["line_items"]["data"][0]["amount_total"], 1_000);
    let deeper = "/v1/checkout/sessions?expand[]=data.line_items.data.price";
    assert_eq!(world.get(deeper).await.json()["data"][0]["line_items"]["data"][0]["price"]["unit_amount"], 1_000);
    let session = session["id"].as_str().expect("an id");
    let product = format!("/v1/checkout/sessions/{session}?expand[]=line_items.data.price.product");
    let found = world.get(&product).await.json();
    assert_eq!(found["line_items"]["data"][0]["price"]["product"]["name"], "Starter <100>");
    let wrong = world.get("/v1/checkout/sessions?expand[]=data.amount_total").await;
    assert_eq!(wrong.status, 400);
}
