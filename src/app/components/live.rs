//! The balance as it is this moment, where scripts are on: the page hears of each change. Without them, it is as it was
//! when the page was made.

use leptos::prelude::*;
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::EventTarget;
use leptos::web_sys::js_sys::{Array, Function, Reflect};

/// Where the server tells what happens on the account of whoever is signed in.
const STREAM: &str = "/live";
/// What else is told here, and how it is said.
const NEWS: [(&str, &str); 8] = [
    ("balance.low", "The balance is low."),
    ("budget.reached", "A budget is nearly or wholly used."),
    ("credits.expiring", "Credits expire within a week."),
    ("top_up.stopped", "The automatic top-up has stopped."),
    ("purchase.paid", "A purchase is paid and its credits are here."),
    ("purchase.reversed", "A purchase's money went back, and credits with it."),
    ("purchase.reinstated", "A purchase's money came again, and credits with it."),
    ("monitor.alert", "A monitor raises an alert."),
];

/// What a page hears while it is open.
#[derive(Clone, Copy)]
pub struct Heard {
    pub available: RwSignal<i64>,
    pub held: RwSignal<i64>,
    /// The latest news; empty when there is none.
    pub news: RwSignal<&'static str>,
}

/// Starts from what the page was made with, and listens where scripts are on.
pub fn listen(available: i64, held: i64) -> Heard {
    let heard = Heard { available: RwSignal::new(available), held: RwSignal::new(held), news: RwSignal::new("") };
    // An effect runs in the browser alone.
    Effect::new(move |_| {
        if let Some(stream) = open(heard) {
            let stream = StoredValue::new_local(stream);
            on_cleanup(move || stream.with_value(|stream| drop(call(stream, "close"))));
        }
    });
    heard
}

fn open(heard: Heard) -> Option<JsValue> {
    let kind: Function = Reflect::get(&window(), &"EventSource".into()).ok()?.dyn_into().ok()?;
    let stream = Reflect::construct(&kind, &Array::of1(&STREAM.into())).ok()?;
    on(&stream, "balance", move |data| {
        if let Ok(figures) = serde_json::from_str::<serde_json::Value>(&data) {
            let figure = |name: &str| figures[name].as_i64();
            if let (Some(available), Some(held)) = (figure("available"), figure("held")) {
                heard.available.set(available);
                heard.held.set(held);
            }
        }
    });
    for (name, sentence) in NEWS {
        on(&stream, name, move |_| heard.news.set(sentence));
    }
    Some(stream)
}

fn on(stream: &JsValue, name: &str, hear: impl Fn(String) + 'static) {
    let listener = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let data = Reflect::get(&event, &"data".into()).ok().and_then(|data| data.as_string());
        hear(data.unwrap_or_default());
    });
    let target: &EventTarget = stream.unchecked_ref();
    let _refused = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    // It lives as long as the stream, which lives as long as the page.
    listener.forget();
}

fn call(object: &JsValue, method: &str) -> Option<JsValue> {
    let method: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    method.call0(object).ok()
}
