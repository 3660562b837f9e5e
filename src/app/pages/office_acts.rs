//! What an operator may do to a customer: gift, adjustment, suspension, tier, and a look at the customer's pages.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::app::components::Choice;
use crate::app::functions::office::{OfficeAdjust, OfficeGift, OfficeSee, OfficeSuspend, OfficeTier};
use crate::app::views::ChoiceView;

/// The forms, one beside the other.
#[component]
pub fn Acts(account: String, tier: String, tiers: Vec<ChoiceView>, suspended: bool, request: String) -> impl IntoView {
    let hidden = move |account: &str, request: &str| {
        view! {
            <input type="hidden" name="account" value=account.to_owned()/>
            <input type="hidden" name="request" value=request.to_owned()/>
        }
    };
    let (to, label) = if suspended { ("no", "Reopen the account") } else { ("yes", "Suspend the account") };
    view! {
        <section class="card stack">
            <h2>"Gift"</h2>
            <form method="post" action=OfficeGift::url() class="fields-row">
                {hidden(&account, &request)}
                <Line name="credits" id="gift-credits" label="Credits" most="12"/>
                <Line name="reason" id="gift-reason" label="Reason, for the customer" most="200"/>
                <div class="field">
                    <label for="gift-expires">"Last day (optional)"</label>
                    <input class="input" id="gift-expires" name="expires" type="date"/>
                </div>
                <button class="button button-main" type="submit">"Give the credits"</button>
            </form>
            <h2>"Adjustment"</h2>
            <form method="post" action=OfficeAdjust::url() class="fields-row">
                {hidden(&account, &request)}
                <Line name="credits" id="adjust-credits" label="Credits, with a minus to take out" most="12"/>
                <Line name="reason" id="adjust-reason" label="Reason, for the ledger" most="200"/>
                <button class="button" type="submit">"Adjust the balance"</button>
            </form>
            <h2>"State"</h2>
            <form method="post" action=OfficeSuspend::url() class="fields-row">
                {hidden(&account, &request)}
                <input type="hidden" name="suspended" value=to/>
                <Line name="reason" id="state-reason" label="Why the state changes" most="200"/>
                <button class="button button-bad" type="submit">{label}</button>
            </form>
            <form method="post" action=OfficeTier::url() class="fields-row">
                {hidden(&account, &request)}
                <Choice name="tier" label="Tier" choices=tiers chosen=tier/>
                <button class="button" type="submit">"Set the tier"</button>
            </form>
            <form method="post" action=OfficeSee::url() class="row-spread">
                <input type="hidden" name="account" value=account/>
                <p class="soft">"See the pages as this customer does, for half an hour, without changing anything. Their audit log says so."</p>
                <button class="button" type="submit">"See as customer"</button>
            </form>
        </section>
    }
}

#[component]
fn Line(name: &'static str, id: &'static str, label: &'static str, most: &'static str) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input class="input" id=id name=name type="text" autocomplete="off" required maxlength=most/>
        </div>
    }
}
