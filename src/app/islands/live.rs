//! The balance as it is this moment, where scripts are on: the page hears of each change. Without them, it is as it was
//! when the page was made.

use leptos::prelude::*;
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::js_sys::{Array, Function, Reflect};
use leptos::web_sys::{Event, EventTarget};

use crate::app::components::{Balance, Notice, Tone};
use crate::app::format::{credit_word, grouped};

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
struct Heard {
    available: RwSignal<i64>,
    held: RwSignal<i64>,
    /// The latest news; empty when there is none.
    news: RwSignal<&'static str>,
}

/// The available balance, what is held, and news of the account. What else on the page says the balance, its title and
/// the pill in the top bar, follows; the parts that follow from the ledger are fetched again by the page's script.
#[island]
pub fn LiveBalance(available: i64, held: i64) -> impl IntoView {
    let heard = Heard { available: RwSignal::new(available), held: RwSignal::new(held), news: RwSignal::new("") };
    // An effect runs in the browser alone.
    Effect::new(move |_| {
        if let Some(stream) = open(heard) {
            let stream = StoredValue::new_local(stream);
            on_cleanup(move || stream.with_value(|stream| drop(call(stream, "close"))));
        }
    });
    let held = move || {
        let held = heard.held.get();
        (held > 0).then(|| view! { <p class="soft"><b class="num">{grouped(held)}</b>" more are held for work that is running"</p> })
    };
    let news = move || {
        let news = heard.news.get();
        (!news.is_empty()).then(|| view! { <Notice tone=Tone::Warn><p data-testid="news">{news}</p></Notice> })
    };
    view! {
        {news}
        {move || view! { <Balance available=heard.available.get()/> }}
        {held}
    }
}

/// The page's title with its figure.
#[must_use]
pub fn balance_title(available: i64) -> String {
    format!("Credits · {} left", grouped(available))
}

/// The ids of the pill's figure and its unit, in the top bar.
pub const PILL: (&str, &str) = ("pill-balance", "pill-unit");

fn tell_the_page(available: i64) {
    document().set_title(&balance_title(available));
    for (id, text) in [(PILL.0, grouped(available)), (PILL.1, credit_word(available).to_owned())] {
        if let Some(element) = document().get_element_by_id(id) {
            element.set_text_content(Some(&text));
        }
    }
}

/// What a page's script hears when the account has changed: the parts that follow from it are fetched again.
const CHANGED: &str = "aethel-balance";

fn tell_of_change() {
    if let Ok(event) = Event::new(CHANGED) {
        let _heard = document().dispatch_event(&event);
    }
}

fn open(heard: Heard) -> Option<JsValue> {
    let kind: Function = Reflect::get(&window(), &"EventSource".into()).ok()?.dyn_into().ok()?;
    let stream = Reflect::construct(&kind, &Array::of1(&STREAM.into())).ok()?;
    on(&stream, "balance", move |data| {
        if let Ok(figures) = serde_json::from_str::<serde_json::Value>(&data) {
            let figure = |name: &str| figures[name].as_i64();
            if let (Some(available), Some(held)) = (figure("available"), figure("held")) {
                if (available, held) != (heard.available.get_untracked(), heard.held.get_untracked()) {
                    tell_of_change();
                }
                heard.available.set(available);
                tell_the_page(available);
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
