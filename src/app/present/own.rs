//! A person's own matters: read for their page, and changed from its forms.

use qrcode::{Color, QrCode};

use super::agents::browser;
use super::audit::audit_line;
use super::dates::moment;
use super::refused_at;
use super::visitor::Visitor;
use crate::app::error::AppError;
use crate::app::flash::{self, Kept};
use crate::app::format::query_value;
use crate::app::views::{CodesView, PasskeyView, SecurityView, SessionView};
use crate::identity::{Entered, IdentityError, PasskeyLine, Session, SignIn, SignedIn};
use crate::ledger::{SessionId, Timestamp};
use crate::server::context::{app, clear_step, enter_with, keep_step};

/// What happened lately, as the page shows it.
const EVENTS_SHOWN: i64 = 20;

/// The page of a person's own matters.
pub async fn security(visitor: &Visitor) -> Result<SecurityView, AppError> {
    let (app, who) = (app(), &visitor.who);
    let now = app.clock.now();
    let codes = app.identity.codes(who).await?;
    let passkeys = app.identity.passkeys(who).await?;
    let elsewhere = app.identity.passkeys_at().filter(|at| *at != app.config.public_url);
    let sessions = app.identity.sessions(who).await?;
    let events = app.identity.audit_of_person(who.user, EVENTS_SHOWN).await?;
    Ok(SecurityView {
        frame: visitor.frame(),
        email: who.email.clone(),
        codes_on: codes.on,
        recovery_left: codes.recovery_left,
        passkeys: passkeys.iter().map(|passkey| passkey_view(passkey, now)).collect(),
        passkeys_at: elsewhere.unwrap_or_default(),
        sessions: sessions.iter().map(|session| session_view(session, who.session, now)).collect(),
        events: events.iter().map(|line| audit_line(line, now)).collect(),
    })
}

fn passkey_view(passkey: &PasskeyLine, now: Timestamp) -> PasskeyView {
    PasskeyView {
        id: passkey.id.to_string(),
        name: passkey.name.clone(),
        added: moment(passkey.added_at, now),
        used: passkey.used_at.map_or_else(|| "never".to_owned(), |at| moment(at, now)),
    }
}

fn session_view(session: &Session, here: SessionId, now: Timestamp) -> SessionView {
    let way = match session.way.as_str() {
        "password" => "Password",
        "code" => "Password and code",
        "passkey" => "Passkey",
        "mail" => "Mailed link",
        _ => "",
    };
    SessionView {
        id: session.id.to_string(),
        browser: browser(&session.agent),
        way: way.to_owned(),
        since: moment(session.since, now),
        seen: session.seen_at.map(|at| moment(at, now)).unwrap_or_default(),
        here: session.id == here,
    }
}

/// The page on which one-time codes are set up; `made` is where new recovery codes wait for their only reader.
pub async fn codes(visitor: &Visitor, made: &str) -> Result<CodesView, AppError> {
    let recovery = match flash::take(visitor.who.user, made) {
        Some(Kept::Secret { secret, .. }) => secret.split(' ').map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    };
    let waiting = app().identity.codes_secret(&visitor.who).await?;
    let (picture, width) = waiting.as_ref().map(|secret| picture(&secret.url)).unwrap_or_default();
    let secret = waiting.map(|secret| secret.secret).unwrap_or_default();
    Ok(CodesView { frame: visitor.frame(), secret, picture, width, recovery })
}

/// The dark squares of a QR code as an SVG path, and how many squares it is wide.
fn picture(text: &str) -> (String, i64) {
    let Ok(code) = QrCode::new(text.as_bytes()) else { return (String::new(), 0) };
    let width = code.width();
    let colors = code.to_colors();
    let dark = colors.iter().enumerate().filter(|(_, color)| **color == Color::Dark);
    let squares = dark.map(|(place, _)| format!("M{} {}h1v1h-1z", place % width, place / width));
    (squares.collect(), i64::try_from(width).unwrap_or(0))
}

/// Keeps new recovery codes for their one look, and leads there; or back with what was refused.
pub fn recovery_made(who: &SignedIn, codes: Result<Vec<String>, IdentityError>) {
    match codes {
        Ok(codes) => {
            let id = flash::keep(who.user, Kept::Secret { name: "recovery".into(), secret: codes.join(" ") });
            leptos_axum::redirect(&format!("/settings/security/codes?made={id}"), false);
        }
        Err(error) => refused_at("/settings/security/codes", &error.into()),
    }
}

/// Leads back to the page of a person's own matters, which says what was done or refused.
pub fn back_to_security(done: &str, outcome: Result<(), IdentityError>) {
    match outcome {
        Ok(()) => leptos_axum::redirect(&format!("/settings/security?done={done}"), false),
        Err(error) => refused_at("/settings/security", &error.into()),
    }
}

/// The same after a new password, which gave this browser a new session.
pub fn password_changed(outcome: Result<Entered, IdentityError>) {
    back_to_security("password", outcome.map(|entered| enter_with(&entered)));
}

/// Leads in, to the question for a code, or back to the form.
pub fn sign_in_led(outcome: Result<SignIn, IdentityError>, email: String, next: &str) {
    match outcome {
        Ok(SignIn::Entered(entered)) => {
            enter_with(&entered);
            leptos_axum::redirect(next, false);
        }
        Ok(SignIn::CodeNeeded(step)) => {
            keep_step(&step);
            leptos_axum::redirect(&format!("/signin/code?next={}", query_value(next)), false);
        }
        Err(error) => {
            let draft = flash::keep("", Kept::Person { name: String::new(), email });
            refused_at(&format!("/signin?draft={draft}&next={}", query_value(next)), &error.into());
        }
    }
}

/// The same after a passkey.
pub fn passkey_led(outcome: Result<Entered, IdentityError>, next: &str) {
    match outcome {
        Ok(entered) => {
            enter_with(&entered);
            leptos_axum::redirect(next, false);
        }
        Err(error) => refused_at(&format!("/signin?next={}", query_value(next)), &error.into()),
    }
}

/// The same after a code.
pub fn code_led(outcome: Result<Entered, IdentityError>, next: &str) {
    match outcome {
        Ok(entered) => {
            clear_step();
            enter_with(&entered);
            leptos_axum::redirect(next, false);
        }
        Err(IdentityError::StepOver) => {
            clear_step();
            refused_at(&format!("/signin?next={}", query_value(next)), &IdentityError::StepOver.into());
        }
        Err(error) => refused_at(&format!("/signin/code?next={}", query_value(next)), &error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::picture;

    #[test]
    fn a_picture_has_its_three_corners() {
        let (path, width) = picture("otpauth://totp/Aethel:ada@example.com?secret=ABC&issuer=Aethel");
        assert!(width >= 21, "{width}");
        for corner in ["M0 0h".to_owned(), format!("M{} 0h", width - 1), format!("M0 {}h", width - 1)] {
            assert!(path.contains(&corner), "{corner}");
        }
    }
}
