//! States and messages: always a word and a sign, never a colour alone.

use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;

use crate::app::error::AppError;
use crate::app::format::query_value;
use crate::app::respond;

/// What a state means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    Warn,
    Held,
    Plain,
}

impl Tone {
    /// Reads a tone's name as it stands in a view; what is unknown is plain.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "good" => Self::Good,
            "bad" => Self::Bad,
            "warn" => Self::Warn,
            "held" => Self::Held,
            _ => Self::Plain,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✕",
            Self::Warn => "!",
            Self::Held => "◷",
            Self::Plain => "·",
        }
    }

    fn chip_class(self) -> &'static str {
        match self {
            Self::Good => "chip chip-good",
            Self::Bad => "chip chip-bad",
            Self::Warn => "chip chip-warn",
            Self::Held => "chip chip-held",
            Self::Plain => "chip",
        }
    }

    fn notice_class(self) -> &'static str {
        match self {
            Self::Good => "notice notice-good",
            Self::Bad => "notice notice-bad",
            Self::Warn => "notice notice-warn",
            Self::Held | Self::Plain => "notice",
        }
    }
}

/// A state: sign, word and colour.
#[component]
pub fn Chip(tone: Tone, #[prop(into)] word: String) -> impl IntoView {
    view! {
        <span class=tone.chip_class()>
            <span aria-hidden="true">{tone.sign()}</span>
            <span>{word}</span>
        </span>
    }
}

/// A verdict as a chip.
#[component]
pub fn VerdictChip(#[prop(into)] verdict: String) -> impl IntoView {
    let (tone, word) = verdict_words(&verdict);
    view! { <Chip tone=tone word=word/> }
}

/// How a verdict is called and what it means.
#[must_use]
pub fn verdict_words(verdict: &str) -> (Tone, &'static str) {
    match verdict {
        "proved" => (Tone::Good, "Proved"),
        "satisfiable" => (Tone::Good, "Satisfiable"),
        "refuted" => (Tone::Bad, "Refuted"),
        "unsatisfiable" => (Tone::Bad, "Unsatisfiable"),
        "not_conserved" => (Tone::Bad, "Not conserved"),
        "overflow" => (Tone::Bad, "Overflow"),
        "vacuous" => (Tone::Warn, "Vacuous"),
        "always" => (Tone::Good, "Always"),
        "sometimes" => (Tone::Warn, "Sometimes"),
        "never" => (Tone::Bad, "Never"),
        "answered" => (Tone::Good, "Answered"),
        "applied" => (Tone::Good, "All applied"),
        "partly_applied" => (Tone::Warn, "Partly applied"),
        "ok" => (Tone::Good, "Kept"),
        "violation" => (Tone::Bad, "Violation"),
        "anomaly" => (Tone::Warn, "Anomaly"),
        "incomplete" => (Tone::Warn, "Incomplete"),
        "rolled_back" => (Tone::Bad, "Rolled back"),
        "refused" => (Tone::Bad, "All refused"),
        _ => (Tone::Plain, "Unknown"),
    }
}

/// The state of a purchase as a chip.
#[component]
pub fn PurchaseChip(#[prop(into)] state: String) -> impl IntoView {
    let (tone, word) = match state.as_str() {
        "paid" => (Tone::Good, "Paid"),
        "reinstated" => (Tone::Good, "Paid again"),
        "created" | "pending" => (Tone::Plain, "Open"),
        "processing" => (Tone::Held, "Processing"),
        "failed" => (Tone::Bad, "Failed"),
        "expired" => (Tone::Warn, "Expired"),
        "partly_refunded" => (Tone::Warn, "Partly refunded"),
        "refunded" => (Tone::Warn, "Refunded"),
        "disputed" => (Tone::Warn, "Disputed"),
        "lost" => (Tone::Bad, "Dispute lost"),
        _ => (Tone::Plain, "Unknown"),
    };
    view! { <Chip tone=tone word=word/> }
}

/// Where an event of Stripe's stands, as a chip.
#[component]
pub fn EventChip(#[prop(into)] state: String) -> impl IntoView {
    let (tone, word) = match state.as_str() {
        "stored" => (Tone::Held, "Waiting"),
        "done" => (Tone::Good, "Done"),
        "ignored" => (Tone::Plain, "Ignored"),
        "undecodable" => (Tone::Bad, "Unreadable"),
        "mismatch" => (Tone::Bad, "Mismatch"),
        "failed" => (Tone::Bad, "Failed"),
        _ => (Tone::Plain, "Unknown"),
    };
    view! { <Chip tone=tone word=word/> }
}

/// Where a monitor stands; while it runs, how it is doing.
#[component]
pub fn MonitorChip(#[prop(into)] state: String, #[prop(into)] mode: String) -> impl IntoView {
    let (tone, word) = match (state.as_str(), mode.as_str()) {
        ("running", "crisis") => (Tone::Bad, "Crisis"),
        ("running", "recovery") => (Tone::Warn, "Recovery"),
        ("running", _) => (Tone::Good, "Normal"),
        ("paused", _) => (Tone::Warn, "Paused"),
        ("ended", _) => (Tone::Plain, "Ended"),
        _ => (Tone::Plain, "Stopped"),
    };
    view! { <Chip tone=tone word=word/> }
}

/// A message above or below what it is about.
#[component]
pub fn Notice(tone: Tone, children: Children) -> impl IntoView {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    view! {
        <div class=tone.notice_class() role=role>
            <span class="sign" aria-hidden="true">{tone.sign()}</span>
            <div>{children()}</div>
        </div>
    }
}

/// Nothing here yet: one instruction and one action.
#[component]
pub fn EmptyState(title: &'static str, text: &'static str, href: &'static str, action: &'static str) -> impl IntoView {
    view! {
        <div class="empty">
            <h3>{title}</h3>
            <p>{text}</p>
            <a class="button" href=href>{action}</a>
        </div>
    }
}

/// Stands in for a page whose data was refused: goes to sign in, or says what happened and what to do.
#[component]
pub fn Failure(error: AppError) -> impl IntoView {
    if error == AppError::SignedOut {
        let location = use_location();
        let path = location.pathname.get_untracked();
        let search = location.search.get_untracked();
        let here = if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) };
        let target = format!("/signin?next={}", query_value(&here));
        return view! { <Redirect path=target/> }.into_any();
    }
    respond::with_error(&error);
    let title = if error == AppError::NotFound { "Page not found" } else { "This did not work" };
    view! {
        <leptos_meta::Title text=title/>
        <main class="narrow public" id="content">
            <div class="card stack">
                <h1 class="page-title">{title}</h1>
                <p class="soft">{error.sentence()}</p>
                <p class="row">
                    <a class="button" href="/dashboard">"Go to the overview"</a>
                    <a href="/">"Home"</a>
                </p>
            </div>
        </main>
    }
    .into_any()
}
