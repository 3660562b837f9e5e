//! Public links to answers: made, ended, and what stands behind them.

use super::dates::moment;
use super::judge::verdict_found;
use super::request::{fresh_request, request_key};
use super::visitor::{Visitor, public_frame};
use super::work::{batch_found, oracle_found};
use crate::app::error::AppError;
use crate::app::flash;
use crate::app::views::{SealView, ShareView, SharedAnswer, SharedView};
use crate::billing::Document;
use crate::identity::{Actor, SignedIn};
use crate::server::context::app;
use crate::server::sharing::{AnswerId, KeptAnswer, kept_answer};

/// Whether one of the visitor's answers has a public link; `made` is the request that has just made it, if one did.
pub async fn share_view(visitor: &Visitor, subject: &str, made: &str) -> Result<ShareView, AppError> {
    let share = app().identity.share_of(visitor.account(), subject).await?;
    let link = match (&share, flash::look_at_secret(&visitor.who, made)) {
        (Some(_), Some((name, secret))) if name == subject => secret,
        _ => String::new(),
    };
    Ok(ShareView {
        subject: subject.to_owned(),
        since: share.map(|share| format!("{} UTC", moment(share.since, app().clock.now()))).unwrap_or_default(),
        link,
        request: fresh_request(),
    })
}

/// Makes a public link to one of the account's answers; where to read it.
pub async fn share(who: &SignedIn, subject: &str, request: &str) -> Result<String, AppError> {
    let (app, id) = (app(), AnswerId::read(subject).ok_or(AppError::NotFound)?);
    let key = request_key(request, &["share", subject])?;
    kept_answer(&app, who.account, id).await?.ok_or(AppError::NotFound)?;
    if let Some(token) = app.identity.share(who.account, subject, &key, &Actor::member(who)).await? {
        let secret = format!("{}/shared/{}", app.config.public_url, token.as_str());
        flash::keep_secret(who, request, subject.to_owned(), secret);
    }
    Ok(format!("{}?shared={request}", id.path()))
}

/// Ends the public link of one of the account's answers; the answer's page.
pub async fn end_share(who: &SignedIn, subject: &str) -> Result<String, AppError> {
    let id = AnswerId::read(subject).ok_or(AppError::NotFound)?;
    app().identity.end_share(who.account, subject, &Actor::member(who)).await?;
    Ok(id.path())
}

/// What stands behind a public link.
pub async fn shared(token: &str) -> Result<SharedView, AppError> {
    let app = app();
    let opened = app.identity.shared(token).await?.ok_or(AppError::NotFound)?;
    let id = AnswerId::read(&opened.subject).ok_or(AppError::NotFound)?;
    let kept = kept_answer(&app, opened.account, id).await?.ok_or(AppError::NotFound)?;
    let (price, at) = match &kept {
        KeptAnswer::Verdict(one) => (one.charged, one.at),
        KeptAnswer::Law(one) => (one.charged, one.at),
        KeptAnswer::Report(one) => (one.charged, one.at),
    };
    Ok(SharedView {
        frame: public_frame().await,
        price: price.get(),
        at: format!("{} UTC", moment(at, app.clock.now())),
        solver: kept.solver().unwrap_or("none: exact arithmetic").to_owned(),
        seal: seal(&kept).await?,
        answer: match &kept {
            KeptAnswer::Verdict(one) => SharedAnswer::Verdict(verdict_found(one)),
            KeptAnswer::Law(one) => SharedAnswer::Law(oracle_found(one)),
            KeptAnswer::Report(one) => SharedAnswer::Report(batch_found(one)),
        },
    })
}

async fn seal(kept: &KeptAnswer) -> Result<SealView, AppError> {
    let body = kept.attested();
    let message = Document::Shared.message(&body).and_then(|bytes| String::from_utf8(bytes).ok());
    let signed = app().signer.sign(Document::Shared, body).await?;
    let text = |name: &str| signed[name].as_str().unwrap_or_default().to_owned();
    Ok(SealView {
        text: message.unwrap_or_default(),
        signature: text("signature"),
        key_id: text("key_id"),
        public_key: text("public_key"),
    })
}
