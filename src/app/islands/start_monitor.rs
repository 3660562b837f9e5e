//! The form that starts a monitor, with the price of the typed hours on its button.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::components::{SubmitButton, WorkText};
use crate::app::format::{credits, grouped};
use crate::app::functions::sentinel::StartMonitor;
use crate::app::views::StartMonitorView;

/// What the button says: the price follows what is typed; without scripts it is that of the hours the page came with.
fn label(hours: &str, price: i64) -> String {
    let hours = hours.trim().replace(',', "").parse::<i64>().unwrap_or(0);
    match hours.checked_mul(price) {
        Some(cost) if hours > 0 => format!("Start for {} hours · {}", grouped(hours), credits(cost)),
        _ => format!("Start · {} an hour", credits(price)),
    }
}

#[island]
pub fn StartForm(form: StartMonitorView) -> impl IntoView {
    let StartMonitorView { may_spend, price, name, laws, metrics, hours, keep_going, request } = form;
    let typed = RwSignal::new(hours.clone());
    view! {
        <form method="post" action=StartMonitor::url() class="panel">
            <div class="panel-head"><h2>"Start a monitor"</h2></div>
            <div class="panel-body stack">
                <div class="field">
                    <label for="name">"Name"</label>
                    <input class="input" id="name" name="name" maxlength="100" required autocomplete="off" value=name/>
                </div>
                <WorkText name="laws" label="Laws" rows="4" value=laws hint="Formulas that every observation must keep, one a line."/>
                <WorkText name="metrics" label="Metrics" rows="2" value=metrics hint="Values that are told when they are far from what is usual, one a line. Ends and more may follow the name: reserves: 900 to 1100, window 120, sensitivity 8."/>
                <div class="fields-row">
                    <div class="field">
                        <label for="hours">"Hours"</label>
                        <input class="input" id="hours" name="hours" inputmode="numeric" required autocomplete="off" maxlength="5" value=hours
                            aria-describedby="hours-note" on:input=move |event| typed.set(event_target_value(&event))/>
                        <p class="hint" id="hours-note">"1 to 744. Held now, paid as each has passed; stopping gives the rest back."</p>
                    </div>
                    <div class="field">
                        <label for="keep_going">"After that"</label>
                        <select class="select" id="keep_going" name="keep_going">
                            <option value="no" selected=!keep_going>"End"</option>
                            <option value="yes" selected=keep_going>"Keep going while credits last"</option>
                        </select>
                    </div>
                </div>
            </div>
            <input type="hidden" name="request" value=request/>
            <div class="panel-foot">
                <span class="faint">"An hour in which we were down is free."</span>
                {may_spend.then(|| view! { <SubmitButton label=Signal::derive(move || label(&typed.read(), price))/> })}
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn the_button_says_what_the_typed_hours_cost() {
        assert_eq!(label(" 1,000 ", 10), "Start for 1,000 hours · 10,000 credits");
        for odd in ["", "x", "-4", "9223372036854775807"] {
            assert_eq!(label(odd, 10), "Start · 10 credits an hour", "{odd}");
        }
    }
}
