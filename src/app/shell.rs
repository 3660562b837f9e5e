//! The document around every page. Only the server writes it.
//!
//! Pages for visitors and the forms of signing in load no WebAssembly: they are whole without it.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use super::App;
use crate::server::context::{request_cookie, request_path};

/// The pages that become live. Everything else is plain HTML with real forms.
const LIVE: [&str; 9] =
    ["/dashboard", "/buy", "/purchases", "/judge", "/usage", "/ledger", "/statements", "/keys", "/settings"];

/// The name of the cookie with the chosen theme.
pub const THEME_COOKIE: &str = "aethel-theme";

/// Renders the document of one request.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let live = is_live(&request_path());
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
                {live.then(|| view! { <HydrationScripts options=options.clone()/> })}
                <MetaTags/>
            </head>
            <body><App/></body>
        </html>
    }
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
