//! The document around every page. Only the server writes it.
//!
//! Pages for visitors and the forms of signing in load no WebAssembly: they are whole without it.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};

use super::App;
use super::components::Failure;
use super::error::AppError;
use crate::server::context::{refused_page, request_cookie, request_path};

/// The pages that become live. Everything else is plain HTML with real forms.
const LIVE: [&str; 17] = [
    "/dashboard",
    "/buy",
    "/purchases",
    "/judge",
    "/verifications",
    "/oracle",
    "/batch",
    "/sentinel",
    "/billing",
    "/usage",
    "/ledger",
    "/statements",
    "/keys",
    "/webhooks",
    "/settings",
    "/team",
    "/office",
];

/// The name of the cookie with the chosen theme.
pub const THEME_COOKIE: &str = "aethel-theme";

/// Renders the document of one request.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    // A refused page is whole as it is: what a script would fetch for it is refused as well.
    let (path, refused) = (request_path(), refused_page());
    let live = refused.is_none() && is_live(&path);
    let body = match refused {
        None => view! { <App/> }.into_any(),
        Some(error) => view! { <RefusedPage error/> }.into_any(),
    };
    let theme = match request_cookie(THEME_COOKIE).unwrap_or_default().as_str() {
        "light" => "theme-light",
        "dark" => "theme-dark",
        _ => "",
    };
    view! {
        <!DOCTYPE html>
        <html lang="en" class=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="preload" href="/fonts/inter.woff2" r#as="font" r#type="font/woff2" crossorigin=""/>
                <link rel="stylesheet" href="/pkg/aethel.css"/>
                <AutoReload options=options.clone()/>
                {(live || path == "/signin").then(|| view! { <script type="module" src="/passkeys.js"></script> })}
                {live.then(|| view! { <HydrationScripts options=options.clone()/> })}
                <MetaTags/>
            </head>
            <body>{body}</body>
        </html>
    }
}

/// The page of whoever may not see the one they asked for.
#[component]
fn RefusedPage(error: AppError) -> impl IntoView {
    provide_meta_context();
    view! { <Failure error/> }
}

fn is_live(path: &str) -> bool {
    LIVE.iter().any(|page| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_working_pages_load_webassembly() {
        for page in ["/dashboard", "/judge", "/judge/VER_01", "/buy/return"] {
            assert!(is_live(page), "{page}");
        }
        for page in ["/", "/pricing", "/signin", "/signup/sent", "/confirm", "/buyer", "/outbox", "/status", "/nowhere"]
        {
            assert!(!is_live(page), "{page}");
        }
    }
}
