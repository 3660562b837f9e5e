//! The audit log as pages show it.

use super::dates::moment;
use super::visitor::Visitor;
use crate::app::error::AppError;
use crate::app::views::{AuditLineView, AuditView, FrameView};
use crate::identity::AuditLine;
use crate::ledger::{AuditId, Timestamp};
use crate::server::context::app;

/// Lines on one page.
const PAGE: i64 = 50;

/// A page of what was done on the visitor's account.
pub async fn audit_of_account(visitor: &Visitor, before: &str) -> Result<AuditView, AppError> {
    let from: Option<AuditId> = before.parse().ok();
    let lines = app().identity.audit_of_account(visitor.account(), from, PAGE + 1).await?;
    Ok(view(visitor.frame(), &lines, from.is_none()))
}

/// A page of what was done at all.
pub async fn audit_of_everything(frame: FrameView, before: &str) -> Result<AuditView, AppError> {
    let from: Option<AuditId> = before.parse().ok();
    let lines = app().identity.audit_of_everything(from, PAGE + 1).await?;
    Ok(view(frame, &lines, from.is_none()))
}

fn view(frame: FrameView, lines: &[AuditLine], newest: bool) -> AuditView {
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let next = lines.get(page.saturating_sub(1)).filter(|_| lines.len() > page);
    let now = app().clock.now();
    AuditView {
        frame,
        next_before: next.map(|line| line.id.to_string()).unwrap_or_default(),
        lines: lines.iter().take(page).map(|line| audit_line(line, now)).collect(),
        newest,
    }
}

/// One line.
pub fn audit_line(line: &AuditLine, now: Timestamp) -> AuditLineView {
    let kind = match line.actor_kind.as_str() {
        "operator" => "Operator",
        "key" => "API key",
        "house" => "Aethel",
        _ => "Person",
    };
    AuditLineView {
        id: line.id.to_string(),
        at: moment(line.at, now),
        actor: line.actor_name.clone(),
        kind: kind.to_owned(),
        what: words(&line.action),
        detail: line.detail.clone(),
        account: line.account.map(|account| account.to_string()).unwrap_or_default(),
    }
}

/// `credits_given` reads "Credits given".
fn words(action: &str) -> String {
    let mut words = action.replace('_', " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words.replace("Api ", "API ")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn an_acts_name_reads_as_words() {
        assert_eq!(words("credits_given"), "Credits given");
        assert_eq!(words("api_key_revoked"), "API key revoked");
        assert_eq!(words(""), "");
    }
}
