//! Money that went back: what is owed for it, what a purchase lost, and an operator's form that gives it back.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::components::{Notice, Tone};
use crate::app::format::{credits, grouped};
use crate::app::functions::office::OfficeRefund;

/// Credits that were spent before their money went back; nothing when none are owed.
#[component]
pub fn Owed(owed: i64) -> impl IntoView {
    (owed > 0).then(|| {
        view! {
            <Notice tone=Tone::Warn>
                <p data-testid="owed">
                    <b class="num">{grouped(owed)}</b>
                    {if owed == 1 { " credit is owed: it was spent" } else { " credits are owed: they were spent" }}
                    " before the money of their purchase went back. "
                    <a href="/purchases">"See your purchases"</a>
                </p>
            </Notice>
        }
    })
}

/// What of a purchase went back, in one line; nothing when nothing did.
#[component]
pub fn WentBack(
    /// Empty when none did.
    #[prop(into)]
    money: String,
    credits_back: i64,
) -> impl IntoView {
    (!money.is_empty()).then(|| {
        let text = format!("{money} went back, {} with it", credits(credits_back));
        view! { <p class="soft" data-testid="went-back">{text}</p> }
    })
}

/// An operator gives a purchase's money back: all that is left, or less. Nothing when nothing is left.
#[component]
pub fn RefundForm(
    /// Which purchase, by its id.
    #[prop(into)]
    purchase: String,
    /// What is left, as one types it; empty when nothing is.
    #[prop(into)]
    left: String,
    /// Makes pressing the button twice one refund.
    #[prop(into)]
    request: String,
    /// Another payment of the purchase, by Stripe's name; the one that brought the credits when not given.
    #[prop(into, optional)]
    payment: String,
    /// The page of the back office to come back to; the customer's when not given.
    #[prop(into, optional)]
    back: String,
) -> impl IntoView {
    if left.is_empty() && payment.is_empty() {
        return ().into_any();
    }
    let which = format!("{purchase}{payment}");
    let (amount_id, reason_id) = (format!("refund-amount-{which}"), format!("refund-reason-{which}"));
    view! {
        <details class="more" data-testid="refund">
            <summary>"Refund"</summary>
            <form method="post" action=OfficeRefund::url() class="fields-row">
                <input type="hidden" name="purchase" value=purchase/>
                <input type="hidden" name="payment" value=payment/>
                <input type="hidden" name="request" value=request/>
                <input type="hidden" name="back" value=back/>
                <div class="field">
                    <label for=amount_id.clone()>"Dollars"</label>
                    <input class="input" id=amount_id name="amount" type="text" inputmode="decimal" autocomplete="off" maxlength="14" value=left/>
                </div>
                <div class="field">
                    <label for=reason_id.clone()>"Reason, for the audit log"</label>
                    <input class="input" id=reason_id name="reason" type="text" autocomplete="off" required maxlength="200"/>
                </div>
                <button class="button button-bad" type="submit">"Give the money back"</button>
            </form>
        </details>
    }
    .into_any()
}
