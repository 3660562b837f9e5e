//! The document around every page. Only the server writes it.
//!
//! Only pages with islands load WebAssembly; all are whole without it.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};

use super::App;
use super::components::Failure;
use super::error::AppError;
use crate::server::context::{cookie_name, refused_page, request_cookie, request_path};

/// The pages with islands; `:id` is any one part. Everything else is plain HTML with real forms and loads no WebAssembly.
const LIVE: [&str; 8] =
    ["/dashboard", "/judge", "/oracle", "/sentinel", "/sentinel/:id", "/buy/return", "/usage", "/ledger"];

/// The pages with a form for passkeys.
const PASSKEYS: [&str; 2] = ["/signin", "/settings/security"];

/// The name of the cookie with the chosen theme.
pub const THEME_COOKIE: &str = "aethel-theme";

/// The name of the cookie with the zone that the visitor's days are told in.
pub const ZONE_COOKIE: &str = "aethel-zone";

/// Renders the document of one request.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    // Only islands take over what they were made from: the page carries their props and no other data.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
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
    // A browser that has no zone kept keeps its own, by a script that finds here under which name.
    let ask_zone = if request_cookie(ZONE_COOKIE).is_none() { cookie_name(ZONE_COOKIE) } else { None };
    view! {
        <!DOCTYPE html>
        <html lang="en" class=theme data-ask-zone=ask_zone>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="preload" href="/fonts/inter.woff2" r#as="font" r#type="font/woff2" crossorigin=""/>
                <link rel="stylesheet" href="/pkg/aethel.css"/>
                <AutoReload options=options.clone()/>
                <script type="module" src="/page.js"></script>
                {PASSKEYS.contains(&path.as_str()).then(|| view! { <script type="module" src="/passkeys.js"></script> })}
                {live.then(|| view! { <HydrationScripts options=options.clone() islands=true/> })}
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
    LIVE.iter().any(|page| match page.strip_suffix(":id") {
        Some(before) => path.strip_prefix(before).is_some_and(|id| !id.is_empty() && !id.contains('/')),
        None => path == *page,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_with_islands_load_webassembly() {
        for page in ["/dashboard", "/judge", "/sentinel/MON_01", "/buy/return"] {
            assert!(is_live(page), "{page}");
        }
        for page in [
            "/",
            "/pricing",
            "/signin",
            "/buy",
            "/judge/VER_01",
            "/sentinel/",
            "/ledgers",
            "/outbox",
            "/status",
            "/team",
            "/nowhere",
        ] {
            assert!(!is_live(page), "{page}");
        }
    }
}
